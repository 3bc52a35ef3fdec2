//! What is a step, and who is who.

use std::rc::Rc;

use coro::{Builder, cede, current, schedule, spawn};
use coro_debug::trace::{Recorder, Trace, record};
use coro_sync::Semaphore;

use super::listener::fresh;
use super::picture::Picture;

fn steps(f: impl FnOnce()) -> usize {
    record(f).1.steps()
}

#[test]
fn nothing_is_no_step() {
    assert_eq!(steps(|| ()), 0);
    assert_eq!(steps(|| _ = current().id()), 0);
}

#[test]
fn to_spawn_is_one_step_though_the_coro_is_also_readied() {
    assert_eq!(steps(|| drop(spawn(|| ()).shared())), 1);
    assert_eq!(steps(|| drop(Builder::new().build(|| ()).shared())), 1);
}

#[test]
fn to_ready_one_who_was_made_earlier_is_a_step_of_its_own() {
    let made = Builder::new().build(|| ());
    assert_eq!(steps(|| _ = made.coro().ready()), 1);
    assert_eq!(steps(|| _ = made.coro().ready()), 0, "it is ready");
}

#[test]
fn to_cede_is_one_step_and_to_be_switched_to_is_none() {
    let other = spawn(|| (0..3).for_each(|_| cede()));
    cede();
    // Main cedes, the other cedes.
    assert_eq!(steps(cede), 2);
    other.join().unwrap();
}

#[test]
fn an_end_is_one_step_with_all_joiners_it_readies() {
    let c = spawn(|| ());
    // Main blocks, the coro ends.
    assert_eq!(steps(|| c.join().unwrap()), 2);
    let c = spawn(schedule);
    let joiners = [(); 3].map(|()| {
        let coro = c.coro().clone();
        spawn(move || coro.join())
    });
    cede();
    c.coro().ready();
    // Main cedes, the coro ends, main cedes, the joiners end.
    let twice = || (0..2).for_each(|_| cede());
    assert_eq!(steps(twice), 6);
    joiners.into_iter().for_each(|c| c.join().unwrap());
}

#[test]
fn a_throw_is_a_step_and_that_it_readies_another() {
    let c = spawn(schedule);
    cede();
    assert_eq!(steps(|| drop(c.coro().throw(1))), 2);
    c.join().unwrap_err();
}

#[test]
fn coros_are_numbered_as_they_appear_whatever_their_ids_are() {
    fresh(|| {
        let old = [(); 3].map(|()| spawn(schedule));
        cede();
        let ((), trace) = record(|| {
            old[2].coro().ready();
            spawn(|| ()).join().unwrap();
            old[0].coro().ready();
        });
        let text = trace.to_string();
        let at = |words: &str| {
            text.find(words)
                .unwrap_or_else(|| panic!("{words}\n{text}"))
        };
        assert!(at("readies #1") < at("spawns #2") && at("spawns #2") < at("readies #3"));
        assert!(!text.contains("#4"), "the other was not seen:\n{text}");
        coro::killall();
    });
}

#[test]
fn main_is_main_whatever_it_is_called() {
    fresh(|| {
        current().set_desc("boss");
        let ((), trace) = record(|| spawn(|| ()).join().unwrap());
        let picture = Picture::read(&trace.to_svg());
        assert_eq!(picture.title, "Timeline of main and #1, in 3 steps");
        assert!(!trace.to_svg().contains("boss"));
    });
}

#[test]
fn a_name_is_the_last_one_that_a_coro_had() {
    let named = |trace: &Trace, name: &str| {
        let outputs = [trace.to_string(), trace.to_svg(), trace.to_perfetto()];
        outputs.iter().all(|output| output.contains(name))
    };
    let ((), ended) = record(|| {
        let c = Builder::new()
            .desc("first")
            .spawn(|| current().set_desc("last"));
        c.join().unwrap();
    });
    assert!(named(&ended, "#1 last") && !ended.to_string().contains("first"));
    let c = Builder::new().desc("first").spawn(schedule);
    let recording = Recorder::new().start();
    cede();
    let before = recording.so_far();
    c.coro().set_desc("last");
    let alive = recording.stop();
    assert!(named(&before, "#1 first") && named(&alive, "#1 last"));
    c.coro().cancel();
}

#[test]
fn who_wakes_from_outside_is_nobody_and_not_main_who_stands_in() {
    fresh(|| {
        let permit = Rc::new(Semaphore::new(0));
        let waker = current().waker();
        let ((), trace) = record(|| {
            let theirs = permit.clone();
            drop(spawn(move || theirs.down()).shared());
            cede();
            std::thread::spawn(move || waker.wake()).join().unwrap();
            schedule();
            permit.up();
        });
        let arrows = Picture::read(&trace.to_svg()).arrows();
        let wakes: Vec<_> = arrows
            .iter()
            .filter(|arrow| arrow.kind == "wakes")
            .collect();
        assert_eq!(
            (wakes[0].by, wakes[0].coro),
            (None, 0),
            "an OS thread wakes main"
        );
        assert_eq!(
            (wakes[1].by, wakes[1].coro),
            (Some(0), 1),
            "main wakes the other"
        );
        assert!(trace.to_string().contains("is readied"));
        cede();
    });
}
