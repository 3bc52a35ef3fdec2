//! Iteration over the values that come out.

use std::fmt;

use crate::Channel;

/// Taking values out in a loop.
impl<T> Channel<T> {
    /// Returns an iterator that [`get`](Channel::get)s each value, until the channel was shut down
    /// and is empty.
    ///
    /// # Switches
    ///
    /// Never. The iterator does, if the channel is empty and not shut down.
    ///
    /// # Examples
    ///
    /// ```
    /// let channel = coro_channel::Channel::unbounded();
    /// (1..=3).for_each(|n| channel.put(n));
    /// channel.shutdown();
    /// assert_eq!(channel.iter().sum::<i32>(), 6);
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
    /// let channel = coro_channel::Channel::unbounded();
    /// (1..=3).for_each(|n| channel.put(n));
    /// assert_eq!(channel.try_iter().collect::<Vec<_>>(), [1, 2, 3]);
    /// ```
    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter(self)
    }
}

/// Gets each value of a [`Channel`]; blocks while there is none.
///
/// # Examples
///
/// See [`Channel::iter`].
#[must_use = "an iterator gets nothing until it is used"]
pub struct Iter<'a, T>(&'a Channel<T>);

impl<T> Iterator for Iter<'_, T> {
    type Item = T;

    #[inline(always)]
    #[track_caller]
    fn next(&mut self) -> Option<T> {
        self.0.get()
    }
}

impl<'a, T> IntoIterator for &'a Channel<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<T> fmt::Debug for Iter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Iter").field(self.0).finish()
    }
}

/// Gets the values of a [`Channel`] that are there.
///
/// # Examples
///
/// See [`Channel::try_iter`].
#[must_use = "an iterator gets nothing until it is used"]
pub struct TryIter<'a, T>(&'a Channel<T>);

impl<T> Iterator for TryIter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.try_get()
    }
}

impl<T> fmt::Debug for TryIter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TryIter").field(self.0).finish()
    }
}
