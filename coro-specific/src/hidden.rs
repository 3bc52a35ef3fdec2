//! What `coro_local!` needs, and nobody else.

use std::cell::OnceCell;
use std::fmt;

use crate::{LocalKey, Specific};

/// The variable of an OS thread. It is leaked: when the thread-locals go, at the end of the OS
/// thread, nothing of its coros may be dropped.
pub struct Place<T: 'static>(OnceCell<&'static Specific<T>>);

impl<T> Place<T> {
    /// Returns the place of a variable that is made at the first use.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`coro_local!`](crate::coro_local).
    #[expect(clippy::new_without_default, reason = "for the macro alone")]
    #[must_use]
    pub const fn new() -> Place<T> {
        Place(OnceCell::new())
    }

    /// Returns the variable of this OS thread.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`coro_local!`](crate::coro_local).
    #[inline]
    #[must_use]
    pub fn variable(&self, init: fn() -> T) -> &'static Specific<T> {
        let make = || &*Box::leak(Box::new(Specific::with_init(init)));
        self.0.get_or_init(make)
    }
}

impl<T> fmt::Debug for Place<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").finish_non_exhaustive()
    }
}

/// Returns the static.
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// See [`coro_local!`](crate::coro_local).
#[must_use]
pub const fn key<T>(variable: fn() -> &'static Specific<T>) -> LocalKey<T> {
    LocalKey { variable }
}
