//! Long recordings, and the last events of them.

use std::cell::Cell;
use std::rc::Rc;

use coro::{Builder, cede, note, spawn};
use coro_debug::trace::{Recorder, Trace, record};
use serde_json::Value;

use super::listener::{Told, fresh, watch};
use super::picture::Picture;
use super::programs;
use super::scenarios::is_sane;

/// Two coros cede in turn, so many times each.
fn cedes(turns: usize) {
    let all = [(); 2].map(|()| spawn(move || (0..turns).for_each(|_| cede())));
    all.into_iter().for_each(|c| c.join().unwrap());
}

#[test]
fn a_hundred_thousand_events_are_recorded_and_told() {
    fresh(|| {
        let (trace, told) = watch(Recorder::new(), || cedes(17_000));
        assert!(told.len() > 100_000, "{}", told.len());
        assert_eq!(trace.steps(), 2 * 17_000 + 5);
        let json: Value = serde_json::from_str(&trace.to_perfetto()).unwrap();
        let events = json["traceEvents"].as_array().unwrap();
        let runs = events.iter().filter(|event| event["name"] == "running");
        // Each turn, and the ends; main twice.
        assert_eq!(runs.count(), 2 * 17_001 + 2);
        let picture = Picture::read(&trace.to_svg());
        assert!(picture.svg.contains("the first 300 of 34005 steps"));
        assert!(picture.svg.len() < 500_000, "{}", picture.svg.len());
        assert!(trace.to_string().lines().count() < 700);
    });
}

/// Notes of numbers below ten, of which the last so many are kept.
fn last_of_ten(count: usize) -> Trace {
    fresh(move || {
        let recording = Recorder::new().last(count).start();
        (0..10).for_each(note);
        recording.stop()
    })
}

#[test]
fn of_ten_events_the_last_are_kept_and_at_least_one() {
    for (count, kept) in [
        (0, 1),
        (1, 1),
        (2, 2),
        (9, 9),
        (10, 10),
        (11, 10),
        (usize::MAX, 10),
    ] {
        let trace = last_of_ten(count);
        assert_eq!(
            (trace.steps(), trace.forgotten()),
            (kept, 10 - kept as u64),
            "{count}"
        );
        let text = trace.to_string();
        for n in 0..10 {
            assert_eq!(
                text.contains(&format!("“{n}”")),
                n >= 10 - kept,
                "{count}: {n}\n{text}"
            );
        }
    }
}

#[test]
fn to_switch_to_the_next_is_one_event_of_the_last() {
    fresh(|| {
        let (trace, _) = watch(Recorder::new().last(10), || cedes(100));
        let text = trace.to_string();
        // The last: it ends, main is readied, the other is in, it ends, main is in.
        assert_eq!(text.matches("cede (").count(), 5, "{text}");
    });
}

#[test]
fn the_last_events_are_those_of_the_whole_in_their_order() {
    for &(name, program) in programs::ALL {
        let whole = fresh(move || watch(Recorder::new(), program).0);
        for count in [1, 2, 3, 5, 8] {
            let (last, whole) = (
                fresh(move || watch(Recorder::new().last(count), program).0),
                whole.clone(),
            );
            let words = |trace: &Trace| {
                let json: Value = serde_json::from_str(&trace.to_perfetto()).unwrap();
                let events = json["traceEvents"].as_array().unwrap().clone();
                let instants = events.into_iter().filter(|event| event["ph"] == "i");
                let words = instants.map(|event| event["name"].as_str().unwrap().to_owned());
                // Who had the number is forgotten, and who did it, perhaps.
                let words = words.map(|words| words.split(['#', ':']).next().unwrap().to_owned());
                words
                    .filter(|words| {
                        !words.starts_with("from outside") && !words.starts_with("woken")
                    })
                    .collect::<Vec<_>>()
            };
            let (last, whole) = (words(&last), words(&whole));
            let tail: Vec<_> = whole[whole.len().saturating_sub(last.len())..].to_vec();
            let strange: Vec<_> = last
                .iter()
                .zip(&tail)
                .filter(|(a, b)| a != b && !b.starts_with("throws") && !b.starts_with("cancels"))
                .collect();
            assert!(strange.is_empty(), "{name}, {count}: {strange:?}");
        }
    }
}

#[test]
fn any_number_of_last_events_of_any_program_can_be_told() {
    for &(name, program) in programs::ALL {
        for count in 0..12 {
            for is_timed in [false, true] {
                let recorder = Recorder::new().last(count);
                let recorder = if is_timed { recorder.timed() } else { recorder };
                fresh(move || {
                    let (trace, told) = watch(recorder, program);
                    assert!(trace.steps() <= count.max(1), "{name}: {count}");
                    assert!(trace.forgotten() <= told.len() as u64);
                    if !is_timed {
                        is_sane(&format!("{name}, {count}"), &trace);
                    }
                    Picture::read(&trace.to_svg());
                    assert!(!trace.to_string().is_empty());
                });
            }
        }
    }
}

#[test]
fn who_ran_before_the_last_events_is_known() {
    fresh(|| {
        let recording = Recorder::new().last(3).start();
        let c = Builder::new()
            .desc("talker")
            .spawn(|| (0..10).for_each(note));
        cede();
        let trace = recording.stop();
        c.join().unwrap();
        let picture = Picture::read(&trace.to_svg());
        let talker = picture
            .with("state")
            .find(|bar| bar.title.starts_with("#") && bar.title.contains("talker runs"));
        assert_eq!(
            talker.map(|bar| bar.number("from")),
            Some(0),
            "{}",
            picture.svg
        );
    });
}

#[test]
fn a_recording_keeps_no_coro_alive_and_no_value_of_one() {
    fresh(|| {
        let alive = Rc::new(Cell::new(()));
        let recording = Recorder::new().start();
        for _ in 0..10 {
            let theirs = alive.clone();
            let c = Builder::new().desc("short").spawn(move || drop(theirs));
            c.join().unwrap();
        }
        assert_eq!(Rc::strong_count(&alive), 1);
        assert_eq!(coro::all(), [coro::main()]);
        let c = spawn(coro::schedule);
        cede();
        let counts = (c.coro().handle_count(), c.coro().use_count());
        let trace = recording.so_far();
        assert_eq!((c.coro().handle_count(), c.coro().use_count()), counts);
        drop((trace, c));
        cede();
        assert_eq!(coro::all(), [coro::main()], "whom nobody holds is unwound");
        drop(recording.stop());
    });
}

#[test]
fn a_ring_holds_no_name_of_those_that_it_has_forgotten() {
    fresh(|| {
        let name: Rc<str> = "a name".into();
        let recording = Recorder::new().last(4).start();
        for _ in 0..3 {
            Builder::new()
                .desc(name.clone())
                .spawn(|| ())
                .join()
                .unwrap();
        }
        (0..4).for_each(note);
        assert_eq!(Rc::strong_count(&name), 1);
        drop(recording.stop());
    });
}

#[test]
fn what_is_told_in_a_ring_is_also_told_to_who_was_there_before() {
    fresh(|| {
        let (_, told) = watch(Recorder::new().last(1), || cedes(50));
        let switches = told.iter().filter(|told| matches!(told, Told::In(_)));
        assert_eq!(switches.count(), 103);
    });
}

#[test]
fn the_whole_is_the_default() {
    fresh(|| {
        let ((), trace) = record(|| (0..5000).for_each(note));
        assert_eq!((trace.steps(), trace.forgotten()), (5000, 0));
    });
}
