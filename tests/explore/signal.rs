//! The signal and what is built like it: no send is lost or doubled, all who wait are released.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use coro::JoinHandle;
use coro_channel::select;
use coro_explore::{Builder, invariant};
use coro_sync::time::sleep;
use coro_sync::{Barrier, Once, Signal, WaitGroup};

const SECOND: Duration = Duration::from_secs(1);

/// Explores all, and says how much that was: with an interruption of each kind and a spurious wake-up
/// at any points, and with two spurious wake-ups.
fn prove(body: impl Fn() + Send + Sync + Clone + 'static) {
    let twice = Builder::new().spurious(2).throws(1).cancels(1);
    let all = Builder::new()
        .throws(1)
        .cancels(1)
        .safe_cancels(1)
        .timeouts(1);
    explore([("twice", twice), ("all", all)], body);
}

fn explore<const N: usize>(
    budgets: [(&str, Builder); N],
    body: impl Fn() + Send + Sync + Clone + 'static,
) {
    let thread = std::thread::current();
    for (kind, builder) in budgets {
        let name = format!("{}_{kind}", thread.name().unwrap_or_default());
        let report = builder
            .name(&name)
            .max_executions(1_000_000)
            .check(body.clone());
        println!("{name}: {report}");
        assert!(report.is_exhaustive(), "{name}: {report}");
    }
}

fn spawn(name: &str, f: impl FnOnce() + 'static) -> JoinHandle<()> {
    coro::Builder::new().desc(name).spawn(f)
}

fn join(all: impl IntoIterator<Item = JoinHandle<()>>) {
    all.into_iter().for_each(|coro| _ = coro.join());
}

/// Counts those who are between two points, however they leave.
struct Inside(Rc<Cell<usize>>);

impl Inside {
    fn enter(count: &Rc<Cell<usize>>) -> Inside {
        count.set(count.get() + 1);
        Inside(count.clone())
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

fn is_remembered(signal: &Signal) -> bool {
    signal.wait_timeout(Duration::ZERO).is_ok()
}

/// One send, which each who gets it sends on. It passes on too if its waiter is interrupted; nobody
/// else can take it meanwhile, and in the end it is remembered.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_send_is_neither_lost_nor_doubled() {
    prove(|| {
        let signal = Rc::new(Signal::new());
        let all = ["a", "b"].map(|name| {
            let signal = signal.clone();
            spawn(name, move || {
                signal.wait();
                coro::shield(coro::cede);
                signal.send();
            })
        });
        coro::cede();
        signal.send();
        join(all);
        assert_eq!(signal.awaited(), 0);
        assert!(is_remembered(&signal), "the send was lost");
        assert!(!is_remembered(&signal), "the send was doubled");
    });
}

/// Between the send and the turn of the one that it woke, another one looks.
#[test]
fn nobody_takes_a_send_from_the_one_it_woke() {
    prove(|| {
        let signal = Rc::new(Signal::new());
        let theirs = signal.clone();
        let waiter = spawn("waiter", move || theirs.wait());
        let theirs = signal.clone();
        let thief = spawn("thief", move || {
            if is_remembered(&theirs) {
                assert_eq!(theirs.awaited(), 0, "S1");
                theirs.send();
            }
        });
        coro::cede();
        signal.send();
        let took = waiter.join().is_ok();
        join([thief]);
        assert_eq!(signal.awaited(), 0);
        assert_eq!(is_remembered(&signal), !took);
        assert!(!is_remembered(&signal));
    });
}

/// A broadcast wakes all, and nothing of it is left, whoever is interrupted; a send that it came
/// after is forgotten with it.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_broadcast_wakes_all_and_leaves_nothing() {
    prove(|| {
        let signal = Rc::new(Signal::new());
        let told = Rc::new(Cell::new(false));
        let all = ["a", "b"].map(|name| {
            let (signal, told) = (signal.clone(), told.clone());
            spawn(name, move || {
                if !told.get() {
                    signal.wait();
                    assert!(told.get(), "nobody sent before");
                }
            })
        });
        coro::cede();
        told.set(true);
        signal.send();
        signal.broadcast();
        join(all);
        assert_eq!(signal.awaited(), 0);
        assert!(!is_remembered(&signal), "nothing is left of it");
    });
}

/// What is waited for changes twice, and each change is told.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn who_waits_until_something_holds_sees_it() {
    prove(|| {
        let signal = Rc::new(Signal::new());
        let count = Rc::new(Cell::new(0));
        let all = [("one", 1), ("two", 2)].map(|(name, enough)| {
            let (signal, count) = (signal.clone(), count.clone());
            spawn(name, move || {
                signal.wait_until(|| count.get() >= enough);
                assert!(count.get() >= enough);
            })
        });
        for _ in 0..2 {
            coro::cede();
            count.set(count.get() + 1);
            signal.broadcast();
        }
        join(all);
        assert_eq!(signal.awaited(), 0);
    });
}

/// A callback stands in line, and sends on what it gets; it gets a send that is remembered at once.
#[test]
fn a_callback_is_called_by_a_send_in_its_turn() {
    prove(|| {
        let signal = Rc::new(Signal::new());
        let called = Rc::new(Cell::new(false));
        let theirs = signal.clone();
        let waiter = spawn("waiter", move || {
            theirs.wait();
            theirs.send();
        });
        let (theirs, call) = (signal.clone(), called.clone());
        let caller = spawn("caller", move || {
            let sender = theirs.clone();
            theirs.wait_with(move || {
                call.set(true);
                sender.send();
            });
        });
        coro::cede();
        signal.send();
        join([waiter]);
        let calls = caller.join().is_ok();
        assert_eq!((signal.awaited(), called.get()), (0, calls));
        assert!(is_remembered(&signal) && !is_remembered(&signal));
    });
}

/// Limits end when the send comes: who was woken before it ran was woken in time, and who was not
/// leaves the send to the others.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_limit_that_ends_takes_no_send_along() {
    prove(|| {
        let signal = Rc::new(Signal::new());
        let (is_first, woken) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(false)));
        let (theirs, first, in_time) = (signal.clone(), is_first.clone(), woken.clone());
        let hasty = spawn("hasty", move || {
            first.set(theirs.awaited() == 0);
            let result = theirs.wait_timeout(SECOND);
            assert!(
                result.is_ok() || !in_time.get(),
                "it was woken before it ran"
            );
            if result.is_ok() {
                theirs.send();
            }
        });
        let theirs = signal.clone();
        let patient = spawn("patient", move || {
            theirs.wait();
            theirs.send();
        });
        sleep(SECOND);
        woken.set(is_first.get() && signal.awaited() == 2);
        signal.send();
        join([hasty, patient]);
        assert_eq!(signal.awaited(), 0);
        assert!(is_remembered(&signal) && !is_remembered(&signal));
    });
}

/// A condition with a limit: it is asked once more when the time is over.
#[test]
fn a_condition_that_holds_when_the_time_is_over_held_in_time() {
    prove(|| {
        let signal = Rc::new(Signal::new());
        let holds = Rc::new(Cell::new(false));
        let (theirs, seen) = (signal.clone(), holds.clone());
        let hasty = spawn("hasty", move || {
            let result = theirs.wait_until_timeout(SECOND, || seen.get());
            assert_eq!(result.is_ok(), seen.get());
        });
        sleep(SECOND);
        holds.set(true);
        signal.send();
        join([hasty]);
        assert_eq!(signal.awaited(), 0);
    });
}

/// A select that is woken by two signals takes one, and sends the other one on.
#[test]
fn a_select_sends_on_what_it_does_not_take() {
    prove(|| {
        let both = Rc::new((Signal::new(), Signal::new()));
        let took = Rc::new(Cell::new(0));
        let (theirs, which) = (both.clone(), took.clone());
        let selector = spawn("selector", move || {
            which.set(select! {
                () = theirs.0.wait_arm() => 1,
                () = theirs.1.wait_arm() => 2,
            });
        });
        coro::cede();
        both.0.send();
        both.1.send();
        join([selector]);
        let left = (is_remembered(&both.0), is_remembered(&both.1));
        assert_eq!(left, (took.get() != 1, took.get() != 2));
    });
}

/// Jobs drop their tokens, however they end; all who wait are released then, and not before.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_group_is_waited_for_until_the_last_token_is_gone() {
    prove(|| {
        let group = WaitGroup::new();
        let ours = group.token();
        let theirs = ours.clone();
        let job = spawn("job", move || {
            let _token = theirs;
            coro::cede();
        });
        let theirs = group.clone();
        let waiter = spawn("waiter", move || {
            theirs.wait();
            assert_eq!(theirs.tokens(), 0);
        });
        coro::cede();
        drop(ours);
        group.wait();
        assert_eq!(group.tokens(), 0);
        join([job, waiter]);
        assert_eq!(group.waiters(), 0);
    });
}

/// The limit ends when the last token goes: who was released before it ran was released in time.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_group_that_is_done_when_the_time_is_over_was_done_in_time() {
    prove(|| {
        let group = WaitGroup::new();
        let token = group.token();
        let all = ["a", "b"].map(|name| {
            let group = group.clone();
            spawn(name, move || {
                let result = group.wait_timeout(SECOND);
                assert_eq!(result.is_ok(), group.tokens() == 0);
            })
        });
        sleep(SECOND);
        let waited = group.waiters() > 0;
        drop(token);
        assert!(!waited || group.waiters() == 0);
        join(all);
        assert_eq!(group.waiters(), 0);
    });
}

/// Two of three pass together, whoever is interrupted. When nobody can go on, the time passes, and
/// whoever is left alone is cancelled.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_barrier_lets_two_pass_and_holds_one() {
    // The time is over when nobody can go on, and not before.
    let hard = Builder::new().timers(0).spurious(2).throws(1).cancels(1);
    let soft = Builder::new().timers(0).safe_cancels(1).timeouts(1);
    explore([("hard", hard), ("soft", soft)], || {
        let barrier = Rc::new(Barrier::new(2));
        let (passed, led) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        let (ours, leads) = (passed.clone(), led.clone());
        invariant("who passes has a leader", move || {
            ours.get() == 0 || leads.get() == 1
        });
        let all = ["a", "b", "c"].map(|name| {
            let (barrier, passed, led) = (barrier.clone(), passed.clone(), led.clone());
            spawn(name, move || {
                let leads = barrier.wait().is_leader();
                led.set(led.get() + usize::from(leads));
                passed.set(passed.get() + 1);
            })
        });
        sleep(SECOND);
        assert!(passed.get() <= 2 && barrier.waiters() < 2);
        all.iter().for_each(|coro| coro.coro().cancel());
        let struck = all.into_iter().filter_map(|coro| coro.join().err()).count();
        assert_eq!((barrier.waiters(), passed.get()), (0, 3 - struck));
        assert!(led.get() == 1 || struck > 1);
    });
}

/// An initialiser that is interrupted or fails leaves the cell to the next one; no two run at once,
/// and one value is made.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_value_is_made_once_by_one_at_a_time() {
    prove(|| {
        let once = Rc::new(Once::new());
        let (inside, made) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        let seen = inside.clone();
        invariant("one at a time", move || seen.get() <= 1);
        let all = ["fails", "makes"].map(|name| {
            let (once, inside, made) = (once.clone(), inside.clone(), made.clone());
            spawn(name, move || {
                let got = once.get_or_try_init(|| {
                    let _inside = Inside::enter(&inside);
                    coro::cede();
                    made.set(made.get() + usize::from(name == "makes"));
                    (name == "makes").then_some(name).ok_or(name)
                });
                assert!(matches!(got, Ok(&("makes" | "body")) | Err("fails")));
            })
        });
        coro::cede();
        let value = *once.get_or_init(|| {
            made.set(made.get() + 1);
            "body"
        });
        join(all);
        assert_eq!((once.get(), made.get()), (Some(&value), 1));
    });
}
