//! The semaphore as its page has it: the table "Who is next" for the default form, and what is the
//! same in both forms.

use std::cell::Cell;
use std::rc::Rc;

use coro::{Builder, JoinHandle, Prio, cede, current, no_switch, spawn};
use coro_semaphore::Semaphore;

use crate::support::{Log, caught, outcome, text};

mod callbacks;
pub(crate) mod fair;
pub(crate) mod interrupted;
mod many;
pub(crate) mod random;

/// Makes a semaphore of one of the forms.
pub(crate) type Form = fn(isize) -> Semaphore;

/// Both forms.
pub(crate) const FORMS: [(&str, Form); 2] = [("new", Semaphore::new), ("fair", Semaphore::fair)];

/// Gives everybody turns, whatever their priorities, until nobody is ready.
pub(crate) fn settle() {
    let prio = current().set_prio(Prio::MIN);
    for turn in 0.. {
        if coro::ready_count() == 0 {
            break;
        }
        assert!(turn < 10_000, "somebody is always ready");
        cede();
    }
    current().set_prio(prio);
}

/// Spawns a coro that lowers `sem` by so much and says its name, and lets it begin.
pub(crate) fn downs(
    log: Log,
    name: &'static str,
    sem: &Rc<Semaphore>,
    by: usize,
) -> JoinHandle<()> {
    let sem = sem.clone();
    let c = spawn(move || {
        if by == 1 {
            sem.down();
        } else {
            sem.down_many(by);
        }
        log.say(name);
    });
    cede();
    c
}

#[test]
fn up_readies_the_oldest_which_looks_again_when_it_runs() {
    let log = Log::new();
    let sem = Rc::new(Semaphore::new(0));
    let first = downs(log, "first", &sem, 1);
    let second = downs(log, "second", &sem, 1);
    sem.up();
    assert!(first.is_ready() && !second.is_ready());
    assert_eq!((sem.count(), sem.waiters()), (1, 1));
    settle();
    log.expect(["first"]);
    assert_eq!((sem.count(), sem.waiters()), (0, 1));
}

#[test]
fn who_comes_by_takes_the_permit_and_the_woken_one_waits_again_at_the_end() {
    let log = Log::new();
    let sem = Rc::new(Semaphore::new(0));
    let _first = downs(log, "first", &sem, 1);
    let _second = downs(log, "second", &sem, 1);
    sem.up();
    sem.down();
    settle();
    log.expect([]);
    assert_eq!((sem.count(), sem.waiters()), (0, 2));
    sem.up();
    settle();
    log.expect(["second"]);
    sem.up();
    settle();
    log.expect(["first"]);
}

#[test]
fn two_ups_in_a_row_ready_one_too_many_which_waits_again_at_the_end() {
    let log = Log::new();
    let sem = Rc::new(Semaphore::new(0));
    let names = ["a", "b", "c", "d"];
    let all = names.map(|name| downs(log, name, &sem, 1));
    sem.up();
    sem.up();
    assert_eq!(all.iter().filter(|c| c.is_ready()).count(), 3);
    settle();
    log.expect(["a", "b"]);
    assert_eq!((sem.count(), sem.waiters()), (0, 2));
    sem.up();
    settle();
    sem.up();
    settle();
    log.expect(["d", "c"]);
}

#[test]
fn a_loop_of_down_cede_up_keeps_the_permit_from_all_others() {
    let log = Log::new();
    let sem = Rc::new(Semaphore::new(1));
    let turns = Rc::new(Cell::new(0));
    let (theirs, turn) = (sem.clone(), turns.clone());
    let greedy = spawn(move || {
        for _ in 0..100 {
            theirs.down();
            cede();
            turn.set(turn.get() + 1);
            theirs.up();
        }
    });
    cede();
    let _other = downs(log, "other", &sem, 1);
    while turns.get() < 99 {
        cede();
    }
    log.expect([]);
    greedy.join().unwrap();
    settle();
    log.expect(["other"]);
}

#[test]
fn waiters_are_served_in_the_order_of_arrival_whatever_their_priorities() {
    for (form, new) in FORMS {
        let sem = Rc::new(new(0));
        let all = [Prio::MIN, Prio::NORMAL, Prio::HIGH].map(|prio| {
            let sem = sem.clone();
            let c = Builder::new().prio(prio).spawn(move || sem.down());
            settle();
            c
        });
        for n in 0..3 {
            sem.up();
            let ready: Vec<_> = all.iter().map(|c| c.is_ready()).collect();
            let expected: Vec<_> = (0..3).map(|i| i == n).collect();
            assert_eq!(ready, expected, "{form}");
            settle();
        }
        assert_eq!((sem.count(), sem.waiters()), (0, 0), "{form}");
    }
}

#[test]
fn up_does_not_yield() {
    for (_, new) in FORMS {
        let log = Log::new();
        let sem = Rc::new(new(0));
        let _c = downs(log, "woken", &sem, 1);
        no_switch(|| sem.up());
        log.say("goes on");
        settle();
        log.expect(["goes on", "woken"]);
    }
}

#[test]
fn a_negative_count_lets_nobody_through_until_it_was_raised_above_zero() {
    for (form, new) in FORMS {
        let log = Log::new();
        let sem = Rc::new(new(-2));
        assert!(!sem.try_down() && sem.try_acquire().is_none() && !sem.try_down_many(2));
        let theirs = sem.clone();
        let _wait = spawn(move || {
            theirs.wait();
            log.say("wait");
        });
        cede();
        let _down = downs(log, "down", &sem, 1);
        for count in [-1, 0] {
            sem.up();
            settle();
            assert_eq!((sem.count(), sem.waiters()), (count, 2), "{form}");
        }
        log.expect([]);
        sem.up();
        settle();
        log.expect(["wait", "down"]);
        assert_eq!((sem.count(), sem.waiters()), (0, 0), "{form}");
    }
}

#[test]
fn adjust_serves_as_many_as_the_count_then_allows() {
    for (form, new) in FORMS {
        let log = Log::new();
        let sem = Rc::new(new(0));
        let names = ["a", "b", "c", "d", "e"];
        let _all = names.map(|name| downs(log, name, &sem, 1));
        sem.adjust(-4);
        settle();
        log.expect([]);
        sem.adjust(7);
        settle();
        log.expect(["a", "b", "c"]);
        assert_eq!((sem.count(), sem.waiters()), (0, 2), "{form}");
        sem.adjust(9);
        settle();
        log.expect(["d", "e"]);
        assert_eq!((sem.count(), sem.waiters()), (7, 0), "{form}");
        sem.adjust(0);
        assert_eq!(sem.count(), 7);
    }
}

#[test]
fn a_debt_comes_before_a_woken_waiter_of_the_default_form_and_after_one_of_the_fair_form() {
    for (form, new) in FORMS {
        let log = Log::new();
        let sem = Rc::new(new(0));
        let _c = downs(log, "served", &sem, 1);
        sem.up();
        sem.adjust(-1);
        settle();
        if form == "new" {
            log.expect([]);
            assert_eq!((sem.count(), sem.waiters()), (0, 1));
        } else {
            log.expect(["served"]);
            assert_eq!((sem.count(), sem.waiters()), (-1, 0));
        }
    }
}

#[test]
fn wait_takes_no_permit_so_that_one_up_lets_all_who_wait_through() {
    for (form, new) in FORMS {
        let log = Log::new();
        let sem = Rc::new(new(0));
        let all = ["a", "b", "c"].map(|name| {
            let sem = sem.clone();
            let c = spawn(move || {
                sem.wait();
                log.say(name);
            });
            cede();
            c
        });
        let _down = downs(log, "down", &sem, 1);
        sem.up();
        settle();
        log.expect(["a", "b", "c", "down"]);
        assert!(all.iter().all(|c| c.is_finished()));
        assert_eq!((sem.count(), sem.waiters()), (0, 0), "{form}");
    }
}

#[test]
fn a_throw_that_is_pending_is_raised_on_entry_and_takes_nothing() {
    for (form, new) in FORMS {
        let sem = Rc::new(new(3));
        let calls: [fn(&Rc<Semaphore>); 6] = [
            |sem| sem.down(),
            |sem| sem.down_many(2),
            |sem| sem.wait(),
            |sem| drop(sem.acquire()),
            |sem| drop(sem.acquire_many(2)),
            |sem| drop(sem.acquire_rc()),
        ];
        for call in calls {
            let theirs = sem.clone();
            let c = spawn(move || {
                current().throw("pending");
                outcome(|| call(&theirs))
            });
            assert_eq!(c.join().unwrap(), "pending", "{form}");
            assert_eq!((sem.count(), sem.waiters()), (3, 0), "{form}");
        }
    }
}

#[test]
fn a_guard_gives_back_what_it_holds_wherever_it_is_dropped() {
    for (form, new) in FORMS {
        let sem = Rc::new(new(5));
        let (one, two) = (sem.acquire(), sem.acquire_many(2));
        assert_eq!((one.permits(), two.permits(), sem.count()), (1, 2, 2));
        drop(one);
        assert_eq!(sem.count(), 3, "{form}");
        two.forget();
        assert_eq!(sem.count(), 3, "{form}");
        drop(sem.acquire_many(0));
        assert_eq!(sem.count(), 3, "{form}");
        let kept = sem.try_acquire_rc().unwrap();
        sem.acquire_rc().forget();
        assert_eq!(sem.count(), 1, "{form}");
        spawn(move || drop(kept)).join().unwrap();
        assert_eq!(sem.count(), 2, "{form}");
        // An owning guard holds the semaphore no longer than its permit.
        assert_eq!(Rc::strong_count(&sem), 1, "{form}");
    }
}

#[test]
fn a_guard_that_is_dropped_serves_those_who_wait() {
    for (_, new) in FORMS {
        let log = Log::new();
        let sem = Rc::new(new(3));
        let guard = sem.acquire_many(3);
        let _many = downs(log, "two", &sem, 2);
        let _one = downs(log, "one", &sem, 1);
        drop(guard);
        settle();
        log.expect(["two", "one"]);
        assert_eq!((sem.count(), sem.waiters()), (0, 0));
    }
}

#[test]
fn a_guard_is_dropped_when_its_holder_is_unwound() {
    for (form, new) in FORMS {
        let sem = Rc::new(new(4));
        let all = [0, 1, 2].map(|_| {
            let sem = sem.clone();
            let c = spawn(move || {
                let (_guard, _owning) = (sem.acquire_many(1), ());
                coro::schedule();
            });
            cede();
            c
        });
        assert_eq!(sem.count(), 1, "{form}");
        let [cancelled, thrown, safely] = all;
        cancelled.cancel();
        assert_eq!(sem.count(), 2, "{form}");
        thrown.throw("ex");
        assert!(safely.safe_cancel().is_ok());
        settle();
        assert_eq!(sem.count(), 4, "{form}");
    }
}

#[test]
fn an_up_that_overflows_leaves_the_count_as_it_was() {
    for (_, new) in FORMS {
        for (count, by) in [(isize::MAX, 1), (isize::MIN, -1), (1, isize::MAX)] {
            let sem = new(count);
            let panic = caught(|| sem.adjust(by)).unwrap_err();
            assert!(text(&*panic).contains("overflow"));
            assert_eq!(sem.count(), count);
        }
        let sem = new(2);
        assert!(caught(|| sem.down_many(usize::MAX)).is_err());
        assert!(caught(|| sem.try_down_many(usize::MAX)).is_err());
        assert_eq!((sem.count(), sem.waiters()), (2, 0));
    }
}
