//! The end that values come out of.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use super::error::TryGetError;
use super::iter::{IntoIter, Iter, TryIter};
use super::state::Shared;
use super::waiter::Waiter;

/// Gets values out of a channel between OS threads. Clones get from the same one; each value comes
/// out once.
///
/// When the last one is dropped, the values that are left are dropped, and each put fails. To drop
/// one does not switch, unless a destructor of these values does.
///
/// # Examples
///
/// See [the module](super).
pub struct Receiver<T> {
    shared: Arc<Shared<T>>,
    made: &'static Location<'static>,
}

impl<T> Receiver<T> {
    pub(crate) fn new(shared: Arc<Shared<T>>, made: &'static Location<'static>) -> Receiver<T> {
        Receiver { shared, made }
    }

    /// Takes the oldest value out; blocks while there is none. Returns `None` if there is none and
    /// none will come: the channel was shut down, or all senders are gone.
    ///
    /// # Switches
    ///
    /// If the channel is empty, and a value may come.
    ///
    /// # Cancel safety
    ///
    /// An interrupted get has taken nothing. If it had been woken, the wake-up passes on.
    ///
    /// # Panics
    ///
    /// If it has to block where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, receiver) = coro_channel::shared::bounded(1);
    /// let other = std::thread::spawn(move || sender.put(1).is_ok());
    /// assert_eq!(receiver.get(), Some(1));
    /// assert_eq!(receiver.get(), None);
    /// assert!(other.join().unwrap());
    /// ```
    #[doc(alias = "recv")]
    #[inline(always)]
    #[track_caller]
    pub fn get(&self) -> Option<T> {
        coro::check();
        if let Some(value) = self.shared.get_at_hand() {
            return Some(value);
        }
        // Without a buffer, nobody puts before a coro waits.
        if self.shared.has_buffer() {
            coro::linger(|| self.shared.has_news());
        }
        match self.shared.get(None) {
            Ok(value) => return Some(value),
            Err(TryGetError::ShutDown) => return None,
            Err(TryGetError::Empty) => {}
        }
        let waiter = Waiter::new(&self.shared.getters, "shared channel (get)", self.made);
        loop {
            match self.shared.get(Some(waiter.place())) {
                Ok(value) => return Some(value),
                Err(TryGetError::ShutDown) => return None,
                Err(TryGetError::Empty) => {}
            }
            waiter.block();
        }
    }

    /// Takes the oldest value out, if there is one.
    ///
    /// # Errors
    ///
    /// If there is none; the error says whether one may come.
    ///
    /// # Switches
    ///
    /// Never. Readies a putter.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro_channel::shared::{self, TryGetError};
    /// let (sender, receiver) = shared::unbounded();
    /// assert_eq!(receiver.try_get(), Err(TryGetError::Empty));
    /// assert!(sender.put(1).is_ok());
    /// assert_eq!(receiver.try_get(), Ok(1));
    /// ```
    #[doc(alias = "try_recv")]
    #[inline]
    pub fn try_get(&self) -> Result<T, TryGetError> {
        self.shared.get(None)
    }

    /// Returns an iterator that [`get`](Receiver::get)s each value, until none will come.
    ///
    /// # Switches
    ///
    /// Never. The iterator does, if the channel is empty, and a value may come.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, receiver) = coro_channel::shared::bounded(2);
    /// let other = std::thread::spawn(move || (1..=9).all(|n| sender.put(n).is_ok()));
    /// assert_eq!(receiver.iter().sum::<i32>(), 45);
    /// assert!(other.join().unwrap());
    /// ```
    pub fn iter(&self) -> Iter<'_, T> {
        Iter(self)
    }

    /// Returns an iterator that takes out what is there, and ends at once when nothing is.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, receiver) = coro_channel::shared::unbounded();
    /// assert!((1..=3).all(|n| sender.put(n).is_ok()));
    /// assert_eq!(receiver.try_iter().collect::<Vec<_>>(), [1, 2, 3]);
    /// ```
    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter(self)
    }

    /// Lets no value come in any more, at any end: puts fail, and gets return what is left, then
    /// `None`.
    ///
    /// # Switches
    ///
    /// Never. Readies all who wait.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, receiver) = coro_channel::shared::unbounded::<u8>();
    /// receiver.shutdown();
    /// assert!(sender.put(1).is_err());
    /// ```
    #[doc(alias = "close")]
    pub fn shutdown(&self) {
        self.shared.shut_down();
    }

    /// Returns `true` if no value will come in any more: the channel was shut down, or all
    /// senders are gone.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, receiver) = coro_channel::shared::bounded::<u8>(1);
    /// assert!(!receiver.is_shut_down());
    /// drop(sender);
    /// assert!(receiver.is_shut_down());
    /// ```
    #[doc(alias = "is_closed")]
    #[must_use]
    pub fn is_shut_down(&self) -> bool {
        self.shared.is_shut_down()
    }

    /// Returns how many values are in the channel; other OS threads may change that at any time.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, receiver) = coro_channel::shared::unbounded();
    /// assert!(sender.put(1).is_ok());
    /// assert_eq!(receiver.len(), 1);
    /// ```
    #[doc(alias = "size")]
    #[must_use]
    pub fn len(&self) -> usize {
        self.shared.len()
    }

    /// Returns `true` if no value is in the channel.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let (_sender, receiver) = coro_channel::shared::unbounded::<u8>();
    /// assert!(receiver.is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns how many values the channel holds; `None` if any number.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let (_sender, receiver) = coro_channel::shared::unbounded::<u8>();
    /// assert_eq!(receiver.capacity(), None);
    /// ```
    #[must_use]
    pub fn capacity(&self) -> Option<usize> {
        self.shared.capacity()
    }
}

impl<'a, T> IntoIterator for &'a Receiver<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<T> IntoIterator for Receiver<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        IntoIter(self)
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Receiver<T> {
        self.shared.add_receiver();
        Receiver::new(self.shared.clone(), self.made)
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.shared.drop_receiver();
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("len", &self.len())
            .field("capacity", &self.capacity())
            .finish_non_exhaustive()
    }
}
