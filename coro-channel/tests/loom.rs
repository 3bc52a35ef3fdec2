//! The channel between OS threads under loom: no wake-up is lost, whatever the interleaving.
//!
//! Run by `.ci/loom-shared`, which also breaks the channel on purpose and expects these models to
//! fail. A waiter that nobody wakes is a deadlock, which loom reports.
#![cfg(loom)]

#[allow(dead_code, reason = "the models drive a part of it")]
#[allow(unreachable_pub, reason = "the crate exports them")]
#[path = "../src/shared/error.rs"]
mod error;
#[allow(dead_code, reason = "the models drive a part of it")]
#[path = "../src/shared/state.rs"]
mod state;
#[allow(dead_code, reason = "the models drive a part of it")]
#[path = "../src/shared/waiters.rs"]
mod waiters;

use std::sync::Arc;
use std::task::{Wake, Waker};

use error::{TryGetError, TryPutError};
use loom::sync::{Condvar, Mutex};
use loom::thread;
use state::Shared;
use waiters::Place;

/// Stands in for a coro that waits: its waker ends the sleep.
struct Parker {
    woken: Mutex<bool>,
    wakeup: Condvar,
}

impl Wake for Parker {
    fn wake(self: Arc<Self>) {
        *self.woken.lock().unwrap() = true;
        self.wakeup.notify_one();
    }
}

impl Parker {
    fn new() -> Arc<Parker> {
        Arc::new(Parker {
            woken: Mutex::new(false),
            wakeup: Condvar::new(),
        })
    }

    fn sleep(&self) {
        let mut woken = self.woken.lock().unwrap();
        while !*woken {
            woken = self.wakeup.wait(woken).unwrap();
        }
        *woken = false;
    }
}

type Channel = Arc<Shared<u8>>;

fn channel(capacity: Option<usize>) -> Channel {
    Arc::new(Shared::new(capacity))
}

/// What `Receiver::get` does.
fn get(channel: &Channel) -> Option<u8> {
    let parker = Parker::new();
    let place = Place::new(Waker::from(parker.clone()));
    let result = loop {
        match channel.get(Some(&place)) {
            Ok(value) => break Some(value),
            Err(TryGetError::ShutDown) => break None,
            Err(TryGetError::Empty) => parker.sleep(),
        }
    };
    channel.getters.quit(&place);
    result
}

/// What `Sender::put` does.
fn put(channel: &Channel, value: u8) -> Result<(), u8> {
    let parker = Parker::new();
    let place = Place::new(Waker::from(parker.clone()));
    let mut value = value;
    let result = loop {
        match channel.put(value, Some(&place)) {
            Ok(()) => break Ok(()),
            Err(TryPutError::ShutDown(value)) => break Err(value),
            Err(TryPutError::Full(back)) => value = back,
        }
        parker.sleep();
    };
    channel.putters.quit(&place);
    result
}

/// A get that is interrupted where it would wait, at any time later.
fn interrupted_get(channel: &Channel) -> Option<u8> {
    let place = Place::new(Waker::from(Parker::new()));
    let got = channel.get(Some(&place)).ok();
    channel.getters.quit(&place);
    got
}

/// A put that is interrupted where it would wait.
fn interrupted_put(channel: &Channel, value: u8) {
    let place = Place::new(Waker::from(Parker::new()));
    let _ = channel.put(value, Some(&place));
    channel.putters.quit(&place);
}

/// Runs `theirs` in another OS thread.
fn beside(channel: &Channel, theirs: impl FnOnce(&Channel) + 'static) -> thread::JoinHandle<()> {
    let channel = channel.clone();
    thread::spawn(move || theirs(&channel))
}

#[test]
fn values_go_through_a_full_channel_one_by_one() {
    loom::model(|| {
        let channel = channel(Some(1));
        let putter = beside(&channel, |channel| {
            for value in 1..=2 {
                assert_eq!(put(channel, value), Ok(()));
            }
        });
        assert_eq!((get(&channel), get(&channel)), (Some(1), Some(2)));
        putter.join().unwrap();
    });
}

#[test]
fn without_a_buffer_a_putter_and_a_getter_meet() {
    loom::model(|| {
        let channel = channel(Some(0));
        let putter = beside(&channel, |channel| assert_eq!(put(channel, 1), Ok(())));
        assert_eq!(get(&channel), Some(1));
        putter.join().unwrap();
    });
}

#[test]
fn the_last_sender_that_goes_wakes_a_getter() {
    loom::model(|| {
        let channel = channel(None);
        let sender = beside(&channel, |channel| {
            assert_eq!(put(channel, 1), Ok(()));
            channel.drop_sender();
        });
        assert_eq!((get(&channel), get(&channel)), (Some(1), None));
        sender.join().unwrap();
    });
}

#[test]
fn the_last_receiver_that_goes_wakes_a_putter() {
    loom::model(|| {
        let channel = channel(Some(1));
        assert_eq!(put(&channel, 1), Ok(()));
        let receiver = beside(&channel, |channel| channel.drop_receiver());
        assert_eq!(put(&channel, 2), Err(2));
        receiver.join().unwrap();
    });
}

#[test]
fn a_shutdown_wakes_both_ends() {
    loom::model(|| {
        let empty = channel(Some(1));
        let full = channel(Some(1));
        assert_eq!(put(&full, 1), Ok(()));
        let getter = beside(&empty, |empty| assert_eq!(get(empty), None));
        let putter = beside(&full, |full| assert_eq!(put(full, 2), Err(2)));
        empty.shut_down();
        full.shut_down();
        getter.join().unwrap();
        putter.join().unwrap();
    });
}

#[test]
fn an_interrupted_getter_passes_its_wake_up_on() {
    loom::model(|| {
        let channel = channel(None);
        let interrupted = beside(&channel, |channel| {
            if let Some(value) = interrupted_get(channel) {
                assert_eq!(put(channel, value), Ok(()));
            }
        });
        let putter = beside(&channel, |channel| assert_eq!(put(channel, 1), Ok(())));
        assert_eq!(get(&channel), Some(1));
        interrupted.join().unwrap();
        putter.join().unwrap();
    });
}

#[test]
fn an_interrupted_putter_passes_its_wake_up_on() {
    loom::model(|| {
        let channel = channel(Some(1));
        assert_eq!(put(&channel, 1), Ok(()));
        let interrupted = beside(&channel, |channel| interrupted_put(channel, 2));
        let putter = beside(&channel, |channel| assert_eq!(put(channel, 3), Ok(())));
        assert_eq!(get(&channel), Some(1));
        assert!(matches!(get(&channel), Some(2 | 3)));
        interrupted.join().unwrap();
        putter.join().unwrap();
    });
}

#[test]
fn a_getter_that_leaves_before_its_putter_came_holds_nobody_up() {
    loom::model(|| {
        let channel = channel(Some(0));
        let interrupted = beside(&channel, |channel| {
            if let Some(value) = interrupted_get(channel) {
                assert_eq!(put(channel, value), Ok(()));
            }
        });
        let putter = beside(&channel, |channel| assert_eq!(put(channel, 1), Ok(())));
        assert_eq!(get(&channel), Some(1));
        interrupted.join().unwrap();
        putter.join().unwrap();
    });
}

#[test]
fn no_more_values_are_in_a_channel_than_it_holds() {
    loom::model(|| {
        let channel = channel(Some(1));
        assert_eq!(put(&channel, 1), Ok(()));
        let getter = beside(&channel, |channel| {
            assert_eq!((get(channel), get(channel)), (Some(1), Some(2)));
        });
        assert_eq!(put(&channel, 2), Ok(()));
        for value in 3..=4 {
            _ = channel.put_at_hand(value);
            assert!(channel.len() <= 1);
        }
        getter.join().unwrap();
    });
}

#[test]
fn values_come_out_in_order_while_more_go_in() {
    loom::model(|| {
        let channel = channel(None);
        let putter = beside(&channel, |channel| {
            for value in 1..=3 {
                assert_eq!(channel.put_at_hand(value), Ok(()));
            }
        });
        assert_eq!([1, 2, 3].map(|_| get(&channel)), [1, 2, 3].map(Some));
        putter.join().unwrap();
    });
}

#[test]
fn what_was_put_before_is_at_hand() {
    loom::model(|| {
        let channel = channel(Some(2));
        let putter = beside(&channel, |channel| {
            for value in 1..=2 {
                assert_eq!(channel.put_at_hand(value), Ok(()));
            }
        });
        let early = channel.get_at_hand();
        putter.join().unwrap();
        let late = channel.get_at_hand();
        assert_eq!(early.or(late), Some(1));
        assert_eq!(early.and(late).or(channel.get_at_hand()), Some(2));
    });
}

#[test]
fn the_end_is_news() {
    loom::model(|| {
        let [early, late, ended] = [(); 3].map(|()| channel(None));
        for channel in [&early, &late] {
            assert_eq!(channel.put_at_hand(1), Ok(()));
        }
        assert_eq!(early.get_at_hand(), Some(1));
        early.drop_sender();
        late.drop_sender();
        assert_eq!(late.get_at_hand(), Some(1));
        ended.shut_down();
        assert!(
            [early, late, ended]
                .iter()
                .all(|channel| channel.has_news())
        );
    });
}

#[test]
fn a_getter_that_was_overtaken_is_woken_again() {
    loom::model(|| {
        let channel = channel(None);
        let putter = beside(&channel, |channel| {
            for value in 1..=2 {
                assert_eq!(put(channel, value), Ok(()));
            }
        });
        let overtaker = beside(&channel, |channel| _ = channel.get(None));
        assert!(get(&channel).is_some());
        putter.join().unwrap();
        overtaker.join().unwrap();
    });
}
