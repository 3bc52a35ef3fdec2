//! The inbox: the one thing of a kernel that other OS threads touch.
//!
//! A waker puts a message in and, if the owner sleeps, ends that sleep. The owner takes the
//! messages out at a switch or before it sleeps.
//!
//! # Invariants
//!
//! I1. `arrived` is set whenever a message is in the box that the owner has not been told of.
//! I2. The owner sleeps only after it announced it, under the lock and with the box empty; whoever
//!     then puts a message in sees the announcement, under the same lock, and ends the sleep.
//! I3. A waker's last message is that it is gone. So the owner, who counts the wakers it made less
//!     those gone, never takes a living one for gone, nor misses what the gone one said before.

#[cfg(loom)]
use loom::sync::atomic::{AtomicBool, Ordering};
#[cfg(loom)]
use loom::sync::{Condvar, Mutex, MutexGuard};
#[cfg(not(loom))]
use parking_lot::{Condvar, Mutex, MutexGuard};
#[cfg(not(loom))]
use std::sync::atomic::{AtomicBool, Ordering};

use std::mem;
use std::task;
use std::time::Instant;

/// What a waker has to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Message {
    /// Ready the coro of this key.
    Wake(u64),
    /// No waker of this key is left.
    Gone(u64),
}

/// Wake-ups from other OS threads.
pub(crate) struct Inbox {
    arrived: AtomicBool,
    state: Mutex<State>,
    wakeup: Condvar,
}

struct State {
    messages: Vec<Message>,
    asleep: bool,
    /// What ends the sleep instead of `wakeup`: the waker of an installed driver.
    driver: Option<task::Waker>,
}

impl Inbox {
    pub(crate) fn new() -> Inbox {
        Inbox {
            arrived: AtomicBool::new(false),
            state: Mutex::new(State {
                messages: Vec::new(),
                asleep: false,
                driver: None,
            }),
            wakeup: Condvar::new(),
        }
    }

    #[cfg(not(loom))]
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    #[cfg(loom)]
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no model panics under the lock")
    }

    /// Puts a message in; callable from every OS thread.
    pub(crate) fn put(&self, message: Message) {
        let mut state = self.lock();
        state.messages.push(message);
        self.arrived.store(true, Ordering::Release);
        let asleep = mem::replace(&mut state.asleep, false);
        let driver = if asleep { state.driver.clone() } else { None };
        drop(state);
        match driver {
            // Foreign code, so not under the lock.
            Some(driver) => driver.wake(),
            None if asleep => {
                self.wakeup.notify_one();
            }
            None => {}
        }
    }

    /// Returns `true` if there may be a message; cheap, for every switch.
    #[inline]
    pub(crate) fn has_arrived(&self) -> bool {
        self.arrived.load(Ordering::Acquire)
    }

    /// Takes all messages out, oldest first.
    pub(crate) fn take(&self) -> Vec<Message> {
        let mut state = self.lock();
        self.arrived.store(false, Ordering::Relaxed);
        mem::take(&mut state.messages)
    }

    /// Names what ends the sleep of an owner that sleeps in its driver.
    pub(crate) fn set_driver(&self, waker: Option<task::Waker>) {
        let old = mem::replace(&mut self.lock().driver, waker);
        drop(old);
    }

    /// Announces that the owner is about to sleep in its driver; `false` if a message is there.
    pub(crate) fn announce(&self) -> bool {
        let mut state = self.lock();
        state.asleep = state.messages.is_empty();
        state.asleep
    }

    /// Takes the announcement back.
    pub(crate) fn awake(&self) {
        self.lock().asleep = false;
    }

    /// Stalls the OS thread until there is a message, or until `deadline`.
    pub(crate) fn sleep(&self, deadline: Option<Instant>) {
        let mut state = self.lock();
        state.asleep = state.messages.is_empty();
        while state.asleep {
            #[cfg(not(loom))]
            match deadline {
                None => self.wakeup.wait(&mut state),
                Some(deadline) => {
                    if self.wakeup.wait_until(&mut state, deadline).timed_out() {
                        state.asleep = false;
                    }
                }
            }
            #[cfg(loom)]
            {
                let _ = deadline;
                state = self
                    .wakeup
                    .wait(state)
                    .expect("no model panics under the lock");
            }
        }
    }
}
