//! Who has it in time, or at that very moment, has it.

use coro::{cede, no_switch, ready_count};
use coro_time::{VirtualClock, armed, sleep};

use super::{Serves, all, had, millis, secs, waiter};
use crate::semaphore::settle;

#[test]
fn who_has_it_in_time_has_it_and_the_timer_is_gone() {
    for form in all() {
        let clock = VirtualClock::install();
        let thing = form.make();
        let c = waiter(&thing, secs(2));
        assert_eq!(armed(), 1, "{}", form.name);
        sleep(secs(1));
        thing.give();
        settle();
        assert_eq!((armed(), clock.elapsed()), (0, secs(1)), "{}", form.name);
        assert!(had(c, &form.name), "{}", form.name);
    }
}

#[test]
fn who_is_given_it_when_the_time_is_over_has_it() {
    for form in all() {
        // Before the timer is served, after it was, and both at a spurious wake-up.
        for given_first in [true, false] {
            let clock = VirtualClock::install();
            let thing = form.make();
            let c = waiter(&thing, secs(2));
            if given_first {
                thing.give();
            }
            clock.advance(secs(2));
            assert!(c.is_ready(), "{}", form.name);
            if !given_first {
                thing.give();
            }
            settle();
            assert!(had(c, &form.name), "{}: {given_first}", form.name);
            assert_eq!(armed(), 0, "{}", form.name);
        }
    }
}

#[test]
fn who_was_given_it_keeps_it_if_it_runs_long_after_its_time() {
    for form in all() {
        let clock = VirtualClock::install();
        let thing = form.make();
        let c = waiter(&thing, secs(2));
        c.suspend();
        clock.advance(secs(1));
        thing.give();
        clock.advance(secs(9));
        c.resume();
        c.ready();
        settle();
        assert!(had(c, &form.name), "{}", form.name);
        assert_eq!(armed(), 0, "{}", form.name);
    }
}

#[test]
fn what_is_there_is_had_without_a_switch_or_a_timer() {
    for form in all() {
        if form.serves == Serves::Waiter {
            continue;
        }
        for limit in [secs(0), secs(1), std::time::Duration::MAX] {
            let _clock = VirtualClock::install();
            let thing = form.make();
            thing.give();
            settle();
            no_switch(|| assert!(thing.wait(limit), "{}", form.name));
            assert_eq!((armed(), ready_count()), (0, 0), "{}", form.name);
        }
    }
}

#[test]
fn one_gift_serves_as_many_as_it_says() {
    for form in all() {
        let _clock = VirtualClock::install();
        let thing = form.make();
        let (first, second) = (waiter(&thing, secs(2)), waiter(&thing, secs(2)));
        thing.give();
        settle();
        assert!(had(first, &form.name), "{}", form.name);
        let served = form.serves == Serves::All;
        assert_eq!(second.is_finished(), served, "{}", form.name);
        sleep(secs(2));
        settle();
        assert_eq!(had(second, &form.name), served, "{}", form.name);
    }
}

#[test]
fn a_wait_without_limit_needs_no_timer_and_ends_when_it_is_given() {
    for form in all() {
        let clock = VirtualClock::install();
        let thing = form.make();
        let c = waiter(&thing, std::time::Duration::MAX);
        assert_eq!(armed(), 0, "{}", form.name);
        sleep(secs(1_000_000));
        c.ready();
        settle();
        assert!(!c.is_finished(), "{}", form.name);
        thing.give();
        settle();
        assert!(had(c, &form.name), "{}", form.name);
        assert_eq!(clock.elapsed(), secs(1_000_000), "{}", form.name);
    }
}

#[test]
fn it_switches_if_it_has_to_wait() {
    for form in all() {
        let _clock = VirtualClock::install();
        let thing = form.make();
        let gives = thing.clone();
        let other = coro::spawn(move || gives.give());
        assert!(thing.wait(millis(1)), "{}", form.name);
        assert!(other.is_finished(), "{}", form.name);
        cede();
        assert_eq!(armed(), 0, "{}", form.name);
    }
}
