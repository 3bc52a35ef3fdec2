//! Channels: "Who is next" for the default form, and what both forms share: capacity, shutdown, iteration, values. The
//! fair form's lines are in `channel_fair`.

use std::cell::{Cell, RefCell};
use std::fmt::Debug;
use std::rc::{Rc, Weak};

use coro::{Builder, JoinHandle, Prio, no_switch, ready_count, spawn};
use coro_channel::{Channel, TryPutError};
use static_assertions::assert_not_impl_any;

use crate::signal::settle;
use crate::support::{Log, die, outcome, text};

assert_not_impl_any!(Channel<u8>: Send, Sync);

pub(crate) type Shared<T = i32> = Rc<Channel<T>>;

/// The form, and how it is made.
pub(crate) const FORMS: [(&str, Make); 2] =
    [("default", Channel::bounded), ("fair", Channel::fair)];

type Make = fn(usize) -> Channel<i32>;

/// Spawns a coro that gets and says its name with what it got, without letting it run.
pub(crate) fn new_getter<T: Debug + 'static>(
    log: Log,
    name: &'static str,
    channel: &Shared<T>,
) -> JoinHandle<()> {
    let channel = channel.clone();
    spawn(move || match coro::catch(|| channel.get()) {
        Ok(Some(value)) => log.say(format!("{name}: {value:?}")),
        Ok(None) => log.say(format!("{name}: nothing")),
        Err(payload) => log.say(format!("{name}: {}", text(&*payload))),
    })
}

/// Spawns a coro that puts and says its name with what came out, without letting it run.
pub(crate) fn new_putter<T: 'static>(
    log: Log,
    name: &'static str,
    channel: &Shared<T>,
    value: T,
) -> JoinHandle<()> {
    let channel = channel.clone();
    spawn(move || {
        let result = outcome(|| channel.put(value));
        log.say(format!("{name}: {result}"));
    })
}

pub(crate) fn getter<T: Debug + 'static>(
    log: Log,
    name: &'static str,
    channel: &Shared<T>,
) -> JoinHandle<()> {
    let c = new_getter(log, name, channel);
    settle();
    c
}

pub(crate) fn putter<T: 'static>(
    log: Log,
    name: &'static str,
    channel: &Shared<T>,
    value: T,
) -> JoinHandle<()> {
    let c = new_putter(log, name, channel, value);
    settle();
    c
}

/// Checks that as many values as the capacity, and no more, go into the channel, which is empty; and empties it again.
#[track_caller]
pub(crate) fn has_its_capacity(channel: &Channel<i32>, about: &str) {
    let capacity = channel.capacity().expect("it is bounded");
    assert!(channel.is_empty(), "{about}: {channel:?}");
    let fit = (0..100).take_while(|&n| channel.try_put(n).is_ok()).count();
    assert_eq!(fit, capacity, "{about}: {channel:?}");
    assert_eq!(channel.try_iter().count(), capacity, "{about}");
}

#[test]
fn a_put_stores_and_readies_the_oldest_getter_alone() {
    let log = Log::new();
    let channel = Rc::new(Channel::bounded(2));
    let all = ["a", "b"].map(|name| getter(log, name, &channel));
    no_switch(|| channel.put(1));
    assert_eq!(channel.len(), 1);
    assert!(all[0].is_ready() && !all[1].is_ready());
    settle();
    log.expect(["a: 1"]);
    all[1].cancel();
}

#[test]
fn who_gets_before_the_woken_getter_runs_may_take_the_value() {
    let log = Log::new();
    let channel = Rc::new(Channel::bounded(2));
    let _all = ["a", "b"].map(|name| getter(log, name, &channel));
    channel.put(1);
    assert_eq!(no_switch(|| channel.get()), Some(1));
    settle();
    log.expect([]);
    // `a` waits again, at the end.
    channel.put(2);
    settle();
    channel.put(3);
    settle();
    log.expect(["b: 2", "a: 3"]);
    has_its_capacity(&channel, "afterwards");
}

#[test]
fn a_put_without_a_free_slot_stores_first_and_waits_afterwards() {
    let log = Log::new();
    let channel = Rc::new(Channel::bounded(1));
    channel.put(0);
    let _p = putter(log, "p", &channel, 1);
    assert_eq!((channel.len(), channel.capacity()), (2, Some(1)));
    log.expect([]);
    assert_eq!(channel.try_put(2), Err(TryPutError(2)));
    assert_eq!(channel.try_iter().collect::<Vec<_>>(), [0, 1]);
    settle();
    log.expect(["p: returned"]);
}

#[test]
fn a_get_readies_the_oldest_putter_which_has_put_already() {
    let log = Log::new();
    let channel = Rc::new(Channel::bounded(1));
    channel.put(0);
    let all = [("p", 1), ("q", 2)].map(|(name, value)| putter(log, name, &channel, value));
    assert_eq!(no_switch(|| channel.get()), Some(0));
    assert_eq!(channel.len(), 2);
    assert!(all[0].is_ready() && !all[1].is_ready());
    settle();
    log.expect(["p: returned"]);
    assert_eq!(channel.get(), Some(1));
    settle();
    log.expect(["q: returned"]);
}

#[test]
fn who_puts_before_the_woken_putter_runs_may_take_the_slot() {
    let log = Log::new();
    let channel = Rc::new(Channel::bounded(1));
    channel.put(0);
    let _all = [("p", 1), ("q", 2)].map(|(name, value)| putter(log, name, &channel, value));
    assert_eq!(channel.get(), Some(0));
    no_switch(|| channel.put(3));
    settle();
    log.expect([]);
    // `p` waits again, at the end.
    for (value, said) in [(1, "q: returned"), (2, "p: returned")] {
        assert_eq!(channel.get(), Some(value));
        settle();
        log.expect([said]);
    }
    assert_eq!(channel.get(), Some(3));
    has_its_capacity(&channel, "afterwards");
}

#[test]
fn waiters_are_served_in_the_order_of_their_arrival_whatever_their_priorities() {
    for (form, make) in FORMS {
        let log = Log::new();
        let channel = Rc::new(make(0));
        let prios = [Prio::LOW, Prio::HIGH, Prio::NORMAL];
        let order = Rc::new(RefCell::new(Vec::new()));
        let getters = prios.map(|prio| {
            let (theirs, order) = (channel.clone(), order.clone());
            let c = Builder::new().prio(prio).spawn(move || {
                let value = theirs.get();
                order.borrow_mut().push((prio.get(), value));
            });
            settle();
            c
        });
        for value in 0..3 {
            assert!(channel.try_put(value).is_ok());
            settle();
        }
        assert!(getters.iter().all(|c| c.is_finished()));
        let expected = [
            (Prio::LOW.get(), Some(0)),
            (Prio::HIGH.get(), Some(1)),
            (Prio::NORMAL.get(), Some(2)),
        ];
        assert_eq!(order.take(), expected, "{form}");
        let names = ["low", "high", "normal"];
        let putters = [0, 1, 2].map(|n| {
            let theirs = channel.clone();
            let c = Builder::new().prio(prios[n]).spawn(move || {
                theirs.put(n as i32);
                log.say(names[n]);
            });
            settle();
            c
        });
        for n in 0..3 {
            assert_eq!(channel.get(), Some(n), "{form}");
            settle();
        }
        log.expect(names);
        assert!(putters.iter().all(|c| c.is_finished()));
    }
}

#[test]
fn neither_put_nor_get_yields_while_it_need_not_wait() {
    for (_, make) in FORMS {
        let channel = make(3);
        let other = spawn(|| ());
        (0..3).for_each(|n| channel.put(n));
        assert_eq!([channel.get(), channel.get()], [Some(0), Some(1)]);
        channel.shutdown();
        assert_eq!([channel.get(), channel.get()], [Some(2), None]);
        assert!(other.is_new());
        settle();
    }
}

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

#[test]
fn iteration_ends_when_the_channel_is_shut_down_and_empty() {
    for (form, make) in FORMS {
        let channel = Rc::new(make(1));
        let source = channel.clone();
        let c = spawn(move || {
            (0..5).for_each(|n| source.put(n));
            source.shutdown();
        });
        let mut got = Vec::new();
        for value in &*channel {
            got.push(value);
            if got.len() == 2 {
                break;
            }
        }
        got.extend(channel.iter());
        assert_eq!(got, [0, 1, 2, 3, 4], "{form}");
        assert_eq!(channel.iter().next(), None);
        c.join().unwrap();
        channel.put(5);
        assert_eq!(no_switch(|| channel.iter().collect::<Vec<_>>()), [5]);
    }
}

#[test]
fn try_iter_ends_at_once_when_nothing_is_there() {
    for (_, make) in FORMS {
        let channel = make(3);
        no_switch(|| {
            assert_eq!(channel.try_iter().next(), None);
            (0..3).for_each(|n| channel.put(n));
            let mut values = channel.try_iter();
            assert_eq!((values.next(), values.next()), (Some(0), Some(1)));
            channel.put(3);
            assert_eq!(values.collect::<Vec<_>>(), [2, 3]);
        });
    }
}

#[test]
fn at_a_shutdown_all_getters_return_and_putters_wait_on_for_their_slots() {
    for (form, make) in FORMS {
        let log = Log::new();
        let channel = Rc::new(make(1));
        let _getters = ["a", "b"].map(|name| getter(log, name, &channel));
        assert!(!channel.is_shut_down());
        no_switch(|| channel.shutdown());
        assert!(channel.is_shut_down());
        settle();
        log.expect(["a: nothing", "b: nothing"]);

        let channel = Rc::new(make(1));
        channel.put(0);
        let _putters = [("p", 1), ("q", 2)].map(|(name, value)| putter(log, name, &channel, value));
        channel.shutdown();
        channel.shutdown();
        settle();
        log.expect([]);
        for (value, said) in [(0, "p: returned"), (1, "q: returned")] {
            assert_eq!(no_switch(|| channel.get()), Some(value), "{form}");
            settle();
            log.expect([said]);
        }
        assert_eq!(channel.get(), Some(2));
        has_its_capacity(&channel, form);
        assert_eq!(no_switch(|| channel.get()), None);
        // It still takes values.
        no_switch(|| channel.put(3));
        assert_eq!(no_switch(|| channel.get()), Some(3), "{form}");
    }
}

#[test]
fn a_getter_that_was_woken_before_the_shutdown_gets_the_value_unless_somebody_else_does() {
    for (form, make) in FORMS {
        for overtaken in [false, true] {
            let log = Log::new();
            let channel = Rc::new(make(1));
            let _all = ["a", "b"].map(|name| getter(log, name, &channel));
            channel.put(1);
            channel.shutdown();
            assert_eq!(channel.len(), 1, "{form}: everybody may have it");
            if overtaken {
                assert_eq!(no_switch(|| channel.get()), Some(1));
            }
            settle();
            let a = if overtaken { "a: nothing" } else { "a: 1" };
            log.expect([a, "b: nothing"]);
            assert!(channel.is_empty());
        }
    }
}

#[test]
fn values_of_no_size_are_counted() {
    for make in [Channel::bounded, Channel::fair] {
        let log = Log::new();
        let channel: Shared<()> = Rc::new(make(1));
        let _all = ["a", "b"].map(|name| getter(log, name, &channel));
        (0..3).for_each(|_| channel.put(()));
        settle();
        log.expect(["a: ()", "b: ()"]);
        assert_eq!((channel.len(), channel.try_iter().count()), (1, 1));
    }
}

/// A value that uses its channel when it is dropped.
struct Echo(Weak<Channel<Echo>>, Rc<Cell<usize>>);

impl Drop for Echo {
    fn drop(&mut self) {
        let drops = self.1.get() + 1;
        self.1.set(drops);
        if let Some(channel) = self.0.upgrade() {
            assert!(!format!("{channel:?}").is_empty());
            drop(channel.try_get());
            if drops < 3 {
                _ = channel.try_put(Echo(self.0.clone(), self.1.clone()));
            }
            channel.adjust(1);
        }
    }
}

#[test]
fn the_destructor_of_a_value_may_use_the_channel() {
    for make in [Channel::bounded, Channel::fair] {
        let (channel, drops) = (Rc::new(make(1)), Rc::new(Cell::new(0)));
        let echo = || Echo(Rc::downgrade(&channel), drops.clone());
        channel.put(echo());
        drop(channel.get());
        let blocked = channel.clone();
        while channel.try_put(echo()).is_ok() {}
        let value = echo();
        let c = spawn(move || blocked.put(value));
        settle();
        c.cancel();
        let left = channel.len();
        channel.shutdown();
        for value in &*channel {
            drop(value);
        }
        assert!(channel.is_empty() && left > 0);
        assert!(drops.get() > left);
    }
}

#[test]
fn what_is_left_in_a_channel_is_dropped_once_with_it() {
    for make in [Channel::bounded, Channel::fair] {
        let drops = Rc::new(Cell::new(0));
        let channel = Rc::new(make(5));
        (0..5).for_each(|_| channel.put(Echo(Weak::new(), drops.clone())));
        drop(channel.get());
        assert_eq!(drops.get(), 1);
        let theirs = channel.clone();
        let c = spawn(move || {
            let _channel = theirs;
            die("with the last handle");
        });
        drop(channel);
        assert!(c.join().is_err());
        assert_eq!((drops.get(), ready_count()), (5, 0));
    }
}
