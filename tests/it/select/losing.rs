//! What a select was given and does not take, or cannot take any more, passes on: for every kind of
//! arm, in both forms.

use std::rc::Rc;

use coro::{JoinHandle, spawn};

use crate::select::{KINDS, NOTHING, Things};
use crate::semaphore::interrupted::HITS;
use crate::semaphore::settle;

fn selects(things: &Rc<Things>, first: usize) -> JoinHandle<usize> {
    let theirs = things.clone();
    let c = spawn(move || theirs.select(first));
    settle();
    c
}

/// One that waits for each kind, behind the others.
fn waits(things: &Rc<Things>) -> Vec<JoinHandle<()>> {
    let all = (0..KINDS).map(|kind| {
        let theirs = things.clone();
        spawn(move || theirs.wait(kind))
    });
    let all = all.collect();
    settle();
    all
}

#[track_caller]
fn only(served: &[usize], all: &[JoinHandle<()>], name: &str) {
    let ended = (0..KINDS).filter(|&kind| all[kind].is_finished());
    assert_eq!(ended.collect::<Vec<_>>(), served, "{name}");
}

#[test]
fn what_woke_a_select_that_took_something_else_passes_on() {
    for fair in [false, true] {
        for woken_by in 0..KINDS {
            for taken in (0..KINDS).filter(|&kind| kind != woken_by) {
                let name = format!("fair: {fair}, woken by {woken_by}, takes {taken}");
                let things = Things::new(fair);
                let c = selects(&things, taken);
                let rest = waits(&things);
                things.give(woken_by);
                things.give(taken);
                settle();
                assert_eq!(c.join().unwrap(), taken, "{name}");
                let mut served = vec![woken_by];
                // The end of a coro is for all.
                served.extend((taken == 5).then_some(5));
                only(&served, &rest, &name);
                rest.iter().for_each(|c| c.cancel());
            }
        }
    }
}

#[test]
fn what_woke_a_select_that_took_something_else_is_there_if_nobody_waits() {
    for fair in [false, true] {
        for woken_by in 0..KINDS {
            for taken in (0..KINDS).filter(|&kind| kind != woken_by) {
                let name = format!("fair: {fair}, woken by {woken_by}, takes {taken}");
                let things = Things::new(fair);
                let c = selects(&things, taken);
                things.give(woken_by);
                things.give(taken);
                settle();
                assert_eq!(c.join().unwrap(), taken, "{name}");
                let mut expected = NOTHING;
                expected[5] = isize::from(taken == 5 || woken_by == 5);
                if woken_by < 5 {
                    expected[woken_by] = 1 - NOTHING[woken_by];
                }
                assert_eq!(things.state(), expected, "{name}");
                things.nobody_waits(&name);
                // And whoever comes gets it, without waiting.
                let theirs = things.clone();
                let next = spawn(move || theirs.wait(woken_by));
                settle();
                assert!(next.is_finished(), "{name}");
            }
        }
    }
}

#[test]
fn of_all_that_were_given_at_once_one_is_taken_and_the_others_pass_on() {
    for fair in [false, true] {
        for first in 0..KINDS {
            let name = format!("fair: {fair}, first {first}");
            let things = Things::new(fair);
            let c = selects(&things, first);
            let rest = waits(&things);
            (0..KINDS).for_each(|kind| things.give(kind));
            settle();
            assert_eq!(c.join().unwrap(), first, "{name}");
            let served = (0..KINDS).filter(|&kind| kind != first || kind == 5);
            only(&served.collect::<Vec<_>>(), &rest, &name);
            rest.iter().for_each(|c| c.cancel());
            things.nobody_waits(&name);
        }
    }
}

#[test]
fn two_selects_share_what_was_given() {
    for fair in [false, true] {
        for one in 0..KINDS - 1 {
            for two in (0..KINDS - 1).filter(|&kind| kind != one) {
                let name = format!("fair: {fair}, {one} and {two}");
                let things = Things::new(fair);
                // Both prefer the same, and both are woken by it and by the other.
                let (first, second) = (selects(&things, one), selects(&things, one));
                things.give(two);
                things.give(one);
                settle();
                assert_eq!(first.join().unwrap(), one, "{name}");
                assert_eq!(second.join().unwrap(), two, "{name}");
                assert_eq!(things.state(), NOTHING, "{name}");
                things.nobody_waits(&name);
            }
        }
    }
}

#[test]
fn an_interrupted_select_leaves_all_queues() {
    for fair in [false, true] {
        for (how, hit) in HITS {
            let name = format!("fair: {fair}, {how}");
            let things = Things::new(fair);
            let c = selects(&things, 0);
            let rest = waits(&things);
            hit(c.coro());
            if how == "safe_cancel" {
                let waiters = (things.down.waiters(), things.acquire.waiters());
                assert_eq!((waiters, things.signal.awaited()), ((1, 1), 1), "{name}");
            }
            settle();
            assert!(c.join().is_err(), "{name}");
            (0..KINDS).for_each(|kind| things.give(kind));
            settle();
            only(&[0, 1, 2, 3, 4, 5], &rest, &name);
            things.nobody_waits(&name);
        }
    }
}

#[test]
fn a_select_that_is_interrupted_after_it_was_woken_passes_on_what_woke_it() {
    for fair in [false, true] {
        for kind in 0..KINDS {
            for (how, hit) in HITS {
                let name = format!("fair: {fair}, kind {kind}, {how}");
                let things = Things::new(fair);
                let c = selects(&things, 0);
                let rest = waits(&things);
                things.give(kind);
                hit(c.coro());
                settle();
                assert!(c.join().is_err(), "{name}");
                only(&[kind], &rest, &name);
                rest.iter().for_each(|c| c.cancel());
                things.nobody_waits(&name);
            }
        }
    }
}

#[test]
fn a_select_that_is_interrupted_after_all_was_given_takes_nothing() {
    for fair in [false, true] {
        for (how, hit) in HITS {
            let name = format!("fair: {fair}, {how}");
            let things = Things::new(fair);
            let c = selects(&things, 0);
            (0..KINDS).for_each(|kind| things.give(kind));
            hit(c.coro());
            settle();
            assert!(c.join().is_err(), "{name}");
            assert_eq!(things.state(), [1, 0, 1, 1, 1, 1], "{name}");
            things.nobody_waits(&name);
        }
    }
}

#[test]
fn what_comes_between_a_throw_and_its_delivery_passes_on() {
    for fair in [false, true] {
        for kind in 0..KINDS {
            let name = format!("fair: {fair}, kind {kind}");
            let things = Things::new(fair);
            let c = selects(&things, 0);
            let rest = waits(&things);
            c.throw("ex");
            things.give(kind);
            settle();
            assert!(c.join().is_err(), "{name}");
            only(&[kind], &rest, &name);
            rest.iter().for_each(|c| c.cancel());
        }
    }
}

#[test]
fn a_select_keeps_its_places_through_spurious_wake_ups() {
    for fair in [false, true] {
        for kind in 0..KINDS - 1 {
            let name = format!("fair: {fair}, kind {kind}");
            let things = Things::new(fair);
            let c = selects(&things, 0);
            let rest = waits(&things);
            for _ in 0..3 {
                assert!(c.ready());
                settle();
                assert!(!c.is_finished(), "{name}");
            }
            things.give(kind);
            settle();
            assert_eq!(c.join().unwrap(), kind, "{name}");
            only(&[], &rest, &name);
            rest.iter().for_each(|c| c.cancel());
            things.nobody_waits(&name);
        }
    }
}

#[test]
fn a_select_has_the_place_of_its_arrival_among_those_who_wait() {
    for fair in [false, true] {
        for kind in 0..KINDS - 1 {
            let name = format!("fair: {fair}, kind {kind}");
            let things = Things::new(fair);
            let before = waits(&things);
            let c = selects(&things, 0);
            let behind = waits(&things);
            // A full default channel holds what its blocked putters have put.
            things.give(kind);
            settle();
            only(&[kind], &before, &name);
            things.give(kind);
            settle();
            assert_eq!(c.join().unwrap(), kind, "{name}");
            only(&[], &behind, &name);
            before.iter().chain(&behind).for_each(|c| c.cancel());
        }
    }
}

#[test]
fn a_select_that_others_came_by_goes_on_waiting() {
    // In the default form a wake-up is a hint: who comes by may be first.
    let things = Things::new(false);
    let c = selects(&things, 0);
    for kind in [0, 1, 2, 3] {
        things.give(kind);
        things.wait(kind);
        settle();
        assert!(!c.is_finished(), "kind {kind}");
        assert_eq!(things.down.waiters(), 1);
    }
    things.give(2);
    settle();
    assert_eq!(c.join().unwrap(), 2);
    things.nobody_waits("after all");
}
