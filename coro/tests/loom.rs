//! The inbox under loom: no wake-up is lost, whatever the interleaving.
//!
//! Run by `.ci/loom`, which also breaks the inbox on purpose and expects these models to fail.
#![cfg(loom)]

#[allow(dead_code, reason = "the model drives a part of it")]
#[path = "../src/inbox.rs"]
mod inbox;

use inbox::{Inbox, Message};
use loom::sync::Arc;
use loom::thread;

/// What the idle step does, until it has heard all `wanted` messages.
fn hear(inbox: &Inbox, wanted: usize) -> Vec<Message> {
    let mut heard = Vec::new();
    while heard.len() < wanted {
        if inbox.has_arrived() {
            heard.extend(inbox.take());
        } else {
            inbox.sleep(None);
        }
    }
    heard
}

#[test]
fn a_wake_before_or_after_the_owner_sleeps_is_heard() {
    loom::model(|| {
        let inbox = Arc::new(Inbox::new());
        let theirs = inbox.clone();
        let waker = thread::spawn(move || theirs.put(Message::Wake(1)));
        assert_eq!(hear(&inbox, 1), [Message::Wake(1)]);
        waker.join().unwrap();
    });
}

#[test]
fn a_dropped_waker_ends_the_sleep_and_its_wake_comes_first() {
    loom::model(|| {
        let inbox = Arc::new(Inbox::new());
        let theirs = inbox.clone();
        let waker = thread::spawn(move || {
            theirs.put(Message::Wake(1));
            theirs.put(Message::Gone(1));
        });
        assert_eq!(hear(&inbox, 2), [Message::Wake(1), Message::Gone(1)]);
        waker.join().unwrap();
    });
}

#[test]
fn two_wakers_are_both_heard() {
    loom::model(|| {
        let inbox = Arc::new(Inbox::new());
        let wakers: Vec<_> = (1..=2)
            .map(|key| {
                let theirs = inbox.clone();
                thread::spawn(move || theirs.put(Message::Wake(key)))
            })
            .collect();
        let mut heard = hear(&inbox, 2);
        heard.sort_by_key(|message| matches!(message, Message::Wake(2)));
        assert_eq!(heard, [Message::Wake(1), Message::Wake(2)]);
        wakers.into_iter().for_each(|waker| waker.join().unwrap());
    });
}

#[test]
fn an_announced_sleep_in_a_driver_is_ended_through_its_waker() {
    use loom::sync::atomic::{AtomicBool, Ordering};
    use std::task::{Wake, Waker};

    struct Driver(AtomicBool);
    impl Wake for Driver {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.store(true, Ordering::Release);
        }
    }

    loom::model(|| {
        let inbox = Arc::new(Inbox::new());
        let driver = std::sync::Arc::new(Driver(AtomicBool::new(false)));
        inbox.set_driver(Some(Waker::from(driver.clone())));
        let theirs = inbox.clone();
        let waker = thread::spawn(move || theirs.put(Message::Wake(1)));
        if inbox.announce() {
            // The driver sleeps here until it is woken.
            while !driver.0.load(Ordering::Acquire) {
                thread::yield_now();
            }
        }
        inbox.awake();
        assert_eq!(inbox.take(), [Message::Wake(1)]);
        waker.join().unwrap();
        inbox.set_driver(None);
    });
}
