//! Interrupted waits for permits: every way to wait, in both forms, interrupted in every way, before
//! and after it was woken. Nothing is taken, and what was given passes on.

use std::rc::Rc;

use coro::{Coro, JoinHandle, cede, spawn};
use coro_channel::select;
use coro_semaphore::Semaphore;

use crate::semaphore::{FORMS, settle};
use crate::support::{caught, text};

/// A way to wait: its name, how many permits have to be there, and the call.
type Way = (&'static str, isize, fn(&Rc<Semaphore>));

const WAYS: [Way; 8] = [
    ("down", 1, |sem| sem.down()),
    ("down_many", 2, |sem| sem.down_many(2)),
    ("wait", 1, |sem| sem.wait()),
    ("acquire", 1, |sem| sem.acquire().forget()),
    ("acquire_many", 3, |sem| sem.acquire_many(3).forget()),
    ("acquire_rc", 1, |sem| sem.acquire_rc().forget()),
    ("down_arm", 1, |sem| select! { () = sem.down_arm() => () }),
    (
        "acquire_arm",
        1,
        |sem| select! { guard = sem.acquire_arm() => guard.forget() },
    ),
];

/// A way to interrupt.
pub(crate) type Hit = (&'static str, fn(&Coro));

/// All ways to interrupt.
pub(crate) const HITS: [Hit; 3] = [
    ("throw", |c| drop(c.throw("ex"))),
    ("cancel", |c| c.cancel()),
    ("safe_cancel", |c| c.safe_cancel().expect("it only waits")),
];

fn waits(sem: &Rc<Semaphore>, call: fn(&Rc<Semaphore>)) -> JoinHandle<()> {
    let sem = sem.clone();
    let c = spawn(move || call(&sem));
    cede();
    c
}

/// Runs `check` with each form, way to wait, way to be hit; the last one names them.
fn each(check: impl Fn(Rc<Semaphore>, Way, Hit, &str)) {
    for (form, new) in FORMS {
        for way in WAYS {
            for hit in HITS {
                let name = format!("{form}: {}, {}", way.0, hit.0);
                check(Rc::new(new(0)), way, hit, &name);
            }
        }
    }
}

#[test]
fn who_is_interrupted_while_it_waits_leaves_and_takes_nothing() {
    each(|sem, (_, needs, call), (kind, hit), name| {
        let first = waits(&sem, call);
        let second = waits(&sem, |sem| sem.down());
        hit(first.coro());
        if kind != "throw" {
            // Who is thrown at keeps its entry until it runs.
            assert_eq!(sem.waiters(), 1, "{name}");
        }
        settle();
        assert!(first.is_finished(), "{name}");
        assert_eq!((sem.count(), sem.waiters()), (0, 1), "{name}");
        sem.adjust(needs);
        settle();
        assert!(second.is_finished(), "{name}");
        assert_eq!((sem.count(), sem.waiters()), (needs - 1, 0), "{name}");
    });
}

#[test]
fn who_is_interrupted_after_it_was_woken_passes_the_permits_on() {
    each(|sem, (_, needs, call), (_, hit), name| {
        let first = waits(&sem, call);
        let second = waits(&sem, |sem| sem.down());
        sem.adjust(needs);
        assert!(first.is_ready(), "{name}");
        hit(first.coro());
        settle();
        assert!(first.join().is_err(), "{name}");
        assert!(second.is_finished(), "{name}");
        assert_eq!((sem.count(), sem.waiters()), (needs - 1, 0), "{name}");
    });
}

#[test]
fn who_is_interrupted_after_it_was_woken_and_waits_alone_leaves_the_permits_there() {
    each(|sem, (_, needs, call), (_, hit), name| {
        let only = waits(&sem, call);
        sem.adjust(needs);
        hit(only.coro());
        settle();
        assert!(only.join().is_err(), "{name}");
        assert_eq!((sem.count(), sem.waiters()), (needs, 0), "{name}");
        assert!(sem.try_down());
    });
}

#[test]
fn what_is_given_between_a_throw_and_its_delivery_passes_on() {
    for (form, new) in FORMS {
        for (way, needs, call) in WAYS {
            let sem = Rc::new(new(0));
            let first = waits(&sem, call);
            let second = waits(&sem, |sem| sem.down());
            first.throw("ex");
            sem.adjust(needs);
            settle();
            assert!(first.join().is_err(), "{form}: {way}");
            assert!(second.is_finished(), "{form}: {way}");
            assert_eq!(
                (sem.count(), sem.waiters()),
                (needs - 1, 0),
                "{form}: {way}"
            );
        }
    }
}

#[test]
fn what_passes_on_goes_to_as_many_as_it_suffices_for() {
    each(|sem, (_, needs, call), (_, hit), name| {
        let first = waits(&sem, call);
        let rest: Vec<_> = (0..needs + 1)
            .map(|_| waits(&sem, |sem| sem.down()))
            .collect();
        sem.adjust(needs);
        hit(first.coro());
        settle();
        let served = rest.iter().filter(|c| c.is_finished()).count() as isize;
        assert_eq!(served, needs, "{name}");
        assert_eq!((sem.count(), sem.waiters()), (0, 1), "{name}");
    });
}

#[test]
fn spurious_wake_ups_give_nothing_and_keep_the_place() {
    for (form, new) in FORMS {
        for (way, needs, call) in WAYS {
            let sem = Rc::new(new(0));
            let first = waits(&sem, call);
            let second = waits(&sem, |sem| sem.down());
            for _ in 0..3 {
                assert!(first.ready() && second.ready());
                settle();
            }
            assert_eq!((sem.count(), sem.waiters()), (0, 2), "{form}: {way}");
            sem.adjust(needs);
            settle();
            assert!(first.is_finished(), "{form}: {way}");
            sem.up();
            settle();
            assert!(second.is_finished(), "{form}: {way}");
            assert_eq!(sem.waiters(), 0, "{form}: {way}");
        }
    }
}

#[test]
fn who_is_interrupted_is_out_of_the_queue_before_its_handlers_run() {
    for (form, new) in FORMS {
        for (way, _, call) in WAYS {
            let sem = Rc::new(new(0));
            let theirs = sem.clone();
            let c = spawn(move || {
                let payload = caught(|| call(&theirs)).unwrap_err();
                assert_eq!((text(&*payload), theirs.waiters()), ("ex", 0));
            });
            cede();
            assert_eq!(sem.waiters(), 1);
            c.throw("ex");
            settle();
            assert!(c.join().is_ok(), "{form}: {way}");
        }
    }
}

#[test]
fn who_caught_a_throw_may_wait_again_at_the_end() {
    for (form, new) in FORMS {
        for (way, needs, call) in WAYS {
            let sem = Rc::new(new(0));
            let theirs = sem.clone();
            let first = spawn(move || {
                assert!(coro::catch(|| call(&theirs)).is_err());
                call(&theirs);
            });
            cede();
            let second = waits(&sem, |sem| sem.down());
            first.throw("ex");
            settle();
            sem.up();
            settle();
            let ends = (first.is_finished(), second.is_finished());
            assert_eq!(ends, (false, true), "{form}: {way}");
            sem.adjust(needs);
            settle();
            assert!(first.is_finished(), "{form}: {way}");
        }
    }
}

#[test]
fn a_shielded_waiter_is_interrupted_only_after_it_got_the_permit() {
    for (form, new) in FORMS {
        let sem = Rc::new(new(0));
        let theirs = sem.clone();
        let c = spawn(move || {
            coro::shield(|| theirs.down());
            cede();
        });
        cede();
        c.cancel();
        settle();
        assert!(!c.is_finished(), "{form}");
        assert_eq!(sem.waiters(), 1, "{form}");
        sem.up();
        settle();
        assert!(c.join().unwrap_err().is_cancelled(), "{form}");
        assert_eq!((sem.count(), sem.waiters()), (0, 0), "{form}");
    }
}

#[test]
fn the_permit_passes_through_any_number_of_dying_waiters() {
    each(|sem, (_, needs, call), (_, hit), name| {
        let dying: Vec<_> = (0..10).map(|_| waits(&sem, call)).collect();
        let last = waits(&sem, |sem| sem.down());
        sem.adjust(needs);
        dying.iter().for_each(|c| hit(c.coro()));
        settle();
        assert!(last.is_finished(), "{name}");
        assert_eq!((sem.count(), sem.waiters()), (needs - 1, 0), "{name}");
    });
}
