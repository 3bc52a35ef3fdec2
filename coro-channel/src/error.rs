//! Why a value did not go in.

use std::error::Error;
use std::fmt;

/// No slot was free; gives the value back.
///
/// # Examples
///
/// ```
/// use coro_channel::{Channel, TryPutError};
/// assert_eq!(Channel::bounded(0).try_put('x'), Err(TryPutError('x')));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TryPutError<T>(
    /// The value that was not put.
    pub T,
);

impl<T> fmt::Debug for TryPutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TryPutError(..)")
    }
}

impl<T> fmt::Display for TryPutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no slot of the channel is free")
    }
}

impl<T> Error for TryPutError<T> {}
