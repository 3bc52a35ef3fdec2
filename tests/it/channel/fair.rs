//! Fair channels: values and slots are given to who waits, nobody comes by, and no more is put than the capacity.

use std::cell::RefCell;
use std::rc::Rc;

use coro::{no_switch, spawn};
use coro_channel::{Channel, TryPutError};

use crate::channel::{Shared, getter, has_its_capacity, new_getter, new_putter, putter};
use crate::semaphore::fair::cancelled_when_readied;
use crate::signal::settle;
use crate::support::{Log, fresh, in_a_process};

fn fair(capacity: usize) -> Shared {
    Rc::new(Channel::fair(capacity))
}

#[test]
fn a_put_gives_its_value_to_the_oldest_getter_and_stores_nothing() {
    let log = Log::new();
    let channel = fair(1);
    let all = ["a", "b"].map(|name| getter(log, name, &channel));
    no_switch(|| channel.put(1));
    assert!(channel.is_empty() && channel.try_get().is_none());
    assert!(all[0].is_ready() && !all[1].is_ready());
    // Neither the slot nor the other getter is taken up by what was given.
    no_switch(|| channel.put(2));
    no_switch(|| channel.put(3));
    assert_eq!(channel.len(), 1);
    assert_eq!(channel.try_put(4), Err(TryPutError(4)));
    settle();
    log.expect(["a: 1", "b: 2"]);
    assert_eq!(channel.get(), Some(3));
}

#[test]
fn who_gets_after_the_value_was_given_waits_at_the_end() {
    let log = Log::new();
    let channel = fair(1);
    let _all = ["a", "b"].map(|name| getter(log, name, &channel));
    let _newcomer = new_getter(log, "newcomer", &channel);
    channel.put(1);
    // The newcomer is before `a` in the ready queue.
    settle();
    log.expect(["a: 1"]);
    channel.put(2);
    channel.put(3);
    settle();
    log.expect(["b: 2", "newcomer: 3"]);
    has_its_capacity(&channel, "afterwards");
}

#[test]
fn a_put_without_a_free_slot_waits_and_stores_nothing_until_then() {
    let log = Log::new();
    let channel = fair(1);
    channel.put(0);
    let _p = putter(log, "p", &channel, 1);
    assert_eq!(channel.len(), 1);
    assert_eq!(channel.get(), Some(0));
    assert!(channel.is_empty());
    settle();
    log.expect(["p: returned"]);
    assert_eq!(channel.get(), Some(1));
}

#[test]
fn a_get_gives_its_slot_to_the_oldest_putter() {
    let log = Log::new();
    let channel = fair(1);
    channel.put(0);
    let all = [("p", 1), ("q", 2)].map(|(name, value)| putter(log, name, &channel, value));
    assert_eq!(no_switch(|| channel.get()), Some(0));
    assert!(all[0].is_ready() && !all[1].is_ready());
    assert_eq!(channel.try_put(9), Err(TryPutError(9)));
    settle();
    log.expect(["p: returned"]);
    assert_eq!((channel.len(), channel.get()), (1, Some(1)));
}

#[test]
fn who_puts_after_the_slot_was_given_waits_at_the_end() {
    let log = Log::new();
    let channel = fair(1);
    channel.put(0);
    let _all = [("p", 1), ("q", 2)].map(|(name, value)| putter(log, name, &channel, value));
    let _newcomer = new_putter(log, "newcomer", &channel, 3);
    assert_eq!(channel.get(), Some(0));
    // The newcomer is before `p` in the ready queue.
    for (value, said) in [(1, "p"), (2, "q"), (3, "newcomer")] {
        settle();
        log.expect([&format!("{said}: returned")]);
        assert_eq!(channel.len(), 1);
        assert_eq!(channel.get(), Some(value));
    }
    has_its_capacity(&channel, "afterwards");
}

#[test]
fn a_slot_that_is_free_beside_a_given_one_is_nobodys_before_that_one_is_used() {
    let log = Log::new();
    let channel = fair(2);
    (0..2).for_each(|n| channel.put(n));
    let _p = putter(log, "p", &channel, 2);
    let _newcomer = new_putter(log, "newcomer", &channel, 3);
    assert_eq!([channel.get(), channel.get()], [Some(0), Some(1)]);
    // There is room for two; but `p` came first, and has not run.
    assert_eq!(channel.try_put(9), Err(TryPutError(9)));
    settle();
    log.expect(["p: returned", "newcomer: returned"]);
    assert_eq!(channel.try_iter().collect::<Vec<_>>(), [2, 3]);
    has_its_capacity(&channel, "afterwards");
}

#[test]
fn with_a_capacity_of_0_a_getter_that_comes_lets_the_oldest_putter_put() {
    let log = Log::new();
    let channel = fair(0);
    let _all = [("p", 1), ("q", 2)].map(|(name, value)| putter(log, name, &channel, value));
    assert_eq!(channel.try_get(), None, "nothing is stored");
    let newcomer = new_putter(log, "newcomer", &channel, 3);
    assert_eq!(channel.get(), Some(1));
    settle();
    log.expect(["p: returned"]);
    assert_eq!(channel.len(), 0);
    // A get that gives up takes back its invitation.
    let g = getter(log, "g", &channel);
    settle();
    log.expect(["q: returned", "g: 2"]);
    assert!(g.is_finished() && !newcomer.is_finished());
    newcomer.cancel();
    has_its_capacity(&channel, "afterwards");
}

#[test]
fn loops_take_turns() {
    let channel = fair(1);
    let order = Rc::new(RefCell::new(Vec::new()));
    let all: Vec<_> = (0..3)
        .map(|id| {
            let channel = channel.clone();
            spawn(move || (0..4).for_each(|n| channel.put(10 * n + id)))
        })
        .collect();
    let takers: Vec<_> = (0..2)
        .map(|id| {
            let (channel, order) = (channel.clone(), order.clone());
            spawn(move || {
                while let Some(value) = channel.get() {
                    assert!(channel.len() <= 1);
                    order.borrow_mut().push((id, value));
                }
            })
        })
        .collect();
    settle();
    assert!(all.iter().all(|c| c.is_finished()));
    channel.shutdown();
    settle();
    assert!(takers.iter().all(|c| c.is_finished()));
    let order = order.take();
    let values: Vec<_> = order.iter().map(|&(_, value)| value).collect();
    // The first one need not wait, and is the first to wait with its next value.
    assert_eq!(values, [0, 10, 1, 2, 20, 11, 12, 30, 21, 22, 31, 32]);
    for id in 0..2 {
        let got = order.iter().filter(|&&(taker, _)| taker == id).count();
        assert!((4..=8).contains(&got), "taker {id} got {got}: {order:?}");
    }
}

#[test]
fn a_value_is_not_lost_with_a_getter_that_an_observer_cancels_while_it_is_given() {
    let name = "channel::fair::a_value_is_not_lost_with_a_getter_that_an_observer_cancels_while_it_is_given";
    in_a_process(name, || {
        fresh(|| {
            let log = Log::new();
            for behind in [false, true] {
                let channel = fair(1);
                let victim = getter(log, "victim", &channel);
                let next = behind.then(|| getter(log, "next", &channel));
                cancelled_when_readied(victim.coro(), || channel.put(1));
                if let Some(next) = next {
                    log.expect(["next: 1"]);
                    assert!(next.is_finished());
                } else {
                    assert_eq!((channel.len(), channel.try_get()), (1, Some(1)));
                }
                has_its_capacity(&channel, "afterwards");
            }
        })
    });
}

#[test]
fn a_slot_is_not_lost_with_a_putter_that_an_observer_cancels_while_it_is_lent() {
    let name =
        "channel::fair::a_slot_is_not_lost_with_a_putter_that_an_observer_cancels_while_it_is_lent";
    in_a_process(name, || {
        fresh(|| {
            let log = Log::new();
            for behind in [false, true] {
                let channel = fair(1);
                channel.put(0);
                let victim = putter(log, "victim", &channel, 1);
                let next = behind.then(|| putter(log, "next", &channel, 2));
                let got = cancelled_when_readied(victim.coro(), || channel.get());
                assert_eq!(got, Some(0));
                if let Some(next) = next {
                    log.expect(["next: returned"]);
                    assert!(next.is_finished());
                    assert_eq!((channel.len(), channel.try_get()), (1, Some(2)));
                }
                has_its_capacity(&channel, "afterwards");
            }
        })
    });
}
