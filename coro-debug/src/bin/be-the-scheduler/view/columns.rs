//! What has happened, a column for each coro, as narrow as the screen wants it.

use coro_explore::Run;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::view::style;
use crate::view::text::{pad, slice, width};

/// Between two columns.
const GAP: usize = 2;

/// If columns would be narrower, those in which nothing is to be seen are left out.
const NARROW: usize = 11;

/// The columns of a run, taken from how it is displayed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Columns {
    names: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Debug, PartialEq, Eq)]
struct Row {
    step: String,
    cells: Vec<String>,
}

impl Columns {
    /// Reads what a run displays. Places in the file of this page keep only their lines.
    pub(crate) fn of(run: &Run, page: &str) -> Columns {
        Columns::read(&run.to_string(), page)
    }

    fn read(drawn: &str, page: &str) -> Columns {
        let mut inner = drawn.lines().filter_map(|line| {
            let line = line.strip_prefix('│')?;
            line.strip_suffix('│')
        });
        let head = inner.next().unwrap_or_default();
        let starts = starts(head);
        let ends = starts.iter().skip(1).copied().chain([usize::MAX]);
        let bounds: Vec<_> = starts.iter().copied().zip(ends).collect();
        let cut = |line: &str, (from, to)| slice(line, from, to).trim().to_owned();
        let first = starts.first().copied().unwrap_or(usize::MAX);
        let row = |line: &str| {
            let cells = bounds.iter().map(|bounds| cut(line, *bounds));
            Row {
                step: cut(line, (0, first)),
                cells: cells.map(|cell| shorten(&cell, page)).collect(),
            }
        };
        Columns {
            names: bounds.iter().map(|bounds| cut(head, *bounds)).collect(),
            rows: inner.map(row).collect(),
        }
    }

    /// Returns how many lines there are below the heads.
    pub(crate) fn rows(&self) -> usize {
        self.rows.len()
    }

    /// Returns the heads, and the lines from one on, as many as there is room for. Those from `new`
    /// on are marked.
    pub(crate) fn lines(
        &self,
        room: u16,
        height: usize,
        from: usize,
        new: usize,
    ) -> Vec<Line<'static>> {
        let until = (from + height).min(self.rows.len());
        let rows = &self.rows[from.min(until)..until];
        let step = self.rows.iter().map(|row| width(&row.step)).max();
        let step = step.unwrap_or(0).max("step".len());
        let room = room as usize - 2 - step;
        let (shown, widths) = self.fit(rows, room);
        let mut head = vec![Span::raw(format!("  {}", pad("step", step)))];
        for (at, width) in shown.iter().zip(&widths) {
            head.push(Span::raw(" ".repeat(GAP)));
            head.push(Span::styled(pad(&self.names[*at], *width), style::HEADING));
        }
        let mut lines = vec![Line::from(head)];
        for (i, row) in rows.iter().enumerate() {
            let is_new = from + i >= new;
            let mark = if is_new { "› " } else { "  " };
            let spaces = step - width(&row.step);
            let mut spans = vec![Span::raw(format!(
                "{mark}{}{}",
                " ".repeat(spaces),
                row.step
            ))];
            for (at, width) in shown.iter().zip(&widths) {
                spans.push(Span::raw(" ".repeat(GAP)));
                let cell = row.cells.get(*at).map_or("", String::as_str);
                let style = match cell.chars().next() {
                    Some('■') => style::BLOCKED,
                    Some('↯') => style::SAID,
                    _ => Style::new(),
                };
                let style = if is_new {
                    style.patch(style::NEW)
                } else {
                    style
                };
                spans.push(Span::styled(pad(cell, *width), style));
            }
            lines.push(Line::from(spans));
        }
        lines
    }

    /// Returns which columns are shown, and how wide.
    fn fit(&self, rows: &[Row], room: usize) -> (Vec<usize>, Vec<usize>) {
        let all: Vec<_> = (0..self.names.len()).collect();
        let natural = |at: &usize| {
            let cells = self.rows.iter().filter_map(|row| row.cells.get(*at));
            let cells = cells.map(|cell| width(cell)).max().unwrap_or(0);
            cells.max(width(&self.names[*at]))
        };
        let widths = |shown: &[usize]| share(shown.iter().map(natural).collect(), room);
        let wide = widths(&all);
        let is_cut = |(at, width): (&usize, &usize)| *width < natural(at).min(NARROW);
        if !all.iter().zip(&wide).any(is_cut) {
            return (all, wide);
        }
        let is_seen = |at: &usize| {
            let mut cells = rows.iter().filter_map(|row| row.cells.get(*at));
            cells.any(|cell| !cell.is_empty())
        };
        let seen: Vec<_> = all.into_iter().filter(is_seen).collect();
        let wide = widths(&seen);
        (seen, wide)
    }
}

/// Where the columns of coros begin.
fn starts(head: &str) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut from = 0;
    while let Some(at) = head[from..].find(&format!("   #{}", starts.len())) {
        from += at + 3;
        starts.push(width(&head[..from]));
    }
    starts
}

/// Makes the widest narrower, until there is room for all.
fn share(mut widths: Vec<usize>, room: usize) -> Vec<usize> {
    let room = room.saturating_sub(GAP * widths.len());
    while widths.iter().sum::<usize>() > room
        && let Some(widest) = widths.iter_mut().max()
        && *widest > 1
    {
        *widest -= 1;
    }
    widths
}

/// `■ join (page.rs:14)` becomes `■ join :14`.
fn shorten(cell: &str, page: &str) -> String {
    let begin = format!("({page}.rs:");
    match cell.split_once(&begin) {
        Some((before, after)) => format!("{before}:{}", after.replacen(')', "", 1)),
        None => cell.to_owned(),
    }
}
