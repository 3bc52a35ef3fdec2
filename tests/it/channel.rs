//! Channels: "Who is next" for the default form, and what happens to values; the fair form's lines are in `fair`.

use std::cell::{Cell, RefCell};
use std::fmt::Debug;
use std::rc::{Rc, Weak};

use coro::{Builder, JoinHandle, Prio, no_switch, ready_count, spawn};
use coro_channel::{Channel, TryPutError};
use static_assertions::assert_not_impl_any;

use crate::signal::settle;
use crate::support::{Log, die, outcome, text};

mod capacity;
mod fair;
mod interrupted;
mod random;
mod shutdown;

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

#[test]
fn values_that_are_left_are_dropped_oldest_first() {
    let log = Log::new();
    let channel = Channel::unbounded();
    for name in ["a", "b", "c", "d", "e", "f"] {
        channel.put(log.mark(name));
        if name < "c" {
            drop(channel.try_get());
        }
    }
    log.expect(["a", "b"]);
    drop(channel);
    log.expect(["c", "d", "e", "f"]);
}
