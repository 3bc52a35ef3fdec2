//! Recordings that begin in the middle, in a coro, or end before the coros do.

use std::rc::Rc;

use coro::{Builder, cede, current, note, schedule, spawn};
use coro_debug::trace::{Recorder, Recording, Trace, record};
use coro_sync::Semaphore;

use super::listener::{Listener, fresh};
use super::picture::Picture;

fn spans_of(trace: &Trace, coro: usize) -> Vec<(String, u64, u64)> {
    let picture = Picture::read(&trace.to_svg());
    let spans = picture.spans().into_iter().filter(|span| span.coro == coro);
    spans.map(|span| (span.state, span.from, span.to)).collect()
}

fn span(state: &str, from: u64, to: u64) -> (String, u64, u64) {
    (state.to_owned(), from, to)
}

#[test]
fn who_was_blocked_before_is_blocked_from_the_beginning_on() {
    fresh(|| {
        let permit = Rc::new(Semaphore::new(0));
        let theirs = permit.clone();
        let c = spawn(move || theirs.down());
        cede();
        let ((), trace) = record(|| {
            note("before");
            permit.up();
            c.join().unwrap();
        });
        // Main notes, readies, blocks; the coro ends.
        let expected = [
            span("blocked", 0, 2),
            span("ready", 2, 3),
            span("running", 3, 4),
        ];
        assert_eq!(spans_of(&trace, 1), expected);
    });
}

#[test]
fn who_was_ready_before_is_ready_from_the_beginning_on() {
    fresh(|| {
        let c = spawn(|| note("runs"));
        let ((), trace) = record(|| {
            note("first");
            c.join().unwrap();
        });
        let expected = [span("ready", 0, 2), span("running", 2, 4)];
        assert_eq!(spans_of(&trace, 1), expected);
    });
}

#[test]
fn who_is_only_talked_of_is_there() {
    fresh(|| {
        let c = Builder::new().desc("silent").spawn(schedule);
        let ((), trace) = record(|| {
            note("first");
            c.coro().throw(1);
        });
        let picture = Picture::read(&trace.to_svg());
        assert_eq!(picture.title, "Timeline of main and #1 silent, in 2 steps");
        assert_eq!(spans_of(&trace, 1).len(), 1, "it has a row");
        assert_eq!(picture.arrows().len(), 1);
        c.join().unwrap_err();
    });
}

#[test]
fn what_goes_on_at_the_end_is_open_to_the_end() {
    fresh(|| {
        let recording = Recorder::new().start();
        let c = Builder::new().desc("waits").spawn(schedule);
        cede();
        note("last");
        let trace = recording.stop();
        let picture = Picture::read(&trace.to_svg());
        let is_open = |title: &str| title.ends_with("to the end of the recording");
        let titles = |open: bool| {
            picture
                .with("state")
                .filter(move |bar| is_open(&bar.title) == open)
        };
        assert_eq!(titles(true).count(), 2, "main runs, and the other waits");
        assert!(titles(true).all(|bar| bar.number("to") == 4));
        assert!(titles(false).count() >= 2);
        c.coro().cancel();
    });
}

#[test]
fn a_recording_may_begin_and_end_in_a_coro() {
    fresh(|| {
        let c = Builder::new().desc("recorder").spawn(|| {
            let ((), trace) = record(|| {
                note("in it");
                cede();
                note("again");
            });
            trace
        });
        cede();
        let trace = c.join().unwrap();
        let picture = Picture::read(&trace.to_svg());
        assert_eq!(
            picture.title,
            "Timeline of #1 recorder and main, in 4 steps"
        );
        assert_eq!(spans_of(&trace, 0)[0], span("running", 0, 2));
        assert_eq!(picture.with("note").count(), 2);
    });
}

#[test]
fn a_recording_may_end_in_another_coro_than_it_began() {
    fresh(|| {
        let c = spawn(|| {
            let recording = Recorder::new().start();
            note("begun in a coro");
            recording
        });
        let recording: Recording = c.join().unwrap();
        note("ended in main");
        let trace = recording.stop();
        let text = trace.to_string();
        assert!(
            text.contains("“begun in a coro”") && text.contains("“ended in main”"),
            "{text}"
        );
        note("not recorded");
        assert!(coro::set_observer(None).is_none());
    });
}

#[test]
fn the_end_of_the_recording_coro_is_recorded_too() {
    fresh(|| {
        let recording = spawn(|| Recorder::new().start()).join().unwrap();
        let trace = recording.stop();
        let picture = Picture::read(&trace.to_svg());
        let end = picture.with("end").next().unwrap();
        assert_eq!((end.coro(), end.get("end")), (0, Some("returns")));
        assert_eq!(spans_of(&trace, 0), [span("running", 0, 1)]);
    });
}

#[test]
fn a_recording_that_begins_where_nobody_runs_takes_nobody_for_running() {
    struct Begin(Rc<std::cell::RefCell<Option<Recording>>>);
    impl coro::Policy for Begin {
        fn next(&mut self, _: &[coro::Coro]) -> usize {
            let mut recording = self.0.borrow_mut();
            if recording.is_none() {
                *recording = Some(Recorder::new().start());
            }
            0
        }
    }
    fresh(|| {
        let c = spawn(|| note("runs"));
        let recording = Rc::default();
        coro::set_policy(Some(Box::new(Begin(Rc::clone(&recording)))));
        cede();
        coro::set_policy(None);
        let trace = recording.take().unwrap().stop();
        c.join().unwrap();
        let picture = Picture::read(&trace.to_svg());
        let mut running: Vec<_> = picture.spans();
        running.retain(|span| span.state == "running");
        assert!(
            running.iter().all(|span| span.coro == 0 || span.from >= 2),
            "{running:?}"
        );
        assert!(
            picture.title.starts_with("Timeline of #1 and main"),
            "{}",
            picture.title
        );
    });
}

#[test]
fn a_recording_that_is_dropped_by_an_unwinding_is_over() {
    for end in [
        || current().cancel(),
        || panic!("on purpose"),
        || drop(coro::catch(|| ())),
        || {
            current().throw(1);
            cede();
        },
    ] {
        fresh(move || {
            let before = Listener::install();
            let c = spawn(move || {
                let _recording = Recorder::new().start();
                record(end).1.steps()
            });
            _ = c.join();
            let count = before.count();
            note("told");
            assert_eq!(before.count(), count + 1);
            let ours = coro::set_observer(None).unwrap();
            drop(ours);
            assert_eq!(
                Rc::strong_count(&before.0),
                1,
                "it was the listener itself, and no recorder"
            );
        });
    }
}

#[test]
fn a_recording_that_is_blocked_in_when_it_is_cancelled_is_over() {
    fresh(|| {
        let c = spawn(|| record(schedule).1.steps());
        cede();
        c.coro().cancel();
        assert!(coro::set_observer(None).is_none());
    });
}

#[test]
fn so_far_is_what_has_happened_and_does_not_end_it() {
    fresh(|| {
        let recording = Recorder::new().start();
        for n in 0..4 {
            assert_eq!(recording.so_far().steps(), n);
            note(n);
        }
        assert_eq!(recording.stop().steps(), 4);
    });
}

#[test]
fn a_trace_can_be_had_from_a_scope_that_borrows() {
    fresh(|| {
        let mut sum = 0;
        let ((), trace) = record(|| {
            coro::scope(|s| {
                s.spawn(|| sum += 1);
            });
        });
        assert_eq!(
            (sum, Picture::read(&trace.to_svg()).with("end").count()),
            (1, 1)
        );
    });
}

#[test]
fn two_os_threads_record_each_their_own() {
    let record_one = |text: &'static str| {
        std::thread::spawn(move || {
            record(|| spawn(move || note(text)).join().unwrap())
                .1
                .to_string()
        })
    };
    let [one, other] =
        [record_one("here"), record_one("there")].map(|thread| thread.join().unwrap());
    assert!(one.contains("“here”") && !one.contains("“there”"));
    assert!(other.contains("“there”") && !other.contains("“here”"));
}

#[test]
fn a_recording_that_lasts_to_the_end_of_its_os_thread_does_no_harm() {
    thread_local! {
        static LAST: std::cell::RefCell<Option<Recording>> = const { std::cell::RefCell::new(None) };
    }
    let run = |is_kernel_first: bool| {
        fresh(move || {
            if is_kernel_first {
                cede();
            }
            LAST.with(|last| *last.borrow_mut() = None);
            let recording = Recorder::new().start();
            spawn(|| note("told")).join().unwrap();
            LAST.with(|last| *last.borrow_mut() = Some(recording));
        });
    };
    run(true);
    run(false);
}
