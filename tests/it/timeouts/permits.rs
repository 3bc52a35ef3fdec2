//! Permits: what a waiter for several leaves behind, and entries of sets.

use std::rc::Rc;

use coro_sync::{Semaphore, SemaphoreSet};
use coro_time::{VirtualClock, armed, sleep};

use super::{begin, secs};
use crate::semaphore::{FORMS, settle};

#[test]
fn a_waiter_for_many_that_leaves_lets_those_behind_it_have_theirs() {
    for (name, form) in FORMS {
        let clock = VirtualClock::install();
        let sem = Rc::new(form(1));
        let (many, one) = (sem.clone(), sem.clone());
        let first = begin(move || many.down_many_timeout(2, secs(1)).is_ok());
        // Of the default form it takes the permit; of the fair one that is collected already.
        let second = begin(move || one.down_timeout(secs(9)).is_ok());
        if name == "fair" {
            assert!(!second.is_finished() && !sem.try_down());
        }
        sleep(secs(1));
        settle();
        assert!(!first.join().unwrap(), "{name}");
        assert!(second.is_finished() && second.join().unwrap(), "{name}");
        assert_eq!((sem.count(), sem.waiters()), (0, 0), "{name}");
        assert_eq!((armed(), clock.elapsed()), (0, secs(1)), "{name}");
    }
}

#[test]
fn a_waiter_for_many_collects_what_is_there_when_it_comes() {
    let _clock = VirtualClock::install();
    let sem = Rc::new(Semaphore::fair(1));
    let theirs = sem.clone();
    let c = begin(move || theirs.acquire_many_timeout(3, secs(1)).map(|g| g.permits()));
    assert!(!sem.try_down());
    sem.adjust(2);
    assert_eq!(c.join().unwrap(), Ok(3));
    assert_eq!(sem.count(), 3);
}

#[test]
fn no_permits_are_there_at_once() {
    let _clock = VirtualClock::install();
    for (_, form) in FORMS {
        let sem = form(-1);
        assert!(sem.down_many_timeout(0, secs(0)).is_ok());
        assert!(sem.acquire_many_timeout(0, secs(1)).is_ok());
        assert_eq!((sem.count(), armed()), (-1, 0));
    }
}

#[test]
fn guards_give_back_what_they_got_in_time() {
    let _clock = VirtualClock::install();
    for (_, form) in FORMS {
        let sem = Rc::new(form(3));
        drop(sem.acquire_timeout(secs(1)));
        drop(sem.acquire_rc_timeout(secs(1)));
        let guard = sem.acquire_many_timeout(3, secs(1)).unwrap();
        assert_eq!((guard.permits(), sem.count()), (3, 0));
        drop(sem.acquire_timeout(secs(1)));
        drop(guard);
        assert_eq!(sem.count(), 3);
    }
}

#[test]
fn reports_know_who_got_the_only_permit_in_time() {
    let _clock = VirtualClock::install();
    let sem = Rc::new(Semaphore::new(1));
    let theirs = sem.clone();
    let holder = begin(move || {
        let _guard = theirs.acquire_timeout(secs(1));
        coro::schedule();
    });
    let theirs = sem.clone();
    let c = begin(move || theirs.down_timeout(secs(1)).is_ok());
    let report = coro::report();
    let row = report.coros().iter().find(|row| row.id() == c.id());
    let holders = row.and_then(|row| row.wait()).unwrap().holders();
    assert_eq!(holders[0].id(), holder.id());
    holder.cancel();
    assert!(c.join().unwrap());
}

#[test]
fn a_wait_in_vain_leaves_no_entry_in_a_set() {
    let _clock = VirtualClock::install();
    let set = SemaphoreSet::new(0);
    for limit in [secs(0), secs(1)] {
        assert!(set.down_timeout(1, limit).is_err());
        assert!(set.acquire_timeout(2, limit).is_err());
        assert!(set.is_empty());
    }
    // A key without an entry is not waited for.
    assert!(set.wait_timeout(&3, secs(1)).is_ok());
    let guard = SemaphoreSet::new(1);
    drop(guard.acquire_timeout(1, secs(1)));
    assert!(guard.is_empty() && armed() == 0);
}
