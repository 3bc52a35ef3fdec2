//! The capacity of a channel: what fits without blocking, and how an adjustment changes that, in both forms.

use std::cell::Cell;
use std::rc::Rc;

use coro::{no_switch, spawn};
use coro_channel::{Channel, TryPutError};

use crate::channel::{FORMS, getter, has_its_capacity, putter};
use crate::signal::settle;
use crate::support::{Log, outcome};

#[test]
fn a_capacity_is_what_fits_without_blocking() {
    for (form, make) in FORMS {
        for capacity in [0, 1, 2, 7] {
            let log = Log::new();
            let channel = Rc::new(make(capacity));
            assert_eq!(channel.capacity(), Some(capacity));
            no_switch(|| (0..capacity).for_each(|n| channel.put(n as i32)));
            let _blocks = putter(log, "blocks", &channel, 99);
            log.expect([]);
            let stored = if form == "fair" {
                capacity
            } else {
                capacity + 1
            };
            assert_eq!(channel.len(), stored, "{form}");
            for n in (0..capacity as i32).chain([99]) {
                assert_eq!(channel.get(), Some(n), "{form}");
            }
            settle();
            log.expect(["blocks: returned"]);
            has_its_capacity(&channel, form);
        }
    }
    let unbounded = Channel::unbounded();
    no_switch(|| (0..10_000).for_each(|n| unbounded.put(n)));
    assert_eq!((unbounded.len(), unbounded.capacity()), (10_000, None));
    unbounded.adjust(-5);
    assert_eq!(unbounded.capacity(), None);
    assert!(unbounded.try_iter().eq(0..10_000));
}

#[test]
fn with_a_capacity_of_0_a_put_returns_when_its_value_or_an_older_one_was_got() {
    for (form, make) in FORMS {
        let log = Log::new();
        let channel = Rc::new(make(0));
        let _all = [("p", 1), ("q", 2)].map(|(name, value)| putter(log, name, &channel, value));
        log.expect([]);
        for (value, said) in [(1, "p: returned"), (2, "q: returned")] {
            assert_eq!(channel.get(), Some(value), "{form}");
            settle();
            log.expect([said]);
        }
        let _g = getter(log, "g", &channel);
        assert!(channel.try_put(3).is_ok(), "{form}: a getter waits");
        assert!(channel.try_put(4).is_err(), "{form}: nobody else waits");
        settle();
        log.expect(["g: 3"]);
        channel.try_iter().for_each(drop);
        has_its_capacity(&channel, form);
    }
}

#[test]
fn a_channel_of_coro_of_size_n_blocks_the_nth_put() {
    for size in 1..6 {
        let channel = Rc::new(Channel::bounded(size - 1));
        let (theirs, puts) = (channel.clone(), Rc::new(Cell::new(0)));
        let seen = puts.clone();
        let c = spawn(move || {
            loop {
                theirs.put(());
                seen.set(seen.get() + 1);
            }
        });
        settle();
        assert_eq!((puts.get(), channel.len()), (size - 1, size));
        c.cancel();
    }
}

#[test]
fn an_adjustment_upwards_serves_as_many_putters_as_there_are_new_slots() {
    for (form, make) in FORMS {
        let log = Log::new();
        let channel = Rc::new(make(0));
        let names = ["p", "q", "r"];
        let all = [0, 1, 2].map(|n| putter(log, names[n], &channel, n as i32));
        no_switch(|| channel.adjust(2));
        assert_eq!(channel.capacity(), Some(2));
        settle();
        log.expect(["p: returned", "q: returned"]);
        assert!(!all[2].is_finished());
        assert_eq!(channel.get(), Some(0), "{form}");
        settle();
        log.expect(["r: returned"]);
        assert_eq!(channel.try_iter().collect::<Vec<_>>(), [1, 2], "{form}");
        has_its_capacity(&channel, form);
    }
}

#[test]
fn an_adjustment_below_what_is_stored_keeps_it_and_lets_nobody_in_until_there_is_room() {
    for (form, make) in FORMS {
        let log = Log::new();
        let channel = Rc::new(make(3));
        (0..3).for_each(|n| channel.put(n));
        channel.adjust(-2);
        assert_eq!((channel.capacity(), channel.len()), (Some(1), 3));
        let _p = putter(log, "p", &channel, 3);
        for n in 0..2 {
            assert_eq!(channel.get(), Some(n), "{form}");
            assert_eq!(channel.try_put(9), Err(TryPutError(9)), "{form}");
            settle();
        }
        log.expect([]);
        assert_eq!(channel.get(), Some(2), "{form}");
        settle();
        log.expect(["p: returned"]);
        assert_eq!(channel.try_iter().collect::<Vec<_>>(), [3], "{form}");
        has_its_capacity(&channel, form);
        channel.adjust(0);
        has_its_capacity(&channel, form);
    }
}

#[test]
fn an_adjustment_too_low_or_too_high_changes_nothing() {
    for (form, make) in FORMS {
        let channel = make(2);
        for (by, message) in [
            (-3, "a capacity of 2 cannot be adjusted by -3"),
            (isize::MIN, "cannot be adjusted"),
            (isize::MAX, "above isize::MAX / 2"),
        ] {
            let said = outcome(|| channel.adjust(by));
            assert!(said.contains(message), "{form}: {said}");
            has_its_capacity(&channel, form);
        }
        channel.adjust(-2);
        has_its_capacity(&channel, form);
    }
}
