//! A channel, and its default form.

use std::cell::Cell;
use std::fmt;

use coro_wait_queue::{Left, WaitQueue};

use crate::TryPutError;
use crate::values::Values;

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
    pub(crate) values: Values<T>,
    /// How many puts pass without blocking; negative while interrupted puts owe theirs.
    pub(crate) slots: Cell<isize>,
    /// How many values were given to getters that have not run since. Fair form.
    pub(crate) given: Cell<usize>,
    /// How many slots were given to putters that have not run since. Fair form.
    pub(crate) lent: Cell<usize>,
    pub(crate) shut_down: Cell<bool>,
    pub(crate) fair: bool,
    /// `None` if unbounded.
    capacity: Cell<Option<usize>>,
    pub(crate) getters: WaitQueue,
    pub(crate) putters: WaitQueue,
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
        Channel::with(None, ENDLESS, false)
    }

    /// Returns a channel into which `capacity` values can be put without blocking.
    ///
    /// With a capacity of 0 every put blocks until its value, or an older one, was got. Coro counts
    /// otherwise: see [the crate's page](crate#capacity).
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
        Channel::with(Some(capacity), slots(capacity), false)
    }

    /// Returns a channel for `capacity` values that serves its waiters strictly in the order of
    /// their arrival: nobody comes by. See [the crate's page](crate#who-is-next).
    ///
    /// No put stores a value above the capacity. Only what an interrupted getter gives back may come
    /// on top, and nobody puts until as much was got.
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
    /// use std::rc::Rc;
    /// let channel = Rc::new(coro_channel::Channel::fair(0));
    /// let theirs = channel.clone();
    /// let c = coro::spawn(move || theirs.get());
    /// coro::cede();
    /// channel.put("value");
    /// assert_eq!(channel.try_get(), None); // it is c's, who has not run yet
    /// assert_eq!(c.join().unwrap(), Some("value"));
    /// ```
    ///
    /// # Source
    ///
    /// New here; Go's channels are of this kind.
    #[must_use]
    #[track_caller]
    pub const fn fair(capacity: usize) -> Channel<T> {
        Channel::with(Some(capacity), slots(capacity), true)
    }

    #[track_caller]
    const fn with(capacity: Option<usize>, slots: isize, fair: bool) -> Channel<T> {
        Channel {
            values: Values::new(match capacity {
                Some(capacity) => capacity,
                None => 32,
            }),
            slots: Cell::new(slots),
            given: Cell::new(0),
            lent: Cell::new(0),
            shut_down: Cell::new(false),
            fair,
            capacity: Cell::new(capacity),
            getters: WaitQueue::new("channel (get)"),
            putters: WaitQueue::new("channel (put)"),
        }
    }

    /// Puts a value in, and blocks until there was a free slot for it.
    ///
    /// Without a free slot, the default form stores the value first and waits afterwards, so it can
    /// be got before the call returns. A channel that was shut down still takes values.
    ///
    /// # Switches
    ///
    /// If no slot is free.
    ///
    /// # Cancel safety
    ///
    /// An interrupted put of the default form has put; of the fair form, it has not.
    ///
    /// # Panics
    ///
    /// If it has to block where nothing may switch; a default channel has stored the value then.
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
        if self.fair {
            return self.put_in_turn(value);
        }
        self.store(value);
        // However this call is left from here on, it takes a slot.
        let _slot = Slot(self);
        coro::check();
        if self.slots.get() <= 0 {
            self.await_slot();
        }
    }

    #[inline(always)]
    #[track_caller]
    fn await_slot(&self) {
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
    pub(crate) fn store(&self, value: T) {
        self.values.push(value);
        if !self.getters.is_empty() {
            self.wake_getters();
        }
    }

    /// Puts a value in if there is a free slot, or a getter waits.
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
        if self.fair {
            return self.try_put_in_turn(value);
        }
        if self.slots.get() <= 0 && self.getters.is_empty() {
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
        if self.values.len() > self.given.get() {
            return self.take_value();
        }
        if !self.shut_down.get() {
            if self.fair {
                return self.get_in_turn();
            }
            self.await_value();
        }
        self.take_value()
    }

    /// Takes the oldest value, if there is one, and frees its slot. As in Coro, a get of nothing
    /// from a channel that was shut down frees one, too; not in the fair form.
    #[inline(always)]
    pub(crate) fn take_value(&self) -> Option<T> {
        let value = self.values.pop();
        if value.is_some() || !self.fair {
            self.free_slot();
        }
        value
    }

    #[inline(always)]
    #[track_caller]
    fn await_value(&self) {
        let waiter = self.getters.enter(|left| {
            if left != Left::Waiting {
                self.wake_getters();
            }
        });
        self.invite();
        loop {
            coro::wait_for(&waiter);
            if !self.values.is_empty() || self.shut_down.get() {
                break;
            }
            waiter.stay();
            self.invite();
        }
        waiter.done();
    }

    /// Lets a select that could put only to somebody who waits look again.
    #[inline(always)]
    pub(crate) fn invite(&self) {
        if !self.putters.is_empty() {
            self.putters.wake_one();
        }
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
        if self.values.len() == self.given.get() {
            return None;
        }
        self.take_value()
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
        if self.fair {
            self.take_back_values();
        }
        self.getters.wake_all();
    }

    /// Returns `true` once the channel was shut down.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let channel = coro_channel::Channel::<u8>::unbounded();
    /// assert!(!channel.is_shut_down());
    /// channel.shutdown();
    /// assert!(channel.is_shut_down());
    /// ```
    #[doc(alias = "is_closed")]
    #[must_use]
    pub fn is_shut_down(&self) -> bool {
        self.shut_down.get()
    }

    /// Adds `by`, which may be negative, to the capacity. An unbounded channel stays so.
    ///
    /// What is stored stays, even if it is more than the new capacity.
    ///
    /// # Switches
    ///
    /// Never. Readies as many putters as there are free slots then.
    ///
    /// # Panics
    ///
    /// If the capacity would be negative or above `isize::MAX / 2`; it is unchanged then.
    ///
    /// # Examples
    ///
    /// ```
    /// let channel = coro_channel::Channel::bounded(1);
    /// channel.put(1);
    /// channel.adjust(1);
    /// channel.put(2);
    /// assert_eq!((channel.len(), channel.capacity()), (2, Some(2)));
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `adjust`.
    #[track_caller]
    pub fn adjust(&self, by: isize) {
        let Some(capacity) = self.capacity.get() else {
            return;
        };
        let Some(adjusted) = capacity.checked_add_signed(by) else {
            panic!("a capacity of {capacity} cannot be adjusted by {by}");
        };
        slots(adjusted);
        self.capacity.set(Some(adjusted));
        self.slots.set(self.slots.get() + by);
        self.serve_putters();
    }

    /// Returns how many values are stored: in the default form, more than the capacity while putters
    /// block.
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
        self.values.len() - self.given.get()
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
        self.len() == 0
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
        self.capacity.get()
    }

    #[inline(always)]
    pub(crate) fn take_slot(&self) {
        self.slots.set(self.slots.get() - 1);
    }

    #[inline(always)]
    fn free_slot(&self) {
        self.slots.set(self.slots.get() + 1);
        if !self.putters.is_empty() {
            self.serve_putters();
        }
    }

    /// Wakes as many putters as there are free slots.
    #[inline]
    pub(crate) fn serve_putters(&self) {
        if self.fair {
            return self.lend_slots();
        }
        let mut slots = self.slots.get();
        while slots > 0 && self.putters.wake_one() {
            slots -= 1;
        }
    }

    /// Wakes as many getters as there are values.
    #[inline]
    pub(crate) fn wake_getters(&self) {
        let mut values = self.values.len();
        while values > 0 && self.getters.wake_one() {
            values -= 1;
        }
    }
}

/// As many slots as this capacity has.
#[track_caller]
const fn slots(capacity: usize) -> isize {
    assert!(
        capacity <= ENDLESS as usize,
        "the capacity is above isize::MAX / 2"
    );
    capacity as isize
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
            .field("capacity", &self.capacity.get())
            .field("fair", &self.fair)
            .field("getters", &self.getters)
            .field("putters", &self.putters)
            .finish_non_exhaustive()
    }
}
