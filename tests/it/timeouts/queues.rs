//! The place in the queue, and what reports say of it.

use coro_time::{VirtualClock, sleep};

use super::{Serves, all, had, secs, waiter};
use crate::semaphore::settle;

#[test]
fn a_waiter_keeps_its_place_through_spurious_wake_ups() {
    for form in all() {
        if form.serves == Serves::All {
            continue;
        }
        let _clock = VirtualClock::install();
        let thing = form.make();
        let (first, second) = (waiter(&thing, secs(9)), waiter(&thing, secs(9)));
        for _ in 0..3 {
            first.ready();
            settle();
        }
        thing.give();
        settle();
        assert!(had(first, &form.name), "{}", form.name);
        assert!(!second.is_finished(), "{}", form.name);
        thing.give();
        settle();
        assert!(had(second, &form.name), "{}", form.name);
    }
}

#[test]
fn waits_with_and_without_a_limit_stand_in_one_queue() {
    for form in all() {
        if form.serves == Serves::All {
            continue;
        }
        let _clock = VirtualClock::install();
        let thing = form.make();
        let limits = [secs(9), std::time::Duration::MAX, secs(9), secs(8)];
        let queue = limits.map(|limit| waiter(&thing, limit));
        for n in 0..4 {
            thing.give();
            settle();
            let ended: Vec<_> = queue.iter().map(|c| c.is_finished()).collect();
            let expected: Vec<_> = (0..4).map(|m| m <= n).collect();
            assert_eq!(ended, expected, "{}", form.name);
        }
        assert!(
            queue.into_iter().all(|c| had(c, &form.name)),
            "{}",
            form.name
        );
    }
}

#[test]
fn who_comes_by_is_first_only_where_waiters_look_again() {
    for form in all() {
        if form.serves != Serves::One || form.name.contains("_while") {
            continue;
        }
        let _clock = VirtualClock::install();
        let thing = form.make();
        let c = waiter(&thing, secs(1));
        thing.give();
        assert_eq!(thing.wait(secs(0)), form.mesa, "{}", form.name);
        settle();
        assert_eq!(c.is_finished(), !form.mesa, "{}", form.name);
        sleep(secs(1));
        settle();
        // Who was overtaken waits again, but no longer.
        assert_eq!(had(c, &form.name), !form.mesa, "{}", form.name);
        thing.give();
        settle();
        assert!(thing.wait(secs(0)), "{}", form.name);
    }
}

#[test]
fn who_was_overtaken_leaves_at_its_time_and_takes_no_wake_up_along() {
    for form in all() {
        if form.serves != Serves::One || !form.mesa || form.name.contains("_while") {
            continue;
        }
        let clock = VirtualClock::install();
        let thing = form.make();
        let (first, second) = (waiter(&thing, secs(1)), waiter(&thing, secs(9)));
        thing.give();
        // At one moment the first is woken, overtaken, and its time over.
        assert!(thing.wait(secs(0)), "{}", form.name);
        clock.advance(secs(1));
        settle();
        assert!(!had(first, &form.name), "{}", form.name);
        thing.give();
        settle();
        assert!(had(second, &form.name), "{}", form.name);
    }
}

#[test]
fn reports_say_what_is_waited_for_and_where() {
    for form in all() {
        let _clock = VirtualClock::install();
        let thing = form.make();
        let c = waiter(&thing, secs(1));
        let report = coro::report();
        let row = report.coros().iter().find(|row| row.id() == c.id());
        let row = row.expect("it is alive");
        let wait = row.wait().expect("it waits");
        assert_eq!(wait.what(), form.kind, "{}", form.name);
        let place = row.place().expect("it blocks somewhere");
        assert!(place.file().contains("timeouts/forms"), "{place}");
        if form.kind != "select" {
            let made = wait.made().expect("it was made somewhere").file();
            let known = made.contains("timeouts/forms") || form.name.contains("Set::");
            assert!(known, "{}: {made}", form.name);
        }
        assert!(thing.lists(&c) || form.kind == "oneshot", "{}", form.name);
    }
}

#[test]
fn reports_know_who_holds_the_lock() {
    for form in all() {
        if !matches!(form.kind, "mutex" | "rwlock") {
            continue;
        }
        let _clock = VirtualClock::install();
        let thing = form.make();
        let c = waiter(&thing, secs(1));
        let report = coro::report();
        let row = report.coros().iter().find(|row| row.id() == c.id());
        let holders = row.and_then(|row| row.wait()).expect("it waits").holders();
        let ids: Vec<_> = holders.iter().map(|holder| holder.id()).collect();
        assert_eq!(ids, [coro::current().id()], "{}", form.name);
        thing.give();
        settle();
        assert!(had(c, &form.name), "{}", form.name);
    }
}

#[test]
fn who_got_it_after_a_wait_is_its_holder() {
    for form in all() {
        let is_lock = matches!(form.kind, "mutex" | "rwlock");
        if !is_lock || form.serves != Serves::One {
            continue;
        }
        let _clock = VirtualClock::install();
        let thing = form.make();
        let (first, second) = (waiter(&thing, secs(9)), waiter(&thing, secs(9)));
        thing.give();
        settle();
        assert!(first.is_finished() && !second.is_finished());
        let report = coro::report();
        let row = report.coros().iter().find(|row| row.id() == second.id());
        let holders = row.and_then(|row| row.wait()).expect("it waits").holders();
        let ids: Vec<_> = holders.iter().map(|holder| holder.id()).collect();
        assert_eq!(ids, [first.id()], "{}", form.name);
        let place = holders[0].place().expect("it was taken somewhere");
        assert!(place.file().contains("timeouts/forms"), "{place}");
    }
}
