//! Joining: many joiners, of coros that are struck, by joiners that are struck.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::thread;

use coro::{Coro, JoinError, JoinHandle};
use coro_explore::{Builder, finally};

/// Explores all, and says how much that was.
#[track_caller]
fn prove(builder: &Builder, body: impl Fn() + Send + Sync + 'static) {
    let report = builder.clone().max_executions(300_000).check(body);
    let thread = thread::current();
    println!("{}: {report}", thread.name().unwrap_or_default());
    assert!(report.is_exhaustive(), "{report}");
}

fn faults() -> Builder {
    Builder::new().delays(3).spurious(2).throws(1).cancels(1)
}

fn named<T: 'static>(name: &str, f: impl FnOnce() -> T + 'static) -> JoinHandle<T> {
    coro::Builder::new().desc(name).spawn(f)
}

/// Joins, and looks what an interruption left behind; returns whether there was one.
fn is_interrupted(target: &Coro) -> bool {
    let me = coro::current();
    let before = me.handle_count();
    let joined = catch_unwind(AssertUnwindSafe(|| target.join()));
    assert_eq!(me.handle_count(), before, "an entry was left");
    assert!(joined.is_err() || target.is_finished(), "it has not ended");
    // A cancel that was caught goes on.
    coro::check();
    joined.is_err()
}

// Hazards: a wake-up for nothing that passes for the end; an interrupted joiner whose entry stays,
// or which takes the entry of another one along.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn many_joiners_go_on_at_the_end_and_leave_no_entry() {
    prove(&faults().spurious(1).safe_cancels(1), || {
        // Without a name, so that the first joiner has its place in the coro itself.
        let target = coro::spawn(coro::cede);
        let joiners = ["a", "b"].map(|name| {
            let target = target.coro().clone();
            named(name, move || is_interrupted(&target))
        });
        for joiner in joiners {
            _ = joiner.join();
        }
        _ = target.join();
    });
}

// Hazard: who was interrupted has two entries when it joins again, or none.
#[test]
fn who_was_interrupted_can_join_again() {
    prove(&faults().spurious(2).throws(2).cancels(0), || {
        let target = named("target", coro::cede);
        let joined = target.coro().clone();
        let joiner = named("joiner", move || {
            while is_interrupted(&joined) {}
            assert!(joined.is_finished());
        });
        _ = joiner.join();
        _ = target.join();
    });
}

/// How a coro ended.
fn how(result: &Result<u8, &JoinError>) -> &'static str {
    match result {
        Ok(7) => "returned",
        Ok(_) => "returned something else",
        Err(error) if error.is_thrown() => "thrown",
        Err(error) if error.is_cancelled() => "cancelled",
        Err(_) => "otherwise",
    }
}

// Hazard: the result is given to the first who asks, or it is not there yet when a joiner goes on.
#[test]
fn all_joiners_are_told_how_a_struck_coro_ended() {
    let faults = faults().safe_cancels(1).timeouts(1);
    prove(&faults.victims(["target"]), || {
        let target = named("target", || {
            coro::cede();
            7
        });
        let target = target.shared();
        let told = Rc::new(RefCell::new(Vec::new()));
        let joiners = ["a", "b"].map(|name| {
            let (target, told) = (target.clone(), told.clone());
            named(name, move || {
                let result = how(&target.join());
                told.borrow_mut().push(result);
            })
        });
        for joiner in joiners {
            _ = joiner.join();
        }
        told.borrow_mut().push(how(&target.join()));
        finally(move || {
            let told = told.borrow();
            assert!(told.iter().all(|how| *how == told[0]), "{told:?}");
            assert!(["returned", "thrown", "cancelled"].contains(&told[0]));
        });
    });
}

// Hazard: handlers and joiners are kept in two places, and one of them is forgotten.
#[test]
fn handlers_are_called_once_beside_the_joiners() {
    prove(&faults().safe_cancels(1), || {
        let calls = Rc::new(Cell::new(0));
        let target = coro::spawn(coro::cede);
        let first = target.coro().clone();
        let joiner = named("joiner", move || is_interrupted(&first));
        coro::cede();
        let called = calls.clone();
        target.on_destroy(move || called.set(called.get() + 1));
        let handler = !target.is_finished();
        _ = joiner.join();
        _ = target.join();
        finally(move || assert!(calls.get() <= 1 && (calls.get() == 1 || !handler)));
    });
}

// Hazard: a joiner that ends by an interruption does not ready its own joiners.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_chain_of_joiners_ends_link_by_link() {
    prove(&faults().spurious(1).safe_cancels(1), || {
        let last = named("last", coro::cede);
        let middle = named("middle", move || _ = last.join());
        let first = named("first", move || {
            _ = middle.join();
        });
        _ = first.join();
    });
}

// Hazard: a wait for the first of two ends leaves an entry at the other.
#[test]
fn a_wait_for_two_ends_leaves_both() {
    prove(&faults(), || {
        let (a, b) = (named("a", coro::cede), named("b", coro::cede));
        let both = [a.coro().clone(), b.coro().clone()];
        let waiter = named("waiter", move || {
            let me = coro::current();
            let before = me.handle_count();
            let waited = catch_unwind(AssertUnwindSafe(|| {
                let joiners = both.each_ref().map(Coro::joiner);
                while !both.iter().any(Coro::is_finished) {
                    coro::wait_for(&joiners[0]);
                }
            }));
            assert_eq!(me.handle_count(), before, "an entry was left");
            assert!(waited.is_err() || both.iter().any(Coro::is_finished));
        });
        _ = waiter.join();
        _ = (a.join(), b.join());
    });
}

// Hazard: who joins when all is over waits for ever, and a result is taken twice.
#[test]
fn the_ended_are_joined_without_waiting() {
    prove(&faults(), || {
        let target = named("target", || Rc::new(()));
        let coro = target.coro().clone();
        let other = named("other", move || {
            coro.join();
            coro.join();
        });
        let result = target.join();
        if let Ok(value) = result {
            assert_eq!(Rc::strong_count(&value), 1);
        }
        _ = other.join();
    });
}
