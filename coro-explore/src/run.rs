//! An execution to look at: its steps in columns.

use std::fmt;

use serde_json::{Value, json};

use crate::columns;
use crate::log::Entry;

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

impl Run {
    pub(crate) fn new(log: Vec<Entry>) -> Run {
        Run { log }
    }

    /// Returns the columns' heads.
    fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for entry in &self.log {
            if let Entry::Spawned { coro, desc } = entry {
                let at = *coro as usize;
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

    /// Returns the steps for programs.
    pub(crate) fn to_json(&self) -> Value {
        let entry = |entry: &Entry| match entry {
            Entry::Deviated(deviation) => {
                json!({"kind": "deviation", "what": deviation.to_string()})
            }
            Entry::PassedOver(coros) => json!({"kind": "passed over", "coros": coros}),
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
        f.write_str(&columns::draw(&self.log, &self.names(), f.width()))
    }
}
