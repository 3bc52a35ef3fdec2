//! Who has the value is not passed by, and has its own priority before and afterwards.

use std::cell::Cell;
use std::rc::Rc;

use coro::Prio;
use coro_explore::{Builder, Failure, Report};
use coro_sync::Semaphore;

use super::super::answers::priorities::Ceiling;
use super::all;

pub(crate) fn judge() -> Result<Report, Failure> {
    // The clerk may be cancelled wherever it can be.
    let explorer = Builder::new().spurious(0).cancels(1).victims(["clerk"]);
    all(&explorer, &[nobody_is_passed_by, one_within_another])
}

fn spawn(name: &str, prio: Prio, f: impl FnOnce() + 'static) -> coro::JoinHandle<()> {
    coro::Builder::new().desc(name).prio(prio).spawn(f)
}

/// The boss waits for the clerk; the porter has nothing to do with what they share.
fn nobody_is_passed_by() {
    let desk = Rc::new(Ceiling::new(Prio::HIGH, Vec::new()));
    let (calls_boss, calls_porter) = (Rc::new(Semaphore::new(0)), Rc::new(Semaphore::new(0)));
    let turns = Rc::new(Cell::new(0));

    let (theirs, call, seen) = (desk.clone(), calls_boss.clone(), turns.clone());
    let boss = spawn("boss", Prio::HIGH, move || {
        call.down();
        let before = seen.get();
        theirs.with(|names| names.push("boss"));
        let waited = seen.get() - before;
        assert_eq!(waited, 0, "the boss waited for the porter");
    });
    let call = calls_porter.clone();
    let porter = spawn("porter", Prio::NORMAL, move || {
        call.down();
        for _ in 0..2 {
            turns.set(turns.get() + 1);
            coro::cede();
        }
    });
    let (theirs, call, call_too) = (desk.clone(), calls_boss.clone(), calls_porter.clone());
    let clerk = spawn("clerk", Prio::LOW, move || {
        theirs.with(|names| {
            call.up();
            call_too.up();
            coro::cede(); // the boss comes, and finds no desk free
            names.push("clerk");
        });
        let prio = coro::current().prio();
        assert_eq!(prio, Prio::LOW, "its priority is its own again");
    });
    let clerks = clerk.coro().clone();
    let is_done = clerk.join().is_ok();
    let prio = clerks.prio();
    assert_eq!(prio, Prio::LOW, "also if it ends in the middle");
    // If the clerk has not called them, nobody has.
    calls_boss.up();
    calls_porter.up();
    for coro in [boss, porter] {
        coro.join().expect("nobody cancels it");
    }
    let both = desk.with(|names| names.len());
    assert_eq!(both, 1 + usize::from(is_done), "each was there once");
}

fn one_within_another() {
    let (outer, inner) = (Ceiling::new(Prio::MAX, 1), Ceiling::new(Prio::HIGH, 2));
    let prio = || coro::current().prio();
    let me = coro::current();
    me.set_prio(Prio::IDLE);
    let sum = outer.with(|one| {
        assert_eq!(prio(), Prio::MAX, "the ceiling");
        inner.with(|two| {
            assert_eq!(prio(), Prio::MAX, "at least the ceiling, and never lower");
            *one + *two
        })
    });
    assert_eq!(sum, 3);
    assert_eq!(prio(), Prio::IDLE, "its priority is its own again");
    me.set_prio(Prio::NORMAL);
}
