//! The fair form: values and slots are given to who waits, in the order of arrival.
//!
//! # Invariants
//!
//! F1. While a getter waits, all stored values are `given`, unless the channel was shut down: then
//!     none is.
//! F2. Free slots are `slots`, one more for each getter that waits (what is put goes to it), and
//!     those that are `lent`. While a putter waits, there is no free slot but lent ones, or one
//!     that is lent to a putter who will lend it on.
//! F3. No put stores a value above the capacity. What an interrupted getter gives back may be there
//!     on top; `slots` is negative then, and nobody puts until as much was got.

use coro_wait_queue::Left;

use crate::waiting::{Getter, Putter};
use crate::{Channel, TryPutError};

impl<T> Channel<T> {
    #[inline(always)]
    #[track_caller]
    pub(crate) fn put_in_turn(&self, value: T) {
        coro::check();
        while !self.may_put() {
            let waiter = self.putters.enter(Putter(self));
            while !waiter.is_woken() {
                coro::wait_for(&waiter);
            }
            waiter.done();
            self.take_back_slot();
            if self.has_room() {
                break;
            }
            // The getter for whom this was to be has left.
        }
        self.place(value);
    }

    #[inline]
    pub(crate) fn try_put_in_turn(&self, value: T) -> Result<(), TryPutError<T>> {
        if !self.may_put() {
            return Err(TryPutError(value));
        }
        self.place(value);
        Ok(())
    }

    /// Blocks until a value was given to the current coro, and takes it out.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn get_in_turn(&self) -> Option<T> {
        let waiter = self.getters.enter(Getter(self));
        self.lend_slots();
        while !waiter.is_woken() {
            coro::wait_for(&waiter);
        }
        waiter.done();
        self.take_given()
    }

    /// Takes out a value for a getter that was woken.
    #[inline]
    pub(crate) fn take_given(&self) -> Option<T> {
        if self.shut_down.get() {
            return self.take_value();
        }
        self.given.set(self.given.get() - 1);
        self.values.pop()
    }

    /// Returns `true` if who comes now may put.
    #[inline]
    pub(crate) fn may_put(&self) -> bool {
        self.lent.get() == 0 && self.has_room()
    }

    /// Returns `true` if there is a free slot that was not lent, or a getter waits that nobody was
    /// lent the slot for.
    #[inline]
    pub(crate) fn has_room(&self) -> bool {
        self.slots.get() + self.getters.len() as isize > 0
    }

    /// Stores a value, or gives it to the oldest getter. There is room.
    #[inline(always)]
    pub(crate) fn place(&self, value: T) {
        self.values.push(value);
        if self.getters.is_empty() {
            self.take_slot();
        } else {
            self.given.set(self.given.get() + 1);
            self.getters.wake_one();
        }
        // Those who came while a slot was lent.
        self.lend_slots();
    }

    /// Lends as many slots as there are to the oldest putters.
    #[inline(always)]
    pub(crate) fn lend_slots(&self) {
        if !self.putters.is_empty() {
            self.lend();
        }
    }

    #[inline(never)]
    fn lend(&self) {
        while self.has_room() && !self.putters.is_empty() {
            self.take_slot();
            self.lent.set(self.lent.get() + 1);
            self.putters.wake_one();
        }
    }

    /// Takes the slot back that was lent to a putter.
    #[inline]
    pub(crate) fn take_back_slot(&self) {
        self.lent.set(self.lent.get() - 1);
        self.slots.set(self.slots.get() + 1);
    }

    /// What a putter owes that leaves without having put.
    pub(crate) fn return_slot(&self, left: Left) {
        if left != Left::Waiting {
            self.take_back_slot();
            self.lend_slots();
        }
    }

    /// What a getter owes that leaves without a value.
    pub(crate) fn return_value(&self, left: Left) {
        if left == Left::Waiting || self.shut_down.get() {
            return;
        }
        if self.getters.wake_one() {
            // The value is given to that one.
            return;
        }
        self.given.set(self.given.get() - 1);
        self.take_slot();
    }

    /// Makes the given values plain ones: at a shutdown, when everybody may take what there is.
    pub(crate) fn take_back_values(&self) {
        let given = self.given.take();
        self.slots.set(self.slots.get() - given as isize);
    }
}
