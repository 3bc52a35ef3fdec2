//! The mutex over data.

use std::cell::RefCell;
use std::fmt;

use crate::guard::MutexGuard;
use crate::raw::Raw;

/// Data that one coro at a time may use.
///
/// The coro that holds the guard may switch. The guard is dropped when its coro is cancelled or
/// panics, and the mutex is free for the next one then: a mutex is never poisoned. A guard that is
/// forgotten ([`std::mem::forget`]) keeps the mutex locked, and nothing worse.
///
/// # Examples
///
/// ```
/// use coro_mutex::Mutex;
/// use std::rc::Rc;
///
/// let total = Rc::new(Mutex::new(0));
/// let theirs = total.clone();
/// let c = coro::spawn(move || {
///     let mut total = theirs.lock();
///     coro::cede(); // still ours
///     *total += 1;
/// });
/// coro::cede();
/// assert!(total.try_lock().is_none());
/// assert_eq!(*total.lock(), 1); // blocks until c drops its guard
/// c.join().unwrap();
/// ```
///
/// # Source
///
/// std's `Mutex`. It wakes as Coro's semaphore does.
pub struct Mutex<T: ?Sized> {
    pub(crate) raw: Raw,
    pub(crate) data: RefCell<T>,
}

impl<T> Mutex<T> {
    /// Returns a mutex over a value. Who comes by when it is free gets it, before waiters that were
    /// woken.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(*coro_mutex::Mutex::new(5).lock(), 5);
    /// ```
    #[must_use]
    #[track_caller]
    pub const fn new(value: T) -> Mutex<T> {
        Mutex {
            raw: Raw::new(false),
            data: RefCell::new(value),
        }
    }

    /// Returns a mutex over a value that is given to the waiters in the order of their arrival, and
    /// to nobody before them.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(*coro_mutex::Mutex::fair(5).lock(), 5);
    /// ```
    #[must_use]
    #[track_caller]
    pub const fn fair(value: T) -> Mutex<T> {
        Mutex {
            raw: Raw::new(true),
            data: RefCell::new(value),
        }
    }

    /// Returns the value.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(coro_mutex::Mutex::new(5).into_inner(), 5);
    /// ```
    #[must_use]
    pub fn into_inner(self) -> T {
        self.data.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Locks the mutex; blocks while it is locked.
    ///
    /// # Switches
    ///
    /// If the mutex is locked. If that is by the current coro, it blocks for ever.
    ///
    /// # Cancel safety
    ///
    /// An interruption is raised also if the mutex is free. An interrupted coro has not locked it.
    /// If it had been woken, the wake-up passes on.
    ///
    /// # Panics
    ///
    /// If it has to block where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// let mutex = coro_mutex::Mutex::new(5);
    /// *mutex.lock() += 1;
    /// assert_eq!(mutex.into_inner(), 6);
    /// ```
    #[doc(alias = "acquire")]
    #[inline(always)]
    #[track_caller]
    pub fn lock(&self) -> MutexGuard<'_, T> {
        self.raw.lock();
        MutexGuard::new(self)
    }

    /// Locks the mutex if it is free.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let mutex = coro_mutex::Mutex::new(5);
    /// let guard = mutex.try_lock();
    /// assert!(guard.is_some());
    /// assert!(mutex.try_lock().is_none());
    /// ```
    #[inline(always)]
    #[must_use]
    #[track_caller]
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        self.raw.try_lock().then(|| MutexGuard::new(self))
    }

    /// Returns `true` if the mutex is locked. A fair mutex is, from the moment on when it is given
    /// to a waiter.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let mutex = coro_mutex::Mutex::new(5);
    /// let _guard = mutex.lock();
    /// assert!(mutex.is_locked());
    /// ```
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.raw.is_locked()
    }

    /// Returns how many coros wait.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(coro_mutex::Mutex::new(5).waiters(), 0);
    /// ```
    #[must_use]
    pub fn waiters(&self) -> usize {
        self.raw.waiters.len()
    }

    /// Returns the value: who has the mutex alone need not lock it.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut mutex = coro_mutex::Mutex::new(5);
    /// *mutex.get_mut() += 1;
    /// assert_eq!(mutex.into_inner(), 6);
    /// ```
    #[must_use]
    pub fn get_mut(&mut self) -> &mut T {
        self.data.get_mut()
    }
}

impl<T: Default> Default for Mutex<T> {
    #[track_caller]
    fn default() -> Mutex<T> {
        Mutex::new(T::default())
    }
}

impl<T> From<T> for Mutex<T> {
    #[track_caller]
    fn from(value: T) -> Mutex<T> {
        Mutex::new(value)
    }
}

/// Shows the data if the mutex is free and nobody waits: to look may not change who is next.
impl<T: ?Sized + fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let data = if self.waiters() == 0 {
            self.try_lock()
        } else {
            None
        };
        let mut show = f.debug_struct("Mutex");
        match &data {
            Some(data) => show.field("data", data),
            None => show.field("data", &format_args!("<locked>")),
        };
        drop(data);
        show.field("waiters", &self.raw.waiters).finish()
    }
}
