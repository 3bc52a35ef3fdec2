//! Whose time is over leaves, and takes nothing along.

use std::time::Duration;

use coro::{no_switch, ready_count};
use coro_time::{VirtualClock, armed, sleep};

use super::{Serves, all, had, millis, secs, waiter};
use crate::semaphore::settle;
use crate::support::{caught, fresh, text};

#[test]
fn the_time_is_over_at_its_end_and_not_before() {
    for form in all() {
        let clock = VirtualClock::install();
        let thing = form.make();
        let c = waiter(&thing, secs(2));
        sleep(millis(1999));
        settle();
        assert!(!c.is_finished(), "{}", form.name);
        c.coro().join();
        assert_eq!((armed(), clock.elapsed()), (0, secs(2)), "{}", form.name);
        assert!(!thing.lists(&c), "{}", form.name);
        assert!(!had(c, &form.name), "{}", form.name);
    }
}

#[test]
fn main_may_wait_as_any_other() {
    for form in all() {
        let clock = VirtualClock::install();
        let thing = form.make();
        assert!(!thing.wait(secs(2)), "{}", form.name);
        assert_eq!((armed(), clock.elapsed()), (0, secs(2)), "{}", form.name);
    }
}

#[test]
fn who_has_left_swallows_nothing() {
    for form in all() {
        let _clock = VirtualClock::install();
        let thing = form.make();
        assert!(!thing.wait(secs(1)), "{}", form.name);
        thing.give();
        settle();
        let remembered = form.serves != Serves::Waiter;
        assert_eq!(thing.wait(secs(0)), remembered, "{}", form.name);
        if form.serves == Serves::One {
            assert!(!thing.wait(secs(0)), "{}", form.name);
        }
    }
}

#[test]
fn who_waits_behind_one_that_leaves_is_next() {
    for form in all() {
        let _clock = VirtualClock::install();
        let thing = form.make();
        let first = waiter(&thing, secs(1));
        let second = waiter(&thing, secs(9));
        sleep(secs(1));
        settle();
        assert!(!had(first, &form.name), "{}", form.name);
        thing.give();
        settle();
        assert!(had(second, &form.name), "{}", form.name);
        assert_eq!(armed(), 0, "{}", form.name);
    }
}

#[test]
fn a_limit_of_zero_looks_and_does_not_wait() {
    for form in all() {
        let _clock = VirtualClock::install();
        let thing = form.make();
        if form.name.starts_with("select!") {
            continue; // it has a timer of its own, which is due
        }
        no_switch(|| assert!(!thing.wait(secs(0)), "{}", form.name));
        assert_eq!((armed(), ready_count()), (0, 0), "{}", form.name);
        // It is behind all who wait, too.
        let c = waiter(&thing, secs(1));
        no_switch(|| assert!(!thing.wait(secs(0)), "{}", form.name));
        thing.give();
        settle();
        assert!(had(c, &form.name), "{}", form.name);
    }
}

#[test]
fn spurious_wake_ups_neither_shorten_nor_lengthen_the_wait() {
    for form in all() {
        let clock = VirtualClock::install();
        let thing = form.make();
        let c = waiter(&thing, secs(2));
        for _ in 0..7 {
            sleep(millis(250));
            assert!(c.ready(), "{}", form.name);
            settle();
            assert!(!c.is_finished() && armed() == 1, "{}", form.name);
        }
        c.coro().join();
        assert_eq!(clock.elapsed(), secs(2), "{}", form.name);
        assert!(!had(c, &form.name), "{}", form.name);
    }
}

#[test]
fn a_spurious_wake_up_after_the_time_ends_the_wait_before_the_timer_is_served() {
    for form in all() {
        let _clock = VirtualClock::install();
        let thing = form.make();
        let (first, second) = (waiter(&thing, secs(1)), waiter(&thing, secs(1)));
        coro_time::at(coro::now() + secs(1)).wait();
        // All of them are served at once; the second one is ready twice over.
        second.ready();
        settle();
        assert!(!had(first, &form.name), "{}", form.name);
        assert!(!had(second, &form.name), "{}", form.name);
        assert_eq!(armed(), 0, "{}", form.name);
    }
}

#[test]
fn waiters_with_different_limits_leave_each_at_its_time() {
    for form in all() {
        let clock = VirtualClock::install();
        let thing = form.make();
        let limits = [3, 1, 2];
        let all = limits.map(|limit| waiter(&thing, secs(limit)));
        for n in [1, 2, 0] {
            all[n].coro().join();
            assert_eq!(clock.elapsed(), secs(limits[n]), "{}", form.name);
        }
        assert!(
            all.into_iter().all(|c| !had(c, &form.name)),
            "{}",
            form.name
        );
    }
}

#[test]
fn a_wait_for_ever_that_cannot_end_is_a_deadlock() {
    for at in 0..all().len() {
        fresh(move || {
            let _clock = VirtualClock::install();
            let form = &all()[at];
            let thing = form.make();
            let payload = caught(|| thing.wait(Duration::MAX)).unwrap_err();
            let said = text(&*payload);
            assert!(said.starts_with("deadlock"), "{}: {said}", form.name);
            // Nothing of it is left.
            thing.give();
            settle();
            let remembered = form.serves != Serves::Waiter;
            assert_eq!(thing.wait(secs(0)), remembered, "{}", form.name);
        });
    }
}
