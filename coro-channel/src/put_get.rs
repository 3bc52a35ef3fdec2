//! What goes into a channel and comes out of it, in the default form.

use coro_wait_queue::WaitQueue;

use crate::waiting::{Getter, Stored};
use crate::{Channel, TryPutError};

impl<T> Channel<T> {
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
        let waiter = self.putters.enter(Stored(self));
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
        let value = self.try_get();
        if value.is_some() {
            return value;
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
        let waiter = self.getters.enter(Getter(self));
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
            self.invite_one();
        }
    }

    /// A call, as few getters meet putters that wait.
    #[inline(never)]
    fn invite_one(&self) {
        self.putters.wake_one();
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
        let value = self.values.pop()?;
        self.free_slot();
        Some(value)
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
        wake(&self.putters, self.slots.get());
    }

    /// Wakes as many getters as there are values.
    #[inline]
    pub(crate) fn wake_getters(&self) {
        wake(&self.getters, self.values.len() as isize);
    }
}

/// Wakes so many.
#[inline(always)]
fn wake(waiters: &WaitQueue, count: isize) {
    if waiters.len() == 1 && count > 0 {
        // Most often nobody waits behind it.
        waiters.wake_one();
    } else {
        wake_several(waiters, count);
    }
}

#[inline(never)]
fn wake_several(waiters: &WaitQueue, mut count: isize) {
    while count > 0 && waiters.wake_one() {
        count -= 1;
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
