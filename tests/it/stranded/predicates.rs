//! Waits for something that only the program knows: its closure is asked.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use coro::{Coro, JoinHandle};
use coro_sync::{Condvar, Mutex, Semaphore, Signal};
use coro_time::VirtualClock;

use super::{either_way, waiter};
use crate::signal::settle;
use crate::support::{die, fresh};

/// Longer than anything lasts here.
const LONG: Duration = Duration::from_secs(3600);

/// Spawns a coro that waits for a signal until the closure says `true`.
#[track_caller]
fn until(signal: &Rc<Signal>, predicate: impl FnMut() -> bool + 'static) -> JoinHandle<()> {
    let signal = signal.clone();
    waiter(move || signal.wait_until(predicate))
}

#[test]
fn who_waits_until_something_is_so_is_stranded_if_it_is_and_nobody_has_sent() {
    let signal = Rc::new(Signal::new());
    let count = Rc::new(Cell::new(0));
    let theirs = count.clone();
    let c = until(&signal, move || theirs.get() == 3);
    for now in 1..=5 {
        count.set(now);
        assert_eq!(c.is_stranded(), now == 3);
    }
    count.set(3);
    signal.send();
    assert!(!c.is_stranded());
    settle();
    assert!(c.is_finished());
}

#[test]
fn who_waits_behind_one_that_used_the_send_up_is_stranded() {
    let signal = Rc::new(Signal::new());
    let first = until(&signal, || false);
    let is_so = Rc::new(Cell::new(false));
    let theirs = is_so.clone();
    let second = until(&signal, move || theirs.get());
    is_so.set(true);
    signal.send();
    settle();
    assert!(second.is_stranded() && !first.is_stranded());
    signal.broadcast();
    settle();
    assert!(second.is_finished() && !first.is_stranded());
    first.cancel();
}

#[test]
fn a_limit_does_not_hide_a_lost_send() {
    fresh(|| {
        let _clock = VirtualClock::install();
        let signal = Rc::new(Signal::new());
        let is_so = Rc::new(Cell::new(false));
        let (ours, theirs) = (signal.clone(), is_so.clone());
        let c = waiter(move || either_way(ours.wait_until_timeout(LONG, || theirs.get())));
        assert!(!c.is_stranded());
        is_so.set(true);
        assert!(c.is_stranded());
        signal.send();
        settle();
        assert!(c.is_finished());
    });
}

/// Checks that a coro is stranded that waits as long as a number is zero, once it is not, unless
/// the mutex is locked.
fn while_zero(wait: fn(&Condvar, &Mutex<i32>)) {
    for mutex in [Mutex::new(0), Mutex::fair(0)] {
        let shared = Rc::new((mutex, Condvar::new()));
        let theirs = shared.clone();
        let c = waiter(move || wait(&theirs.1, &theirs.0));
        assert!(!c.is_stranded());
        let mut guard = shared.0.lock();
        *guard = 1;
        assert!(!c.is_stranded());
        drop(guard);
        assert!(c.is_stranded());
        *shared.0.lock() = 0;
        assert!(!c.is_stranded());
        *shared.0.lock() = 1;
        shared.1.notify_one();
        settle();
        assert!(c.is_finished());
    }
}

#[test]
fn who_waits_for_data_is_stranded_if_they_changed_and_nobody_has_notified() {
    fresh(|| {
        let _clock = VirtualClock::install();
        while_zero(|condvar, mutex| drop(condvar.wait_while(mutex.lock(), |n| *n == 0)));
        while_zero(|condvar, mutex| {
            drop(condvar.wait_while_timeout(mutex.lock(), LONG, |n| *n == 0));
        });
    });
}

#[test]
fn a_closure_that_panics_says_no_and_is_asked_no_more() {
    let asked = Rc::new(Cell::new(0));
    let theirs = asked.clone();
    let predicate = move || {
        theirs.set(theirs.get() + 1);
        match theirs.get() {
            1 => false,
            2 => die("a predicate"),
            _ => true,
        }
    };
    let signal = Rc::new(Signal::new());
    let c = until(&signal, predicate.clone());
    assert!(!c.is_stranded() && !c.is_stranded());
    assert_eq!(asked.get(), 2);
    signal.send();
    settle();
    assert!(c.is_finished());

    asked.set(0);
    let shared = Rc::new((Mutex::new(()), Condvar::new()));
    let theirs = shared.clone();
    let c = waiter(move || drop(theirs.1.wait_while(theirs.0.lock(), |()| !predicate())));
    assert!(!c.is_stranded() && !c.is_stranded());
    assert_eq!(asked.get(), 2);
    shared.1.notify_one();
    settle();
    assert!(c.is_finished());
}

#[test]
fn a_closure_that_would_block_says_no() {
    let gate = Rc::new(Semaphore::new(1));
    let signal = Rc::new(Signal::new());
    let theirs = gate.clone();
    let mut is_first = true;
    let c = until(&signal, move || {
        theirs.down();
        !std::mem::take(&mut is_first)
    });
    assert!(!c.is_stranded());
    assert_eq!((gate.count(), gate.waiters()), (0, 0));
    gate.up();
    signal.send();
    settle();
    assert!(c.is_finished());
}

#[test]
fn a_closure_that_asks_for_its_own_coro_is_not_called_within_itself() {
    let signal = Rc::new(Signal::new());
    let me: Rc<Cell<Option<Coro>>> = Rc::default();
    let (theirs, answers) = (me.clone(), Rc::new(Cell::new(0)));
    let count = answers.clone();
    let c = until(&signal, move || {
        if let Some(me) = theirs.take() {
            assert!(!me.is_stranded());
            count.set(count.get() + 1);
        }
        count.get() > 0
    });
    me.set(Some(c.coro().clone()));
    assert!(c.is_stranded());
    assert_eq!(answers.get(), 1);
    signal.send();
    settle();
    assert!(c.is_finished());
}

#[test]
fn who_makes_it_so_and_blocks_before_it_sends_is_taken_for_forgetful() {
    let signal = Rc::new(Signal::new());
    let is_so = Rc::new(Cell::new(false));
    let theirs = is_so.clone();
    let c = until(&signal, move || theirs.get());
    let sender = waiter(move || {
        is_so.set(true);
        coro::schedule();
        signal.send();
    });
    assert!(c.is_stranded());
    sender.ready();
    settle();
    assert!(c.is_finished());
}
