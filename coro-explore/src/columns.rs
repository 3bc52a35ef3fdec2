//! The steps of an execution, a column for each coro.

use std::mem;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use coro::End;

use crate::choice::{Choice, Deviation, Number};
use crate::fault::Fault;
use crate::log::Entry;
use crate::scene::short;

/// More rows than this are not shown: the first, and the last.
const ROWS: (usize, usize) = (30, 40);

/// A longer round is not looked for.
const PERIOD: usize = 12;

/// Draws the table, at most so wide.
pub(crate) fn draw(log: &[Entry], names: &[String], width: Option<usize>) -> String {
    let mut columns = Columns::default();
    log.iter().for_each(|entry| columns.add(entry));
    let mut rows = columns.rows;
    let again = fold(&mut rows);
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_BORDERS_ONLY)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(["step"].into_iter().chain(names.iter().map(String::as_str)));
    if let Some(width) = width {
        table
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(u16::try_from(width).unwrap_or(u16::MAX));
    }
    let cut = rows.len().saturating_sub(ROWS.0 + ROWS.1);
    for (i, row) in rows.iter().enumerate() {
        if cut > 0 && i == ROWS.0 {
            table.add_row([format!("… {cut} …")]);
        }
        if (ROWS.0..ROWS.0 + cut).contains(&i) {
            continue;
        }
        let cells = (0..names.len()).map(|at| match row.coro {
            Some(coro) if coro as usize == at => row.lines.join("\n"),
            _ => String::new(),
        });
        table.add_row([row.step.clone()].into_iter().chain(cells));
    }
    if let Some(again) = again {
        table.add_row([again]);
    }
    if let Some(step) = table.column_mut(0) {
        step.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}

/// Takes off what only repeats what is before, at the end; returns what is to be said of it.
fn fold(rows: &mut Vec<Row>) -> Option<String> {
    let does_the_same = |a: &Row, b: &Row| (a.coro, &a.lines) == (b.coro, &b.lines);
    for period in 1..=PERIOD {
        let again = (period..rows.len())
            .rev()
            .take_while(|at| does_the_same(&rows[*at], &rows[*at - period]))
            .count();
        if again >= 3 * period {
            rows.truncate(rows.len() - again);
            return Some(match period {
                1 => format!("… {again} times"),
                _ => format!("… the last {period}, {} times", again / period),
            });
        }
    }
    None
}

/// What one coro did between two switches, or what came from outside.
#[derive(Default)]
struct Row {
    step: String,
    coro: Option<Number>,
    lines: Vec<String>,
}

#[derive(Default)]
struct Columns {
    rows: Vec<Row>,
    /// The last row is that of a coro that runs.
    runs: bool,
    /// What is said of the slice that comes.
    mark: &'static str,
    passed_over: Vec<Number>,
    overdue: Vec<Number>,
}

impl Columns {
    fn add(&mut self, entry: &Entry) {
        match entry {
            Entry::Deviated(deviation) => self.deviate(*deviation),
            Entry::PassedOver(coros) => self.passed_over.clone_from(coros),
            Entry::In { coro, step } => {
                let is_struck =
                    |row: &Row| row.coro == Some(*coro) && row.step == format!("{step}*");
                if !self.rows.last().is_some_and(is_struck) {
                    let step = format!("{step}{}", self.mark);
                    self.begin(step, Some(*coro), Vec::new());
                }
                self.mark = "";
                self.runs = true;
                let passed_over = mem::take(&mut self.passed_over);
                if !passed_over.is_empty() {
                    let names: Vec<_> = passed_over.iter().map(|coro| format!("#{coro}")).collect();
                    self.say(format!("before {}", names.join(", ")));
                }
            }
            Entry::Out {
                coro,
                place,
                wait,
                ready,
            } => {
                let place = short(place);
                let own = format!("readies #{coro}");
                if let Some(row) = self.rows.last_mut() {
                    row.lines.retain(|line| *line != own);
                }
                self.say(match (wait, ready) {
                    (Some(what), _) => format!("■ {what} ({place})"),
                    (None, true) => format!("cede ({place})"),
                    (None, false) => format!("■ schedule ({place})"),
                });
                self.runs = false;
            }
            Entry::Spawned { coro, .. } => self.say(format!("spawns #{coro}")),
            Entry::Readied(coro) => self.ready(*coro),
            Entry::Ended { coro, how } => {
                let how = match how {
                    End::Returned => "returns",
                    End::Cancelled if self.overdue.contains(coro) => "ends: timed out",
                    End::Cancelled => "ends: cancelled",
                    End::Panicked => "ends: panicked",
                    End::Thrown => "ends: thrown into",
                    _ => "ends",
                };
                let is_own = self.rows.last().is_some_and(|row| row.coro == Some(*coro));
                self.say(if is_own {
                    how.to_owned()
                } else {
                    format!("#{coro} {how}")
                });
            }
            Entry::Passed(time) => {
                let step = format!("◷ +{time:?}{}", mem::take(&mut self.mark));
                self.begin(step, None, Vec::new());
            }
            Entry::Note(text) => self.say(format!("“{text}”")),
        }
    }

    fn begin(&mut self, step: String, coro: Option<Number>, lines: Vec<String>) {
        self.rows.push(Row { step, coro, lines });
        self.runs = false;
    }

    /// Adds a line to the slice of the coro that runs, if one does.
    fn say(&mut self, line: String) {
        if let Some(row) = self.rows.last_mut().filter(|_| self.runs) {
            row.lines.push(line);
        }
    }

    fn deviate(&mut self, deviation: Deviation) {
        match deviation.choice {
            Choice::Delay(_) | Choice::Timer => self.mark = "*",
            Choice::Pick(which) => self.say(format!("chooses {which} *")),
            Choice::Fault(fault, coro) => {
                if fault == Fault::Timeout {
                    self.overdue.push(coro);
                }
                let lines = vec![format!("↯ {}", fault.name())];
                self.begin(format!("{}*", deviation.step), Some(coro), lines);
            }
        }
    }

    fn ready(&mut self, coro: Number) {
        let Some(last) = self.rows.last() else {
            // The explorer readies the body.
            return;
        };
        if self.runs {
            // A coro that is spawned is readied too.
            if last.lines.last() != Some(&format!("spawns #{coro}")) {
                self.say(format!("readies #{coro}"));
            }
        } else if last.coro != Some(coro) {
            // By a timer. (Else it was struck just now.)
            self.begin(String::new(), Some(coro), vec!["is readied".to_owned()]);
        }
    }
}
