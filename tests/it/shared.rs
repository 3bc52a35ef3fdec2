//! The channel between OS threads: DESIGN §4; the rules of interruption are those of HISTORY-BUGS 1-6 and 13-15.

#![allow(clippy::unwrap_used, reason = "a test may fail anywhere, helpers too")]

use std::cell::Cell;
use std::rc::Rc;

use coro::{cede, no_switch, schedule, spawn};
use coro_channel::shared::{self, PutError, Receiver, Sender, TryGetError, TryPutError};
use static_assertions::{assert_impl_all, assert_not_impl_any};

use crate::support::{Log, caught, fresh, text};

mod ends;
mod interrupted;
mod os_threads;
mod traffic;

assert_impl_all!(Sender<Cell<u8>>: Send, Sync, Clone);
assert_impl_all!(Receiver<Cell<u8>>: Send, Sync, Clone);
assert_not_impl_any!(Sender<Rc<u8>>: Send, Sync);
assert_not_impl_any!(Receiver<Rc<u8>>: Send, Sync);

/// Lets all who can run do so, and those whom they wake.
fn settle() {
    for _ in 0..8 {
        cede();
    }
}

#[test]
fn values_come_out_in_the_order_in_which_they_went_in() {
    let (sender, receiver) = shared::unbounded();
    assert!((0..100).all(|n| sender.put(n).is_ok()));
    let got: Vec<_> = receiver.try_iter().collect();
    assert_eq!(got, (0..100).collect::<Vec<_>>());
}

#[test]
fn a_put_blocks_only_while_no_slot_is_free() {
    fresh(|| {
        let log = Log::new();
        let (sender, receiver) = shared::bounded(2);
        let _putter = spawn(move || {
            for n in 0..4 {
                assert!(sender.put(n).is_ok());
                log.say(n);
            }
        });
        settle();
        log.expect(["0", "1"]);
        for (n, line) in ["2", "3"].into_iter().enumerate() {
            assert_eq!(receiver.get(), Some(n));
            settle();
            log.expect([line]);
        }
        assert_eq!((receiver.len(), receiver.capacity()), (2, Some(2)));
    });
}

#[test]
fn without_a_buffer_a_put_blocks_until_a_getter_waits() {
    fresh(|| {
        let log = Log::new();
        let (sender, receiver) = shared::bounded(0);
        assert_eq!(sender.try_put(0), Err(TryPutError::Full(0)));
        let _putter = spawn(move || {
            assert!(sender.put(1).is_ok());
            log.say("put");
            assert!(sender.put(2).is_ok());
            log.say("put again");
        });
        settle();
        assert_eq!(receiver.try_get(), Err(TryGetError::Empty));
        log.expect([]);
        assert_eq!(receiver.get(), Some(1));
        settle();
        log.expect(["put"]);
        assert_eq!(receiver.get(), Some(2));
        settle();
        log.expect(["put again"]);
    });
}

#[test]
fn without_a_buffer_as_many_puts_pass_as_getters_wait() {
    fresh(|| {
        let (sender, receiver) = shared::bounded(0);
        let getters = [(); 2].map(|()| {
            let receiver = receiver.clone();
            spawn(move || receiver.get())
        });
        settle();
        assert_eq!(sender.try_put(1), Ok(()));
        assert_eq!(sender.try_put(2), Ok(()));
        assert_eq!(sender.try_put(3), Err(TryPutError::Full(3)));
        let got = getters.map(|getter| getter.join().unwrap());
        assert_eq!(got, [Some(1), Some(2)]);
    });
}

#[test]
fn getters_get_in_the_order_of_their_arrival() {
    fresh(|| {
        let log = Log::new();
        let (sender, receiver) = shared::unbounded();
        let getters = ["a", "b", "c"].map(|name| {
            let receiver = receiver.clone();
            let getter = spawn(move || log.say(format!("{name}{:?}", receiver.get())));
            cede();
            getter
        });
        assert!((1..=3).all(|n| sender.put(n).is_ok()));
        settle();
        log.expect(["aSome(1)", "bSome(2)", "cSome(3)"]);
        assert!(getters.iter().all(|getter| getter.is_finished()));
    });
}

#[test]
fn putters_put_in_the_order_of_their_arrival() {
    fresh(|| {
        let (sender, receiver) = shared::bounded(1);
        let putters = [1, 2, 3, 4].map(|n| {
            let sender = sender.clone();
            let putter = spawn(move || sender.put(n));
            cede();
            putter
        });
        assert_eq!([(); 4].map(|()| receiver.get()), [1, 2, 3, 4].map(Some));
        settle();
        assert!(putters.iter().all(|putter| putter.is_finished()));
    });
}

#[test]
fn a_value_wakes_one_getter_and_a_slot_one_putter() {
    fresh(|| {
        let (sender, receiver) = shared::bounded(1);
        let uses = |coros: &[coro::JoinHandle<()>]| -> Vec<u64> {
            coros.iter().map(|c| c.use_count()).collect()
        };
        let getters = [(); 3].map(|()| {
            let receiver = receiver.clone();
            spawn(move || assert!(receiver.get().is_some()))
        });
        settle();
        let before = uses(&getters);
        assert!(sender.try_put(1).is_ok());
        settle();
        assert_eq!(uses(&getters[1..]), before[1..]);
        assert!(getters[0].is_finished());
        assert!(sender.put(2).is_ok() && sender.put(3).is_ok());
        settle();
        assert!(sender.put(0).is_ok());
        let putters = [(); 3].map(|()| {
            let sender = sender.clone();
            spawn(move || assert!(sender.put(1).is_ok()))
        });
        settle();
        let before = uses(&putters);
        assert_eq!(receiver.try_get(), Ok(0));
        settle();
        assert_eq!(uses(&putters[1..]), before[1..]);
        assert!(putters[0].is_finished());
        receiver.shutdown();
        settle();
    });
}

#[test]
fn what_never_switches_does_not_and_what_may_does() {
    fresh(|| {
        let (sender, receiver) = shared::bounded(1);
        let (there, back) = (sender.clone(), receiver.clone());
        no_switch(|| {
            assert!(sender.put(1).is_ok());
            assert_eq!(sender.try_put(2), Err(TryPutError::Full(2)));
            assert_eq!(receiver.get(), Some(1));
            assert_eq!(receiver.try_get(), Err(TryGetError::Empty));
            assert!(sender.is_empty() && receiver.is_empty() && !sender.is_shut_down());
            assert_eq!((sender.len(), sender.capacity()), (0, Some(1)));
            drop(format!("{sender:?} {receiver:?}"));
            drop((sender.clone(), receiver.clone()));
        });
        let ran = Rc::new(Cell::new(0));
        let seen = ran.clone();
        let other = spawn(move || {
            seen.set(1);
            assert!(there.put(1).is_ok());
            settle();
            seen.set(2);
            assert_eq!(back.get(), Some(2));
        });
        assert_eq!(receiver.get(), Some(1));
        assert_eq!(ran.get(), 1);
        assert!(sender.put(2).is_ok());
        assert_eq!(ran.get(), 1);
        assert!(sender.put(3).is_ok());
        assert_eq!(ran.get(), 2);
        assert!(other.join().is_ok());
        no_switch(|| sender.shutdown());
    });
}

#[test]
fn a_call_that_may_not_block_leaves_no_trace() {
    fresh(|| {
        let (sender, receiver) = shared::bounded(1);
        assert!(caught(|| no_switch(|| receiver.get())).is_err());
        let getter = spawn({
            let receiver = receiver.clone();
            move || receiver.get()
        });
        settle();
        assert!(sender.put(1).is_ok());
        assert_eq!(getter.join().unwrap(), Some(1));
        assert!(sender.put(2).is_ok());
        assert!(caught(|| no_switch(|| sender.put(3))).is_err());
        let putter = spawn(move || sender.put(4));
        settle();
        assert_eq!([receiver.get(), receiver.get()], [Some(2), Some(4)]);
        assert_eq!(putter.join().unwrap(), Ok(()));
    });
}

#[test]
fn reports_say_what_is_waited_for_and_where_it_was_made() {
    fresh(|| {
        let (sender, receiver) = shared::bounded(1);
        let theirs = receiver.clone();
        let getter = spawn(move || theirs.get());
        settle();
        let report = coro::report().to_string();
        let made = format!("on a shared channel (get) made at {}", file!());
        assert!(report.contains(&made), "{report}");
        assert!(sender.put(1).is_ok());
        assert_eq!(getter.join().unwrap(), Some(1));
        assert!(sender.put(1).is_ok());
        let putter = spawn(move || sender.put(1));
        settle();
        let report = coro::report().to_string();
        assert!(
            report.contains("on a shared channel (put) made at"),
            "{report}"
        );
        drop(receiver);
        assert_eq!(putter.join().unwrap(), Err(PutError(1)));
    });
}

#[test]
fn a_wait_that_is_over_hides_no_deadlock() {
    fresh(|| {
        let (sender, receiver) = shared::bounded(1);
        let theirs = receiver.clone();
        let other = std::thread::spawn(move || theirs.get());
        assert!(sender.put(1).is_ok() && sender.put(2).is_ok());
        assert_eq!(other.join().unwrap(), Some(1));
        drop(spawn(move || sender.put(3)));
        assert_eq!(receiver.get(), Some(2));
        assert_eq!(receiver.get(), Some(3));
        assert_eq!(receiver.get(), None);
        let panic = caught(schedule).unwrap_err();
        assert!(text(&*panic).starts_with("deadlock"));
    });
}
