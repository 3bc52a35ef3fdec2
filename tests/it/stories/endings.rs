//! Joins, terminations, cancels and throws.

use std::cell::RefCell;
use std::rc::Rc;

use coro::{Builder, Coro, Prio, cede, cede_notself, current, schedule, spawn, terminate};

use super::{cede_times, join_all};
use crate::support::{Log, defer, outcome, semaphore};

/// Three `join`s of one coro, and one when it has ended: the order, newest first, as in Coro.
#[test]
fn several_joiners_get_the_same_value_newest_first() {
    let log = Log::new();
    let target = spawn(move || {
        log.say("t1");
        cede();
        log.say("t2");
        vec![1, 2]
    })
    .shared();
    let joiners = ["j1", "j2", "j3"].map(|name| {
        let target = target.clone();
        spawn(move || log.say(format!("{name} {:?}", target.join().ok())))
    });
    join_all(joiners);
    log.say(format!("again {:?}", target.join().ok()));
    log.expect([
        "t1",
        "t2",
        "j3 Some([1, 2])",
        "j2 Some([1, 2])",
        "j1 Some([1, 2])",
        "again Some([1, 2])",
    ]);
}

/// `join` by coros of three priorities, and `cede_notself`: as in Coro.
#[test]
fn joiners_of_high_priority_run_first() {
    let log = Log::new();
    let target = spawn(move || log.say("t"));
    for (name, prio) in [("low", -1), ("normal", 0), ("high", 2)] {
        let target = target.coro().clone();
        Builder::new().prio(Prio::new(prio)).spawn(move || {
            target.join();
            log.say(name);
        });
    }
    (0..8).for_each(|_| cede_notself());
    log.expect(["t", "high", "normal", "low"]);
}

/// A coro that joins one that another coro waits for already: as in Coro.
#[test]
fn a_joiner_is_readied_behind_those_who_are_ready() {
    let log = Log::new();
    let target = spawn(move || log.say("t"));
    let joined = target.coro().clone();
    spawn(move || {
        log.say("joins");
        joined.join();
        log.say("joined");
    });
    spawn(move || log.say("another"));
    cede();
    log.say("main");
    log.expect(["t", "joins", "joined", "another", "main"]);
}

/// `terminate` against `return`: the same value, the same handler, and the rest is not run.
#[test]
fn terminate_ends_as_a_return_does_from_any_depth() {
    fn deep(log: Log, depth: u32) -> u32 {
        let _mark = log.mark("unwound");
        if depth == 0 {
            terminate(7_u32);
        }
        deep(log, depth - 1) + 1
    }
    let log = Log::new();
    for by_return in [true, false] {
        let c = spawn(move || {
            log.say("body");
            if by_return {
                return 7;
            }
            let n = deep(log, 2);
            log.say("not reached");
            n
        });
        c.on_destroy(move || log.say("destroyed"));
        assert_eq!(c.join().unwrap(), 7);
    }
    log.expect([
        "body",
        "destroyed",
        "body",
        "unwound",
        "unwound",
        "unwound",
        "destroyed",
    ]);
}

/// `cancel_with` of a blocked coro, which somebody joins: the order as in Coro. A second cancel
/// changes nothing, not as in Coro.
#[test]
fn a_cancellers_value_reaches_the_joiner() {
    let log = Log::new();
    let target = spawn(|| {
        schedule();
        5
    });
    cede();
    let coro = target.coro().clone();
    let watcher = spawn(move || {
        coro.join();
        log.say("joined");
    });
    cede();
    target.cancel_with(9);
    log.say("cancelled");
    cede();
    target.cancel_with(10);
    assert_eq!(target.join().unwrap_err().into_value::<i32>(), Some(9));
    join_all([watcher]);
    log.expect(["cancelled", "joined"]);
}

/// `cancel` of the holder of a guard, for which another coro waits: as in Coro.
#[test]
fn a_cancelled_coro_gives_its_guards_back() {
    let log = Log::new();
    let sem = semaphore(1);
    let guard = Rc::clone(&sem);
    let a = spawn(move || {
        let _guard = guard.acquire();
        let _last = log.mark("a unwinds");
        schedule();
        log.say("not reached");
    });
    let guard = Rc::clone(&sem);
    spawn(move || {
        let _guard = guard.acquire();
        log.say("b has it");
    });
    cede();
    assert_eq!(sem.count(), 0);
    a.cancel();
    log.say("cancelled");
    cede();
    assert_eq!(sem.count(), 1);
    log.expect(["a unwinds", "cancelled", "b has it"]);
}

/// A `cancel` of a coro that waits for a guard: nothing is owed, and the holder is not disturbed.
#[test]
fn a_coro_cancelled_before_it_has_its_guard_gives_nothing_back() {
    let sem = semaphore(1);
    let held = sem.acquire();
    let waits = Rc::clone(&sem);
    let c = spawn(move || drop(waits.acquire()));
    cede();
    c.cancel();
    assert_eq!((sem.count(), sem.waiters()), (0, 0));
    drop(held);
    assert_eq!(sem.count(), 1);
}

/// `throw` at a blocked coro that catches it: as in Coro.
#[test]
fn a_throw_is_raised_where_its_target_waits() {
    let log = Log::new();
    let c = spawn(move || {
        log.say(format!("caught {}", outcome(schedule)));
        3
    });
    cede();
    c.throw("ex");
    log.say("thrown");
    log.say(c.join().unwrap());
    log.expect(["thrown", "caught ex", "3"]);
}

/// Returns a destructor that cancels the coro in `slot`.
fn cancels(log: Log, name: &'static str, slot: &Rc<RefCell<Option<Coro>>>) -> impl Sized + use<> {
    let slot = Rc::clone(slot);
    defer(move || {
        log.say(format!("{name} cancels"));
        let other = slot.borrow().clone();
        if let Some(other) = other {
            other.cancel();
        }
        log.say(format!("{name} has cancelled"));
    })
}

/// `cancel` of two coros in each other's destructors. As in Coro up to the end of a's destructor: there
/// it is cut off, here it runs to its end.
#[test]
fn coros_that_cancel_each_other_both_end() {
    let log = Log::new();
    let (a_slot, b_slot) = (Rc::new(RefCell::new(None)), Rc::new(RefCell::new(None)));
    let b_of_a = Rc::clone(&b_slot);
    let a = spawn(move || {
        let _cancels = cancels(log, "a", &b_of_a);
        schedule();
    });
    let a_of_b = Rc::clone(&a_slot);
    let b = spawn(move || {
        let _cancels = cancels(log, "b", &a_of_b);
        schedule();
    });
    a.on_destroy(move || log.say("a is destroyed"));
    b.on_destroy(move || log.say("b is destroyed"));
    *a_slot.borrow_mut() = Some(a.coro().clone());
    *b_slot.borrow_mut() = Some(b.coro().clone());
    cede();
    let killer = spawn(move || {
        a.cancel();
        log.say("the killer goes on");
    });
    join_all([killer]);
    log.expect([
        "a cancels",
        "b cancels",
        "b has cancelled",
        "b is destroyed",
        "a has cancelled",
        "a is destroyed",
        "the killer goes on",
    ]);
    assert!(b.is_finished());
}

/// `cancel` of the coro that is just cancelling: as in Coro.
#[test]
fn a_victim_may_cancel_its_canceller() {
    let log = Log::new();
    let slot = Rc::new(RefCell::new(None));
    let victim = Rc::clone(&slot);
    let b = spawn(move || {
        log.say("b begins");
        cede();
        let victim: Option<Coro> = victim.borrow().clone();
        victim.expect("main has set it").cancel();
        log.say("not reached");
    });
    let canceller = Rc::new(RefCell::new(Some(b.coro().clone())));
    let a = spawn(move || {
        let _cancels = cancels(log, "a", &canceller);
        schedule();
    });
    *slot.borrow_mut() = Some(a.coro().clone());
    cede_times(3);
    log.expect(["b begins", "a cancels", "a has cancelled"]);
    assert!(a.is_finished() && b.is_finished());
}

/// `safe_cancel`: returns at once, and the destructors run in the turn of the cancelled coro.
#[test]
fn a_safe_cancel_is_carried_out_by_its_target() {
    let log = Log::new();
    let c = spawn(move || {
        let me = current();
        let _last = defer(move || log.say(format!("unwinds itself: {}", current() == me)));
        schedule();
    });
    cede();
    c.safe_cancel().unwrap();
    log.say("asked");
    cede();
    log.say("main");
    log.expect(["asked", "unwinds itself: true", "main"]);
}
