//! Guards of permits, and how to get them.

use std::fmt;
use std::mem::ManuallyDrop;
use std::rc::Rc;

use coro::Holder;

use crate::Semaphore;
use crate::semaphore::number;

/// Getting permits with a guard.
impl Semaphore {
    /// Lowers the count, as [`down`](Semaphore::down), and returns a guard that raises it when it
    /// is dropped.
    ///
    /// # Switches
    ///
    /// If the count is zero or less.
    ///
    /// # Cancel safety
    ///
    /// As [`down`](Semaphore::down).
    ///
    /// # Panics
    ///
    /// If it has to block where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = coro_semaphore::Semaphore::new(1);
    /// {
    ///     let _guard = semaphore.acquire();
    ///     assert_eq!(semaphore.count(), 0);
    /// }
    /// assert_eq!(semaphore.count(), 1);
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `guard`.
    #[doc(alias = "guard")]
    #[inline(always)]
    #[track_caller]
    pub fn acquire(&self) -> SemaphoreGuard<'_> {
        self.lower(1);
        self.note_holder();
        SemaphoreGuard::new(self, 1)
    }

    /// As [`acquire`](Semaphore::acquire), for `permits` at once, as
    /// [`down_many`](Semaphore::down_many).
    ///
    /// # Switches
    ///
    /// If the count is less than `permits`.
    ///
    /// # Cancel safety
    ///
    /// As [`down_many`](Semaphore::down_many).
    ///
    /// # Panics
    ///
    /// As [`down_many`](Semaphore::down_many).
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = coro_semaphore::Semaphore::new(3);
    /// let guard = semaphore.acquire_many(2);
    /// assert_eq!((guard.permits(), semaphore.count()), (2, 1));
    /// ```
    ///
    /// # Source
    ///
    /// New here; tokio's `acquire_many`.
    #[inline(always)]
    #[track_caller]
    pub fn acquire_many(&self, permits: usize) -> SemaphoreGuard<'_> {
        self.lower(number(permits));
        self.note_holder();
        SemaphoreGuard::new(self, number(permits))
    }

    /// As [`acquire`](Semaphore::acquire); the guard owns the semaphore, so that it can be kept
    /// anywhere.
    ///
    /// # Switches
    ///
    /// If the count is zero or less.
    ///
    /// # Cancel safety
    ///
    /// As [`down`](Semaphore::down).
    ///
    /// # Panics
    ///
    /// If it has to block where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::rc::Rc;
    /// let semaphore = Rc::new(coro_semaphore::Semaphore::new(1));
    /// let guard = semaphore.acquire_rc();
    /// coro::spawn(move || drop(guard)).join().unwrap();
    /// assert_eq!(semaphore.count(), 1);
    /// ```
    ///
    /// # Source
    ///
    /// New here; tokio's `acquire_owned`.
    #[inline(always)]
    #[track_caller]
    pub fn acquire_rc(self: &Rc<Self>) -> SemaphoreGuardRc {
        self.lower(1);
        self.note_holder();
        SemaphoreGuardRc::new(self.clone())
    }

    /// Returns a guard if the count is above zero.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = coro_semaphore::Semaphore::new(1);
    /// let guard = semaphore.try_acquire();
    /// assert!(guard.is_some());
    /// assert!(semaphore.try_acquire().is_none());
    /// ```
    #[inline(always)]
    #[must_use]
    #[track_caller]
    pub fn try_acquire(&self) -> Option<SemaphoreGuard<'_>> {
        if !self.try_lower(1) {
            return None;
        }
        self.note_holder();
        Some(SemaphoreGuard::new(self, 1))
    }

    /// Returns an owning guard if the count is above zero.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::rc::Rc;
    /// let semaphore = Rc::new(coro_semaphore::Semaphore::new(1));
    /// let guard = semaphore.try_acquire_rc();
    /// assert!(guard.is_some() && semaphore.try_acquire_rc().is_none());
    /// ```
    #[inline(always)]
    #[must_use]
    #[track_caller]
    pub fn try_acquire_rc(self: &Rc<Self>) -> Option<SemaphoreGuardRc> {
        if !self.try_lower(1) {
            return None;
        }
        self.note_holder();
        Some(SemaphoreGuardRc::new(self.clone()))
    }

    /// Notes for reports that the current coro has a permit that it will give back.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn note_holder(&self) {
        self.waiters.set_holder(Some(Holder::current()));
    }
}

/// Holds permits of a [`Semaphore`], and gives them back when dropped.
///
/// # Examples
///
/// See [`Semaphore::acquire`].
#[must_use = "if unused, the permit is given back at once"]
pub struct SemaphoreGuard<'a> {
    semaphore: &'a Semaphore,
    permits: isize,
}

impl<'a> SemaphoreGuard<'a> {
    #[inline(always)]
    pub(crate) fn new(semaphore: &'a Semaphore, permits: isize) -> SemaphoreGuard<'a> {
        SemaphoreGuard { semaphore, permits }
    }

    /// Returns how many permits it holds.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(coro_semaphore::Semaphore::new(1).acquire().permits(), 1);
    /// ```
    #[must_use]
    pub fn permits(&self) -> usize {
        self.permits as usize
    }

    /// Keeps the permits for good: the count stays as it is.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = coro_semaphore::Semaphore::new(1);
    /// semaphore.acquire().forget();
    /// assert_eq!(semaphore.count(), 0);
    /// ```
    pub fn forget(self) {
        let _ = ManuallyDrop::new(self);
    }
}

impl Drop for SemaphoreGuard<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        self.semaphore.adjust(self.permits);
    }
}

impl fmt::Debug for SemaphoreGuard<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SemaphoreGuard")
            .field("permits", &self.permits)
            .field("semaphore", self.semaphore)
            .finish()
    }
}

/// Holds a permit of a [`Semaphore`] that it owns a part of, and gives it back when dropped.
///
/// # Examples
///
/// See [`Semaphore::acquire_rc`].
#[must_use = "if unused, the permit is given back at once"]
pub struct SemaphoreGuardRc {
    /// `None` once the permit was forgotten.
    semaphore: Option<Rc<Semaphore>>,
}

impl SemaphoreGuardRc {
    #[inline(always)]
    pub(crate) fn new(semaphore: Rc<Semaphore>) -> SemaphoreGuardRc {
        SemaphoreGuardRc {
            semaphore: Some(semaphore),
        }
    }

    /// Keeps the permit for good: the count stays as it is.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = std::rc::Rc::new(coro_semaphore::Semaphore::new(1));
    /// semaphore.acquire_rc().forget();
    /// assert_eq!(semaphore.count(), 0);
    /// ```
    pub fn forget(mut self) {
        drop(self.semaphore.take());
    }
}

impl Drop for SemaphoreGuardRc {
    #[inline(always)]
    fn drop(&mut self) {
        if let Some(semaphore) = &self.semaphore {
            semaphore.up();
        }
    }
}

impl fmt::Debug for SemaphoreGuardRc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SemaphoreGuardRc")
            .field(&self.semaphore)
            .finish()
    }
}
