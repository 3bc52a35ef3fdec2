//! A channel: how it is made, adjusted, shut down and asked.

use std::cell::Cell;
use std::fmt;

use coro_wait_queue::WaitQueue;

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
            values: Values::new(),
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

    /// Lets every get return at once from now on: the values that are left, then `None`.
    ///
    /// As in Coro, each get of nothing lets one more put pass without blocking, which the fair form
    /// does not.
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
