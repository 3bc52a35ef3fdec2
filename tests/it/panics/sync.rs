//! Misuse of signals, barriers, groups, sets, once-cells and locks panics, and blames the caller's line.

use coro::{cede, no_switch, schedule, spawn};
use coro_sync::{Barrier, Condvar, Mutex, RawRwLock, SemaphoreSet, Signal, WaitGroup};

use crate::panics::{blames, names_both};
use crate::support::fresh;

#[test]
fn the_waits_of_signals_barriers_and_groups_inside_no_switch_name_both_places() {
    let (signal, barrier, group) = (Signal::new(), Barrier::new(2), WaitGroup::new());
    let set = SemaphoreSet::new(0);
    let (_token, no) = (group.token(), || false);
    let here = line!();
    names_both(here + 1, here + 1, || no_switch(|| signal.wait()));
    names_both(here + 2, here + 2, || no_switch(|| _ = barrier.wait()));
    names_both(here + 3, here + 3, || no_switch(|| group.wait()));
    names_both(here + 4, here + 4, || no_switch(|| set.down("key")));
    names_both(here + 5, here + 5, || no_switch(|| signal.wait_until(no)));
    assert_eq!((signal.awaited(), barrier.waiters(), set.len()), (0, 0, 0));
}

#[test]
fn a_deadlock_blames_the_waits_of_signals_barriers_and_groups_of_main() {
    fresh(|| {
        let (signal, barrier, group) = (Signal::new(), Barrier::new(2), WaitGroup::new());
        let (set, _token) = (SemaphoreSet::new(0), group.token());
        blames(line!(), || signal.wait());
        blames(line!(), || signal.wait_until(|| false));
        blames(line!(), || barrier.wait());
        blames(line!(), || group.wait());
        blames(line!(), || set.down("key"));
        blames(line!(), || set.acquire("key").forget());
        let semaphore = set.sem("key");
        blames(line!(), || set.wait(&"key"));
        blames(line!(), || semaphore.down());
    });
}

#[test]
fn a_deadlock_blames_main_for_a_value_that_another_coro_makes() {
    fresh(|| {
        let once = std::rc::Rc::new(coro_sync::Once::new());
        let theirs = once.clone();
        let c = spawn(move || *theirs.get_or_init(schedule));
        cede();
        let message = blames(line!(), || once.get_or_init(|| ()));
        assert!(message.contains("once"), "{message}");
        c.cancel();
    });
}

#[test]
fn an_initialiser_that_asks_for_its_own_value() {
    let once = coro_sync::Once::new();
    let line = line!() + 1;
    let message = blames(line, || once.get_or_init(|| *once.get_or_init(|| 1)));
    let place = format!("{}:{line}", file!());
    assert!(message.contains(&place), "{place} is not named: {message}");
}

#[test]
fn an_up_of_a_set_that_overflows() {
    let set = SemaphoreSet::new(isize::MAX);
    blames(line!(), || set.up("key"));
    assert!(set.is_empty());
}

#[test]
fn a_deadlock_blames_the_lock_and_the_wait_of_main() {
    fresh(|| {
        for lock in [RawRwLock::new(), RawRwLock::fair()] {
            lock.wrlock();
            blames(line!(), || lock.rdlock());
            blames(line!(), || lock.wrlock());
        }
        for mutex in [Mutex::new(1), Mutex::fair(1)] {
            let guard = mutex.lock();
            blames(line!(), || drop(mutex.lock()));
            let condvar = Condvar::new();
            blames(line!(), || drop(condvar.wait(guard)));
            let guard = mutex.lock();
            blames(line!(), || drop(condvar.wait_while(guard, |_| true)));
        }
    });
}

#[test]
fn unlock_and_downgrade_of_a_lock_that_is_not_held() {
    for lock in [RawRwLock::new(), RawRwLock::fair()] {
        let message = blames(line!(), || lock.unlock());
        assert!(message.contains("free"), "{message}");
        blames(line!(), || lock.downgrade());
        lock.rdlock();
        let message = blames(line!(), || lock.downgrade());
        assert!(message.contains("no writer"), "{message}");
        // And it goes on as it was.
        assert_eq!(lock.readers(), 1);
        lock.unlock();
        assert!(lock.try_wrlock());
    }
}
