//! The put arm of a select: it stores only when it is taken, and meets getters where no slot is.

use std::rc::Rc;

use coro::{JoinHandle, cede, no_switch, spawn};
use coro_channel::{Arm, Channel, Select, select};
use coro_semaphore::Semaphore;

use crate::semaphore::settle;
use crate::support::{Log, counted};

fn channels<T>(capacity: usize) -> [Rc<Channel<T>>; 2] {
    [Channel::bounded(capacity), Channel::fair(capacity)].map(Rc::new)
}

/// A select that puts, or else lowers the semaphore; returns whether it has put.
fn puts(channel: &Rc<Channel<i32>>, sem: &Rc<Semaphore>, value: i32) -> JoinHandle<bool> {
    let (channel, sem) = (channel.clone(), sem.clone());
    let c = spawn(move || {
        select! {
            () = sem.down_arm() => false,
            () = channel.put_arm(value) => true,
        }
    });
    cede();
    c
}

/// A select that gets, or else lowers the semaphore.
fn gets(channel: &Rc<Channel<i32>>, sem: &Rc<Semaphore>) -> JoinHandle<Option<i32>> {
    let (channel, sem) = (channel.clone(), sem.clone());
    let c = spawn(move || {
        select! {
            () = sem.down_arm() => None,
            value = channel.get_arm() => value,
        }
    });
    cede();
    c
}

/// A semaphore that nobody raises.
fn never() -> Rc<Semaphore> {
    Rc::new(Semaphore::new(0))
}

fn waits(channel: &Rc<Channel<i32>>) -> JoinHandle<Option<i32>> {
    let channel = channel.clone();
    let c = spawn(move || channel.get());
    cede();
    c
}

#[test]
fn the_value_is_stored_only_when_the_arm_is_taken() {
    for channel in channels(1) {
        let sem = Rc::new(Semaphore::new(0));
        channel.put(1);
        let c = puts(&channel, &sem, 2);
        assert_eq!(channel.len(), 1);
        sem.up();
        settle();
        assert!(!c.join().unwrap());
        assert_eq!((channel.try_get(), channel.try_get()), (Some(1), None));
        channel.put(3);
        let c = puts(&channel, &sem, 4);
        assert_eq!(channel.get(), Some(3));
        assert!(channel.is_empty(), "it puts when it runs");
        settle();
        assert!(c.join().unwrap());
        assert_eq!((channel.try_get(), channel.try_get()), (Some(4), None));
    }
}

#[test]
fn a_value_that_was_not_put_comes_back_or_is_dropped_with_the_arm() {
    for channel in [Channel::bounded(0), Channel::fair(0)] {
        let (value, drops) = counted();
        let arm = channel.put_arm(value);
        assert_eq!(Select::new(&[&arm]).try_now(), None);
        let value = arm.into_value().unwrap();
        assert_eq!(drops.get(), 0);
        let sem = Semaphore::new(1);
        select! {
            () = channel.put_arm(value) => unreachable!(),
            () = sem.down_arm() => {}
        }
        assert_eq!((drops.get(), channel.len()), (1, 0));
    }
    for channel in channels(0) {
        let (value, drops) = counted();
        let c = spawn(move || select! { () = channel.put_arm(value) => () });
        cede();
        assert_eq!(drops.get(), 0);
        c.cancel();
        assert_eq!(drops.get(), 1);
    }
}

#[test]
fn without_slots_a_put_arm_meets_a_getter_that_waits() {
    for channel in channels(0) {
        let getter = waits(&channel);
        no_switch(|| select! { () = channel.put_arm(7) => () });
        // Only one of them was there.
        let again = channel.put_arm(8);
        assert_eq!(Select::new(&[&again]).try_now(), None);
        assert_eq!(getter.join().unwrap(), Some(7));
        assert!(channel.is_empty());
    }
}

#[test]
fn without_slots_a_getter_that_comes_meets_a_put_arm_that_waits() {
    for channel in channels(0) {
        let sem = Rc::new(Semaphore::new(0));
        let putter = puts(&channel, &sem, 7);
        assert_eq!(channel.try_get(), None, "who does not wait is not met");
        assert_eq!(channel.get(), Some(7));
        assert!(putter.join().unwrap());
        assert_eq!((channel.len(), sem.waiters()), (0, 0));
    }
}

#[test]
fn without_slots_a_get_arm_meets_a_put_that_waits_and_one_that_comes() {
    for channel in channels(0) {
        let sem = Rc::new(Semaphore::new(0));
        let theirs = channel.clone();
        let putter = spawn(move || theirs.put(7));
        cede();
        let getter = gets(&channel, &sem);
        settle();
        assert_eq!(getter.join().unwrap(), Some(7));
        assert!(putter.is_finished());
        let getter = gets(&channel, &sem);
        channel.put(8);
        settle();
        assert_eq!(getter.join().unwrap(), Some(8));
        assert_eq!((channel.len(), sem.waiters()), (0, 0));
    }
}

#[test]
fn without_slots_a_select_that_puts_meets_a_select_that_gets() {
    for putter_first in [true, false] {
        for channel in channels(0) {
            let sem = Rc::new(Semaphore::fair(0));
            let (putter, getter) = if putter_first {
                let putter = puts(&channel, &sem, 7);
                (putter, gets(&channel, &sem))
            } else {
                let getter = gets(&channel, &sem);
                (puts(&channel, &sem, 7), getter)
            };
            settle();
            assert!(putter.join().unwrap());
            assert_eq!(getter.join().unwrap(), Some(7));
            assert_eq!((channel.len(), sem.waiters()), (0, 0));
        }
    }
}

#[test]
fn two_selects_that_both_put_and_get_crosswise_exchange_one_value() {
    for fair in [0, 1] {
        let [left, right] = [(); 2].map(|()| channels::<i32>(0)[fair].clone());
        let meets = |puts: &Rc<Channel<i32>>, gets: &Rc<Channel<i32>>| {
            let (puts, gets) = (puts.clone(), gets.clone());
            spawn(move || {
                select! {
                    () = puts.put_arm(1) => "put",
                    value = gets.get_arm() => {
                        assert_eq!(value, Some(1));
                        "got"
                    }
                }
            })
        };
        let (one, two) = (meets(&left, &right), meets(&right, &left));
        settle();
        let mut both = [one.join().unwrap(), two.join().unwrap()];
        both.sort_unstable();
        assert_eq!(both, ["got", "put"]);
        for channel in [&left, &right] {
            let shown = format!("{channel:?}");
            assert!(
                channel.is_empty() && shown.contains("getters: [], putters: []"),
                "{shown}"
            );
        }
    }
}

#[test]
fn one_getter_lets_one_of_two_put_arms_put() {
    for channel in channels(0) {
        let sem = Rc::new(Semaphore::new(0));
        let (first, second) = (puts(&channel, &sem, 1), puts(&channel, &sem, 2));
        assert_eq!(channel.get(), Some(1));
        settle();
        assert!(first.is_finished() && !second.is_finished());
        assert!(channel.is_empty());
        assert_eq!(channel.get(), Some(2));
        assert!(second.join().unwrap());
    }
}

#[test]
fn two_getters_let_both_put_arms_put() {
    for channel in channels(0) {
        let sem = Rc::new(Semaphore::new(0));
        let putters = [puts(&channel, &sem, 1), puts(&channel, &sem, 2)];
        let getters = [waits(&channel), waits(&channel)];
        settle();
        let mut got = getters.map(|c| c.join().unwrap());
        // In the default form the second getter may come by before the first has run.
        got.sort_unstable();
        assert_eq!(got, [Some(1), Some(2)]);
        assert!(putters.into_iter().all(|c| c.join().unwrap()));
    }
}

#[test]
fn a_getter_that_left_is_not_put_to() {
    for channel in channels(0) {
        let sem = Rc::new(Semaphore::new(0));
        let putter = puts(&channel, &sem, 7);
        let getter = waits(&channel);
        assert!(putter.is_ready());
        getter.cancel();
        settle();
        assert!(!putter.is_finished() && channel.is_empty());
        assert_eq!(channel.get(), Some(7));
        assert!(putter.join().unwrap());
    }
}

#[test]
fn a_put_arm_that_was_woken_for_a_getter_and_is_interrupted_lets_the_next_put() {
    for channel in channels(0) {
        let sem = Rc::new(Semaphore::new(0));
        let (first, second) = (puts(&channel, &sem, 1), puts(&channel, &never(), 2));
        let getter = waits(&channel);
        first.cancel();
        settle();
        assert_eq!(getter.join().unwrap(), Some(2));
        assert!(second.join().unwrap());
        assert_eq!(sem.waiters(), 0);
    }
}

#[test]
fn a_get_arm_that_takes_something_else_leaves_what_it_was_given_to_the_next() {
    for channel in channels(0) {
        let sem = Rc::new(Semaphore::new(0));
        let putter = puts(&channel, &never(), 7);
        let getter = gets(&channel, &sem);
        sem.up();
        // The putter puts for the getter, which is woken by both and may take either.
        settle();
        let got = getter.join().unwrap();
        let next = if got.is_none() { channel.get() } else { got };
        assert_eq!(next, Some(7));
        assert!(putter.join().unwrap());
        assert_eq!(sem.count(), isize::from(got.is_some()));
        assert!(channel.is_empty());
    }
}

#[test]
fn put_arms_and_puts_of_the_fair_form_are_served_in_the_order_of_their_arrival() {
    for capacity in [0, 1] {
        let channel = Rc::new(Channel::fair(capacity));
        if capacity == 1 {
            channel.put(0);
        }
        let sem = Rc::new(Semaphore::new(0));
        let mut all = Vec::new();
        for n in 1..=6 {
            if n % 2 == 1 {
                all.push(puts(&channel, &sem, n));
            } else {
                let theirs = channel.clone();
                all.push(spawn(move || {
                    theirs.put(n);
                    true
                }));
                cede();
            }
        }
        for n in 1 - capacity as i32..=6 {
            assert_eq!(channel.get(), Some(n));
            settle();
            assert!(channel.len() <= capacity);
        }
        assert!(all.into_iter().all(|c| c.join().unwrap()));
    }
}

#[test]
fn a_put_arm_of_the_fair_form_whose_getter_has_left_waits_again_at_the_end() {
    let channel = Rc::new(Channel::fair(0));
    let sem = Rc::new(Semaphore::new(0));
    let (first, second) = (puts(&channel, &sem, 1), puts(&channel, &sem, 2));
    waits(&channel).cancel();
    settle();
    assert_eq!((channel.get(), channel.get()), (Some(2), Some(1)));
    assert!(first.join().unwrap() && second.join().unwrap());
}

#[test]
fn twenty_arms_of_one_channel_take_one_value() {
    let log = Log::new();
    let channel = Rc::new(Channel::unbounded());
    let arms: Vec<_> = (0..20).map(|_| channel.get_arm()).collect();
    let all: Vec<_> = arms.iter().map(|arm| arm as &dyn Arm).collect();
    let theirs = channel.clone();
    drop(spawn(move || theirs.put(5)));
    let index = Select::new(&all).wait();
    let value = arms.into_iter().nth(index).map(Arm::take);
    log.say(format!("{value:?}"));
    log.expect(["Some(Some(5))"]);
    assert!(format!("{channel:?}").contains("getters: []"));
}
