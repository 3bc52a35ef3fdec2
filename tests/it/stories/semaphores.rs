//! Counting, guarding, waiting.

use std::cell::Cell;
use std::rc::Rc;

use coro::{cede, spawn};

use super::{cede_times, join_all};
use crate::support::{Log, semaphore};

/// A thousand coros, two permits, the count known at the end: as in Coro.
#[test]
fn a_thousand_downs_and_ups_leave_the_count_as_it_was() {
    let sem = semaphore(2);
    let (got, inside) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let all: Vec<_> = (1..=1_000)
        .map(|n| {
            let (sem, got, inside) = (Rc::clone(&sem), Rc::clone(&got), Rc::clone(&inside));
            spawn(move || {
                sem.down();
                inside.set(inside.get() + 1);
                assert!(inside.get() <= 2);
                got.set(got.get() + 1);
                if n % 3 == 0 {
                    cede();
                }
                inside.set(inside.get() - 1);
                sem.up();
            })
        })
        .collect();
    cede_times(10);
    join_all(all);
    assert_eq!((sem.count(), sem.waiters(), got.get()), (2, 0, 1_000));
}

/// Of 1000 coros 998 get a permit, in bits of 1 to 4 and with debts in between; two wait on.
#[test]
fn of_a_thousand_nine_hundred_and_ninety_eight_are_let_through() {
    let sem = semaphore(0);
    let through = Rc::new(Cell::new(0));
    let all: Vec<_> = (0..1_000)
        .map(|n| {
            let (sem, through) = (Rc::clone(&sem), Rc::clone(&through));
            spawn(move || {
                sem.down();
                assert_eq!(through.replace(n + 1), n, "in the order of arrival");
            })
        })
        .collect();
    cede();
    let mut given = 0;
    for step in 0.. {
        let by = (step % 4 + 1).min(998 - given);
        sem.adjust(-step);
        sem.adjust(step + by);
        given += by;
        cede_times(2);
        assert_eq!((through.get(), sem.count()), (given, 0));
        if given == 998 {
            break;
        }
    }
    assert_eq!(sem.waiters(), 2);
    assert_eq!(all.iter().filter(|c| c.is_finished()).count(), 998);
    sem.adjust(2);
    join_all(all);
    assert_eq!(sem.count(), 0);
}

/// `adjust` up, down below zero, up again; `up`: order and counts as in Coro.
#[test]
fn adjust_lets_as_many_through_as_it_gives_permits() {
    let log = Log::new();
    let sem = semaphore(0);
    let _all = [1, 2, 3, 4, 5].map(|n| {
        let sem = Rc::clone(&sem);
        spawn(move || {
            sem.down();
            log.say(n);
        })
    });
    cede();
    sem.adjust(3);
    assert_eq!(sem.count(), 3);
    cede();
    log.expect(["1", "2", "3"]);
    assert_eq!((sem.count(), sem.waiters()), (0, 2));
    sem.adjust(-4);
    sem.adjust(5);
    cede();
    log.expect(["4"]);
    assert_eq!(sem.count(), 0);
    sem.up();
    cede();
    log.expect(["5"]);
    assert_eq!(sem.count(), 0);
}

/// `acquire` by three, who cede while they have it: as in Coro's `guard`.
#[test]
fn guards_let_in_one_at_a_time_in_order() {
    let log = Log::new();
    let sem = semaphore(1);
    let all = ["a", "b", "c"].map(|name| {
        let sem = Rc::clone(&sem);
        spawn(move || {
            let _guard = sem.acquire();
            log.say(format!("{name} in"));
            cede_times(2);
            log.say(format!("{name} out"));
        })
    });
    join_all(all);
    assert_eq!(sem.count(), 1);
    log.expect(["a in", "a out", "b in", "b out", "c in", "c out"]);
}

/// `wait` twice, then `down`, and one `up`: as in Coro.
#[test]
fn wait_takes_nothing_and_passes_the_permit_on() {
    let log = Log::new();
    let sem = semaphore(0);
    let all = ["wait 1", "wait 2", "down"].map(|name| {
        let sem = Rc::clone(&sem);
        spawn(move || {
            if name == "down" {
                sem.down();
            } else {
                sem.wait();
            }
            log.say(name);
        })
    });
    cede();
    sem.up();
    cede_times(2);
    log.expect(["wait 1", "wait 2"]);
    assert_eq!(sem.count(), 1);
    join_all(all);
    log.expect(["down"]);
    assert_eq!(sem.count(), 0);
}
