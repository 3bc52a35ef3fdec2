//! The mutex and the condvar: one at a time, no notification is lost, and none is made up.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use coro::JoinHandle;
use coro_explore::{Builder, invariant};
use coro_sync::time::sleep;
use coro_sync::{Condvar, Mutex};

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

/// The same for what has more schedules: with two kinds of interruption at a time.
fn prove_in_parts(body: impl Fn() + Send + Sync + Clone + 'static) {
    let hard = Builder::new().spurious(2).throws(1).cancels(1);
    let soft = Builder::new().safe_cancels(1).timeouts(1);
    explore([("hard", hard), ("soft", soft)], body);
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

/// The mutex goes to another one when the waiter that was woken is interrupted, and is free in the
/// end. In the fair form, those who get it get it in the order of arrival.
fn a_mutex_goes_round(mutex: Mutex<usize>, in_order: bool) {
    let mutex = Rc::new(mutex);
    let arrived = Rc::new(RefCell::new(Vec::new()));
    let served = Rc::new(RefCell::new(Vec::new()));
    let guard = mutex.lock();
    let all = ["a", "b"].map(|name| {
        let (mutex, arrived, served) = (mutex.clone(), arrived.clone(), served.clone());
        spawn(name, move || {
            arrived.borrow_mut().push(name);
            let mut guard = mutex.lock();
            served.borrow_mut().push(name);
            let old = *guard;
            coro::cede();
            *guard = old + 1;
        })
    });
    coro::cede();
    drop(guard);
    let ended = all.into_iter().filter_map(|coro| coro.join().ok()).count();
    assert_eq!((mutex.is_locked(), mutex.waiters()), (false, 0));
    assert_eq!(
        *mutex.lock(),
        ended,
        "nobody wrote over what another one wrote"
    );
    let (mut arrived, served) = (arrived.take(), served.take());
    arrived.retain(|name| served.contains(name));
    assert!(!in_order || arrived == served, "{served:?}");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_mutex_goes_to_the_next_and_is_free_again() {
    prove(|| a_mutex_goes_round(Mutex::new(0), false));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_fair_mutex_goes_to_the_next_in_the_order_of_arrival() {
    prove(|| a_mutex_goes_round(Mutex::fair(0), true));
}

/// Somebody who does not wait takes the mutex from the waiter that was woken, who waits again; from
/// one of the fair form nobody can.
fn somebody_comes_by(mutex: Mutex<()>, fair: bool) {
    let mutex = Rc::new(mutex);
    let seen = mutex.clone();
    invariant(
        "M2: a fair mutex is locked while somebody waits",
        move || !fair || seen.waiters() == 0 || seen.is_locked(),
    );
    let given = Rc::new(Cell::new(false));
    let guard = mutex.lock();
    let (theirs, got) = (mutex.clone(), given.clone());
    let waiter = spawn("waiter", move || {
        let _guard = theirs.lock();
        got.set(false);
        coro::cede();
    });
    let (theirs, is_given) = (mutex.clone(), given.clone());
    let thief = spawn("thief", move || {
        let guard = theirs.try_lock();
        assert!(guard.is_none() || !is_given.get(), "it was the waiter's");
        coro::cede();
        drop(guard);
    });
    coro::cede();
    given.set(fair && mutex.waiters() == 1);
    drop(guard);
    // Who leaves gives it back.
    let ended = waiter.join();
    assert!(fair || ended.is_err() || !given.get());
    join([thief]);
    assert_eq!((mutex.is_locked(), mutex.waiters()), (false, 0));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn who_comes_by_a_mutex_keeps_nobody_waiting() {
    prove(|| somebody_comes_by(Mutex::new(()), false));
}

#[test]
fn nobody_comes_by_a_fair_mutex() {
    // Nobody interrupts the waiter: it would give the mutex back.
    let budget = Builder::new().spurious(2);
    explore([("woken", budget)], || {
        somebody_comes_by(Mutex::fair(()), true)
    });
}

/// A limit ends when the mutex is unlocked: who was given it before it ran has it, and whoever else
/// leaves it to the next.
fn a_limit_ends(mutex: Mutex<()>, fair: bool) {
    let mutex = Rc::new(mutex);
    let (is_first, is_given) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(false)));
    let guard = mutex.lock();
    let (theirs, first, given) = (mutex.clone(), is_first.clone(), is_given.clone());
    let hasty = spawn("hasty", move || {
        first.set(theirs.waiters() == 0);
        let result = theirs.lock_timeout(SECOND);
        assert!(result.is_ok() || !given.get(), "who is given it has it");
    });
    let theirs = mutex.clone();
    let patient = spawn("patient", move || drop(theirs.lock()));
    sleep(SECOND);
    is_given.set(fair && is_first.get() && mutex.waiters() == 2);
    drop(guard);
    join([hasty, patient]);
    assert_eq!((mutex.is_locked(), mutex.waiters()), (false, 0));
    assert!(mutex.lock_timeout(Duration::ZERO).is_ok());
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_limit_that_ends_leaves_the_mutex_to_the_next() {
    prove(|| a_limit_ends(Mutex::new(()), false));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_limit_that_ends_leaves_the_fair_mutex_to_the_next() {
    prove(|| a_limit_ends(Mutex::fair(()), true));
}

/// A gate that is opened, and a single notification, which each one passes on that it was for: also
/// who is interrupted after it was notified, be it while it waits for the mutex.
fn a_notification_goes_round(open: Mutex<bool>) {
    let gate = Rc::new((open, Condvar::new()));
    let all = ["a", "b"].map(|name| {
        let gate = gate.clone();
        spawn(name, move || {
            let (open, opened) = &*gate;
            let open = opened.wait_while(open.lock(), |open| !*open);
            opened.notify_one();
            coro::cede();
            drop(open);
        })
    });
    coro::cede();
    let mut open = gate.0.lock();
    *open = true;
    gate.1.notify_one();
    drop(open);
    join(all);
    assert_eq!((gate.0.is_locked(), gate.0.waiters()), (false, 0));
    assert_eq!(gate.1.waiters(), 0);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_notification_reaches_one_who_can_use_it() {
    prove(|| a_notification_goes_round(Mutex::new(false)));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_notification_under_a_fair_mutex_reaches_one_who_can_use_it() {
    prove(|| a_notification_goes_round(Mutex::fair(false)));
}

/// A wait ends when it was notified, and not before: with the mutex, between whose unlock and the
/// wait nothing is missed.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_wait_ends_with_a_notification_and_the_mutex() {
    prove(|| {
        let gate = Rc::new((Mutex::new(false), Condvar::new()));
        let all = ["a", "b"].map(|name| {
            let gate = gate.clone();
            spawn(name, move || {
                let mut open = gate.0.lock();
                if !*open {
                    open = gate.1.wait(open);
                    assert!(*open, "nobody was notified before");
                }
                coro::cede();
                assert!(gate.0.try_lock().is_none());
                drop(open);
            })
        });
        coro::cede();
        *gate.0.lock() = true;
        gate.1.notify_all();
        join(all);
        assert_eq!((gate.0.is_locked(), gate.1.waiters()), (false, 0));
    });
}

/// A limit ends while another one holds the mutex, and notifies: who had it before it ran was notified
/// in time, and whoever else has left it to the next. Both have the mutex again.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_limit_that_ends_leaves_the_notification_to_the_next() {
    prove_in_parts(|| {
        let gate = Rc::new((Mutex::new(false), Condvar::new()));
        let (is_first, is_given) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(false)));
        let (theirs, first, given) = (gate.clone(), is_first.clone(), is_given.clone());
        let hasty = spawn("hasty", move || {
            let open = theirs.0.lock();
            first.set(theirs.1.waiters() == 0);
            let (open, result) = theirs.1.wait_timeout(open, SECOND);
            assert!(
                result.is_ok() || !given.get(),
                "who is notified was so in time"
            );
            assert!(theirs.0.try_lock().is_none());
            drop(open);
            if result.is_ok() {
                theirs.1.notify_one();
            }
        });
        let theirs = gate.clone();
        let patient = spawn("patient", move || {
            drop(theirs.1.wait_while(theirs.0.lock(), |open| !*open));
        });
        sleep(SECOND);
        let mut open = gate.0.lock();
        coro::cede();
        *open = true;
        is_given.set(is_first.get() && gate.1.waiters() == 2);
        gate.1.notify_one();
        drop(open);
        join([hasty, patient]);
        assert_eq!((gate.0.is_locked(), gate.1.waiters()), (false, 0));
    });
}

/// A condition with a limit: it is asked once more when the time is over.
#[test]
fn a_condition_that_holds_when_the_time_is_over_held_in_time() {
    prove(|| {
        let gate = Rc::new((Mutex::new(false), Condvar::new()));
        let theirs = gate.clone();
        let hasty = spawn("hasty", move || {
            let open = theirs.0.lock();
            let (open, result) = theirs.1.wait_while_timeout(open, SECOND, |open| !*open);
            assert_eq!(result.is_ok(), *open);
        });
        sleep(SECOND);
        *gate.0.lock() = true;
        gate.1.notify_one();
        join([hasty]);
        assert_eq!((gate.0.is_locked(), gate.1.waiters()), (false, 0));
    });
}
