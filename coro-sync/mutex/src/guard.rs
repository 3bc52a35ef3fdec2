//! The guard of a mutex.

use std::cell::RefMut;
use std::fmt;
use std::ops::{Deref, DerefMut};

use crate::mutex::Mutex;

/// Unlocks the mutex when dropped.
///
/// In a guard it stands behind the borrow of the data, so that this ends first: who is woken finds
/// the data free.
struct Hold<'a, T: ?Sized>(&'a Mutex<T>);

impl<T: ?Sized> Drop for Hold<'_, T> {
    #[inline(always)]
    fn drop(&mut self) {
        self.0.raw.unlock();
    }
}

/// Lets its owner use the data of a [`Mutex`], and unlocks it when dropped.
///
/// # Examples
///
/// See [`Mutex::lock`].
#[must_use = "if unused, the mutex is unlocked at once"]
pub struct MutexGuard<'a, T: ?Sized> {
    data: RefMut<'a, T>,
    hold: Hold<'a, T>,
}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    /// A guard for a mutex that was locked.
    #[inline(always)]
    pub(crate) fn new(mutex: &'a Mutex<T>) -> MutexGuard<'a, T> {
        MutexGuard {
            data: mutex.data.borrow_mut(),
            hold: Hold(mutex),
        }
    }

    /// The mutex that is locked.
    #[inline(always)]
    pub(crate) fn mutex(&self) -> &'a Mutex<T> {
        self.hold.0
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        &self.data
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.data
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::fmt(self, f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::fmt(self, f)
    }
}
