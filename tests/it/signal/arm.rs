//! The arm of a signal, in a select that is made by hand.

use std::panic::Location;
use std::rc::Rc;

use coro::{Coro, Wait, cede, no_switch, wait_for};
use coro_sync::wait_queue::Arm;
use coro_sync::{Signal, WaitArm};
use static_assertions::assert_not_impl_any;

use crate::signal::{INTERRUPTIONS, in_wait, settle, takes_a_send, waiter};
use crate::support::Log;

assert_not_impl_any!(WaitArm<'static>: Send, Sync);

/// Waits for one of two signals, as a select does, and returns which.
fn either(a: &Signal, b: &Signal) -> usize {
    struct Either<'a>([WaitArm<'a>; 2]);
    impl Wait for Either<'_> {
        fn what(&self) -> &'static str {
            self.0[0].what().0
        }
        fn made(&self) -> Option<&'static Location<'static>> {
            self.0[0].what().1
        }
        fn leave(&self, _: &Coro) {
            self.0.iter().for_each(WaitArm::quit);
        }
    }
    let select = Either([a.wait_arm(), b.wait_arm()]);
    loop {
        if let Some(taken) = select.0.iter().position(WaitArm::commit) {
            return taken;
        }
        select.0.iter().for_each(WaitArm::enter);
        wait_for(&select);
    }
}

#[test]
fn an_arm_takes_a_signal_once_and_a_losing_arm_takes_nothing() {
    let log = Log::new();
    let (a, b) = (Rc::new(Signal::new()), Rc::new(Signal::new()));
    b.send();
    assert_eq!(no_switch(|| either(&a, &b)), 1);
    assert_eq!((a.awaited(), b.awaited()), (0, 0));
    let (a1, b1) = (a.clone(), b.clone());
    let c = waiter(log, "selects", move || log.say(either(&a1, &b1)));
    let _second = in_wait(log, "second", &b);
    assert_eq!((a.awaited(), b.awaited()), (1, 2));
    c.ready();
    settle();
    log.expect([]);
    // Both come before it runs: it takes one, and the other passes on.
    a.send();
    b.send();
    settle();
    log.expect(["0", "selects: returned", "second: returned"]);
    assert!(!takes_a_send(&a) && !takes_a_send(&b));
}

#[test]
fn an_interrupted_select_passes_both_on() {
    for (name, interrupt, _) in INTERRUPTIONS {
        let log = Log::new();
        let (a, b) = (Rc::new(Signal::new()), Rc::new(Signal::new()));
        let (a1, b1) = (a.clone(), b.clone());
        let c = waiter(log, "selects", move || log.say(either(&a1, &b1)));
        a.send();
        b.send();
        interrupt(&c);
        if name == "throw" {
            settle();
        }
        assert_eq!((a.awaited(), b.awaited()), (0, 0), "{name}");
        assert!(takes_a_send(&a) && takes_a_send(&b), "{name}");
        settle();
    }
}

#[test]
fn an_arm_that_quits_leaves_and_may_enter_again() {
    let signal = Rc::new(Signal::new());
    let arm = signal.wait_arm();
    arm.enter();
    assert_eq!((signal.awaited(), arm.what().0), (1, "signal"));
    arm.quit();
    assert_eq!(signal.awaited(), 0);
    arm.enter();
    signal.send();
    arm.quit();
    assert!(takes_a_send(&signal) && !arm.commit());
    cede();
}

#[test]
fn who_is_asked_to_leave_has_left_when_that_call_returns() {
    let log = Log::new();
    let signal = Rc::new(Signal::new());
    let first = in_wait(log, "first", &signal);
    let second = in_wait(log, "second", &signal);
    assert!(first.safe_cancel().is_ok());
    assert_eq!(signal.awaited(), 1);
    signal.send();
    assert!(second.safe_cancel().is_ok());
    assert!(takes_a_send(&signal));
    settle();
    log.expect([]);
}

#[test]
fn an_arm_that_enters_while_a_send_is_remembered_gets_it() {
    let signal = Rc::new(Signal::new());
    signal.send();
    let arm = signal.wait_arm();
    arm.enter();
    assert!(!takes_a_send(&signal));
    // Who was woken keeps the signal, however often it enters.
    arm.enter();
    assert_eq!(signal.awaited(), 0);
    drop(arm);
    assert!(takes_a_send(&signal));
    cede();
}
