//! A variable with a value of its own in every coro.
//!
//! ```
//! use coro_specific::Specific;
//! use std::rc::Rc;
//!
//! let name = Rc::new(Specific::new());
//! name.set("main");
//! let theirs = name.clone();
//! let c = coro::spawn(move || {
//!     assert_eq!(theirs.get(), None); // nothing is inherited
//!     theirs.set("c");
//!     coro::cede();
//!     theirs.get()
//! });
//! coro::cede();
//! assert_eq!(name.get(), Some("main"));
//! assert_eq!(c.join().unwrap(), Some("c"));
//! ```
#![forbid(unsafe_code)]

use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;

use coro::LocalSlot;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// A variable with a value of its own in every coro.
///
/// A value is dropped when its coro ends, in the context of that coro, or with the variable.
///
/// # Examples
///
/// See [the crate's page](crate).
///
/// # Source
///
/// Coro 6.57, `Coro::Specific`.
pub struct Specific<T> {
    slot: LocalSlot,
    marker: PhantomData<T>,
}

impl<T: 'static> Specific<T> {
    /// Returns a variable that has no value in any coro.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let variable = coro_specific::Specific::<u8>::new();
    /// assert_eq!(variable.get(), None);
    /// ```
    #[must_use]
    pub fn new() -> Specific<T> {
        Specific {
            slot: LocalSlot::new(),
            marker: PhantomData,
        }
    }

    /// The current coro's value, if it was ever set.
    #[inline]
    fn place(&self) -> Option<Rc<RefCell<Option<T>>>> {
        self.slot.get()?.downcast().ok()
    }

    /// Calls `f` with a reference to the current coro's value.
    ///
    /// # Switches
    ///
    /// If `f` does.
    ///
    /// # Cancel safety
    ///
    /// The value is not affected.
    ///
    /// # Examples
    ///
    /// ```
    /// let variable = coro_specific::Specific::new();
    /// variable.set(String::from("text"));
    /// assert_eq!(variable.with(|value| value.map(String::len)), Some(4));
    /// ```
    pub fn with<R>(&self, f: impl FnOnce(Option<&T>) -> R) -> R {
        match self.place() {
            Some(place) => f(place.borrow().as_ref()),
            None => f(None),
        }
    }

    /// Returns a clone of the current coro's value.
    ///
    /// # Switches
    ///
    /// If the `Clone` of `T` does.
    ///
    /// # Examples
    ///
    /// ```
    /// let variable = coro_specific::Specific::new();
    /// variable.set(1);
    /// assert_eq!(variable.get(), Some(1));
    /// ```
    #[inline]
    #[must_use]
    pub fn get(&self) -> Option<T>
    where
        T: Clone,
    {
        self.with(|value| value.cloned())
    }

    /// Sets the current coro's value; the old one is dropped.
    ///
    /// # Switches
    ///
    /// If the `Drop` of `T` does.
    ///
    /// # Panics
    ///
    /// Inside [`with`](Specific::with) of the same variable, in the same coro.
    ///
    /// # Examples
    ///
    /// ```
    /// let variable = coro_specific::Specific::new();
    /// variable.set(1);
    /// variable.set(2);
    /// assert_eq!(variable.get(), Some(2));
    /// ```
    #[track_caller]
    pub fn set(&self, value: T) {
        drop(self.replace(value));
    }

    /// Sets the current coro's value and returns the old one.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Panics
    ///
    /// Inside [`with`](Specific::with) of the same variable, in the same coro.
    ///
    /// # Examples
    ///
    /// ```
    /// let variable = coro_specific::Specific::new();
    /// assert_eq!(variable.replace(1), None);
    /// assert_eq!(variable.replace(2), Some(1));
    /// ```
    #[track_caller]
    pub fn replace(&self, value: T) -> Option<T> {
        match self.place() {
            Some(place) => place.borrow_mut().replace(value),
            None => {
                self.slot.replace(Some(Rc::new(RefCell::new(Some(value)))));
                None
            }
        }
    }

    /// Takes the current coro's value, and leaves none.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Panics
    ///
    /// Inside [`with`](Specific::with) of the same variable, in the same coro.
    ///
    /// # Examples
    ///
    /// ```
    /// let variable = coro_specific::Specific::new();
    /// variable.set(1);
    /// assert_eq!(variable.take(), Some(1));
    /// assert_eq!(variable.take(), None);
    /// ```
    #[must_use = "to drop the value, use `drop`"]
    #[track_caller]
    pub fn take(&self) -> Option<T> {
        self.place()?.borrow_mut().take()
    }
}

impl<T: 'static> Default for Specific<T> {
    fn default() -> Self {
        Specific::new()
    }
}

impl<T: fmt::Debug + 'static> fmt::Debug for Specific<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with(|value| f.debug_tuple("Specific").field(&value).finish())
    }
}
