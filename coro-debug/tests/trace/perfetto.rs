//! The trace is as the trace-event format has it: viewers drop silently what is not.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use coro::{Builder, note, spawn};
use coro_debug::trace::{Recorder, Trace};
use coro_sync::Semaphore;
use coro_time::{VirtualClock, sleep};
use serde_json::Value;

use super::listener::{fresh, watch};
use super::programs;

fn events(trace: &Trace) -> Vec<Value> {
    let json: Value = serde_json::from_str(&trace.to_perfetto()).unwrap();
    assert_eq!(json["displayTimeUnit"], "ns");
    json["traceEvents"].as_array().unwrap().clone()
}

/// A time in nanoseconds, as the viewers count; they are whole.
fn nanos(time: &Value) -> u64 {
    let nanos = time.as_f64().unwrap() * 1000.0;
    assert!(nanos >= 0.0, "{time}");
    nanos.round() as u64
}

/// Checks the format; returns the slices of each track: from, to, name.
fn slices(name: &str, events: &[Value]) -> BTreeMap<u64, Vec<(u64, u64, String)>> {
    let mut slices: BTreeMap<_, Vec<_>> = BTreeMap::new();
    let mut named = BTreeSet::new();
    let mut used = BTreeSet::new();
    let mut flows: BTreeMap<u64, Vec<&Value>> = BTreeMap::new();
    for event in events {
        let tid = event["tid"].as_u64().unwrap();
        assert_eq!(event["pid"], 1, "{name}: {event}");
        assert!(
            !event["name"].as_str().unwrap().is_empty(),
            "{name}: {event}"
        );
        match event["ph"].as_str().unwrap() {
            "M" => {
                let args = &event["args"];
                match event["name"].as_str().unwrap() {
                    "process_name" => assert!(args["name"].is_string()),
                    "thread_name" => assert!(args["name"].is_string() && named.insert(tid)),
                    "thread_sort_index" => assert_eq!(args["sort_index"], tid),
                    other => panic!("{name}: {other}"),
                }
                continue;
            }
            "X" => {
                let from = nanos(&event["ts"]);
                let slice = (
                    from,
                    from + nanos(&event["dur"]),
                    event["name"].as_str().unwrap().to_owned(),
                );
                slices.entry(tid).or_default().push(slice);
            }
            "s" => flows
                .entry(event["id"].as_u64().unwrap())
                .or_default()
                .push(event),
            "f" => {
                assert_eq!(
                    event["bp"], "e",
                    "{name}: the tip is where the slice begins"
                );
                flows
                    .entry(event["id"].as_u64().unwrap())
                    .or_default()
                    .push(event);
            }
            "i" => assert_eq!(event["s"], "t", "{name}"),
            other => panic!("{name}: {other:?}"),
        }
        nanos(&event["ts"]);
        used.insert(tid);
    }
    assert!(used.is_subset(&named), "{name}: each track has a name");
    for (id, flow) in flows {
        let [tail, tip] = &flow[..] else {
            panic!("{name}: arrow {id} has not two ends");
        };
        assert_eq!(
            (&tail["ph"], &tip["ph"]),
            (&"s".into(), &"f".into()),
            "{name}"
        );
        assert_eq!(
            (&tail["cat"], &tail["name"]),
            (&tip["cat"], &tip["name"]),
            "{name}"
        );
        assert_ne!(tail["tid"], tip["tid"], "{name}");
        assert!(nanos(&tail["ts"]) <= nanos(&tip["ts"]), "{name}");
    }
    slices
}

#[test]
fn all_programs_give_traces_in_the_format_with_time_and_without() {
    for &(name, program) in programs::ALL {
        for recorder in [
            Recorder::new(),
            Recorder::new().timed(),
            Recorder::new().last(5),
            Recorder::new().last(5).timed(),
        ] {
            fresh(move || {
                let (trace, _) = watch(recorder, program);
                slices(name, &events(&trace));
            });
        }
    }
}

#[test]
fn slices_of_a_track_follow_each_other_without_gap_or_overlap_with_time_and_without() {
    for &(name, program) in programs::ALL {
        for recorder in [Recorder::new(), Recorder::new().timed()] {
            fresh(move || {
                let (trace, _) = watch(recorder, program);
                for (tid, mut slices) in slices(name, &events(&trace)) {
                    slices.sort();
                    for pair in slices.windows(2) {
                        assert_eq!(pair[0].1, pair[1].0, "{name}: track {tid}: {pair:?}");
                    }
                }
            });
        }
    }
}

#[test]
fn at_most_one_coro_runs_at_a_time_of_the_clock() {
    for &(name, program) in programs::ALL {
        fresh(move || {
            let (trace, _) = watch(Recorder::new().timed(), program);
            let all = slices(name, &events(&trace)).into_values().flatten();
            let mut running: Vec<_> = all.filter(|(_, _, state)| state == "running").collect();
            running.sort();
            for pair in running.windows(2) {
                assert!(pair[0].1 <= pair[1].0, "{name}: {pair:?}");
            }
        });
    }
}

#[test]
fn both_ends_of_an_arrow_are_in_slices_of_who_wakes_and_of_who_is_woken() {
    for &(name, program) in programs::ALL {
        for recorder in [Recorder::new(), Recorder::new().timed()] {
            fresh(move || {
                let (trace, _) = watch(recorder, program);
                let events = events(&trace);
                let slices = slices(name, &events);
                for event in events
                    .iter()
                    .filter(|event| event["ph"] == "s" || event["ph"] == "f")
                {
                    let at = nanos(&event["ts"]);
                    let slices = &slices[&event["tid"].as_u64().unwrap()];
                    let is_tail = event["ph"] == "s";
                    let is_here = |(from, to, state): &(u64, u64, String)| match is_tail {
                        true => state == "running" && *from <= at && at <= *to,
                        // Who was suspended is not ready any more, but nobody is told of it.
                        false if state == "ready" => *from <= at && at < *to || *from == at,
                        false => state == "running" && *from == at,
                    };
                    assert!(slices.iter().any(is_here), "{name}: {event} {slices:?}");
                }
            });
        }
    }
}

#[test]
fn the_time_of_a_slice_is_that_of_the_clock() {
    fresh(|| {
        let _clock = VirtualClock::install();
        let recording = Recorder::new().timed().start();
        let permit = Rc::new(Semaphore::new(0));
        let theirs = permit.clone();
        let c = Builder::new().desc("waits").spawn(move || theirs.down());
        sleep(Duration::from_micros(1500));
        note("half");
        sleep(Duration::from_nanos(250));
        permit.up();
        c.join().unwrap();
        let trace = recording.stop();
        let events = events(&trace);
        let slices = slices("sleeps", &events);
        assert!(
            slices[&1].contains(&(0, 1_500_250, "blocked: semaphore".to_owned())),
            "{slices:?}"
        );
        let half = events.iter().find(|event| event["name"] == "half").unwrap();
        assert_eq!(
            (half["ts"].as_f64(), &half["ph"]),
            (Some(1500.0), &"i".into())
        );
        assert!(
            trace.to_svg().contains("for 1.50025ms"),
            "the picture tells it too"
        );
    });
}

#[test]
fn without_time_a_step_is_a_microsecond_and_the_trace_says_which_it_is() {
    fresh(|| {
        let unit = |recorder: Recorder| {
            let (trace, _) = watch(recorder, || spawn(|| ()).join().unwrap());
            let json: Value = serde_json::from_str(&trace.to_perfetto()).unwrap();
            json["otherData"]["time"].as_str().unwrap().to_owned()
        };
        assert_eq!(unit(Recorder::new()), "a microsecond is a step");
        assert_eq!(unit(Recorder::new().timed()), "microseconds of the clock");
    });
}

#[test]
fn what_was_forgotten_is_counted_in_the_trace() {
    fresh(|| {
        let (trace, _) = watch(Recorder::new().last(2), || (0..7).for_each(note));
        let json: Value = serde_json::from_str(&trace.to_perfetto()).unwrap();
        assert_eq!(json["otherData"]["events forgotten before"], 5);
    });
}

#[test]
fn time_goes_on_though_the_clock_is_replaced_by_one_that_is_behind() {
    fresh(|| {
        let recording = Recorder::new().timed().start();
        let clock = VirtualClock::install();
        sleep(Duration::from_secs(1000));
        drop(clock);
        spawn(|| note("in our time")).join().unwrap();
        let trace = recording.stop();
        for (tid, slices) in slices("behind", &events(&trace)) {
            for pair in slices.windows(2) {
                assert!(pair[0].1 <= pair[1].0, "track {tid}: {pair:?}");
            }
        }
    });
}
