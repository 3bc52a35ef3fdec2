//! Locks and condvars: who is let in by one that leaves, and what a condvar does about the mutex.

use std::rc::Rc;

use coro::{cede, spawn};
use coro_sync::{Condvar, Mutex, RawRwLock};
use coro_time::{Elapsed, VirtualClock, armed, sleep};

use super::{begin, millis, secs};
use crate::semaphore::settle;
use crate::support::{Log, caught, defer};

#[test]
fn a_writer_that_leaves_a_fair_queue_lets_the_readers_behind_it_in() {
    let clock = VirtualClock::install();
    let lock = Rc::new(RawRwLock::fair());
    lock.rdlock();
    let theirs = lock.clone();
    let writer = begin(move || theirs.wrlock_timeout(secs(1)).is_ok());
    let readers = [(); 2].map(|()| {
        let theirs = lock.clone();
        begin(move || theirs.rdlock_timeout(secs(9)).is_ok())
    });
    assert_eq!((lock.waiting_writers(), lock.waiting_readers()), (1, 2));
    sleep(secs(1));
    settle();
    assert!(!writer.join().unwrap());
    assert!(readers.into_iter().all(|c| c.join().unwrap()));
    assert_eq!((lock.readers(), lock.waiting_writers()), (3, 0));
    assert_eq!((armed(), clock.elapsed()), (0, secs(1)));
}

#[test]
fn a_reader_does_not_pass_a_writer_that_waits_for_a_fair_lock() {
    let _clock = VirtualClock::install();
    for fair in [false, true] {
        let lock = Rc::new(if fair {
            RawRwLock::fair()
        } else {
            RawRwLock::new()
        });
        lock.rdlock();
        let theirs = lock.clone();
        let writer = begin(move || theirs.wrlock_timeout(secs(9)).is_ok());
        for limit in [secs(0), secs(1)] {
            assert_eq!(lock.rdlock_timeout(limit).is_err(), fair);
        }
        (0..lock.readers()).for_each(|_| lock.unlock());
        assert!(writer.join().unwrap());
        assert!(lock.is_write_locked());
    }
}

#[test]
fn the_lock_is_written_by_who_has_it_in_time() {
    let _clock = VirtualClock::install();
    let mutex = Rc::new(Mutex::new(1));
    let guard = mutex.lock();
    let theirs = mutex.clone();
    let c = begin(move || *theirs.lock_timeout(secs(1)).unwrap() += 1);
    sleep(millis(500));
    drop(guard);
    c.join().unwrap();
    assert_eq!(*mutex.lock(), 2);
}

#[test]
fn a_condvar_whose_time_is_over_waits_for_the_mutex_as_long_as_it_takes() {
    let clock = VirtualClock::install();
    let shared = Rc::new((Mutex::new(0), Condvar::new()));
    let theirs = shared.clone();
    let c = begin(move || {
        let (guard, in_time) = theirs.1.wait_timeout(theirs.0.lock(), secs(1));
        (*guard, in_time)
    });
    let guard = shared.0.lock();
    sleep(secs(5));
    assert!(!c.is_finished());
    // It has left the condvar: this one is for nobody.
    assert_eq!((shared.1.waiters(), shared.1.notify_one()), (0, false));
    assert_eq!((shared.0.waiters(), armed()), (1, 0));
    let mut guard = guard;
    *guard = 7;
    drop(guard);
    assert_eq!(c.join().unwrap(), (7, Err(Elapsed)));
    assert_eq!(clock.elapsed(), secs(5));
}

#[test]
fn a_notification_in_time_stands_if_the_mutex_comes_late() {
    let _clock = VirtualClock::install();
    let shared = Rc::new((Mutex::new(0), Condvar::new()));
    let theirs = shared.clone();
    let c = begin(move || theirs.1.wait_timeout(theirs.0.lock(), secs(1)).1);
    let guard = shared.0.lock();
    assert!(shared.1.notify_one());
    sleep(secs(5));
    assert!(!c.is_finished());
    drop(guard);
    assert_eq!(c.join().unwrap(), Ok(()));
}

#[test]
fn a_notified_waiter_interrupted_at_the_mutex_passes_on_and_an_elapsed_one_has_nothing_to() {
    for elapsed in [false, true] {
        let clock = VirtualClock::install();
        let shared = Rc::new((Mutex::new(0), Condvar::new()));
        let waits = |limit| {
            let theirs = shared.clone();
            begin(move || theirs.1.wait_timeout(theirs.0.lock(), limit).1)
        };
        let (first, second) = (waits(secs(1)), waits(secs(9)));
        let guard = shared.0.lock();
        if elapsed {
            clock.advance(secs(1));
        } else {
            shared.1.notify_one();
        }
        settle();
        assert_eq!(shared.0.waiters(), 1);
        first.cancel();
        drop(guard);
        settle();
        assert_eq!(second.is_finished(), !elapsed);
        shared.1.notify_all();
        assert_eq!(second.join().unwrap(), Ok(()));
    }
}

#[test]
fn a_limit_of_zero_keeps_the_mutex_locked() {
    let _clock = VirtualClock::install();
    let log = Log::new();
    let shared = Rc::new((Mutex::new(0), Condvar::new()));
    let theirs = shared.clone();
    let guard = shared.0.lock();
    let other = begin(move || drop(theirs.0.lock()));
    let (guard, in_time) = shared.1.wait_timeout(guard, secs(0));
    assert!(in_time.is_err() && !other.is_ready());
    let asked = defer(|| log.say("dropped"));
    let mut times = 0;
    let (guard, in_time) = shared.1.wait_while_timeout(guard, secs(0), |_| {
        let _kept = &asked;
        times += 1;
        true
    });
    assert!(in_time.is_err() && !other.is_ready() && times == 1);
    drop(guard);
    other.join().unwrap();
}

#[test]
fn wait_while_has_one_limit_for_all_its_rounds() {
    let clock = VirtualClock::install();
    let shared = Rc::new((Mutex::new(0), Condvar::new()));
    let theirs = shared.clone();
    let c = begin(move || {
        let few = |count: &mut i32| *count < 9;
        let (count, in_time) = theirs.1.wait_while_timeout(theirs.0.lock(), secs(5), few);
        (*count, in_time)
    });
    for _ in 0..3 {
        sleep(secs(1));
        *shared.0.lock() += 1;
        shared.1.notify_all();
    }
    assert_eq!(c.join().unwrap(), (3, Err(Elapsed)));
    assert_eq!((clock.elapsed(), armed()), (secs(5), 0));
}

#[test]
fn what_the_condition_says_when_the_time_is_over_counts() {
    let clock = VirtualClock::install();
    let shared = Rc::new((Mutex::new(false), Condvar::new()));
    let theirs = shared.clone();
    let c = begin(move || {
        let guard = theirs.0.lock();
        theirs.1.wait_while_timeout(guard, secs(1), |open| !*open).1
    });
    // Nobody is notified.
    *shared.0.lock() = true;
    assert_eq!(c.join().unwrap(), Ok(()));
    assert_eq!(clock.elapsed(), secs(1));
}

#[test]
fn a_closure_that_panics_leaves_the_mutex_unlocked_and_no_timer() {
    let _clock = VirtualClock::install();
    let shared = Rc::new((Mutex::new(0), Condvar::new()));
    let notifies = shared.clone();
    let other = spawn(move || notifies.1.notify_one());
    let mut asked = 0;
    let failed = caught(|| {
        shared.1.wait_while_timeout(shared.0.lock(), secs(1), |_| {
            asked += 1;
            if asked == 2 {
                crate::support::die("no");
            }
            true
        })
    });
    assert!(failed.is_err() && other.is_finished());
    assert!(!shared.0.is_locked() && shared.1.waiters() == 0);
    assert_eq!(armed(), 0);
    cede();
}
