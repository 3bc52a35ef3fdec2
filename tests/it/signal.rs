//! Signals: CORO-SEMANTICS §5 and §11, with the BUG cells mended as HISTORY-BUGS 10, 11, 16 and DESIGN §4 say.

use std::cell::Cell;
use std::panic::Location;
use std::rc::Rc;

use coro::{Coro, JoinHandle, Wait, cede, no_switch, ready_count, spawn, wait_for};
use coro_sync::wait_queue::Arm;
use coro_sync::{Signal, WaitArm};
use static_assertions::assert_not_impl_any;

use crate::support::{Log, die, outcome};

assert_not_impl_any!(Signal: Send, Sync);
assert_not_impl_any!(WaitArm<'static>: Send, Sync);

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
