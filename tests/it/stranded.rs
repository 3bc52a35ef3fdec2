//! Lost wake-ups: nobody is ready, and somebody waits for what can be had. Where no wake-up is forgotten, nobody is
//! ever told of.

use std::cell::{Cell, RefCell};
use std::panic::Location;
use std::rc::Rc;

use coro::{Coro, JoinHandle, cede, schedule, spawn};
use coro_channel::{Arm, Channel, Select};
use coro_sync::wait_queue::{Left, WaitQueue};
use coro_sync::{Condvar, Mutex, RawRwLock, Semaphore, Signal};
use coro_time::VirtualClock;

use self::kinds::{Owes, kinds};
use crate::signal::settle;
use crate::support::fresh;

mod busy;
mod kinds;
mod predicates;

/// Returns the names of the coros that are stranded.
fn stranded() -> Vec<String> {
    let all = coro::all();
    let stranded = all.iter().rev().filter(|c| c.is_stranded());
    stranded.map(|c| format!("{:?}", c.desc())).collect()
}

/// Takes what came out of a call that may go either way.
fn either_way<T>(_: T) {}

/// Spawns a coro that has to wait.
#[track_caller]
fn waiter(wait: impl FnOnce() + 'static) -> JoinHandle<()> {
    let c = spawn(wait);
    settle();
    assert!(!c.is_finished());
    c
}

#[test]
fn who_waits_for_what_is_not_there_is_not_stranded() {
    fresh(|| {
        let clock = VirtualClock::install();
        for kind in kinds(&clock) {
            let (one, two) = (kind.waiter(1), kind.waiter(2));
            assert_eq!(stranded(), [""; 0], "{}", kind.name);
            one.cancel();
            two.cancel();
        }
    });
}

#[test]
fn a_wake_up_that_is_lost_strands_whom_it_was_for_and_whoever_could_do_with_it() {
    fresh(|| {
        let clock = VirtualClock::install();
        for kind in kinds(&clock) {
            let (one, two) = (kind.waiter(1), kind.waiter(2));
            one.suspend();
            (kind.give)();
            settle();
            // Its wake-up was passed over. But who suspends somebody may know what to do then.
            assert_eq!(stranded(), [""; 0], "{}", kind.name);
            one.resume();
            assert!(one.is_stranded(), "{}", kind.name);
            let and_the_other = kind.owes == Owes::WhatIsThere;
            assert_eq!(two.is_stranded(), and_the_other, "{}", kind.name);
            assert_eq!(two.is_finished(), kind.owes == Owes::All, "{}", kind.name);
            one.ready();
            settle();
            assert!(one.is_finished(), "{}", kind.name);
            assert_eq!(stranded(), [""; 0], "{}", kind.name);
            two.cancel();
        }
    });
}

#[test]
fn who_blocks_again_without_looking_after_it_was_woken_is_stranded() {
    let queue = Rc::new(WaitQueue::new("test"));
    let theirs = queue.clone();
    let c = waiter(move || {
        let place = theirs.enter(|_| ());
        schedule();
        coro::wait_for(&place);
    });
    assert!(!c.is_stranded());
    assert!(queue.wake_one());
    assert!(!c.is_stranded());
    settle();
    assert!(c.is_stranded());
    c.ready();
    settle();
    assert!(c.is_finished());
}

#[test]
fn who_wants_more_than_there_is_keeps_those_behind_it_waiting_by_right() {
    for semaphore in [Semaphore::new(1), Semaphore::fair(1)] {
        let semaphore = Rc::new(semaphore);
        let wants = |permits| {
            let semaphore = semaphore.clone();
            waiter(move || semaphore.down_many(permits))
        };
        let greedy = wants(2);
        let behind = wants(3);
        assert!(!greedy.is_stranded() && !behind.is_stranded());
        greedy.cancel();
        behind.cancel();
    }
}

#[test]
fn a_reader_that_was_left_behind_while_others_came_by_is_not_stranded() {
    let lock = Rc::new(RawRwLock::new());
    lock.wrlock();
    let (ours, theirs) = (lock.clone(), lock.clone());
    let writer = waiter(move || ours.wrlock());
    let reader = waiter(move || theirs.rdlock());
    lock.unlock(); // wakes the writer
    assert!(lock.try_rdlock());
    settle();
    assert!(!writer.is_stranded() && !reader.is_stranded());
    writer.cancel();
    reader.cancel();
}

#[test]
fn a_writer_that_waits_for_one_of_several_readers_is_not_stranded() {
    for lock in [RawRwLock::new(), RawRwLock::fair()] {
        let lock = Rc::new(lock);
        lock.rdlock();
        lock.rdlock();
        let theirs = lock.clone();
        let writer = waiter(move || theirs.wrlock());
        lock.unlock();
        settle();
        assert!(!writer.is_stranded());
        writer.cancel();
    }
}

#[test]
fn a_select_that_gets_and_puts_does_not_wait_for_itself() {
    for channel in [Channel::bounded(0), Channel::fair(0)] {
        let channel = Rc::new(channel);
        let theirs = channel.clone();
        let c = waiter(move || {
            Select::new(&[&theirs.get_arm(), &theirs.put_arm(1)]).wait();
        });
        assert!(!c.is_stranded());
        assert!(channel.try_put(2).is_ok());
        settle();
        assert!(c.is_finished());
    }
}

#[test]
fn a_callback_in_front_is_served_first() {
    let signal = Rc::new(Signal::new());
    signal.wait_with(|| ());
    let theirs = signal.clone();
    let c = waiter(move || theirs.wait());
    assert!(!c.is_stranded());
    signal.send();
    settle();
    assert!(!c.is_stranded());
    c.cancel();
}

#[test]
fn who_was_notified_waits_for_the_mutex_by_right() {
    let shared = Rc::new((Mutex::new(()), Condvar::new()));
    let theirs = shared.clone();
    let c = waiter(move || drop(theirs.1.wait(theirs.0.lock())));
    let guard = shared.0.lock();
    shared.1.notify_one();
    settle();
    assert!(!c.is_finished() && !c.is_stranded());
    drop(guard);
    settle();
    assert!(c.is_finished());
}

/// An arm that tells what it was told.
struct Says(Rc<Cell<bool>>);

impl Arm for Says {
    type Output = ();

    fn commit(&self) -> bool {
        self.0.get()
    }

    fn enter(&self) {}

    fn quit(&self) {}

    fn is_stranded(&self) -> bool {
        self.0.get()
    }

    fn what(&self) -> (&'static str, Option<&'static Location<'static>>) {
        ("test", None)
    }

    fn take(self) {}
}

#[test]
fn a_select_is_stranded_if_one_of_its_arms_is() {
    let says = Rc::new(Cell::new(false));
    let (theirs, channel) = (says.clone(), Channel::<u8>::unbounded());
    let c = waiter(move || {
        Select::new(&[&channel.get_arm(), &Says(theirs), &channel.get_arm()]).wait();
    });
    assert!(!c.is_stranded());
    says.set(true);
    assert!(c.is_stranded());
    c.ready();
    settle();
    assert!(c.is_finished());
}

#[test]
fn the_coros_of_a_queue_are_listed_in_the_order_of_their_arrival() {
    let queue = Rc::new(WaitQueue::new("test"));
    let left = Rc::new(RefCell::new(Vec::new()));
    let wait = || {
        let (queue, left) = (queue.clone(), left.clone());
        waiter(move || queue.wait(|how: Left| left.borrow_mut().push(how)))
    };
    let all = [wait(), wait(), wait()];
    queue.enter_callback(|| ());
    let coros = || all.iter().map(|c| c.coro().clone()).collect::<Vec<Coro>>();
    assert_eq!(queue.coros(), coros());
    all[1].cancel();
    assert_eq!(queue.coros(), [coros()[0].clone(), coros()[2].clone()]);
    queue.wake_all();
    assert_eq!(queue.coros(), []);
    cede();
    assert_eq!(*left.borrow(), [Left::Waiting]);
}
