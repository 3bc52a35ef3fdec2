//! Callbacks that wait for a signal.

use std::rc::Rc;

use coro::spawn;
use coro_sync::Signal;

use crate::signal::{in_wait, settle, takes_a_send};
use crate::support::{Log, die};

#[test]
fn callbacks_are_called_in_their_place_among_the_waiters() {
    let log = Log::new();
    let signal = Rc::new(Signal::new());
    let _a = in_wait(log, "a", &signal);
    signal.wait_with(move || log.say("b"));
    let _c = in_wait(log, "c", &signal);
    signal.wait_with(move || log.say("d"));
    assert_eq!(signal.awaited(), 4);
    signal.send();
    signal.send();
    // The callback runs within the send; the coro before it, when its turn comes.
    log.expect(["b"]);
    settle();
    log.expect(["a: returned"]);
    signal.broadcast();
    log.expect(["d"]);
    settle();
    log.expect(["c: returned"]);
    assert_eq!(signal.awaited(), 0);
}

#[test]
fn a_callback_takes_a_remembered_send_at_once() {
    let log = Log::new();
    let signal = Rc::new(Signal::new());
    signal.send();
    signal.wait_with(move || log.say("called"));
    log.expect(["called"]);
    assert_eq!(signal.awaited(), 0);
    assert!(!takes_a_send(&signal));
    signal.wait_with(move || log.say("called later"));
    log.expect([]);
    signal.send();
    log.expect(["called later"]);
}

#[test]
fn a_callback_that_enters_again_is_not_called_by_the_same_broadcast() {
    let log = Log::new();
    let signal = Rc::new(Signal::new());
    let theirs = signal.clone();
    signal.wait_with(move || {
        log.say("first");
        theirs.wait_with(move || log.say("second"));
    });
    signal.broadcast();
    log.expect(["first"]);
    assert_eq!(signal.awaited(), 1);
    signal.broadcast();
    log.expect(["second"]);
}

#[test]
fn a_callback_may_send_and_broadcast() {
    let log = Log::new();
    let signal = Rc::new(Signal::new());
    let (sends, broadcasts) = (signal.clone(), signal.clone());
    signal.wait_with(move || sends.send());
    signal.wait_with(move || broadcasts.broadcast());
    let _waits = in_wait(log, "waits", &signal);
    signal.send();
    settle();
    log.expect(["waits: returned"]);
    assert!(!takes_a_send(&signal));
}

#[test]
fn a_callback_that_panics_or_would_switch_harms_nobody() {
    let log = Log::new();
    let signal = Rc::new(Signal::new());
    signal.wait_with(|| die("in a callback"));
    let (blocks, other) = (signal.clone(), spawn(|| ()));
    signal.wait_with(move || {
        let _end = log.mark("ended");
        blocks.wait();
        log.say("has waited");
    });
    let _waits = in_wait(log, "waits", &signal);
    assert!(other.is_finished());
    signal.broadcast();
    log.expect(["ended"]);
    settle();
    log.expect(["waits: returned"]);
    assert_eq!(signal.awaited(), 0);
}
