//! Callbacks that wait for a semaphore: `wait_with` as its documentation has it, in both forms.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use coro::{cede, schedule, spawn};
use coro_semaphore::Semaphore;

use crate::semaphore::{FORMS, downs, settle};
use crate::support::{Log, die};

fn calls(log: Log, name: &'static str, sem: &Semaphore) {
    sem.wait_with(move || log.say(name));
}

#[test]
fn a_callback_is_called_at_once_while_the_count_is_above_zero() {
    for (form, new) in FORMS {
        let log = Log::new();
        let sem = new(1);
        calls(log, "called", &sem);
        log.expect(["called"]);
        assert_eq!((sem.count(), sem.waiters()), (1, 0), "{form}");
        let sem = new(-1);
        calls(log, "called", &sem);
        assert_eq!(sem.waiters(), 1, "{form}");
        sem.up();
        log.expect([]);
        sem.up();
        log.expect(["called"]);
        assert_eq!((sem.count(), sem.waiters()), (1, 0), "{form}");
    }
}

#[test]
fn callbacks_stand_among_the_coros_in_the_order_of_arrival_and_use_no_permit() {
    for (form, new) in FORMS {
        let log = Log::new();
        let sem = Rc::new(new(0));
        calls(log, "call 1", &sem);
        let _a = downs(log, "a", &sem, 1);
        calls(log, "call 2", &sem);
        calls(log, "call 3", &sem);
        let _b = downs(log, "b", &sem, 1);
        calls(log, "call 4", &sem);
        assert_eq!(sem.waiters(), 6);
        sem.up();
        settle();
        log.expect(["call 1", "a"]);
        assert_eq!((sem.count(), sem.waiters()), (0, 4), "{form}");
        sem.up();
        settle();
        log.expect(["call 2", "call 3", "b"]);
        assert_eq!((sem.count(), sem.waiters()), (0, 1), "{form}");
        sem.up();
        log.expect(["call 4"]);
        assert_eq!((sem.count(), sem.waiters()), (1, 0), "{form}");
    }
}

#[test]
fn a_callback_is_called_within_the_call_that_raises_the_count() {
    for (_, new) in FORMS {
        let log = Log::new();
        let sem = Rc::new(new(0));
        calls(log, "called by up", &sem);
        sem.up();
        log.say("up returned");
        let guard = sem.acquire();
        calls(log, "called by the guard", &sem);
        drop(guard);
        log.say("guard dropped");
        sem.adjust(-1);
        calls(log, "called by the coro", &sem);
        let theirs = sem.clone();
        spawn(move || theirs.up()).join().unwrap();
        log.expect([
            "called by up",
            "up returned",
            "called by the guard",
            "guard dropped",
            "called by the coro",
        ]);
    }
}

#[test]
fn a_callback_may_take_the_permit_before_the_next_waiter() {
    for (form, new) in FORMS {
        let log = Log::new();
        let sem = Rc::new(new(0));
        let theirs = sem.clone();
        sem.wait_with(move || log.say(format!("took it: {}", theirs.try_down())));
        calls(log, "another callback", &sem);
        let _c = downs(log, "coro", &sem, 1);
        sem.up();
        settle();
        log.expect(["took it: true"]);
        assert_eq!((sem.count(), sem.waiters()), (0, 2), "{form}");
        sem.up();
        settle();
        log.expect(["another callback", "coro"]);
        assert_eq!((sem.count(), sem.waiters()), (0, 0), "{form}");
    }
}

#[test]
fn a_callback_may_raise_the_count() {
    for (form, new) in FORMS {
        let log = Log::new();
        let sem = Rc::new(new(0));
        let theirs = sem.clone();
        sem.wait_with(move || {
            log.say("raises");
            theirs.up();
            theirs.adjust(2);
        });
        let names = ["a", "b", "c", "d", "e"];
        let all = names.map(|name| downs(log, name, &sem, 1));
        sem.up();
        settle();
        log.expect(["raises", "a", "b", "c", "d"]);
        assert!(!all[4].is_finished());
        assert_eq!((sem.count(), sem.waiters()), (0, 1), "{form}");
    }
}

#[test]
fn a_callback_may_wait_again_and_comes_last_then() {
    for (form, new) in FORMS {
        let log = Log::new();
        let sem = Rc::new(new(0));
        let theirs = sem.clone();
        sem.wait_with(move || {
            assert!(theirs.try_down());
            log.say("once");
            theirs.wait_with(move || log.say("again"));
        });
        let _c = downs(log, "coro", &sem, 1);
        sem.up();
        settle();
        log.expect(["once"]);
        sem.up();
        settle();
        log.expect(["coro"]);
        sem.up();
        log.expect(["again"]);
        assert_eq!((sem.count(), sem.waiters()), (1, 0), "{form}");
    }
}

#[test]
fn a_callback_that_panics_keeps_nobody_from_being_served() {
    for (form, new) in FORMS {
        let log = Log::new();
        let sem = Rc::new(new(0));
        sem.wait_with(|| die("in a callback"));
        calls(log, "next", &sem);
        let _c = downs(log, "coro", &sem, 1);
        sem.up();
        log.say("up returned");
        settle();
        log.expect(["next", "up returned", "coro"]);
        assert_eq!((sem.count(), sem.waiters()), (0, 0), "{form}");
        let sem = new(1);
        sem.wait_with(|| die("at once"));
        assert_eq!((sem.count(), sem.waiters()), (1, 0), "{form}");
    }
}

#[test]
fn a_callback_that_would_switch_panics_and_the_permit_is_not_lost() {
    for (form, new) in FORMS {
        let log = Log::new();
        let sem = Rc::new(new(0));
        let reached = Rc::new(Cell::new(false));
        let (here, theirs) = (reached.clone(), sem.clone());
        sem.wait_with(move || {
            assert!(theirs.try_down());
            let panic = crate::support::caught(schedule);
            here.set(panic.is_err());
            theirs.up();
        });
        let _c = downs(log, "coro", &sem, 1);
        sem.up();
        settle();
        assert!(reached.get(), "{form}");
        log.expect(["coro"]);
        assert_eq!((sem.count(), sem.waiters()), (0, 0), "{form}");
    }
}

#[test]
fn an_interruption_of_who_raises_the_count_waits_until_the_callback_has_returned() {
    for (form, new) in FORMS {
        let log = Log::new();
        let sem = Rc::new(new(0));
        let raiser = Rc::new(RefCell::new(None::<coro::Coro>));
        let target = raiser.clone();
        sem.wait_with(move || {
            if let Some(coro) = &*target.borrow() {
                coro.throw("ex");
            }
            log.say("callback returned");
        });
        let theirs = sem.clone();
        let c = spawn(move || {
            theirs.up();
            log.say("up returned");
            cede();
            log.say("not thrown at");
        });
        *raiser.borrow_mut() = Some(c.coro().clone());
        settle();
        log.expect(["callback returned", "up returned"]);
        assert!(c.is_finished() && c.join().is_err(), "{form}");
        assert_eq!(sem.count(), 1, "{form}");
    }
}

#[test]
fn a_callback_behind_a_waiter_for_many_is_not_called_before_it_is_served() {
    for (form, new) in FORMS {
        let log = Log::new();
        let sem = Rc::new(new(0));
        let _many = downs(log, "three", &sem, 3);
        calls(log, "callback", &sem);
        sem.adjust(2);
        settle();
        log.expect([]);
        sem.adjust(2);
        // The coro was readied first, and runs when it is its turn.
        log.expect(["callback"]);
        settle();
        log.expect(["three"]);
        assert_eq!((sem.count(), sem.waiters()), (1, 0), "{form}");
    }
}

#[test]
fn a_callback_goes_when_the_waiter_before_it_leaves() {
    for (form, new) in FORMS {
        let log = Log::new();
        let sem = Rc::new(new(0));
        let many = downs(log, "three", &sem, 3);
        calls(log, "callback", &sem);
        sem.adjust(2);
        many.cancel();
        log.expect(["callback"]);
        assert_eq!((sem.count(), sem.waiters()), (2, 0), "{form}");
    }
}
