//! What is in a channel between OS threads, and who is woken when that changes.
//!
//! # Invariants
//!
//! S1. A waiter enters its line under the lock of the values, where it has seen that it must wait. So
//!     who changes the values finds it in the line, and wakes it, if it came before.
//! S2. There are as many woken getters under way as there are values, or nobody else waits: each
//!     value that comes wakes one, who gets one or passes the wake-up on, and who is woken and finds
//!     nothing leaves nothing. So it is with putters and free slots.
//! S3. Nothing foreign is called or dropped under a lock. The lock of the values comes before that
//!     of a line.

#[cfg(loom)]
use loom::sync::{Mutex, MutexGuard};
#[cfg(not(loom))]
use parking_lot::{Mutex, MutexGuard};

use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;

use super::error::{TryGetError, TryPutError};
use super::waiters::{Place, Waiters};

/// What both ends share.
pub(crate) struct Shared<T> {
    inside: Mutex<Inside<T>>,
    /// `None` if unbounded.
    capacity: Option<usize>,
    pub(crate) getters: Arc<Waiters>,
    pub(crate) putters: Arc<Waiters>,
}

struct Inside<T> {
    values: VecDeque<T>,
    senders: usize,
    receivers: usize,
    shut_down: bool,
}

impl<T> Inside<T> {
    /// Whether no value will come in any more.
    fn is_shut_down(&self) -> bool {
        self.shut_down || self.senders == 0 || self.receivers == 0
    }
}

impl<T> Shared<T> {
    /// With one sender and one receiver.
    pub(crate) fn new(capacity: Option<usize>) -> Shared<T> {
        Shared {
            inside: Mutex::new(Inside {
                values: VecDeque::new(),
                senders: 1,
                receivers: 1,
                shut_down: false,
            }),
            capacity,
            getters: Arc::new(Waiters::new()),
            putters: Arc::new(Waiters::new()),
        }
    }

    #[cfg(not(loom))]
    fn lock(&self) -> MutexGuard<'_, Inside<T>> {
        self.inside.lock()
    }

    #[cfg(loom)]
    fn lock(&self) -> MutexGuard<'_, Inside<T>> {
        self.inside.lock().expect("no model panics under the lock")
    }

    /// Whether a value may come in. Without a buffer, who waits for a value is the slot for it.
    fn has_room(&self, inside: &Inside<T>) -> bool {
        match self.capacity {
            None => true,
            Some(0) => inside.values.len() < self.getters.present(),
            Some(capacity) => inside.values.len() < capacity,
        }
    }

    /// Puts if there is room; else the waiter whose place it is, if there is one, stays.
    #[inline]
    pub(crate) fn put(&self, value: T, place: Option<&Place>) -> Result<(), TryPutError<T>> {
        let mut inside = self.lock();
        if inside.is_shut_down() {
            drop(inside);
            return Err(TryPutError::ShutDown(value));
        }
        if !self.has_room(&inside) {
            if let Some(place) = place {
                self.putters.stay(place);
            }
            drop(inside);
            return Err(TryPutError::Full(value));
        }
        inside.values.push_back(value);
        if let Some(place) = place {
            self.putters.done(place);
        }
        let wake = self.getters.any();
        drop(inside);
        if wake {
            self.getters.wake_one();
        }
        Ok(())
    }

    /// Gets if there is a value; else the waiter whose place it is, if there is one, stays.
    #[inline]
    pub(crate) fn get(&self, place: Option<&Place>) -> Result<T, TryGetError> {
        let mut inside = self.lock();
        let value = inside.values.pop_front();
        let result = match (value, place) {
            (Some(value), place) => {
                if let Some(place) = place {
                    self.getters.done(place);
                }
                Ok(value)
            }
            (None, _) if inside.is_shut_down() => Err(TryGetError::ShutDown),
            (None, None) => Err(TryGetError::Empty),
            (None, Some(place)) => {
                self.getters.stay(place);
                Err(TryGetError::Empty)
            }
        };
        // A value that went makes room; so does a getter that waits, if there is no buffer.
        let wake = self.putters.any() && self.has_room(&inside);
        drop(inside);
        if wake {
            self.putters.wake_one();
        }
        result
    }

    /// Lets no value come in any more.
    pub(crate) fn shut_down(&self) {
        self.lock().shut_down = true;
        self.getters.wake_all();
        self.putters.wake_all();
    }

    pub(crate) fn add_sender(&self) {
        self.lock().senders += 1;
    }

    pub(crate) fn drop_sender(&self) {
        let mut inside = self.lock();
        inside.senders -= 1;
        let last = inside.senders == 0;
        drop(inside);
        if last {
            self.getters.wake_all();
        }
    }

    pub(crate) fn add_receiver(&self) {
        self.lock().receivers += 1;
    }

    pub(crate) fn drop_receiver(&self) {
        let mut inside = self.lock();
        inside.receivers -= 1;
        if inside.receivers > 0 {
            return;
        }
        // Nobody will get them, and they may hold senders of this very channel.
        let values = mem::take(&mut inside.values);
        drop(inside);
        self.putters.wake_all();
        drop(values);
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().values.len()
    }

    pub(crate) fn is_shut_down(&self) -> bool {
        self.lock().is_shut_down()
    }

    pub(crate) fn capacity(&self) -> Option<usize> {
        self.capacity
    }
}
