//! Callbacks on one side, waits on the other: `rouse` and `unblock_fn`.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::thread;

use coro::JoinHandle;
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
    Builder::new().spurious(2).throws(1).cancels(1)
}

fn named<T: 'static>(name: &str, f: impl FnOnce() -> T + 'static) -> JoinHandle<T> {
    coro::Builder::new().desc(name).spawn(f)
}

// Hazard: a wake-up for nothing passes for the call, or the call comes before the wait and is lost.
#[test]
fn the_waiter_has_the_value_whenever_the_callback_is_called() {
    let faults = faults().safe_cancels(1).victims(["waiter"]);
    prove(&faults, || {
        let (callback, answer) = coro::rouse();
        let caller = named("caller", move || {
            coro::cede();
            callback.call(42);
        });
        let waiter = named("waiter", move || assert_eq!(answer.wait(), Some(42)));
        _ = waiter.join();
        _ = caller.join();
    });
}

// Hazard: the callback goes with a coro that is struck, and the waiter is left waiting.
#[test]
fn a_callback_that_is_dropped_lets_the_waiter_go() {
    prove(&faults(), || {
        let (callback, answer) = coro::rouse::<u8>();
        let holder = named("holder", move || {
            let _callback = callback;
            coro::cede();
        });
        let waiter = named("waiter", move || assert_eq!(answer.wait(), None));
        _ = waiter.join();
        _ = holder.join();
    });
}

// Hazard: who was interrupted is still known to the callback, which readies it in a later wait.
#[test]
fn an_interrupted_waiter_is_forgotten_by_the_callback() {
    prove(&faults(), || {
        let (callback, answer) = coro::rouse();
        let callback = Rc::new(Cell::new(Some(callback)));
        let held = callback.clone();
        let waiter = named("waiter", move || {
            let me = coro::current();
            let before = me.handle_count();
            let got = catch_unwind(AssertUnwindSafe(|| answer.wait()));
            assert_eq!(me.handle_count(), before, "the callback knows it");
            assert!(!matches!(got, Ok(value) if value != Some(7)));
        });
        let caller = named("caller", move || {
            coro::cede();
            if let Some(callback) = callback.take() {
                callback.call(7);
            }
        });
        // The caller may be struck: then it is called, with another value, when nobody waits.
        _ = caller.join();
        if let Some(callback) = held.take() {
            callback.call(7);
        }
        _ = waiter.join();
    });
}

// Hazard: a value is dropped twice, or never, if nobody waits for it.
#[test]
fn each_value_is_dropped_once() {
    prove(&faults().safe_cancels(1), || {
        let (callback, answer) = coro::rouse();
        let value = Rc::new(());
        let given = value.clone();
        let caller = named("caller", move || callback.call(given));
        let waiter = named("waiter", move || {
            coro::cede();
            _ = answer.wait();
        });
        _ = waiter.join();
        _ = caller.join();
        finally(move || assert_eq!(Rc::strong_count(&value), 1));
    });
}

// Hazard: a call is lost, or comes twice, or the calls run in another order than they were made.
#[test]
fn unblock_fn_makes_one_coro_for_each_call() {
    prove(&Builder::new().spurious(1), || {
        let log = Rc::new(RefCell::new(Vec::new()));
        let seen = log.clone();
        let callback = coro::unblock_fn(move |number: u8| {
            coro::cede();
            seen.borrow_mut().push(number);
        });
        let caller = named("caller", move || {
            callback(1);
            callback(2);
        });
        caller.join().unwrap();
        finally(move || {
            let mut log = log.take();
            log.sort_unstable();
            assert_eq!(log, [1, 2]);
        });
    });
}

// Hazard: a waiter that leaves takes the callback of another wait along.
#[test]
fn two_pairs_do_not_know_each_other() {
    prove(&faults().delays(3).spurious(1), || {
        let (first, one) = coro::rouse();
        let (second, two) = coro::rouse();
        let a = named("a", move || assert_eq!(one.wait(), Some(1)));
        let b = named("b", move || assert_eq!(two.wait(), Some(2)));
        coro::cede();
        first.call(1);
        second.call(2);
        _ = a.join();
        _ = b.join();
    });
}
