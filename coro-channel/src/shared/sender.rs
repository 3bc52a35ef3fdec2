//! The end that values go into.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use super::error::{PutError, TryPutError};
use super::state::Shared;
use super::waiter::Waiter;

/// Puts values into a channel between OS threads. Clones put into the same one.
///
/// When the last one is dropped, each get returns what is left, then `None`. To drop one never
/// switches.
///
/// # Examples
///
/// See [the module](super).
pub struct Sender<T> {
    shared: Arc<Shared<T>>,
    made: &'static Location<'static>,
}

impl<T> Sender<T> {
    pub(crate) fn new(shared: Arc<Shared<T>>, made: &'static Location<'static>) -> Sender<T> {
        Sender { shared, made }
    }

    /// Puts a value in; blocks while no slot is free.
    ///
    /// Without a buffer, a slot is free while a coro waits in [`get`](super::Receiver::get) for
    /// which nobody has put yet.
    ///
    /// # Errors
    ///
    /// If the channel was shut down, or all receivers are gone; the value comes back in the error.
    ///
    /// # Switches
    ///
    /// If no slot is free.
    ///
    /// # Cancel safety
    ///
    /// An interrupted put has not put: the value is dropped. If it had been woken, the wake-up passes
    /// on.
    ///
    /// # Panics
    ///
    /// If it has to block where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, receiver) = coro_channel::shared::bounded(1);
    /// assert!(sender.put("value").is_ok());
    /// assert_eq!(receiver.get(), Some("value"));
    /// ```
    #[doc(alias = "send")]
    #[inline(always)]
    #[track_caller]
    pub fn put(&self, value: T) -> Result<(), PutError<T>> {
        coro::check();
        let mut value = match self.shared.put_at_hand(value) {
            Ok(()) => return Ok(()),
            Err(TryPutError::ShutDown(value)) => return Err(PutError(value)),
            Err(TryPutError::Full(value)) => value,
        };
        if self.shared.has_buffer() {
            coro::linger(|| self.shared.has_freed());
            value = match self.shared.put_at_hand(value) {
                Ok(()) => return Ok(()),
                Err(TryPutError::ShutDown(value)) => return Err(PutError(value)),
                Err(TryPutError::Full(value)) => value,
            };
        }
        // Declared after the value, so that an interrupted put leaves the line before that drops.
        let waiter = Waiter::new(&self.shared.putters, "shared channel (put)", self.made);
        loop {
            value = match self.shared.put(value, Some(waiter.place())) {
                Ok(()) => return Ok(()),
                Err(TryPutError::ShutDown(value)) => return Err(PutError(value)),
                Err(TryPutError::Full(value)) => value,
            };
            waiter.block();
        }
    }

    /// Puts a value in if a slot is free.
    ///
    /// # Errors
    ///
    /// If no slot is free, or nobody would get the value, which comes back in the error.
    ///
    /// # Switches
    ///
    /// Never. Readies a getter.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro_channel::shared::{self, TryPutError};
    /// let (sender, _receiver) = shared::bounded(1);
    /// assert!(sender.try_put(1).is_ok());
    /// assert_eq!(sender.try_put(2), Err(TryPutError::Full(2)));
    /// ```
    #[doc(alias = "try_send")]
    #[inline]
    pub fn try_put(&self, value: T) -> Result<(), TryPutError<T>> {
        match self.shared.put_at_hand(value) {
            Err(TryPutError::Full(value)) => self.shared.put(value, None),
            result => result,
        }
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
    /// let (sender, receiver) = coro_channel::shared::unbounded();
    /// assert!(sender.put(1).is_ok());
    /// sender.shutdown();
    /// assert!(sender.put(2).is_err());
    /// assert_eq!([receiver.get(), receiver.get()], [Some(1), None]);
    /// ```
    #[doc(alias = "close")]
    pub fn shutdown(&self) {
        self.shared.shut_down();
    }

    /// Returns `true` if no value will come in any more: the channel was shut down, or all
    /// receivers are gone.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, receiver) = coro_channel::shared::bounded::<u8>(1);
    /// assert!(!sender.is_shut_down());
    /// drop(receiver);
    /// assert!(sender.is_shut_down());
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
    /// let (sender, _receiver) = coro_channel::shared::unbounded();
    /// assert!(sender.put(1).is_ok());
    /// assert_eq!(sender.len(), 1);
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
    /// let (sender, _receiver) = coro_channel::shared::unbounded::<u8>();
    /// assert!(sender.is_empty());
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
    /// let (sender, _receiver) = coro_channel::shared::bounded::<u8>(3);
    /// assert_eq!(sender.capacity(), Some(3));
    /// ```
    #[must_use]
    pub fn capacity(&self) -> Option<usize> {
        self.shared.capacity()
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Sender<T> {
        self.shared.add_sender();
        Sender::new(self.shared.clone(), self.made)
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.shared.drop_sender();
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("len", &self.len())
            .field("capacity", &self.capacity())
            .finish_non_exhaustive()
    }
}
