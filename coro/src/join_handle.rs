//! Handles that know the type of a coro's result.

use std::any::Any;
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

use crate::control::Coro;
use crate::join_error::JoinError;
use crate::task::Typed;

/// A handle to a coro and to its result of type `T`.
///
/// It derefs to [`Coro`]. Dropping it neither ends nor waits for the coro; but a coro that is
/// blocked and held by nobody else is cancelled.
///
/// # Examples
///
/// ```
/// let c = coro::spawn(|| "result");
/// assert!(c.is_ready()); // a method of Coro
/// assert_eq!(c.join().unwrap(), "result");
/// ```
pub struct JoinHandle<T>(Typed<T>);

impl<T> JoinHandle<T> {
    pub(crate) fn new(typed: Typed<T>) -> JoinHandle<T> {
        JoinHandle(typed)
    }

    /// Returns the coro.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(coro::current);
    /// let coro = c.coro().clone();
    /// assert_eq!(c.join().unwrap(), coro);
    /// ```
    #[must_use]
    pub fn coro(&self) -> &Coro {
        &self.0.coro
    }

    /// Blocks until the coro has ended, and returns its result.
    ///
    /// # Errors
    ///
    /// [`JoinError`]: the coro was cancelled, it panicked, it was thrown into, or there was no
    /// stack for it.
    ///
    /// # Switches
    ///
    /// If the coro has not ended.
    ///
    /// # Cancel safety
    ///
    /// An interrupted joiner drops the handle; the coro goes on without it. To keep the handle,
    /// join the [`coro`](JoinHandle::coro) first.
    ///
    /// # Panics
    ///
    /// Where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(coro::spawn(|| 1).join().unwrap(), 1);
    /// let panicked = coro::spawn(|| std::panic::resume_unwind(Box::new(2)));
    /// let error = panicked.join().unwrap_err();
    /// assert_eq!(*error.into_panic().downcast::<i32>().unwrap(), 2);
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `join`; `std::thread::JoinHandle::join`.
    #[inline]
    #[track_caller]
    pub fn join(mut self) -> Result<T, JoinError> {
        self.0.coro.join();
        match self.0.take() {
            Some(result) => result,
            None => unreachable!("A2: an ended coro has its result until its handle takes it"),
        }
    }

    /// Turns the handle into one that can be cloned and joined many times.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(|| 5).shared();
    /// let d = c.clone();
    /// assert_eq!(c.join().unwrap() + d.join().unwrap(), 10);
    /// ```
    #[must_use]
    pub fn shared(self) -> SharedJoinHandle<T>
    where
        T: Clone,
    {
        SharedJoinHandle(Rc::new(self.0))
    }

    /// Ends the coro as [`Coro::cancel`] does, with a value for who joins it: see
    /// [`JoinError::into_value`].
    ///
    /// # Switches
    ///
    /// As [`Coro::cancel`].
    ///
    /// # Cancel safety
    ///
    /// As [`Coro::cancel`].
    ///
    /// # Panics
    ///
    /// As [`Coro::cancel`].
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(|| String::from("body"));
    /// c.cancel_with("canceller".into());
    /// let value = c.join().unwrap_err().into_value::<String>();
    /// assert_eq!(value.as_deref(), Some("canceller"));
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `cancel` with arguments.
    #[track_caller]
    pub fn cancel_with(&self, value: T)
    where
        T: 'static,
    {
        if !self.is_finished() {
            let value: Box<dyn Any> = Box::new(value);
            let old = self.control().rare().cancel_value.replace(Some(value));
            drop(old);
        }
        self.cancel();
    }
}

impl<T> Deref for JoinHandle<T> {
    type Target = Coro;

    #[inline(always)]
    fn deref(&self) -> &Coro {
        &self.0.coro
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("JoinHandle").field(&self.0.coro).finish()
    }
}

/// A handle to a coro whose result many may take: [`JoinHandle::shared`] makes it.
///
/// # Examples
///
/// ```
/// let c = coro::spawn(|| vec![1, 2]).shared();
/// let takers: Vec<_> = (0..2)
///     .map(|i| {
///         let c = c.clone();
///         coro::spawn(move || c.join().unwrap()[i])
///     })
///     .collect();
/// let sum: i32 = takers.into_iter().map(|t| t.join().unwrap()).sum();
/// assert_eq!(sum, 3);
/// ```
pub struct SharedJoinHandle<T>(Rc<Typed<T>>);

impl<T: Clone> SharedJoinHandle<T> {
    /// Returns the coro.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(|| 1).shared();
    /// assert!(c.coro().is_new());
    /// ```
    #[must_use]
    pub fn coro(&self) -> &Coro {
        &self.0.coro
    }

    /// Blocks until the coro has ended, and returns a clone of its result.
    ///
    /// # Errors
    ///
    /// As [`JoinHandle::join`], by reference.
    ///
    /// # Switches
    ///
    /// If the coro has not ended.
    ///
    /// # Cancel safety
    ///
    /// The handle and the coro are not affected.
    ///
    /// # Panics
    ///
    /// Where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(|| 1).shared();
    /// assert_eq!(c.join().unwrap(), 1);
    /// assert_eq!(c.join().unwrap(), 1);
    /// ```
    #[track_caller]
    pub fn join(&self) -> Result<T, &JoinError> {
        self.0.coro.join();
        match self.0.peek() {
            Some(result) => result.cloned(),
            None => unreachable!("A2: an ended coro has its result until its handle takes it"),
        }
    }
}

impl<T> Clone for SharedJoinHandle<T> {
    fn clone(&self) -> Self {
        SharedJoinHandle(Rc::clone(&self.0))
    }
}

impl<T> fmt::Debug for SharedJoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SharedJoinHandle")
            .field(&self.0.coro)
            .finish()
    }
}
