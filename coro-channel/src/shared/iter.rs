//! Iteration over the values that come out of a channel between OS threads.

use super::Receiver;

/// Gets each value of a [`Receiver`]; blocks while there is none.
///
/// # Examples
///
/// See [`Receiver::iter`].
#[derive(Debug)]
#[must_use = "an iterator gets nothing until it is used"]
pub struct Iter<'a, T>(pub(crate) &'a Receiver<T>);

impl<T> Iterator for Iter<'_, T> {
    type Item = T;

    #[inline(always)]
    #[track_caller]
    fn next(&mut self) -> Option<T> {
        self.0.get()
    }
}

/// Gets each value of the [`Receiver`] that it was made of.
///
/// # Examples
///
/// ```
/// let (sender, receiver) = coro_channel::shared::unbounded();
/// assert!((1..=3).all(|n| sender.put(n).is_ok()));
/// drop(sender);
/// assert_eq!(receiver.into_iter().collect::<Vec<_>>(), [1, 2, 3]);
/// ```
#[derive(Debug)]
#[must_use = "an iterator gets nothing until it is used"]
pub struct IntoIter<T>(pub(crate) Receiver<T>);

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    #[inline(always)]
    #[track_caller]
    fn next(&mut self) -> Option<T> {
        self.0.get()
    }
}

/// Gets the values of a [`Receiver`] that are there.
///
/// # Examples
///
/// See [`Receiver::try_iter`].
#[derive(Debug)]
#[must_use = "an iterator gets nothing until it is used"]
pub struct TryIter<'a, T>(pub(crate) &'a Receiver<T>);

impl<T> Iterator for TryIter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.try_get().ok()
    }
}
