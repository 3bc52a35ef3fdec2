//! The story as trace events, in the format that Chrome's and Perfetto's viewers read.
//!
//! Of it are used: `M`, metadata; `X`, slices; `s` and `f`, the two ends of an arrow; `i`, instants.

use serde_json::{Value, json};

use super::spans::{self, Moment, State};
use super::story::{Happened, Story, What};
use super::words::{deed, end, short};

/// Returns the JSON.
pub(crate) fn write(story: &Story) -> String {
    let is_timed = story
        .happened
        .iter()
        .any(|happened| happened.time.is_some());
    let writer = Writer { story, is_timed };
    let mut events = writer.tracks();
    events.extend(writer.slices());
    events.extend(writer.happenings());
    let unit = match is_timed {
        true => "microseconds of the clock",
        false => "a microsecond is a step",
    };
    let document = json!({
        "traceEvents": events,
        "displayTimeUnit": "ns",
        "otherData": { "time": unit, "events forgotten before": story.forgotten },
    });
    format!("{document:#}\n")
}

/// The one process.
const PROCESS: u32 = 1;

struct Writer<'a> {
    story: &'a Story,
    is_timed: bool,
}

impl Writer<'_> {
    /// Microseconds.
    fn stamp(&self, moment: Moment) -> Value {
        match moment.time.filter(|_| self.is_timed) {
            Some(time) => json!(time.as_nanos() as f64 / 1000.0),
            None if self.is_timed => json!(0.0),
            None => json!(moment.step),
        }
    }

    fn tracks(&self) -> Vec<Value> {
        let mut events = vec![json!({
            "ph": "M", "name": "process_name", "pid": PROCESS, "tid": 0,
            "args": { "name": "coros" },
        })];
        for (coro, who) in self.story.coros.iter().enumerate() {
            events.push(json!({
                "ph": "M", "name": "thread_name", "pid": PROCESS, "tid": coro,
                "args": { "name": who.name },
            }));
            events.push(json!({
                "ph": "M", "name": "thread_sort_index", "pid": PROCESS, "tid": coro,
                "args": { "sort_index": coro },
            }));
        }
        events
    }

    fn slices(&self) -> Vec<Value> {
        let (spans, _) = spans::of(self.story);
        let slice = |span: &spans::Span| {
            let (name, place) = match span.state {
                State::Running => ("running".to_owned(), None),
                State::Ready => ("ready".to_owned(), None),
                State::New => ("new".to_owned(), None),
                State::Blocked { wait, place } => {
                    let wait = wait.unwrap_or("schedule");
                    (format!("blocked: {wait}"), place)
                }
            };
            let (from, to) = (self.stamp(span.from), self.stamp(span.to));
            let last = to.as_f64().zip(from.as_f64()).map(|(to, from)| to - from);
            let last = match (last, self.is_timed) {
                (Some(last), false) => json!(last as u64),
                // A difference of two doubles has digits that no clock has.
                (Some(last), true) => json!((last * 1000.0).round() / 1000.0),
                (None, _) => json!(0),
            };
            let mut args = json!({ "steps": format!("{} to {}", span.from.step, span.to.step) });
            if let Some(place) = place {
                args["place"] = json!(short(place));
            }
            if let Some(by) = span.by {
                args["by"] = json!(self.story.name(by));
            }
            json!({
                "ph": "X", "cat": "state", "name": name, "pid": PROCESS, "tid": span.coro,
                "ts": from, "dur": last, "args": args,
            })
        };
        spans.iter().map(slice).collect()
    }

    fn happenings(&self) -> Vec<Value> {
        let mut events = Vec::new();
        let mut arrows = 0;
        for happened in &self.story.happened {
            let at = self.stamp(Moment {
                step: happened.step,
                time: happened.time,
            });
            if let What::Readies(coro) = happened.what
                && let Some(by) = happened.by.filter(|by| *by != coro)
            {
                arrows += 1;
                let arrow = |ph: &str, tid: usize| {
                    json!({
                        "ph": ph, "cat": "wake", "name": "wakes", "id": arrows,
                        "pid": PROCESS, "tid": tid, "ts": at,
                    })
                };
                events.push(arrow("s", by));
                let mut tip = arrow("f", coro);
                // In the slice that begins here, and not in the next one.
                tip["bp"] = json!("e");
                events.push(tip);
            }
            if let Some((track, name)) = self.instant(happened) {
                events.push(json!({
                    "ph": "i", "cat": "event", "name": name, "s": "t",
                    "pid": PROCESS, "tid": track, "ts": at,
                }));
            }
        }
        events
    }

    /// The track and the name of what has no duration.
    fn instant(&self, happened: &Happened) -> Option<(usize, String)> {
        let story = self.story;
        match &happened.what {
            What::Notes(coro, text) => Some((*coro, text.to_string())),
            What::Throws(coro) | What::Cancels(coro) => match happened.by {
                Some(by) => Some((by, deed(story, &happened.what))),
                None => Some((
                    *coro,
                    format!("from outside: {}", deed(story, &happened.what)),
                )),
            },
            What::Ends(coro, how) => Some((*coro, end(*how).to_owned())),
            What::Readies(coro) if happened.by.is_none() => {
                Some((*coro, "woken from outside".to_owned()))
            }
            What::Spawns(_) | What::Readies(_) | What::Runs(_) | What::Leaves { .. } => None,
        }
    }
}
