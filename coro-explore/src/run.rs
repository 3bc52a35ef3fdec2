//! An execution to look at: its steps in columns.

use std::fmt;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use coro::End;
use serde_json::{Value, json};

use crate::choice::{Choice, Number};
use crate::log::Entry;
use crate::scene::short;

/// More rows than this are not shown: the first, and the last.
const ROWS: (usize, usize) = (30, 40);

/// One execution: what happened, a column for each coro.
///
/// Displayed, each row is what one coro did between two switches. In the first column, `*` marks
/// where the execution departs from production order. `■` is where a coro blocks, and what on.
///
/// # Examples
///
/// ```
/// let samples = coro_explore::Builder::new().samples(1, || {
///     coro::spawn(coro::cede).join().unwrap();
/// });
/// let text = samples[0].to_string();
/// assert!(text.contains("#0 body") && text.contains("■ join"));
/// ```
#[derive(Clone, Debug)]
pub struct Run {
    log: Vec<Entry>,
}

/// What is shown of a slice of one coro.
struct Row {
    step: String,
    coro: usize,
    lines: Vec<String>,
}

impl Run {
    pub(crate) fn new(log: Vec<Entry>) -> Run {
        Run { log }
    }

    /// Returns the columns' heads.
    fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for entry in &self.log {
            if let Entry::Spawned { coro, desc } = entry {
                let at = usize::from(*coro);
                if names.len() <= at {
                    names.resize(at + 1, String::new());
                }
                names[at] = match desc {
                    Some(desc) => format!("#{coro} {desc}"),
                    None => format!("#{coro}"),
                };
            }
        }
        names
    }

    fn rows(&self) -> Vec<Row> {
        let mut rows: Vec<Row> = Vec::new();
        let mut running: Option<Number> = None;
        let mut mark = "";
        for entry in &self.log {
            let now = rows.last_mut().filter(|_| running.is_some());
            match entry {
                Entry::Deviated(deviation) => match deviation.choice {
                    Choice::Fault(fault, coro) => rows.push(Row {
                        step: format!("{}*", deviation.step),
                        coro: usize::from(coro),
                        lines: vec![format!("⚡ {}", fault.name())],
                    }),
                    Choice::Pick(which) => {
                        if let Some(row) = now {
                            row.lines.push(format!("chooses {which} *"));
                        }
                    }
                    Choice::Delay(_) | Choice::Timer => mark = "*",
                },
                Entry::In { coro, step } => {
                    running = Some(*coro);
                    rows.push(Row {
                        step: format!("{step}{mark}"),
                        coro: usize::from(*coro),
                        lines: Vec::new(),
                    });
                    mark = "";
                }
                Entry::Out {
                    coro,
                    place,
                    wait,
                    ready,
                } => {
                    if let Some(row) = now {
                        let place = short(place);
                        row.lines.retain(|line| *line != format!("readies #{coro}"));
                        row.lines.push(match (wait, ready) {
                            (Some(what), _) => format!("■ {what} ({place})"),
                            (None, true) => format!("cede ({place})"),
                            (None, false) => format!("■ schedule ({place})"),
                        });
                    }
                    running = None;
                }
                Entry::Spawned { coro, .. } => {
                    if let Some(row) = now {
                        row.lines.push(format!("spawns #{coro}"));
                    }
                }
                Entry::Readied(coro) => {
                    let line = format!("readies #{coro}");
                    if let Some(row) = now
                        && row.lines.last() != Some(&format!("spawns #{coro}"))
                    {
                        row.lines.push(line);
                    }
                }
                Entry::Ended { coro, how } => {
                    let line = match how {
                        End::Returned => "returns",
                        End::Cancelled => "ends: cancelled",
                        End::Panicked => "ends: panicked",
                        End::Thrown => "ends: thrown into",
                        _ => "ends",
                    };
                    match now {
                        Some(row) if row.coro == usize::from(*coro) => row.lines.push(line.into()),
                        Some(row) => row.lines.push(format!("#{coro} {line}")),
                        None => {}
                    }
                }
                Entry::Passed(time) => {
                    rows.push(Row {
                        step: format!("+{time:?}{mark}"),
                        coro: usize::MAX,
                        lines: Vec::new(),
                    });
                    mark = "";
                }
                Entry::Note(text) => {
                    if let Some(row) = now {
                        row.lines.push(format!("“{text}”"));
                    }
                }
            }
        }
        rows
    }

    /// Returns the steps for programs.
    pub(crate) fn to_json(&self) -> Value {
        let entry = |entry: &Entry| match entry {
            Entry::Deviated(deviation) => {
                json!({"kind": "deviation", "what": deviation.to_string()})
            }
            Entry::In { coro, step } => json!({"kind": "in", "coro": coro, "step": step}),
            Entry::Out {
                coro,
                place,
                wait,
                ready,
            } => json!({
                "kind": "out", "coro": coro, "place": place.to_string(), "wait": wait, "ready": ready,
            }),
            Entry::Spawned { coro, desc } => {
                json!({"kind": "spawned", "coro": coro, "desc": desc.as_deref()})
            }
            Entry::Readied(coro) => json!({"kind": "readied", "coro": coro}),
            Entry::Ended { coro, how } => {
                json!({"kind": "ended", "coro": coro, "how": format!("{how:?}").to_lowercase()})
            }
            Entry::Passed(time) => json!({"kind": "passed", "seconds": time.as_secs_f64()}),
            Entry::Note(text) => json!({"kind": "note", "text": &**text}),
        };
        self.log.iter().map(entry).collect()
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.names();
        let rows = self.rows();
        let mut table = Table::new();
        table
            .load_style(presets::UTF8_BORDERS_ONLY)
            .set_content_arrangement(ContentArrangement::Disabled)
            .set_header(
                [String::from("step")]
                    .into_iter()
                    .chain(names.iter().cloned()),
            );
        let cut = rows.len().saturating_sub(ROWS.0 + ROWS.1);
        for (i, row) in rows.iter().enumerate() {
            if cut > 0 && i == ROWS.0 {
                table.add_row([format!("… {cut} …")]);
            }
            if cut > 0 && (ROWS.0..ROWS.0 + cut).contains(&i) {
                continue;
            }
            let cells = (0..names.len()).map(|at| {
                if at == row.coro {
                    row.lines.join("\n")
                } else {
                    String::new()
                }
            });
            table.add_row([row.step.clone()].into_iter().chain(cells));
        }
        if let Some(step) = table.column_mut(0) {
            step.set_cell_alignment(CellAlignment::Right);
        }
        let text = table.to_string();
        let lines: Vec<_> = text.lines().map(str::trim_end).collect();
        f.write_str(&lines.join("\n"))
    }
}
