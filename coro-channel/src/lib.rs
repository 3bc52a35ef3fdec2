//! A queue of values between coros.
//!
//! ```
//! use coro_channel::Channel;
//! use std::rc::Rc;
//!
//! let numbers = Rc::new(Channel::bounded(8));
//! let source = numbers.clone();
//! coro::spawn(move || {
//!     (1..=100).for_each(|n| source.put(n));
//!     source.shutdown();
//! });
//! let mut sum = 0;
//! while let Some(n) = numbers.get() {
//!     sum += n;
//! }
//! assert_eq!(sum, 5050);
//! ```
//!
//! # Who is next
//!
//! Getters are woken in the order of their arrival, and so are putters. A woken coro looks again
//! when it runs; one that comes by in between may be first. Values are got in the order in which
//! they were put.
//!
//! # A put has put
//!
//! [`put`](Channel::put) stores its value first and waits for a free slot afterwards. So a put
//! that is thrown at or cancelled while it waits *has put*: its value is delivered, and the slot
//! that it owes is booked until a get, so the capacity stays what it was.
#![forbid(unsafe_code)]

mod error;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;

use coro_wait_queue::{Left, WaitQueue};

pub use crate::error::TryPutError;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// The slots of a channel that never runs out of them, nor overflows: at a put each nanosecond, it
/// would take a century.
const ENDLESS: isize = isize::MAX / 2;

/// A FIFO of values; any number of coros put and get.
///
/// # Examples
///
/// See [the crate's page](crate).
///
/// # Source
///
/// Coro 6.57, `Coro::Channel`.
pub struct Channel<T> {
    values: RefCell<VecDeque<T>>,
    /// `None` if unbounded.
    capacity: Option<usize>,
    /// How many puts pass without blocking; negative while interrupted puts owe theirs.
    slots: Cell<isize>,
    shut_down: Cell<bool>,
    getters: WaitQueue,
    putters: WaitQueue,
}

impl<T> Channel<T> {
    /// Returns a channel in which a put never blocks.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let channel = coro_channel::Channel::unbounded();
    /// (0..1000).for_each(|n| channel.put(n));
    /// assert_eq!(channel.len(), 1000);
    /// ```
    #[must_use]
    #[track_caller]
    pub const fn unbounded() -> Channel<T> {
        Channel::with(None, ENDLESS)
    }

    /// Returns a channel into which `capacity` values can be put without blocking.
    ///
    /// With a capacity of 0 every put blocks until its value, or an older one, was got. Coro counts
    /// otherwise: its `new(N)` is `bounded(N - 1)`.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Panics
    ///
    /// If `capacity` is above `isize::MAX / 2`.
    ///
    /// # Examples
    ///
    /// ```
    /// let channel = coro_channel::Channel::bounded(2);
    /// channel.put(1);
    /// channel.put(2);
    /// assert!(channel.try_put(3).is_err());
    /// ```
    #[must_use]
    #[track_caller]
    pub const fn bounded(capacity: usize) -> Channel<T> {
        assert!(
            capacity <= ENDLESS as usize,
            "the capacity is above isize::MAX / 2"
        );
        Channel::with(Some(capacity), capacity as isize)
    }

    #[track_caller]
    const fn with(capacity: Option<usize>, slots: isize) -> Channel<T> {
        Channel {
            values: RefCell::new(VecDeque::new()),
            capacity,
            slots: Cell::new(slots),
            shut_down: Cell::new(false),
            getters: WaitQueue::new("channel (get)"),
            putters: WaitQueue::new("channel (put)"),
        }
    }

    /// Puts a value in, then blocks until there was a free slot for it.
    ///
    /// The value can be got as soon as it is stored, before the call returns. A channel that was
    /// shut down still takes values.
    ///
    /// # Switches
    ///
    /// If no slot is free.
    ///
    /// # Cancel safety
    ///
    /// An interrupted put has put: see [the crate's page](crate#a-put-has-put).
    ///
    /// # Panics
    ///
    /// If it has to block where nothing may switch; the value is stored then.
    ///
    /// # Examples
    ///
    /// ```
    /// let channel = coro_channel::Channel::bounded(1);
    /// channel.put("value");
    /// assert_eq!(channel.get(), Some("value"));
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `put`; there, an interrupted put enlarges the channel for ever.
    #[doc(alias = "send")]
    #[inline(always)]
    #[track_caller]
    pub fn put(&self, value: T) {
        self.store(value);
        // However this call is left from here on, it takes a slot.
        let _slot = Slot(self);
        coro::check();
        if self.slots.get() <= 0 {
            self.block_put();
        }
    }

    #[inline(always)]
    #[track_caller]
    fn block_put(&self) {
        // An interrupted put takes the slot it was woken for, so there is nothing to pass on.
        let waiter = self.putters.enter(|_| ());
        loop {
            coro::wait_for(&waiter);
            if self.slots.get() > 0 {
                break;
            }
            waiter.stay();
        }
        waiter.done();
    }

    #[inline(always)]
    fn store(&self, value: T) {
        self.values.borrow_mut().push_back(value);
        if !self.getters.is_empty() {
            self.wake_getters();
        }
    }

    /// Puts a value in if there is a free slot.
    ///
    /// # Errors
    ///
    /// If no slot is free; the value comes back in the error.
    ///
    /// # Switches
    ///
    /// Never. Readies a getter.
    ///
    /// # Examples
    ///
    /// ```
    /// let channel = coro_channel::Channel::bounded(1);
    /// channel.try_put(1).unwrap();
    /// assert_eq!(channel.try_put(2).unwrap_err().0, 2);
    /// ```
    #[inline(always)]
    pub fn try_put(&self, value: T) -> Result<(), TryPutError<T>> {
        if self.slots.get() <= 0 {
            return Err(TryPutError(value));
        }
        self.store(value);
        self.take_slot();
        Ok(())
    }

    /// Takes the oldest value out; blocks while there is none. Returns `None` if there is none and
    /// the channel was shut down.
    ///
    /// # Switches
    ///
    /// If the channel is empty and not shut down.
    ///
    /// # Cancel safety
    ///
    /// An interrupted getter has taken nothing. If it had been woken, the wake-up passes on.
    ///
    /// # Panics
    ///
    /// If it has to block where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// let channel = coro_channel::Channel::unbounded();
    /// channel.put(1);
    /// assert_eq!(channel.get(), Some(1));
    /// channel.shutdown();
    /// assert_eq!(channel.get(), None);
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `get`.
    #[doc(alias = "recv")]
    #[inline(always)]
    #[track_caller]
    pub fn get(&self) -> Option<T> {
        coro::check();
        let mut value = self.pop();
        if value.is_none() && !self.shut_down.get() {
            self.block_get();
            value = self.pop();
        }
        self.free_slot();
        value
    }

    #[inline(always)]
    fn pop(&self) -> Option<T> {
        self.values.borrow_mut().pop_front()
    }

    #[inline(always)]
    #[track_caller]
    fn block_get(&self) {
        let waiter = self.getters.enter(|left| {
            if left != Left::Waiting {
                self.wake_getters();
            }
        });
        loop {
            coro::wait_for(&waiter);
            if !self.is_empty() || self.shut_down.get() {
                break;
            }
            waiter.stay();
        }
        waiter.done();
    }

    /// Takes the oldest value out, if there is one.
    ///
    /// # Switches
    ///
    /// Never. Readies a putter.
    ///
    /// # Examples
    ///
    /// ```
    /// let channel = coro_channel::Channel::unbounded();
    /// assert_eq!(channel.try_get(), None);
    /// channel.put(1);
    /// assert_eq!(channel.try_get(), Some(1));
    /// ```
    #[inline(always)]
    pub fn try_get(&self) -> Option<T> {
        let value = self.pop()?;
        self.free_slot();
        Some(value)
    }

    /// Lets every get return at once from now on: the values that are left, then `None`.
    ///
    /// # Switches
    ///
    /// Never. Readies all getters.
    ///
    /// # Examples
    ///
    /// ```
    /// let channel = coro_channel::Channel::unbounded();
    /// channel.put(1);
    /// channel.shutdown();
    /// assert_eq!(channel.get(), Some(1));
    /// assert_eq!(channel.get(), None);
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `shutdown`.
    #[doc(alias = "close")]
    pub fn shutdown(&self) {
        self.shut_down.set(true);
        self.getters.wake_all();
    }

    /// Returns how many values are stored: more than the capacity while putters block.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let channel = coro_channel::Channel::unbounded();
    /// channel.put(1);
    /// assert_eq!(channel.len(), 1);
    /// ```
    #[doc(alias = "size")]
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.borrow().len()
    }

    /// Returns `true` if no value is stored.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(coro_channel::Channel::<u8>::unbounded().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.borrow().is_empty()
    }

    /// Returns how many values can be put without blocking, in all; `None` if any number can.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(coro_channel::Channel::<u8>::bounded(3).capacity(), Some(3));
    /// ```
    #[must_use]
    pub fn capacity(&self) -> Option<usize> {
        self.capacity
    }

    #[inline(always)]
    fn take_slot(&self) {
        self.slots.set(self.slots.get() - 1);
    }

    #[inline(always)]
    fn free_slot(&self) {
        self.slots.set(self.slots.get() + 1);
        if !self.putters.is_empty() {
            self.wake_putters();
        }
    }

    /// Wakes as many putters as there are free slots.
    #[inline]
    fn wake_putters(&self) {
        let mut slots = self.slots.get();
        while slots > 0 && self.putters.wake_one() {
            slots -= 1;
        }
    }

    /// Wakes as many getters as there are values.
    #[inline]
    fn wake_getters(&self) {
        let mut values = self.len();
        while values > 0 && self.getters.wake_one() {
            values -= 1;
        }
    }
}

/// Takes a slot when dropped.
struct Slot<'a, T>(&'a Channel<T>);

impl<T> Drop for Slot<'_, T> {
    #[inline(always)]
    fn drop(&mut self) {
        self.0.take_slot();
    }
}

impl<T> fmt::Debug for Channel<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel")
            .field("len", &self.len())
            .field("capacity", &self.capacity)
            .field("getters", &self.getters)
            .field("putters", &self.putters)
            .finish_non_exhaustive()
    }
}
