//! The steps as text, a column for each coro.

use std::mem;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::story::{Happened, Number, Story, What};
use super::words::{clip, deed, end, tame};

/// Of more rows, the first and the last are shown.
const ROWS: (usize, usize) = (60, 140);

/// A name has so many characters at most, and a line.
const NAME: usize = 40;
const LINE: usize = 100;

/// More coros than these have one column together.
const COLUMNS: usize = 10;

/// Draws the table, with all rows if `all`.
pub(crate) fn draw(story: &Story, all: bool) -> String {
    let rows = Rows::of(story);
    let coros = story.coros.len();
    let is_list = coros > COLUMNS;
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_BORDERS_ONLY)
        .set_content_arrangement(ContentArrangement::Disabled);
    let name = |coro: Number| tame(&clip(story.name(coro), NAME), NAME);
    if is_list {
        table.set_header(["step", "who", "does"]);
    } else {
        table.set_header(
            ["step"]
                .into_iter()
                .map(str::to_owned)
                .chain((0..coros).map(name)),
        );
    }
    let cut = rows.len().saturating_sub(ROWS.0 + ROWS.1);
    let cut = if all { 0 } else { cut };
    for (i, row) in rows.iter().enumerate() {
        if cut > 0 && i == ROWS.0 {
            table.add_row([format!("… {cut} …")]);
        }
        if (ROWS.0..ROWS.0 + cut).contains(&i) {
            continue;
        }
        let lines = tame(&row.lines.join("\n"), LINE);
        if is_list {
            let who = row.coro.map_or_else(String::new, name);
            table.add_row([row.step.clone(), who, lines]);
            continue;
        }
        let cells = (0..coros).map(|at| match row.coro {
            Some(coro) if coro == at => lines.clone(),
            _ => String::new(),
        });
        table.add_row([row.step.clone()].into_iter().chain(cells));
    }
    if let Some(step) = table.column_mut(0) {
        step.set_cell_alignment(CellAlignment::Right);
    }
    let table = table.to_string();
    match story.forgotten {
        0 => table,
        1 => format!("… 1 event before\n{table}"),
        count => format!("… {count} events before\n{table}"),
    }
}

/// What one coro did between two switches, or what came from outside.
#[derive(Default)]
struct Row {
    step: String,
    coro: Option<Number>,
    lines: Vec<String>,
}

#[derive(Default)]
struct Rows {
    rows: Vec<Row>,
    row: Row,
}

impl Rows {
    fn of(story: &Story) -> Vec<Row> {
        let mut rows = Rows::default();
        let mut last = None;
        for happened in &story.happened {
            if let What::Runs(coro) = happened.what {
                rows.begin(Some(coro));
                continue;
            }
            if happened.by != last {
                rows.begin(happened.by);
                last = happened.by;
            }
            rows.add(story, happened);
            if let What::Leaves { .. } = happened.what {
                rows.begin(None);
            }
        }
        rows.begin(None);
        rows.rows
    }

    fn begin(&mut self, coro: Option<Number>) {
        let row = Row {
            coro,
            ..Row::default()
        };
        let before = mem::replace(&mut self.row, row);
        if !before.lines.is_empty() {
            self.rows.push(before);
        }
    }

    fn add(&mut self, story: &Story, happened: &Happened) {
        let line = match (&happened.what, happened.by) {
            // A coro that is spawned is readied too.
            (What::Readies(coro), Some(_))
                if self.row.lines.last() == Some(&format!("spawns {}", story.number(*coro))) =>
            {
                return;
            }
            (What::Ends(coro, how), by) if by != Some(*coro) => {
                format!("{} {}", story.number(*coro), end(*how))
            }
            (what @ What::Notes(coro, _), None) => {
                self.strikes(happened, *coro, deed(story, what));
                return;
            }
            (What::Readies(coro), None) => {
                self.strikes(happened, *coro, "is readied".to_owned());
                return;
            }
            (What::Throws(coro), None) => {
                self.strikes(happened, *coro, "is thrown into".to_owned());
                return;
            }
            (What::Cancels(coro), None) => {
                self.strikes(happened, *coro, "is cancelled".to_owned());
                return;
            }
            (what, _) => deed(story, what),
        };
        if self.row.lines.is_empty() {
            self.row.step = happened.step.to_string();
        }
        self.row.lines.push(line);
    }

    /// Nobody ran: a timer, perhaps.
    fn strikes(&mut self, happened: &Happened, coro: Number, line: String) {
        self.begin(None);
        self.rows.push(Row {
            step: happened.step.to_string(),
            coro: Some(coro),
            lines: vec![line],
        });
    }
}
