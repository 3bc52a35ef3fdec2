//! Interruptions of a wait with a limit, at every point of it.

use std::rc::Rc;

use coro::{JoinHandle, cede, shield};
use coro_time::{Elapsed, VirtualClock, armed, sleep, timeout};

use super::{Form, Serves, Thing, all, begin, had, secs, waiter};
use crate::semaphore::settle;
use crate::support::{Log, caught, defer};

/// How a coro is interrupted.
#[derive(Clone, Copy, Debug)]
enum How {
    Cancel,
    Throw,
    SafeCancel,
}

const ALL: [How; 3] = [How::Cancel, How::Throw, How::SafeCancel];

impl How {
    fn interrupt<T>(self, c: &JoinHandle<T>) {
        match self {
            How::Cancel => c.cancel(),
            How::Throw => drop(c.throw("ex")),
            How::SafeCancel => c.safe_cancel().expect("it waits"),
        }
    }
}

/// What has happened to a waiter when it is interrupted.
#[derive(Clone, Copy, Debug)]
enum Point {
    Waits,
    /// Its timer has gone off.
    Over,
    /// It was given it.
    Given,
    /// Both.
    GivenThenOver,
    OverThenGiven,
}

const POINTS: [Point; 5] = [
    Point::Waits,
    Point::Over,
    Point::Given,
    Point::GivenThenOver,
    Point::OverThenGiven,
];

impl Point {
    /// Leads there a waiter that has a limit of a second; returns whether something was given.
    fn reach(self, thing: &Thing, clock: &VirtualClock) -> bool {
        match self {
            Point::Waits => {}
            Point::Over => clock.advance(secs(1)),
            Point::Given => thing.give(),
            Point::GivenThenOver => {
                thing.give();
                clock.advance(secs(1));
            }
            Point::OverThenGiven => {
                clock.advance(secs(1));
                thing.give();
            }
        }
        !matches!(self, Point::Waits | Point::Over)
    }
}

/// Calls `test` for each form, interruption and point.
fn everywhere(test: impl Fn(&Form, How, Point, &str)) {
    for form in all() {
        for how in ALL {
            for point in POINTS {
                let name = format!("{}: {how:?} {point:?}", form.name);
                test(&form, how, point, &name);
            }
        }
    }
}

#[test]
fn an_interrupted_waiter_is_out_and_what_it_was_given_passes_on() {
    everywhere(|form, how, point, name| {
        let clock = VirtualClock::install();
        let thing = form.make();
        let (first, second) = (waiter(&thing, secs(1)), waiter(&thing, secs(9)));
        let given = point.reach(&thing, &clock);
        how.interrupt(&first);
        settle();
        assert!(first.is_finished(), "{name}");
        let error = first.join().unwrap_err();
        assert_eq!(error.is_cancelled(), !matches!(how, How::Throw), "{name}");
        assert_eq!(second.is_finished(), given, "{name}");
        if !given {
            assert_eq!(armed(), 1, "{name}");
            thing.give();
            settle();
        }
        assert!(had(second, name), "{name}");
        assert_eq!(armed(), 0, "{name}");
    });
}

#[test]
fn an_interrupted_waiter_that_was_alone_leaves_what_it_was_given_to_who_comes() {
    everywhere(|form, how, point, name| {
        if form.serves == Serves::Waiter {
            return;
        }
        let clock = VirtualClock::install();
        let thing = form.make();
        let c = waiter(&thing, secs(1));
        let given = point.reach(&thing, &clock);
        how.interrupt(&c);
        settle();
        assert_eq!((c.is_finished(), armed()), (true, 0), "{name}");
        assert_eq!(thing.wait(secs(0)), given, "{name}");
        if !given {
            thing.give();
            settle();
            assert!(thing.wait(secs(0)), "{name}");
        }
    });
}

#[test]
fn it_is_out_of_the_queue_and_has_no_timer_when_its_destructors_run() {
    for form in all() {
        for how in ALL {
            let _clock = VirtualClock::install();
            let log = Log::new();
            let thing = form.make();
            let theirs = thing.clone();
            let c = begin(move || {
                let seen = theirs.clone();
                let _seen = defer(move || {
                    let listed = seen.lists(&coro::current());
                    log.say(format!("{listed} {}", armed()));
                });
                theirs.wait(secs(1))
            });
            how.interrupt(&c);
            if matches!(how, How::SafeCancel) {
                assert!(!thing.lists(&c), "{}", form.name);
            }
            settle();
            log.expect(["false 0"]);
            assert!(c.is_finished(), "{}: {how:?}", form.name);
        }
    }
}

#[test]
fn a_throw_that_is_caught_leaves_a_coro_that_can_wait_again() {
    for form in all() {
        let clock = VirtualClock::install();
        let thing = form.make();
        let theirs = thing.clone();
        let c = begin(move || {
            assert!(caught(|| theirs.wait(secs(9))).is_err());
            theirs.wait(secs(1))
        });
        c.throw("ex");
        settle();
        assert_eq!(armed(), 1, "{}", form.name);
        c.coro().join();
        assert!(!had(c, &form.name), "{}", form.name);
        assert_eq!((armed(), clock.elapsed()), (0, secs(1)), "{}", form.name);
    }
}

/// A coro that waits for a thing nine seconds, and is cut off after one.
fn cut(thing: &Rc<Thing>) -> JoinHandle<Result<bool, Elapsed>> {
    let thing = thing.clone();
    begin(move || timeout(secs(1), || thing.wait(secs(9))))
}

#[test]
fn a_timeout_around_it_cuts_it_off() {
    for form in all() {
        let clock = VirtualClock::install();
        let thing = form.make();
        let (c, second) = (cut(&thing), waiter(&thing, secs(9)));
        assert_eq!(armed(), 3, "{}", form.name);
        c.coro().join();
        assert_eq!(c.join().unwrap(), Err(Elapsed), "{}", form.name);
        assert_eq!((armed(), clock.elapsed()), (1, secs(1)), "{}", form.name);
        thing.give();
        settle();
        assert!(had(second, &form.name), "{}", form.name);
    }
}

#[test]
fn a_timeout_around_it_leaves_what_was_given_at_that_moment() {
    for form in all() {
        if form.kind == "condvar" {
            continue; // it locks the mutex after that, and is cut off there
        }
        for given_first in [true, false] {
            let clock = VirtualClock::install();
            let thing = form.make();
            let c = cut(&thing);
            if given_first {
                thing.give();
            }
            clock.advance(secs(1));
            if !given_first {
                thing.give();
            }
            settle();
            assert_eq!(c.join().unwrap(), Ok(true), "{}", form.name);
            assert_eq!(armed(), 0, "{}", form.name);
        }
    }
}

#[test]
fn the_shorter_of_two_limits_counts() {
    for form in all() {
        if form.kind == "condvar" {
            continue; // it locks the mutex after that, and is cut off there
        }
        let clock = VirtualClock::install();
        let thing = form.make();
        let theirs = thing.clone();
        let inner = begin(move || timeout(secs(9), || theirs.wait(secs(1))));
        inner.coro().join();
        assert_eq!(inner.join().unwrap(), Ok(false), "{}", form.name);
        let theirs = thing.clone();
        // Both at once: the wait is asked first.
        let both = begin(move || timeout(secs(1), || theirs.wait(secs(1))));
        both.coro().join();
        assert_eq!(both.join().unwrap(), Ok(false), "{}", form.name);
        assert_eq!((armed(), clock.elapsed()), (0, secs(2)), "{}", form.name);
    }
}

#[test]
fn a_shielded_waiter_waits_on_and_is_interrupted_afterwards() {
    for form in all() {
        for given in [false, true] {
            let clock = VirtualClock::install();
            let log = Log::new();
            let thing = form.make();
            let theirs = thing.clone();
            let c = begin(move || {
                shield(|| log.say(theirs.wait(secs(2))));
                cede();
                log.say("not reached");
            });
            c.cancel();
            assert!(c.safe_cancel().is_err(), "{}", form.name);
            sleep(secs(1));
            c.ready();
            settle();
            assert!(!c.is_finished(), "{}", form.name);
            if given {
                thing.give();
            }
            c.coro().join();
            log.expect([if given { "true" } else { "false" }]);
            let end = if given { secs(1) } else { secs(2) };
            assert_eq!((armed(), clock.elapsed()), (0, end), "{}", form.name);
        }
    }
}

#[test]
fn a_destructor_may_wait_with_a_limit() {
    for form in all() {
        for given in [false, true] {
            let clock = VirtualClock::install();
            let log = Log::new();
            let thing = form.make();
            let theirs = thing.clone();
            let c = begin(move || {
                let _slow = defer(move || log.say(theirs.wait(secs(1))));
                coro::schedule();
            });
            c.cancel();
            assert_eq!((c.is_finished(), armed()), (false, 1), "{}", form.name);
            if given {
                thing.give();
            }
            c.coro().join();
            log.expect([if given { "true" } else { "false" }]);
            let end = secs(u64::from(!given));
            assert_eq!((armed(), clock.elapsed()), (0, end), "{}", form.name);
        }
    }
}

#[test]
fn an_interruption_that_is_pending_comes_before_the_look() {
    for form in all() {
        // As of `rdlock` and `wrlock`, which raise nothing if they need not block; and the guard of a
        // condvar has to be had first.
        if form.kind == "rwlock" || form.serves == Serves::Waiter || form.name.contains("_while") {
            continue;
        }
        let _clock = VirtualClock::install();
        let thing = form.make();
        thing.give();
        settle();
        let theirs = thing.clone();
        let c = begin(move || {
            coro::current().throw("ex");
            caught(|| theirs.wait(secs(0))).is_err()
        });
        assert!(had(c, &form.name), "{}", form.name);
        assert!(thing.wait(secs(0)), "{}: it was taken", form.name);
    }
}

#[test]
fn a_condvar_that_is_cut_off_when_notified_passes_on() {
    let clock = VirtualClock::install();
    let form = all().into_iter().find(|form| form.serves == Serves::Waiter);
    let thing = form.expect("there is one").make();
    let (c, second) = (cut(&thing), waiter(&thing, secs(9)));
    thing.give();
    clock.advance(secs(1));
    settle();
    assert_eq!(c.join().unwrap(), Err(Elapsed));
    assert!(had(second, "the next one"));
    assert_eq!(armed(), 0);
}
