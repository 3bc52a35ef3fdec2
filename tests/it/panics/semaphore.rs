//! Misuse of semaphores panics, and blames the caller's line.

use std::rc::Rc;

use coro::no_switch;
use coro_channel::{Arm, Select, select};
use coro_semaphore::Semaphore;

use crate::panics::{blames, names_both};
use crate::support::{fresh, semaphore};

#[test]
fn down_inside_no_switch_names_both_places() {
    let sem = semaphore(0);
    let here = line!();
    names_both(here + 2, here + 3, || {
        no_switch(|| {
            sem.down();
        });
    });
    assert_eq!(sem.waiters(), 0);
}

#[test]
fn a_deadlock_blames_the_down_of_main() {
    fresh(|| {
        let sem = semaphore(0);
        blames(line!(), || sem.down());
        blames(line!(), || sem.wait());
        blames(line!(), || sem.acquire());
    });
}

#[test]
fn a_count_that_overflows() {
    for new in [Semaphore::new, Semaphore::fair] {
        let (full, debt) = (new(isize::MAX), new(isize::MIN));
        blames(line!(), || full.up());
        blames(line!(), || full.adjust(2));
        blames(line!(), || debt.adjust(-1));
        blames(line!(), || debt.down_many(usize::MAX));
        blames(line!(), || debt.try_down_many(usize::MAX));
        blames(line!(), || drop(debt.acquire_many(usize::MAX)));
        assert_eq!((full.count(), debt.count()), (isize::MAX, isize::MIN));
    }
}

/// A call, and the line it is on.
type Call = (u32, fn(&Rc<Semaphore>));

#[test]
fn waiting_for_permits_inside_no_switch_names_both_places() {
    let calls: [Call; 6] = [
        (line!(), |sem| sem.down()),
        (line!(), |sem| sem.down_many(2)),
        (line!(), |sem| sem.wait()),
        (line!(), |sem| drop(sem.acquire())),
        (line!(), |sem| drop(sem.acquire_many(2))),
        (line!(), |sem| drop(sem.acquire_rc())),
    ];
    for new in [Semaphore::new, Semaphore::fair] {
        for (line, call) in calls {
            let sem = Rc::new(new(0));
            let here = line!();
            names_both(here + 2, line, || {
                no_switch(|| {
                    call(&sem);
                });
            });
            assert_eq!((sem.count(), sem.waiters()), (0, 0));
        }
    }
}

#[test]
fn a_deadlock_blames_the_waits_for_permits_and_the_selects_of_main() {
    fresh(|| {
        let sem = Rc::new(Semaphore::fair(0));
        let arm = sem.down_arm();
        let all: [&dyn Arm; 1] = [&arm];
        blames(line!(), || sem.down());
        blames(line!(), || sem.down_many(2));
        blames(line!(), || drop(sem.acquire_many(2)));
        blames(line!(), || drop(sem.acquire_rc()));
        blames(line!(), || Select::new(&all).wait());
        blames(line!(), || select! { () = sem.down_arm() => {} });
        assert_eq!((sem.count(), sem.waiters()), (0, 0));
    });
}
