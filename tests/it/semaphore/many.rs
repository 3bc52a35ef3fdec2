//! Waiting for many permits at once: `down_many`, `acquire_many`, `try_down_many`.

use std::rc::Rc;

use coro::{no_switch, spawn};
use coro_semaphore::Semaphore;

use crate::semaphore::{FORMS, downs, settle};
use crate::support::{Log, caught, text};

fn fair(count: isize) -> Rc<Semaphore> {
    Rc::new(Semaphore::fair(count))
}

fn default(count: isize) -> Rc<Semaphore> {
    Rc::new(Semaphore::new(count))
}

#[test]
fn permits_are_taken_all_at_once_or_not_at_all() {
    for (form, new) in FORMS {
        let sem = new(5);
        assert!(!sem.try_down_many(6) && sem.count() == 5, "{form}");
        sem.down_many(3);
        assert_eq!(sem.count(), 2, "{form}");
        assert!(sem.try_down_many(2) && !sem.try_down_many(1));
        assert_eq!((sem.count(), sem.waiters()), (0, 0), "{form}");
    }
}

#[test]
fn no_permits_are_there_at_once_even_in_debt_and_behind_others() {
    for (form, new) in FORMS {
        let log = Log::new();
        let sem = Rc::new(new(-2));
        let _c = downs(log, "waits", &sem, 1);
        no_switch(|| {
            sem.down_many(0);
            assert!(sem.try_down_many(0));
            assert_eq!(sem.acquire_many(0).permits(), 0);
        });
        log.expect([]);
        assert_eq!((sem.count(), sem.waiters()), (-2, 1), "{form}");
    }
}

#[test]
fn the_oldest_collects_and_is_not_overtaken_by_smaller_ones() {
    let log = Log::new();
    let sem = fair(0);
    let _many = downs(log, "three", &sem, 3);
    let _one = downs(log, "one", &sem, 1);
    for _ in 0..2 {
        sem.up();
        settle();
        log.expect([]);
        assert_eq!((sem.count(), sem.waiters()), (0, 2));
        assert!(!sem.try_down());
    }
    sem.up();
    settle();
    log.expect(["three"]);
    sem.up();
    settle();
    log.expect(["one"]);
    assert_eq!((sem.count(), sem.waiters()), (0, 0));
}

#[test]
fn the_oldest_collects_what_was_there_when_it_came() {
    let log = Log::new();
    let sem = fair(2);
    let _many = downs(log, "three", &sem, 3);
    assert_eq!((sem.count(), sem.try_down()), (0, false));
    let _one = downs(log, "one", &sem, 1);
    sem.up();
    settle();
    log.expect(["three"]);
    assert_eq!((sem.count(), sem.waiters()), (0, 1));
}

#[test]
fn the_next_collects_what_the_oldest_did_not_need() {
    let log = Log::new();
    let sem = fair(0);
    let _all = [("two", 2), ("three", 3), ("one", 1)].map(|(name, by)| downs(log, name, &sem, by));
    sem.adjust(4);
    settle();
    log.expect(["two"]);
    assert_eq!((sem.count(), sem.waiters()), (0, 2));
    sem.up();
    settle();
    log.expect(["three"]);
    sem.up();
    settle();
    log.expect(["one"]);
}

#[test]
fn a_debt_comes_out_of_what_was_collected() {
    let log = Log::new();
    let sem = fair(0);
    let _many = downs(log, "three", &sem, 3);
    sem.adjust(2);
    sem.adjust(-1);
    sem.up();
    settle();
    log.expect([]);
    sem.adjust(-3);
    assert_eq!(sem.count(), -1);
    sem.adjust(3);
    settle();
    log.expect([]);
    sem.up();
    settle();
    log.expect(["three"]);
    assert_eq!((sem.count(), sem.waiters()), (0, 0));
}

#[test]
fn what_the_oldest_collected_goes_to_the_next_when_it_leaves() {
    for how in ["cancel", "safe_cancel", "throw"] {
        let log = Log::new();
        let sem = fair(0);
        let many = downs(log, "four", &sem, 4);
        let _rest =
            [("one", 1), ("two", 2), ("also one", 1)].map(|(name, by)| downs(log, name, &sem, by));
        sem.adjust(2);
        match how {
            "cancel" => many.cancel(),
            "safe_cancel" => many.safe_cancel().unwrap(),
            _ => drop(many.throw("ex")),
        }
        settle();
        log.expect(["one"]);
        assert_eq!((sem.count(), sem.waiters()), (0, 2), "{how}");
        sem.up();
        settle();
        log.expect(["two"]);
        sem.up();
        settle();
        log.expect(["also one"]);
        assert_eq!((sem.count(), sem.waiters()), (0, 0), "{how}");
    }
}

#[test]
fn what_the_oldest_collected_is_there_again_when_it_leaves_and_nobody_waits() {
    let log = Log::new();
    let sem = fair(1);
    let many = downs(log, "four", &sem, 4);
    sem.adjust(2);
    assert_eq!(sem.count(), 0);
    many.cancel();
    assert_eq!((sem.count(), sem.waiters()), (3, 0));
    assert!(sem.try_down_many(3));
}

#[test]
fn the_middle_of_the_line_may_leave_and_gives_nothing_away() {
    for (form, new) in FORMS {
        let log = Log::new();
        let sem = Rc::new(new(0));
        let _first = downs(log, "three", &sem, 3);
        let middle = downs(log, "two", &sem, 2);
        let _last = downs(log, "one", &sem, 1);
        sem.adjust(2);
        middle.cancel();
        settle();
        log.expect([]);
        sem.adjust(2);
        settle();
        log.expect(["three", "one"]);
        assert_eq!((sem.count(), sem.waiters()), (0, 0), "{form}");
    }
}

#[test]
fn what_was_given_to_a_waiter_for_many_is_served_to_several_when_it_dies() {
    let log = Log::new();
    let sem = fair(0);
    let many = downs(log, "three", &sem, 3);
    let _rest = ["a", "b", "c", "d"].map(|name| downs(log, name, &sem, 1));
    sem.adjust(3);
    many.cancel();
    settle();
    log.expect(["a", "b", "c"]);
    assert_eq!((sem.count(), sem.waiters()), (0, 1));
}

#[test]
fn in_the_default_form_the_oldest_is_readied_when_there_are_enough() {
    let log = Log::new();
    let sem = default(0);
    let many = downs(log, "three", &sem, 3);
    sem.up();
    sem.up();
    assert!(!many.is_ready());
    assert_eq!((sem.count(), sem.waiters()), (2, 1));
    sem.up();
    assert!(many.is_ready());
    settle();
    log.expect(["three"]);
    assert_eq!((sem.count(), sem.waiters()), (0, 0));
}

#[test]
fn in_the_default_form_others_may_come_by_and_take_what_the_oldest_lacks() {
    let log = Log::new();
    let sem = default(0);
    let _many = downs(log, "three", &sem, 3);
    sem.adjust(2);
    let _one = downs(log, "came by", &sem, 1);
    log.expect(["came by"]);
    assert_eq!((sem.count(), sem.waiters()), (1, 1));
    sem.adjust(2);
    assert!(sem.try_down());
    settle();
    log.expect([]);
    assert_eq!((sem.count(), sem.waiters()), (2, 1));
}

#[test]
fn in_the_default_form_the_next_is_served_when_the_woken_one_finds_too_few() {
    let log = Log::new();
    let sem = default(0);
    let _three = downs(log, "three", &sem, 3);
    let _one = downs(log, "one", &sem, 1);
    sem.adjust(3);
    assert!(sem.try_down());
    settle();
    // It waits again at the end, and what is there is enough for the one before it now.
    log.expect(["one"]);
    assert_eq!((sem.count(), sem.waiters()), (1, 1));
    sem.adjust(2);
    settle();
    log.expect(["three"]);
}

#[test]
fn in_the_default_form_the_next_is_served_when_the_oldest_leaves() {
    for how in ["cancel", "safe_cancel", "throw"] {
        let log = Log::new();
        let sem = default(0);
        let many = downs(log, "three", &sem, 3);
        let _rest = [("two", 2), ("one", 1)].map(|(name, by)| downs(log, name, &sem, by));
        sem.adjust(2);
        settle();
        log.expect([]);
        match how {
            "cancel" => many.cancel(),
            "safe_cancel" => many.safe_cancel().unwrap(),
            _ => drop(many.throw("ex")),
        }
        settle();
        log.expect(["two"]);
        assert_eq!((sem.count(), sem.waiters()), (0, 1), "{how}");
    }
}

#[test]
fn as_many_are_served_as_their_permits_suffice_for() {
    for (form, new) in FORMS {
        let log = Log::new();
        let sem = Rc::new(new(0));
        let _all = [("a2", 2), ("b1", 1), ("c3", 3), ("d1", 1)]
            .map(|(name, by)| downs(log, name, &sem, by));
        sem.adjust(5);
        settle();
        log.expect(["a2", "b1"]);
        // Two are left over, for c3: the fair form has put them aside.
        let left = if form == "fair" { 0 } else { 2 };
        assert_eq!((sem.count(), sem.waiters()), (left, 2), "{form}");
        sem.adjust(2);
        settle();
        log.expect(["c3", "d1"]);
        assert_eq!((sem.count(), sem.waiters()), (0, 0), "{form}");
    }
}

#[test]
fn a_guard_of_many_gives_them_all_back_at_once() {
    for (form, new) in FORMS {
        let log = Log::new();
        let sem = Rc::new(new(3));
        let theirs = sem.clone();
        let holder = spawn(move || {
            let _guard = theirs.acquire_many(3);
            coro::schedule();
        });
        settle();
        let _three = downs(log, "three", &sem, 3);
        let _one = downs(log, "one", &sem, 1);
        holder.cancel();
        settle();
        log.expect(["three"]);
        assert_eq!((sem.count(), sem.waiters()), (0, 1), "{form}");
    }
}

#[test]
fn an_up_that_overflows_together_with_what_was_collected_changes_nothing() {
    let sem = fair(isize::MAX - 1);
    let theirs = sem.clone();
    let c = spawn(move || theirs.down_many(isize::MAX as usize));
    settle();
    assert_eq!((sem.count(), sem.waiters()), (0, 1));
    let panic = caught(|| sem.adjust(5)).unwrap_err();
    assert_eq!(text(&*panic), "the count of a semaphore overflowed");
    assert_eq!((sem.count(), sem.waiters()), (0, 1));
    sem.up();
    settle();
    assert!(c.is_finished());
    assert_eq!((sem.count(), sem.waiters()), (0, 0));
}

#[test]
fn a_permit_that_was_given_before_the_count_was_raised_to_the_utmost_is_taken() {
    let sem = fair(0);
    let [taker, leaver] = [(), ()].map(|()| {
        let theirs = sem.clone();
        let c = spawn(move || theirs.down());
        settle();
        c
    });
    sem.adjust(2);
    sem.adjust(isize::MAX);
    leaver.cancel();
    taker.join().unwrap();
    assert_eq!((sem.count(), sem.waiters()), (isize::MAX, 0));
}
