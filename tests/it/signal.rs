//! Signals: CORO-SEMANTICS §5 and §11, with the BUG cells mended as HISTORY-BUGS 10, 11, 16 and DESIGN §4 say.

use std::cell::Cell;
use std::rc::Rc;

use coro::{Coro, JoinHandle, cede, no_switch, ready_count, spawn};
use coro_sync::Signal;
use coro_sync::wait_queue::Arm;
use static_assertions::assert_not_impl_any;

use crate::support::{Log, outcome};

mod arm;
mod callbacks;
mod interrupted;
mod model;

assert_not_impl_any!(Signal: Send, Sync);

/// A way to interrupt a coro, its name, and what [`outcome`] then makes of a wait.
pub(crate) type Interruption = (&'static str, fn(&Coro), Option<&'static str>);

/// The ways in which a wait is interrupted.
pub(crate) const INTERRUPTIONS: [Interruption; 3] = [
    ("throw", |c| drop(c.throw("ex")), Some("ex")),
    ("cancel", |c| c.cancel(), None),
    (
        "safe_cancel",
        |c| {
            c.safe_cancel()
                .expect("the victim is neither shielded nor current")
        },
        None,
    ),
];

/// Lets all others run until nothing is ready.
#[track_caller]
pub(crate) fn settle() {
    for _ in 0..10_000 {
        if ready_count() == 0 {
            return;
        }
        coro::cede_notself();
    }
    panic!("somebody is always ready");
}

/// Returns a function that returns random numbers below its argument, the same in every run.
pub(crate) fn random(seed: u64) -> impl FnMut(usize) -> usize {
    let mut x = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    move |below| {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        (x >> 32) as usize % below
    }
}

/// Spawns a coro that does `wait` and says its name with what came out, and lets it begin.
pub(crate) fn waiter(
    log: Log,
    name: &'static str,
    wait: impl FnOnce() + 'static,
) -> JoinHandle<()> {
    let c = spawn(move || {
        let result = outcome(wait);
        log.say(format!("{name}: {result}"));
    });
    cede();
    c
}

fn in_wait(log: Log, name: &'static str, signal: &Rc<Signal>) -> JoinHandle<()> {
    let signal = signal.clone();
    waiter(log, name, move || signal.wait())
}

/// Returns `true` if a send is remembered; takes it.
fn takes_a_send(signal: &Rc<Signal>) -> bool {
    signal.wait_arm().commit()
}

#[test]
fn exactly_one_send_is_remembered() {
    let signal = Rc::new(Signal::new());
    for sends in 0..4 {
        (0..sends).for_each(|_| signal.send());
        assert_eq!(takes_a_send(&signal), sends > 0);
        assert!(!takes_a_send(&signal));
    }
}

#[test]
fn a_remembered_send_is_taken_without_a_switch() {
    let signal = Signal::new();
    signal.send();
    no_switch(|| signal.wait());
    assert_eq!(signal.awaited(), 0);
}

#[test]
fn a_broadcast_is_not_remembered_and_forgets_a_send() {
    let signal = Rc::new(Signal::new());
    signal.broadcast();
    assert!(!takes_a_send(&signal));
    signal.send();
    signal.broadcast();
    assert!(!takes_a_send(&signal));
}

#[test]
fn a_send_wakes_the_oldest_waiter_and_only_that() {
    let log = Log::new();
    let signal = Rc::new(Signal::new());
    let _all = ["a", "b", "c"].map(|name| in_wait(log, name, &signal));
    for (woken, left) in [("a: returned", 2), ("b: returned", 1), ("c: returned", 0)] {
        signal.send();
        assert_eq!(signal.awaited(), left);
        settle();
        log.expect([woken]);
    }
    assert!(!takes_a_send(&signal));
}

#[test]
fn two_sends_in_a_row_wake_two() {
    let log = Log::new();
    let signal = Rc::new(Signal::new());
    let _all = ["a", "b", "c"].map(|name| in_wait(log, name, &signal));
    signal.send();
    signal.send();
    settle();
    log.expect(["a: returned", "b: returned"]);
    assert_eq!(signal.awaited(), 1);
}

#[test]
fn a_second_send_before_the_woken_waiter_ran_is_remembered() {
    let log = Log::new();
    let signal = Rc::new(Signal::new());
    let _first = in_wait(log, "first", &signal);
    signal.send();
    signal.send();
    settle();
    log.expect(["first: returned"]);
    assert!(takes_a_send(&signal));
}

#[test]
fn nobody_comes_between_a_send_and_the_waiter_it_woke() {
    let log = Log::new();
    let signal = Rc::new(Signal::new());
    let _first = in_wait(log, "first", &signal);
    signal.send();
    assert!(!takes_a_send(&signal));
    let _second = in_wait(log, "second", &signal);
    settle();
    log.expect(["first: returned"]);
    assert_eq!(signal.awaited(), 1);
}

#[test]
fn a_broadcast_wakes_those_who_wait_in_order_and_nobody_twice() {
    let log = Log::new();
    let signal = Rc::new(Signal::new());
    let again = signal.clone();
    let _again = waiter(log, "again", move || {
        again.wait();
        log.say("once");
        again.wait();
    });
    let _second = in_wait(log, "second", &signal);
    signal.broadcast();
    settle();
    log.expect(["once", "second: returned"]);
    assert_eq!(signal.awaited(), 1);
    signal.send();
    settle();
    log.expect(["again: returned"]);
}

#[test]
fn spurious_wake_ups_end_no_wait_and_cost_no_place() {
    let log = Log::new();
    let signal = Rc::new(Signal::new());
    let first = in_wait(log, "first", &signal);
    let _second = in_wait(log, "second", &signal);
    for _ in 0..3 {
        assert!(first.ready());
        settle();
    }
    assert_eq!(signal.awaited(), 2);
    log.expect([]);
    signal.send();
    settle();
    log.expect(["first: returned"]);
}

#[test]
fn wait_until_looks_at_once_and_after_each_signal() {
    let log = Log::new();
    let (signal, value) = (Rc::new(Signal::new()), Rc::new(Cell::new(0)));
    no_switch(|| signal.wait_until(|| true));
    let (theirs, seen) = (signal.clone(), value.clone());
    let c = waiter(log, "until", move || {
        theirs.wait_until(|| {
            log.say(seen.get());
            seen.get() == 2
        });
    });
    log.expect(["0"]);
    value.set(1);
    c.ready();
    settle();
    log.expect([]);
    signal.send();
    settle();
    log.expect(["1"]);
    value.set(2);
    settle();
    log.expect([]);
    signal.broadcast();
    settle();
    log.expect(["2", "until: returned"]);
}

#[test]
fn the_debug_form_lists_the_waiters() {
    let log = Log::new();
    let signal = Rc::new(Signal::default());
    assert_eq!(format!("{signal:?}"), "Signal { sent: false, waiters: [] }");
    let first = in_wait(log, "first", &signal);
    let listed = format!("Signal {{ sent: false, waiters: [{:?}] }}", first.coro());
    assert_eq!(format!("{signal:?}"), listed);
    assert_eq!(
        format!("{:?}", signal.wait_arm()),
        format!("WaitArm({listed})")
    );
    first.cancel();
}
