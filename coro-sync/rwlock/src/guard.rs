//! The guards of a lock over data.

use std::cell::{Ref, RefMut};
use std::fmt;
use std::ops::{Deref, DerefMut};

use crate::lock::RwLock;
use crate::raw::RawRwLock;

/// A hold of a lock, which ends when this is dropped.
///
/// In a guard it stands behind the borrow of the data, so that this ends first: who is woken finds
/// the data free.
pub(crate) struct Hold<'a>(&'a RawRwLock);

impl<'a> Hold<'a> {
    #[inline(always)]
    pub(crate) fn new(raw: &'a RawRwLock) -> Hold<'a> {
        Hold(raw)
    }
}

impl Drop for Hold<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        // It is held: nobody else can unlock a lock over data.
        let _ = self.0.release();
    }
}

/// Lets its owner read the data of an [`RwLock`], and unlocks it when dropped.
///
/// # Examples
///
/// See [`RwLock::read`].
#[must_use = "if unused, the lock is unlocked at once"]
pub struct RwLockReadGuard<'a, T: ?Sized> {
    data: Ref<'a, T>,
    hold: Hold<'a>,
}

impl<'a, T: ?Sized> RwLockReadGuard<'a, T> {
    /// A guard for a hold that was taken.
    #[inline(always)]
    pub(crate) fn new(lock: &'a RwLock<T>) -> RwLockReadGuard<'a, T> {
        RwLockReadGuard {
            data: lock.data.borrow(),
            hold: lock.hold(),
        }
    }

    /// Returns a guard of a part of the data; the lock stays locked.
    ///
    /// # Switches
    ///
    /// If the closure does.
    ///
    /// # Cancel safety
    ///
    /// If the closure is interrupted or panics, the lock is unlocked.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro_rwlock::{RwLock, RwLockReadGuard};
    /// let lock = RwLock::new((1, "one"));
    /// let name = RwLockReadGuard::map(lock.read(), |pair| &pair.1);
    /// assert_eq!(*name, "one");
    /// assert!(lock.try_write().is_none());
    /// ```
    #[inline]
    pub fn map<U: ?Sized>(
        this: RwLockReadGuard<'a, T>,
        part: impl FnOnce(&T) -> &U,
    ) -> RwLockReadGuard<'a, U> {
        let RwLockReadGuard { data, hold } = this;
        RwLockReadGuard {
            data: Ref::map(data, part),
            hold,
        }
    }
}

/// Lets its owner write the data of an [`RwLock`], and unlocks it when dropped.
///
/// # Examples
///
/// See [`RwLock::write`].
#[must_use = "if unused, the lock is unlocked at once"]
pub struct RwLockWriteGuard<'a, T: ?Sized> {
    data: RefMut<'a, T>,
    hold: Hold<'a>,
    lock: &'a RwLock<T>,
}

impl<'a, T: ?Sized> RwLockWriteGuard<'a, T> {
    /// A guard for a hold that was taken.
    #[inline(always)]
    pub(crate) fn new(lock: &'a RwLock<T>) -> RwLockWriteGuard<'a, T> {
        RwLockWriteGuard {
            data: lock.data.borrow_mut(),
            hold: lock.hold(),
            lock,
        }
    }

    /// Goes on as a reader, with no other writer in between.
    ///
    /// # Switches
    ///
    /// Never. Readies readers that wait; of a fair lock, those at the head of the queue.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro_rwlock::{RwLock, RwLockWriteGuard};
    /// let lock = RwLock::new(5);
    /// let mut writing = lock.write();
    /// *writing += 1;
    /// let reading = RwLockWriteGuard::downgrade(writing);
    /// assert_eq!((*reading, *lock.read()), (6, 6));
    /// ```
    #[inline]
    pub fn downgrade(this: RwLockWriteGuard<'a, T>) -> RwLockReadGuard<'a, T> {
        let RwLockWriteGuard { data, hold, lock } = this;
        drop(data);
        let data = lock.data.borrow();
        lock.raw.downgrade();
        RwLockReadGuard { data, hold }
    }

    /// Returns a guard of a part of the data; the lock stays locked.
    ///
    /// # Switches
    ///
    /// If the closure does.
    ///
    /// # Cancel safety
    ///
    /// If the closure is interrupted or panics, the lock is unlocked.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro_rwlock::{RwLock, RwLockWriteGuard};
    /// let lock = RwLock::new((1, "one"));
    /// *RwLockWriteGuard::map(lock.write(), |pair| &mut pair.0) = 2;
    /// assert_eq!(*lock.read(), (2, "one"));
    /// ```
    #[inline]
    pub fn map<U: ?Sized>(
        this: RwLockWriteGuard<'a, T>,
        part: impl FnOnce(&mut T) -> &mut U,
    ) -> MappedRwLockWriteGuard<'a, U> {
        let RwLockWriteGuard { data, hold, .. } = this;
        MappedRwLockWriteGuard {
            data: RefMut::map(data, part),
            hold,
        }
    }
}

/// Lets its owner write a part of the data of an [`RwLock`], and unlocks it when dropped.
///
/// # Examples
///
/// See [`RwLockWriteGuard::map`].
#[must_use = "if unused, the lock is unlocked at once"]
pub struct MappedRwLockWriteGuard<'a, T: ?Sized> {
    data: RefMut<'a, T>,
    hold: Hold<'a>,
}

impl<'a, T: ?Sized> MappedRwLockWriteGuard<'a, T> {
    /// Returns a guard of a part of the part; the lock stays locked.
    ///
    /// # Switches
    ///
    /// If the closure does.
    ///
    /// # Cancel safety
    ///
    /// If the closure is interrupted or panics, the lock is unlocked.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro_rwlock::{MappedRwLockWriteGuard, RwLock, RwLockWriteGuard};
    /// let lock = RwLock::new((1, [2, 3]));
    /// let pair = RwLockWriteGuard::map(lock.write(), |both| &mut both.1);
    /// *MappedRwLockWriteGuard::map(pair, |pair| &mut pair[0]) = 4;
    /// assert_eq!(*lock.read(), (1, [4, 3]));
    /// ```
    #[inline]
    pub fn map<U: ?Sized>(
        this: MappedRwLockWriteGuard<'a, T>,
        part: impl FnOnce(&mut T) -> &mut U,
    ) -> MappedRwLockWriteGuard<'a, U> {
        let MappedRwLockWriteGuard { data, hold } = this;
        MappedRwLockWriteGuard {
            data: RefMut::map(data, part),
            hold,
        }
    }
}

/// What all guards are: the data, for reading.
macro_rules! reads {
    ($($guard:ident)*) => {$(
        impl<T: ?Sized> Deref for $guard<'_, T> {
            type Target = T;

            #[inline(always)]
            fn deref(&self) -> &T {
                &self.data
            }
        }

        impl<T: ?Sized + fmt::Debug> fmt::Debug for $guard<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                T::fmt(self, f)
            }
        }

        impl<T: ?Sized + fmt::Display> fmt::Display for $guard<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                T::fmt(self, f)
            }
        }
    )*};
}

/// What the guards of writers are: the data, for writing.
macro_rules! writes {
    ($($guard:ident)*) => {$(
        impl<T: ?Sized> DerefMut for $guard<'_, T> {
            #[inline(always)]
            fn deref_mut(&mut self) -> &mut T {
                &mut self.data
            }
        }
    )*};
}

reads!(RwLockReadGuard RwLockWriteGuard MappedRwLockWriteGuard);
writes!(RwLockWriteGuard MappedRwLockWriteGuard);
