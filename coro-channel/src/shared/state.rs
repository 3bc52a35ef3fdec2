//! What is in a channel between OS threads, and who is woken when that changes.
//!
//! Putters fill one queue and getters empty another, each under a lock of its own, so that the two
//! ends seldom meet: a getter that finds its queue empty takes over what the putters have filled,
//! all of it, and a putter that has used up its free slots asks how many were freed meanwhile.
//!
//! # Invariants
//!
//! S1. A waiter enters its line under both locks, where it has seen that it must wait. So who
//!     changes the values, under either, finds it in the line, and wakes it, if it came before.
//! S2. There are as many woken getters under way as there are values, or nobody else waits: each
//!     value that comes wakes one, who gets one or passes the wake-up on, and who is woken and finds
//!     nothing leaves nothing. So it is with putters and free slots.
//! S3. Nothing foreign is called or dropped under a lock. The lock of the getters' side comes before
//!     that of the putters', and both before that of a line.
//! S4. What is on the getters' side is older than what is on the putters'.
//! S5. With a buffer that is limited, as long as there are receivers, the values on both sides, the
//!     free slots that the putters know, and those they do not know yet are as many as it holds.
//!     Without one, and without a limit, nobody counts slots.

#[cfg(loom)]
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
#[cfg(loom)]
use loom::sync::{Mutex, MutexGuard};
#[cfg(not(loom))]
use parking_lot::{Mutex, MutexGuard};
#[cfg(not(loom))]
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;

use super::error::{TryGetError, TryPutError};
use super::waiters::{Place, Waiters};

/// What both ends share.
pub(crate) struct Shared<T> {
    front: Apart<Mutex<VecDeque<T>>>,
    back: Apart<(Mutex<Back<T>>, News)>,
    /// How many slots were freed that the putters do not know yet.
    freed: Apart<AtomicUsize>,
    /// `None` if unbounded.
    capacity: Option<usize>,
    pub(crate) getters: Arc<Waiters>,
    pub(crate) putters: Arc<Waiters>,
}

/// What one end writes all the time is not in one cache line, nor in two that are fetched together,
/// with what the other does.
#[repr(align(128))]
struct Apart<T>(T);

/// Whether a getter that has nothing in front may find something behind: values, or the end. It is
/// written under the lock of the putters' side and read without.
type News = AtomicBool;

/// The putters' side. Small enough to be in one cache line, with its lock and the news.
struct Back<T> {
    values: VecDeque<T>,
    /// How many slots are free, as far as is known here.
    free: usize,
    senders: u32,
    receivers: u32,
    shut_down: bool,
}

const TOO_MANY: &str = "a channel has fewer than 2³² senders, and as many receivers";

impl<T> Back<T> {
    /// With one sender and one receiver.
    fn new(capacity: Option<usize>) -> Back<T> {
        Back {
            values: VecDeque::new(),
            free: capacity.unwrap_or_default(),
            senders: 1,
            receivers: 1,
            shut_down: false,
        }
    }

    /// Whether no value will come in any more.
    fn is_shut_down(&self) -> bool {
        self.shut_down || self.senders == 0 || self.receivers == 0
    }

    fn add_sender(&mut self) {
        self.senders = self.senders.checked_add(1).expect(TOO_MANY);
    }

    fn add_receiver(&mut self) {
        self.receivers = self.receivers.checked_add(1).expect(TOO_MANY);
    }
}

impl<T> Shared<T> {
    /// With one sender and one receiver.
    pub(crate) fn new(capacity: Option<usize>) -> Shared<T> {
        Shared {
            front: Apart(Mutex::new(VecDeque::new())),
            back: Apart((Mutex::new(Back::new(capacity)), News::new(false))),
            freed: Apart(AtomicUsize::new(0)),
            capacity,
            getters: Arc::new(Waiters::new()),
            putters: Arc::new(Waiters::new()),
        }
    }

    #[cfg(not(loom))]
    fn lock_front(&self) -> MutexGuard<'_, VecDeque<T>> {
        self.front.0.lock()
    }

    #[cfg(loom)]
    fn lock_front(&self) -> MutexGuard<'_, VecDeque<T>> {
        self.front.0.lock().expect("no model panics under the lock")
    }

    #[cfg(not(loom))]
    fn lock_back(&self) -> MutexGuard<'_, Back<T>> {
        self.back.0.0.lock()
    }

    #[cfg(loom)]
    fn lock_back(&self) -> MutexGuard<'_, Back<T>> {
        self.back
            .0
            .0
            .lock()
            .expect("no model panics under the lock")
    }

    /// Whether a slot is free, in a channel with a buffer.
    fn has_slot(&self, back: &mut Back<T>) -> bool {
        if self.capacity.is_none() || back.free > 0 {
            return true;
        }
        // Values do not go this way, so it needs no order.
        if self.freed.0.load(Ordering::Relaxed) > 0 {
            back.free = self.freed.0.swap(0, Ordering::Relaxed);
        }
        back.free > 0
    }

    /// Whether a getter waits for whom nobody has put yet: that is the slot, without a buffer.
    fn has_taker(&self, front: &VecDeque<T>, back: &Back<T>) -> bool {
        front.len() + back.values.len() < self.getters.present()
    }

    /// Puts if a slot of the buffer is seen to be free without a look at the getters' side, which
    /// would hold them up; may overlook one that is just being freed.
    #[inline]
    pub(crate) fn put_at_hand(&self, value: T) -> Result<(), TryPutError<T>> {
        let mut back = self.lock_back();
        if back.is_shut_down() {
            drop(back);
            return Err(TryPutError::ShutDown(value));
        }
        if !self.has_buffer() || !self.has_slot(&mut back) {
            drop(back);
            return Err(TryPutError::Full(value));
        }
        self.push(back, value, None);
        Ok(())
    }

    /// Puts if there is room; else the waiter whose place it is, if there is one, stays.
    pub(crate) fn put(&self, value: T, place: Option<&Place>) -> Result<(), TryPutError<T>> {
        let front = self.lock_front();
        let mut back = self.lock_back();
        if back.is_shut_down() {
            drop((front, back));
            return Err(TryPutError::ShutDown(value));
        }
        let has_room = if self.has_buffer() {
            self.has_slot(&mut back)
        } else {
            self.has_taker(&front, &back)
        };
        if has_room {
            drop(front);
            self.push(back, value, place);
            return Ok(());
        }
        if let Some(place) = place {
            self.putters.stay(place);
        }
        drop((front, back));
        Err(TryPutError::Full(value))
    }

    /// Puts a value where there is room.
    #[inline]
    fn push(&self, mut back: MutexGuard<'_, Back<T>>, value: T, place: Option<&Place>) {
        back.values.push_back(value);
        back.free = back.free.saturating_sub(1);
        self.tell();
        if let Some(place) = place {
            self.putters.done(place);
        }
        let wake = self.getters.any();
        drop(back);
        if wake {
            self.getters.wake_one();
        }
    }

    /// Gets if a value is seen without a look behind for nothing, which would hold the putters up;
    /// may overlook one that is just being put.
    #[inline]
    pub(crate) fn get_at_hand(&self) -> Option<T> {
        let mut front = self.lock_front();
        if let Some(value) = front.pop_front() {
            return Some(self.got(front, value, None));
        }
        drop(front);
        if self.has_news() {
            return self.get(None).ok();
        }
        None
    }

    /// Gets if there is a value; else the waiter whose place it is, if there is one, stays.
    #[inline]
    pub(crate) fn get(&self, place: Option<&Place>) -> Result<T, TryGetError> {
        let mut front = self.lock_front();
        if let Some(value) = front.pop_front() {
            return Ok(self.got(front, value, place));
        }
        let mut back = self.lock_back();
        if back.values.is_empty() {
            return Err(self.stay_for_value(front, back, place));
        }
        mem::swap(&mut *front, &mut back.values);
        if !back.is_shut_down() {
            self.back.0.1.store(false, Ordering::Relaxed);
        }
        drop(back);
        let value = front.pop_front().expect("it has taken some over");
        Ok(self.got(front, value, place))
    }

    /// Sees to what goes with a value that was taken out.
    #[inline]
    fn got(&self, front: MutexGuard<'_, VecDeque<T>>, value: T, place: Option<&Place>) -> T {
        if let Some(place) = place {
            self.getters.done(place);
        }
        let wake = match self.capacity {
            None => false,
            Some(0) => self.putters.any() && self.has_taker(&front, &self.lock_back()),
            Some(_) => {
                self.freed.0.fetch_add(1, Ordering::Relaxed);
                self.putters.any()
            }
        };
        drop(front);
        if wake {
            self.putters.wake_one();
        }
        value
    }

    /// Says why there is no value; the waiter whose place it is, if there is one, stays for one.
    #[cold]
    fn stay_for_value(
        &self,
        front: MutexGuard<'_, VecDeque<T>>,
        back: MutexGuard<'_, Back<T>>,
        place: Option<&Place>,
    ) -> TryGetError {
        if back.is_shut_down() {
            return TryGetError::ShutDown;
        }
        if let Some(place) = place {
            self.getters.stay(place);
        }
        // A getter that waits makes room, if there is no buffer.
        let wake = !self.has_buffer() && self.putters.any() && self.has_taker(&front, &back);
        drop((front, back));
        if wake {
            self.putters.wake_one();
        }
        TryGetError::Empty
    }

    /// Tells that there is something behind; to be called under the lock of the putters' side.
    #[inline]
    fn tell(&self) {
        // Else each put would take the cache line from a getter that looks.
        if !self.has_news() {
            self.back.0.1.store(true, Ordering::Relaxed);
        }
    }

    /// Returns `true` if a get is worth a try, after one that found nothing; a hint.
    #[inline]
    pub(crate) fn has_news(&self) -> bool {
        self.back.0.1.load(Ordering::Relaxed)
    }

    /// Returns `true` if a put is worth a try, after one that found the buffer full; a hint.
    #[inline]
    pub(crate) fn has_freed(&self) -> bool {
        self.freed.0.load(Ordering::Relaxed) > 0
    }

    /// Lets no value come in any more.
    pub(crate) fn shut_down(&self) {
        let mut back = self.lock_back();
        back.shut_down = true;
        self.tell();
        drop(back);
        self.getters.wake_all();
        self.putters.wake_all();
    }

    pub(crate) fn add_sender(&self) {
        self.lock_back().add_sender();
    }

    pub(crate) fn drop_sender(&self) {
        let mut back = self.lock_back();
        back.senders -= 1;
        let last = back.senders == 0;
        if last {
            self.tell();
        }
        drop(back);
        if last {
            self.getters.wake_all();
        }
    }

    pub(crate) fn add_receiver(&self) {
        self.lock_back().add_receiver();
    }

    pub(crate) fn drop_receiver(&self) {
        let mut front = self.lock_front();
        let mut back = self.lock_back();
        back.receivers -= 1;
        if back.receivers > 0 {
            return;
        }
        // What is freed is never counted any more; this has putters that look for slots look again.
        self.freed.0.fetch_add(1, Ordering::Relaxed);
        // Nobody will get them, and they may hold senders of this very channel.
        let values = (mem::take(&mut *front), mem::take(&mut back.values));
        drop((front, back));
        self.putters.wake_all();
        drop(values);
    }

    pub(crate) fn len(&self) -> usize {
        let front = self.lock_front();
        front.len() + self.lock_back().values.len()
    }

    pub(crate) fn is_shut_down(&self) -> bool {
        self.lock_back().is_shut_down()
    }

    #[inline]
    pub(crate) fn has_buffer(&self) -> bool {
        self.capacity != Some(0)
    }

    pub(crate) fn capacity(&self) -> Option<usize> {
        self.capacity
    }
}
