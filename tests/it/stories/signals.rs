//! Signals: sent, broadcast, remembered.

use std::rc::Rc;

use coro::{JoinHandle, cede, spawn};
use coro_sync::Signal;

use crate::support::Log;

fn waiter(log: Log, signal: &Rc<Signal>, name: &'static str) -> JoinHandle<()> {
    let signal = Rc::clone(signal);
    spawn(move || {
        signal.wait();
        log.say(name);
    })
}

/// Two `send`s to nobody, `send` and `broadcast` to some, `broadcast` to nobody: as in Coro.
#[test]
fn a_send_wakes_one_or_is_remembered_and_a_broadcast_wakes_all_or_is_not() {
    let log = Log::new();
    let signal = Rc::new(Signal::new());
    signal.send();
    signal.send();
    let _all = ["1", "2", "3", "4"].map(|name| waiter(log, &signal, name));
    cede();
    log.say("one was remembered");
    signal.send();
    log.say("sent");
    cede();
    assert_eq!(signal.awaited(), 2);
    signal.broadcast();
    log.say("broadcast");
    cede();
    signal.broadcast();
    let _late = waiter(log, &signal, "late");
    cede();
    log.say("not for the late");
    signal.send();
    cede();
    log.expect([
        "1",
        "one was remembered",
        "sent",
        "2",
        "broadcast",
        "3",
        "4",
        "not for the late",
        "late",
    ]);
}

/// Coros that wait again at once, a `broadcast`, and two `send`s: as in Coro.
#[test]
fn who_waits_again_is_not_woken_twice() {
    let log = Log::new();
    let signal = Rc::new(Signal::new());
    let all = ["a", "b"].map(|name| {
        let signal = Rc::clone(&signal);
        spawn(move || {
            for n in 1..=2 {
                signal.wait();
                log.say(format!("{name}{n}"));
            }
        })
    });
    cede();
    signal.broadcast();
    cede();
    log.expect(["a1", "b1"]);
    signal.send();
    signal.send();
    cede();
    log.expect(["a2", "b2"]);
    assert!(all.iter().all(|c| c.is_finished()));
}

/// Callbacks and coros in one queue, as in Coro.
#[test]
fn callbacks_wait_in_the_queue_of_the_coros() {
    let log = Log::new();
    let signal = Rc::new(Signal::new());
    let _first = waiter(log, &signal, "coro 1");
    cede();
    let again = Rc::clone(&signal);
    signal.wait_with(move || {
        log.say("callback");
        again.wait_with(move || log.say("callback again"));
    });
    let _second = waiter(log, &signal, "coro 2");
    cede();
    signal.broadcast();
    log.say("broadcast");
    cede();
    log.expect(["callback", "broadcast", "coro 1", "coro 2"]);
    signal.send();
    log.expect(["callback again"]);
}
