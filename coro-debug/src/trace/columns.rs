//! The steps as text, a column for each coro.

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

/// Draws the table, with all rows if `all`, and at most so wide.
pub(crate) fn draw(story: &Story, all: bool, width: Option<usize>) -> String {
    let rows = rows(story);
    let coros = story.coros.len();
    let is_list = coros > COLUMNS;
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_BORDERS_ONLY)
        .set_content_arrangement(ContentArrangement::Disabled);
    let name = |coro: Number| tame(&clip(story.name(coro), NAME), NAME);
    if is_list {
        table.set_header(["time", "who", "does"]);
    } else {
        table.set_header(
            ["time"]
                .into_iter()
                .map(str::to_owned)
                .chain((0..coros).map(name)),
        );
    }
    if let Some(width) = width {
        table
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(u16::try_from(width).unwrap_or(u16::MAX));
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
            let who = name(row.coro);
            table.add_row([row.step.clone(), who, lines]);
            continue;
        }
        let mut cells = vec![String::new(); coros];
        cells[row.coro] = lines;
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

/// What one coro did between two switches, or what was done to it from outside.
struct Row {
    step: String,
    coro: Number,
    lines: Vec<String>,
}

fn rows(story: &Story) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    // Who is in the last row has not been switched away from.
    let mut goes_on = false;
    for happened in &story.happened {
        if let What::Runs(_) = happened.what {
            goes_on = false;
            continue;
        }
        let (coro, line) = cell(story, happened);
        match rows.last_mut() {
            Some(row) if goes_on && happened.by == Some(row.coro) => row.lines.push(line),
            _ => rows.push(Row {
                step: happened.step.to_string(),
                coro,
                lines: vec![line],
            }),
        }
        goes_on = happened.by.is_some() && !matches!(happened.what, What::Leaves { .. });
    }
    rows
}

/// In whose column what is written.
fn cell(story: &Story, happened: &Happened) -> (Number, String) {
    let what = &happened.what;
    if let Some(by) = happened.by {
        let line = match what {
            What::Ends(coro, how) if *coro != by => {
                format!("{} {}", story.number(*coro), end(*how))
            }
            what => deed(story, what),
        };
        return (by, line);
    }
    // Nobody ran: a timer, perhaps.
    match *what {
        What::Spawns { coro, .. } => (coro, "is spawned".to_owned()),
        What::Readies(coro) => (coro, "is readied".to_owned()),
        What::Throws(coro) => (coro, "is thrown into".to_owned()),
        What::Cancels(coro) => (coro, "is cancelled".to_owned()),
        What::Runs(coro)
        | What::Leaves { coro, .. }
        | What::Ends(coro, _)
        | What::Notes(coro, _) => (coro, deed(story, what)),
    }
}
