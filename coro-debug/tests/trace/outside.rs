//! What happens while nobody runs, and what the legend says of it.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use coro_debug::trace::{self, Recorder};
use coro_time::{VirtualClock, sleep};

#[test]
fn spawns_and_ends_by_a_hook_are_told_of_whom_they_concern() {
    let is_done = Rc::new(Cell::new(false));
    let ((), trace) = trace::record(|| {
        let main = coro::current();
        coro::set_idle(Some(Box::new(move || {
            if is_done.replace(true) {
                return coro::Outlook::Hopeless;
            }
            let main = main.clone();
            drop(coro::spawn(move || main.ready()));
            let new = coro::Builder::new().desc("new").spawn(|| ());
            new.cancel();
            coro::Outlook::Progress
        })));
        coro::schedule();
        coro::set_idle(None);
    });
    let text = trace.to_string();
    for said in ["is spawned", "ends: cancelled"] {
        assert!(text.contains(said), "{said}:\n{text}");
    }
    let is_empty = |line: &str| !line.chars().any(char::is_alphabetic);
    let rows = text.lines().filter(|line| line.starts_with('│')).skip(1);
    for row in rows {
        assert!(!is_empty(row), "{row}\n{text}");
    }
}

#[test]
fn a_timer_is_not_the_deed_of_one_who_has_ended() {
    let _clock = VirtualClock::install();
    let ((), trace) = trace::record(|| {
        let second = Duration::from_secs(1);
        let sleeper = coro::spawn(move || sleep(second));
        let ended = coro::spawn(|| ());
        ended.on_destroy(|| coro::note("gone"));
        drop(ended);
        sleep(2 * second);
        sleeper.join().expect("nobody cancels it");
    });
    let text = trace.to_string();
    assert!(text.contains("is readied"), "{text}");
    assert!(!text.contains("readies #1"), "{text}");
    assert!(trace.to_svg().contains("somebody outside"), "{text}");
}

#[test]
fn the_legend_says_nothing_of_wakes_where_somebody_was_only_spawned() {
    let ((), trace) = trace::record(|| {
        coro::spawn(coro::cede);
        coro::cede();
    });
    let picture = trace.to_svg();
    assert_eq!(picture.matches("data-arrow=\"wakes\"").count(), 0);
    assert!(!picture.contains(">wakes</text>"), "{picture}");
    assert!(picture.contains(">spawns</text>"), "{picture}");
}

#[test]
fn one_that_is_forgotten_is_one() {
    let recording = Recorder::new().last(1).start();
    (0..2).for_each(coro::note);
    let picture = recording.stop().to_svg();
    let said = "1 event before the first step was forgotten";
    assert!(picture.contains(said), "{picture}");
}

#[test]
fn a_recording_that_begins_in_a_handler_does_not_let_the_dead_run() {
    let begun = Rc::new(Cell::new(None));
    let theirs = begun.clone();
    let ended = coro::spawn(|| ());
    ended.on_destroy(move || {
        let recording = Recorder::new().start();
        coro::note("here");
        theirs.set(Some(recording));
    });
    ended.join().expect("nobody cancels it");
    coro::note("there");
    let recording = begun.take().expect("the handler was called");
    let trace = recording.stop();
    let text = trace.to_string();
    let column = |line: &str, word: &str| line.find(word).map(|at| line[..at].chars().count());
    let find = |word| text.lines().find_map(|line| column(line, word));
    let (head, here, there) = (find("main"), find("“here”"), find("“there”"));
    assert_eq!(head, there, "{text}");
    assert_ne!(head, here, "{text}");
}
