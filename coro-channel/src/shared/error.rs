//! Why a value did not go in, or did not come out.

use std::error::Error;
use std::fmt;

/// Nobody will get the value: the channel was shut down, or all its receivers are gone. Gives the
/// value back.
///
/// # Examples
///
/// ```
/// use coro_channel::shared;
/// let (sender, receiver) = shared::bounded(1);
/// drop(receiver);
/// assert_eq!(sender.put('x'), Err(shared::PutError('x')));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PutError<T>(
    /// The value that was not put.
    pub T,
);

impl<T> fmt::Debug for PutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PutError(..)")
    }
}

impl<T> fmt::Display for PutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SHUT_DOWN)
    }
}

impl<T> Error for PutError<T> {}

/// Why a value was not put; gives it back.
///
/// # Examples
///
/// ```
/// use coro_channel::shared::{self, TryPutError};
/// let (sender, receiver) = shared::bounded(1);
/// sender.try_put('x').unwrap();
/// assert_eq!(sender.try_put('y'), Err(TryPutError::Full('y')));
/// drop(receiver);
/// assert_eq!(sender.try_put('z').unwrap_err().into_inner(), 'z');
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum TryPutError<T> {
    /// No slot is free.
    Full(T),
    /// Nobody will get it: the channel was shut down, or all its receivers are gone.
    ShutDown(T),
}

impl<T> TryPutError<T> {
    /// Returns the value that was not put.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`TryPutError`].
    pub fn into_inner(self) -> T {
        match self {
            TryPutError::Full(value) | TryPutError::ShutDown(value) => value,
        }
    }
}

impl<T> fmt::Debug for TryPutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TryPutError::Full(_) => "Full(..)",
            TryPutError::ShutDown(_) => "ShutDown(..)",
        })
    }
}

impl<T> fmt::Display for TryPutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TryPutError::Full(_) => "no slot of the channel is free",
            TryPutError::ShutDown(_) => SHUT_DOWN,
        })
    }
}

impl<T> Error for TryPutError<T> {}

/// Why no value was got.
///
/// # Examples
///
/// ```
/// use coro_channel::shared::{self, TryGetError};
/// let (sender, receiver) = shared::bounded::<u8>(1);
/// assert_eq!(receiver.try_get(), Err(TryGetError::Empty));
/// drop(sender);
/// assert_eq!(receiver.try_get(), Err(TryGetError::ShutDown));
/// assert_eq!(TryGetError::Empty.to_string(), "the channel is empty");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryGetError {
    /// There is none yet.
    Empty,
    /// There is none, and none will come: the channel was shut down, or all its senders are gone.
    ShutDown,
}

impl fmt::Display for TryGetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TryGetError::Empty => "the channel is empty",
            TryGetError::ShutDown => SHUT_DOWN,
        })
    }
}

impl Error for TryGetError {}

const SHUT_DOWN: &str = "the channel is shut down, or its other end is gone";
