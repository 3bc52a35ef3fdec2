//! The story as trace events, in the format that Chrome's and Perfetto's viewers read.
//!
//! Of it are used: `M`, metadata; `X`, slices; `s` and `f`, the two ends of an arrow; `i`, instants.

use serde_json::{Value, json};

use super::spans::{self, Moment, State};
use super::story::{Happened, Story, What};
use super::words::{deed, end, short};

/// Returns the JSON, an event a line.
pub(crate) fn write(story: &Story) -> String {
    let is_timed = story
        .happened
        .iter()
        .any(|happened| happened.time.is_some());
    let writer = Writer { story, is_timed };
    // As texts, one by one: as values, all together, they take many times the memory.
    let mut events = Vec::new();
    let mut keep = |event: Value| events.push(event.to_string());
    writer.tracks(&mut keep);
    writer.slices(&mut keep);
    writer.happenings(&mut keep);
    let unit = match is_timed {
        true => "microseconds of the clock",
        false => "a microsecond is a step",
    };
    let other = json!({ "time": unit, "events forgotten before": story.forgotten });
    format!(
        "{{\"displayTimeUnit\":\"ns\",\"otherData\":{other},\"traceEvents\":[\n{}\n]}}\n",
        events.join(",\n")
    )
}

/// The one process.
const PROCESS: u32 = 1;

struct Writer<'a> {
    story: &'a Story,
    is_timed: bool,
}

impl Writer<'_> {
    /// When it was.
    fn stamp(&self, moment: Moment) -> Value {
        self.between(Moment::default(), moment)
    }

    /// How long it took, in microseconds.
    fn between(&self, from: Moment, to: Moment) -> Value {
        if self.is_timed {
            // What goes on since before the recording has no time.
            let [from, to] = [from, to].map(|moment| moment.time.unwrap_or_default());
            json!((to - from).as_nanos() as f64 / 1000.0)
        } else {
            json!(to.step - from.step)
        }
    }

    fn tracks(&self, keep: &mut impl FnMut(Value)) {
        keep(json!({
            "ph": "M", "name": "process_name", "pid": PROCESS, "tid": 0,
            "args": { "name": "coros" },
        }));
        for (coro, who) in self.story.coros.iter().enumerate() {
            keep(json!({
                "ph": "M", "name": "thread_name", "pid": PROCESS, "tid": coro,
                "args": { "name": who.name },
            }));
            keep(json!({
                "ph": "M", "name": "thread_sort_index", "pid": PROCESS, "tid": coro,
                "args": { "sort_index": coro },
            }));
        }
    }

    fn slices(&self, keep: &mut impl FnMut(Value)) {
        let (spans, _) = spans::of(self.story);
        for span in &spans {
            let (name, place) = match span.state {
                State::Blocked { wait, place } => {
                    let wait = wait.unwrap_or("schedule");
                    (format!("blocked: {wait}"), place)
                }
                state => (state.name().to_owned(), None),
            };
            let mut args = json!({ "steps": format!("{} to {}", span.from.step, span.to.step) });
            if let Some(place) = place {
                args["place"] = json!(short(place));
            }
            if let Some(by) = span.by {
                args["by"] = json!(self.story.name(by));
            }
            keep(json!({
                "ph": "X", "cat": "state", "name": name, "pid": PROCESS, "tid": span.coro,
                "ts": self.stamp(span.from), "dur": self.between(span.from, span.to), "args": args,
            }));
        }
    }

    fn happenings(&self, keep: &mut impl FnMut(Value)) {
        let mut arrows = 0;
        for happened in &self.story.happened {
            let at = self.stamp(Moment {
                step: happened.step,
                time: happened.time,
            });
            if let What::Readies(coro)
            | What::Spawns {
                coro,
                is_ready: true,
            } = happened.what
                && let Some(by) = happened.by.filter(|by| *by != coro)
            {
                arrows += 1;
                let arrow = |ph: &str, tid: usize| {
                    json!({
                        "ph": ph, "cat": "wake", "name": "wakes", "id": arrows,
                        "pid": PROCESS, "tid": tid, "ts": at,
                    })
                };
                keep(arrow("s", by));
                let mut tip = arrow("f", coro);
                // In the slice that begins here, and not in the next one.
                tip["bp"] = json!("e");
                keep(tip);
            }
            if let Some((track, name)) = self.instant(happened) {
                keep(json!({
                    "ph": "i", "cat": "event", "name": name, "s": "t",
                    "pid": PROCESS, "tid": track, "ts": at,
                }));
            }
        }
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
            What::Spawns { coro, .. } if happened.by.is_none() => {
                Some((*coro, "spawned from outside".to_owned()))
            }
            What::Spawns { .. } | What::Readies(_) | What::Runs(_) | What::Leaves { .. } => None,
        }
    }
}
