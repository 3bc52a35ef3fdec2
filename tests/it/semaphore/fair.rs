//! The fair semaphore: the table "Who is next" of its page. Permits go from hand to hand.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use coro::{Coro, Event, Observer, cede, set_observer, spawn};
use coro_semaphore::Semaphore;

use crate::semaphore::{downs, settle};
use crate::support::{Log, fresh};

fn fair(count: isize) -> Rc<Semaphore> {
    Rc::new(Semaphore::fair(count))
}

#[test]
fn up_gives_the_permit_to_the_oldest_and_the_count_does_not_show_it() {
    let log = Log::new();
    let sem = fair(0);
    let first = downs(log, "first", &sem, 1);
    let second = downs(log, "second", &sem, 1);
    sem.up();
    assert!(first.is_ready() && !second.is_ready());
    assert_eq!((sem.count(), sem.waiters()), (0, 1));
    settle();
    log.expect(["first"]);
    assert_eq!((sem.count(), sem.waiters()), (0, 1));
}

#[test]
fn who_comes_by_finds_no_permit_and_waits_at_the_end() {
    let log = Log::new();
    let sem = fair(0);
    let _first = downs(log, "first", &sem, 1);
    let _second = downs(log, "second", &sem, 1);
    let theirs = sem.clone();
    let _comes_by = spawn(move || {
        theirs.up();
        assert!(!theirs.try_down() && !theirs.try_down_many(1));
        assert!(theirs.try_acquire().is_none() && theirs.try_acquire_rc().is_none());
        assert!(theirs.try_down_many(0));
        theirs.down();
        log.say("came by");
    });
    settle();
    log.expect(["first"]);
    assert_eq!(sem.waiters(), 2);
    sem.up();
    settle();
    log.expect(["second"]);
    sem.up();
    settle();
    log.expect(["came by"]);
}

#[test]
fn two_ups_in_a_row_serve_two() {
    let log = Log::new();
    let sem = fair(0);
    let all = ["a", "b", "c", "d"].map(|name| downs(log, name, &sem, 1));
    sem.up();
    sem.up();
    assert_eq!(all.iter().filter(|c| c.is_ready()).count(), 2);
    settle();
    log.expect(["a", "b"]);
    sem.up();
    sem.up();
    settle();
    log.expect(["c", "d"]);
    assert_eq!((sem.count(), sem.waiters()), (0, 0));
}

#[test]
fn a_loop_of_down_cede_up_takes_turns() {
    let log = Log::new();
    let sem = fair(1);
    for name in ["a", "b", "c"] {
        let sem = sem.clone();
        drop(spawn(move || {
            for _ in 0..3 {
                sem.down();
                log.say(name);
                cede();
                sem.up();
            }
        }));
    }
    settle();
    log.expect(["a", "b", "c", "a", "b", "c", "a", "b", "c"]);
    assert_eq!((sem.count(), sem.waiters()), (1, 0));
}

#[test]
fn while_permits_are_there_and_nobody_waits_nobody_blocks() {
    let sem = fair(3);
    sem.down();
    let guard = sem.acquire_many(2);
    assert_eq!((sem.count(), sem.try_down()), (0, false));
    drop(guard);
    assert_eq!(sem.count(), 2);
    sem.wait();
    assert!(sem.try_down_many(2) && sem.count() == 0);
}

#[test]
fn a_permit_that_was_given_survives_spurious_wake_ups_and_a_suspension() {
    let log = Log::new();
    let sem = fair(0);
    let first = downs(log, "first", &sem, 1);
    let _second = downs(log, "second", &sem, 1);
    sem.up();
    first.suspend();
    assert!(!first.ready());
    settle();
    log.expect([]);
    assert!(!sem.try_down());
    sem.up();
    settle();
    log.expect(["second"]);
    // It is thawed and readied by who has nothing to do with the permit.
    first.resume();
    assert!(first.ready());
    settle();
    log.expect(["first"]);
    assert_eq!((sem.count(), sem.waiters()), (0, 0));
}

#[test]
fn the_holder_that_comes_back_waits_behind_all_others() {
    let log = Log::new();
    let sem = fair(1);
    sem.down();
    let _all = ["a", "b", "c"].map(|name| downs(log, name, &sem, 1));
    let theirs = sem.clone();
    // Each of the three keeps its permit; a fourth one comes back again and again.
    let back = spawn(move || {
        for name in ["back 1", "back 2"] {
            theirs.up();
            theirs.down();
            log.say(name);
        }
    });
    settle();
    log.expect(["a"]);
    for expected in ["b", "c", "back 1"] {
        sem.up();
        settle();
        // "back 1" raises it at once and takes it again, as nobody else waits.
        if expected == "back 1" {
            log.expect(["back 1", "back 2"]);
        } else {
            log.expect([expected]);
        }
    }
    assert!(back.is_finished());
}

#[test]
fn permits_that_were_given_are_not_taken_away_by_a_debt() {
    let log = Log::new();
    let sem = fair(0);
    let _all = ["a", "b", "c"].map(|name| downs(log, name, &sem, 1));
    sem.adjust(2);
    sem.adjust(-2);
    assert_eq!((sem.count(), sem.waiters()), (-2, 1));
    settle();
    log.expect(["a", "b"]);
    sem.adjust(2);
    settle();
    log.expect([]);
    sem.up();
    settle();
    log.expect(["c"]);
    assert_eq!(sem.count(), 0);
}

#[test]
fn what_a_dying_waiter_was_given_goes_to_the_oldest_not_to_who_comes_by() {
    let log = Log::new();
    let sem = fair(0);
    let first = downs(log, "first", &sem, 1);
    let _second = downs(log, "second", &sem, 1);
    sem.up();
    first.cancel();
    assert!(!sem.try_down());
    let _third = downs(log, "third", &sem, 1);
    settle();
    log.expect(["second"]);
    assert_eq!((sem.count(), sem.waiters()), (0, 1));
}

#[test]
fn nobody_is_starved_by_any_number_of_greedy_loops() {
    let sem = fair(2);
    let rounds = Rc::new(RefCell::new([0; 7]));
    let most = Rc::new(Cell::new(0));
    let all: Vec<_> = (0..7)
        .map(|n| {
            let (sem, rounds, most) = (sem.clone(), rounds.clone(), most.clone());
            spawn(move || {
                for _ in 0..100 {
                    let _guard = sem.acquire();
                    rounds.borrow_mut()[n] += 1;
                    cede();
                    let rounds = rounds.borrow();
                    let (low, high) = (rounds.iter().min(), rounds.iter().max());
                    most.set(most.get().max(high.unwrap() - low.unwrap()));
                }
            })
        })
        .collect();
    for c in all {
        c.join().unwrap();
    }
    assert!(most.get() <= 1, "one was {} rounds behind", most.get());
    assert_eq!((sem.count(), sem.waiters()), (2, 0));
}

#[test]
fn the_default_form_starves_where_the_fair_one_does_not() {
    // The same check as above finds the loop that the table warns of.
    let sem = Rc::new(Semaphore::new(1));
    let rounds = Rc::new(RefCell::new([0; 2]));
    let all: Vec<_> = (0..2)
        .map(|n| {
            let (sem, rounds) = (sem.clone(), rounds.clone());
            spawn(move || {
                for _ in 0..100 {
                    let _guard = sem.acquire();
                    rounds.borrow_mut()[n] += 1;
                    cede();
                }
                rounds.borrow()[1 - n]
            })
        })
        .collect();
    let behind: Vec<_> = all.into_iter().map(|c| c.join().unwrap()).collect();
    assert_eq!(behind, [0, 100]);
}

/// Cancels a coro, by `safe_cancel`, as soon as it is readied.
struct CancelsReadied(Option<Coro>);

impl Observer for CancelsReadied {
    fn event(&mut self, event: &Event<'_>) {
        if let Event::Readied { coro, .. } = event
            && let Some(victim) = self.0.take_if(|victim| *victim == **coro)
        {
            assert!(victim.safe_cancel().is_ok(), "it waits");
        }
    }
}

/// Runs `f` while an observer cancels the coro as soon as it is readied, and asserts that it did.
#[track_caller]
pub(crate) fn cancelled_when_readied<R>(victim: &Coro, f: impl FnOnce() -> R) -> R {
    drop(set_observer(Some(Box::new(CancelsReadied(Some(
        victim.clone(),
    ))))));
    let result = f();
    drop(set_observer(None));
    settle();
    assert!(victim.is_finished(), "it was not readied");
    result
}

#[test]
fn a_permit_is_not_lost_with_a_waiter_that_an_observer_cancels_while_it_is_given() {
    fresh(|| {
        let log = Log::new();
        for by in [1, 2] {
            let sem = fair(0);
            let victim = downs(log, "victim", &sem, by);
            cancelled_when_readied(victim.coro(), || sem.adjust(by as isize));
            assert_eq!((sem.count(), sem.waiters()), (by as isize, 0));
            // All of them, and no more.
            assert!(sem.try_down_many(by) && !sem.try_down());
        }
        log.expect([]);
    });
}

#[test]
fn the_permit_of_a_waiter_that_an_observer_cancels_goes_to_the_next() {
    fresh(|| {
        let log = Log::new();
        let sem = fair(0);
        let victim = downs(log, "victim", &sem, 1);
        let next = downs(log, "next", &sem, 1);
        let last = downs(log, "last", &sem, 1);
        cancelled_when_readied(victim.coro(), || sem.up());
        log.expect(["next"]);
        assert!(next.is_finished() && !last.is_finished());
        assert_eq!((sem.count(), sem.waiters()), (0, 1));
        assert!(last.safe_cancel().is_ok());
    });
}
