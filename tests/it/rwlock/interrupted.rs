//! Waiters of the readers-writer lock that are interrupted: CORO-SEMANTICS §11, with HISTORY-BUGS 8 and 9 mended.

use coro::{JoinHandle, cede, spawn};

use crate::rwlock::model::Kind::{Read, Write};
use crate::rwlock::model::Lock;
use crate::rwlock::{default, enter, fair, settle};
use crate::support::{Log, outcome};

/// The ways to interrupt a waiter.
const INTERRUPTIONS: [fn(&JoinHandle<()>); 3] = [
    |c| drop(c.throw("ex")),
    |c| c.cancel(),
    |c| c.safe_cancel().expect("it may be cancelled"),
];

#[test]
fn an_interrupted_waiter_has_left_before_its_handler_runs() {
    for lock in [default(), fair()] {
        for kind in [Read, Write] {
            let log = Log::new();
            lock.wrlock();
            let theirs = lock.clone();
            let c = spawn(move || {
                let result = outcome(|| theirs.lock(kind));
                log.say(format!("{result}: {:?}", theirs.state()));
            });
            cede();
            c.throw("ex");
            cede();
            log.expect(["ex: (-1, 0, 0)"]);
            lock.unlock();
            assert_eq!(lock.state(), (0, 0, 0));
        }
    }
}

/// One waits, another one behind it; the first is interrupted, and the other gets the lock.
#[test]
fn an_interruption_swallows_no_wake_up() {
    for first_kind in [Read, Write] {
        for second_kind in [Read, Write] {
            for interrupt in INTERRUPTIONS {
                for woken in [false, true] {
                    for lock in [default(), fair()] {
                        let log = Log::new();
                        lock.wrlock();
                        let first = enter(log, "first", &lock, first_kind);
                        let second = enter(log, "second", &lock, second_kind);
                        if woken {
                            lock.unlock();
                        }
                        interrupt(&first);
                        if !woken {
                            settle();
                            assert_eq!(lock.waiting_readers() + lock.waiting_writers(), 1);
                            assert!(!second.is_finished());
                            lock.unlock();
                        }
                        settle();
                        assert!(log.sorted().contains(&"second: returned".to_owned()));
                        assert!(first.is_finished());
                        lock.unlock();
                        settle();
                        assert_eq!(lock.state(), (0, 0, 0));
                    }
                }
            }
        }
    }
}

#[test]
fn the_wake_up_is_passed_on_after_spurious_ones_too() {
    for lock in [default(), fair()] {
        let log = Log::new();
        lock.wrlock();
        let first = enter(log, "first", &lock, Write);
        enter(log, "second", &lock, Write);
        first.ready();
        cede();
        first.ready();
        cede();
        lock.unlock();
        first.cancel();
        settle();
        log.expect(["second: returned"]);
    }
}

#[test]
fn default_an_interrupted_woken_writer_leaves_the_lock_to_all_readers() {
    for interrupt in INTERRUPTIONS {
        let log = Log::new();
        let lock = default();
        lock.wrlock();
        let w = enter(log, "w", &lock, Write);
        enter(log, "r1", &lock, Read);
        enter(log, "r2", &lock, Read);
        lock.unlock();
        interrupt(&w);
        settle();
        let said = log.sorted();
        assert_eq!(
            said.iter()
                .filter(|line| line.ends_with("returned"))
                .count(),
            2
        );
        assert_eq!(lock.state(), (2, 0, 0));
    }
}

#[test]
fn default_an_interrupted_woken_waiter_wakes_nobody_if_the_lock_is_not_free() {
    for interrupt in INTERRUPTIONS {
        let log = Log::new();
        let lock = default();
        lock.wrlock();
        let w1 = enter(log, "w1", &lock, Write);
        enter(log, "w2", &lock, Write);
        lock.unlock();
        assert!(lock.try_wrlock());
        interrupt(&w1);
        cede();
        assert_eq!(coro::ready_count(), 0);
        assert_eq!(lock.state(), (-1, 0, 1));
        lock.unlock();
        settle();
        assert!(log.sorted().contains(&"w2: returned".to_owned()));
    }
}

#[test]
fn default_a_waiter_that_leaves_the_queue_wakes_nobody() {
    for interrupt in INTERRUPTIONS {
        let log = Log::new();
        let lock = default();
        lock.rdlock();
        let w1 = enter(log, "w1", &lock, Write);
        enter(log, "w2", &lock, Write);
        interrupt(&w1);
        cede();
        assert_eq!((coro::ready_count(), lock.state()), (0, (1, 0, 1)));
    }
}

#[test]
fn fair_a_writer_that_leaves_the_head_lets_the_readers_behind_it_in() {
    for interrupt in INTERRUPTIONS {
        let log = Log::new();
        let lock = fair();
        lock.rdlock();
        let w = enter(log, "w", &lock, Write);
        for (name, kind) in [("r1", Read), ("r2", Read), ("w2", Write), ("r3", Read)] {
            enter(log, name, &lock, kind);
        }
        interrupt(&w);
        cede();
        cede();
        assert_eq!(lock.state(), (3, 1, 1));
        assert_eq!(
            log.sorted()
                .iter()
                .filter(|line| line.ends_with("returned"))
                .count(),
            2
        );
    }
}

#[test]
fn fair_a_waiter_that_leaves_the_middle_lets_nobody_in() {
    for interrupt in INTERRUPTIONS {
        let log = Log::new();
        let lock = fair();
        lock.rdlock();
        enter(log, "w1", &lock, Write);
        let w2 = enter(log, "w2", &lock, Write);
        let r = enter(log, "r", &lock, Read);
        interrupt(&w2);
        settle();
        assert!(!r.is_finished());
        assert_eq!(lock.state(), (1, 1, 1));
    }
}

#[test]
fn fair_an_interrupted_woken_waiter_gives_its_hold_back() {
    for kind in [Read, Write] {
        for interrupt in INTERRUPTIONS {
            let log = Log::new();
            let lock = fair();
            lock.wrlock();
            let c = enter(log, "c", &lock, kind);
            lock.unlock();
            assert_ne!(lock.state(), (0, 0, 0));
            interrupt(&c);
            cede();
            assert_eq!(lock.state(), (0, 0, 0));
        }
    }
}

#[test]
fn fair_an_unlock_of_a_hold_that_was_given_leaves_its_waiter_nothing_to_give_back() {
    let log = Log::new();
    let lock = fair();
    lock.wrlock();
    let c = enter(log, "c", &lock, Write);
    lock.unlock();
    lock.unlock();
    c.throw("ex");
    cede();
    log.expect(["c: ex"]);
    assert_eq!(lock.state(), (0, 0, 0));
}

#[test]
fn a_lock_that_is_free_raises_no_interruption() {
    for lock in [default(), fair()] {
        let theirs = lock.clone();
        let c = spawn(move || {
            coro::current().throw("ex");
            theirs.rdlock();
            theirs.unlock();
            theirs.wrlock();
            outcome(coro::check)
        });
        assert_eq!(c.join().expect("it catches"), "ex");
        assert_eq!(lock.state(), (-1, 0, 0));
    }
}
