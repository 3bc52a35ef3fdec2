//! Waits for a signal that are interrupted: no send is swallowed, whenever that happens.

use std::rc::Rc;

use coro::{cede, spawn};
use coro_sync::Signal;

use crate::signal::{INTERRUPTIONS, in_wait, settle, takes_a_send};
use crate::support::{Log, outcome};

/// What happens to the waiter `first`, after what, and whether a send is there for the others then.
#[test]
fn an_interrupted_waiter_swallows_no_send() {
    for (name, interrupt, result) in INTERRUPTIONS {
        for spurious in [false, true] {
            for case in [
                "listed",
                "woken",
                "thrown, then sent",
                "sent, then broadcast",
                "broadcast",
            ] {
                let log = Log::new();
                let signal = Rc::new(Signal::new());
                let first = in_wait(log, "first", &signal);
                let _second = in_wait(log, "second", &signal);
                if spurious {
                    first.ready();
                    settle();
                }
                match case {
                    "listed" => interrupt(&first),
                    "woken" => {
                        signal.send();
                        interrupt(&first);
                    }
                    "thrown, then sent" => {
                        interrupt(&first);
                        signal.send();
                    }
                    "sent, then broadcast" => {
                        signal.send();
                        signal.broadcast();
                        interrupt(&first);
                    }
                    _ => {
                        signal.broadcast();
                        interrupt(&first);
                    }
                }
                settle();
                let mut expected: Vec<String> =
                    result.iter().map(|text| format!("first: {text}")).collect();
                if case != "listed" {
                    expected.push("second: returned".to_owned());
                }
                expected.sort();
                assert_eq!(log.sorted(), expected, "{name}, {case}");
                assert!(first.is_finished());
                assert_eq!(signal.awaited(), usize::from(case == "listed"), "{name}");
                // Nothing is left over, in no case: it was taken, or a broadcast cleared it.
                signal.send();
                settle();
                let left = if case == "listed" {
                    vec!["second: returned"]
                } else {
                    vec![]
                };
                assert_eq!(log.sorted(), left, "{name}, {case}");
                assert_eq!(takes_a_send(&signal), case != "listed", "{name}, {case}");
                assert!(!takes_a_send(&signal));
            }
        }
    }
}

#[test]
fn a_send_that_woke_the_only_waiter_is_remembered_when_that_is_interrupted() {
    for (name, interrupt, _) in INTERRUPTIONS {
        for broadcast in [false, true] {
            let log = Log::new();
            let signal = Rc::new(Signal::new());
            let only = in_wait(log, "only", &signal);
            signal.send();
            if broadcast {
                signal.broadcast();
            }
            interrupt(&only);
            settle();
            // A broadcast forgets a send; one that comes back late is no exception.
            assert_eq!(takes_a_send(&signal), !broadcast, "{name}");
        }
    }
}

#[test]
fn a_send_passes_on_to_a_callback() {
    for (name, interrupt, _) in INTERRUPTIONS {
        let log = Log::new();
        let signal = Rc::new(Signal::new());
        let first = in_wait(log, "first", &signal);
        signal.wait_with(move || log.say("called"));
        signal.send();
        log.expect([]);
        interrupt(&first);
        settle();
        assert!(log.sorted().contains(&"called".to_owned()), "{name}");
        assert!(!takes_a_send(&signal));
    }
}

#[test]
fn a_waiter_has_left_before_its_handler_runs() {
    let log = Log::new();
    let signal = Rc::new(Signal::new());
    let theirs = signal.clone();
    let c = spawn(move || {
        let result = outcome(|| theirs.wait());
        log.say(format!("{result}, awaited: {}", theirs.awaited()));
    });
    cede();
    c.throw("ex");
    settle();
    log.expect(["ex, awaited: 0"]);
}

#[test]
fn a_pending_throw_is_raised_on_entry_and_the_send_stays() {
    let signal = Rc::new(Signal::new());
    signal.send();
    coro::current().throw("ex");
    assert_eq!(outcome(|| signal.wait()), "ex");
    coro::current().throw("ex");
    assert_eq!(outcome(|| signal.wait_until(|| true)), "ex");
    assert!(takes_a_send(&signal));
    cede();
}
