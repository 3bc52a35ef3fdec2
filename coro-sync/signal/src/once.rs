//! A cell whose value is made once, by code that may block.
//!
//! # Invariants
//!
//! O1. At most one initialiser runs. While it does, the cell is empty, and nobody else fills it.
//! O2. If none runs and the cell is empty, then nobody waits, or one of those who did was woken,
//!     and has not run yet.

use std::cell::{Cell, OnceCell};
use std::convert::Infallible;
use std::fmt;
use std::panic::Location;

use coro_wait_queue::{Left, PassOn, WaitQueue};

/// A cell that is filled once, by the first coro that needs the value; its initialiser may block.
///
/// The others wait meanwhile. If the initialiser fails, panics or is interrupted, one of them runs
/// its own: the oldest, unless a coro comes by before that has its turn.
///
/// # Examples
///
/// ```
/// use coro_signal::Once;
/// use std::rc::Rc;
///
/// let config = Rc::new(Once::new());
/// let theirs = config.clone();
/// let c = coro::spawn(move || {
///     *theirs.get_or_init(|| {
///         coro::cede(); // others run, and wait for the value if they need it
///         42
///     })
/// });
/// coro::cede();
/// assert_eq!(config.get(), None);
/// assert_eq!(*config.get_or_init(|| unreachable!()), 42);
/// assert_eq!(c.join().unwrap(), 42);
/// ```
///
/// # Source
///
/// New here; tokio's `OnceCell`.
#[doc(alias = "OnceCell")]
#[doc(alias = "OnceLock")]
pub struct Once<T> {
    value: OnceCell<T>,
    /// The coro whose initialiser runs, and where that was called.
    runs: Cell<Option<(u64, &'static Location<'static>)>>,
    waiters: WaitQueue,
}

impl<T> Once<T> {
    /// Returns an empty cell.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(!coro_signal::Once::<i32>::new().is_initialized());
    /// ```
    #[must_use]
    #[track_caller]
    pub const fn new() -> Once<T> {
        Once {
            value: OnceCell::new(),
            runs: Cell::new(None),
            waiters: WaitQueue::new("once"),
        }
    }

    /// Returns the value, if it is there.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let once = coro_signal::Once::new();
    /// assert_eq!(once.get(), None);
    /// once.set(1).unwrap();
    /// assert_eq!(once.get(), Some(&1));
    /// ```
    #[inline(always)]
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        self.value.get()
    }

    /// Returns `true` if the value is there.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let once = coro_signal::Once::new();
    /// once.get_or_init(|| 1);
    /// assert!(once.is_initialized());
    /// ```
    #[must_use]
    pub fn is_initialized(&self) -> bool {
        self.value.get().is_some()
    }

    /// Returns the value, made by `f` if it is not there; waits if another coro makes it.
    ///
    /// # Switches
    ///
    /// If another coro makes the value, or if `f` does.
    ///
    /// # Cancel safety
    ///
    /// An interrupted coro waits no more. If it was its turn to make the value, or if its `f` was
    /// interrupted, the next one runs its own.
    ///
    /// # Panics
    ///
    /// If `f` asks this cell for its value, which could never come; if it has to block where
    /// nothing may switch. If `f` panics, the next one runs its own.
    ///
    /// # Examples
    ///
    /// See [`Once`].
    #[inline(always)]
    #[track_caller]
    pub fn get_or_init(&self, f: impl FnOnce() -> T) -> &T {
        match self.get_or_try_init(|| Ok::<T, Infallible>(f())) {
            Ok(value) => value,
            Err(never) => match never {},
        }
    }

    /// Returns the value, made by `f` if it is not there; waits if another coro makes it.
    ///
    /// # Errors
    ///
    /// What `f` returns. The cell is empty then, and the next one runs its own.
    ///
    /// # Switches
    ///
    /// If another coro makes the value, or if `f` does.
    ///
    /// # Cancel safety
    ///
    /// As [`get_or_init`](Once::get_or_init).
    ///
    /// # Panics
    ///
    /// As [`get_or_init`](Once::get_or_init).
    ///
    /// # Examples
    ///
    /// ```
    /// let once = coro_signal::Once::new();
    /// assert!(once.get_or_try_init(|| "no number".parse::<i32>()).is_err());
    /// assert_eq!(once.get_or_try_init(|| "12".parse::<i32>()), Ok(&12));
    /// assert_eq!(once.get_or_try_init(|| "no number".parse::<i32>()), Ok(&12));
    /// ```
    #[inline(always)]
    #[track_caller]
    pub fn get_or_try_init<E>(&self, f: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        coro::check();
        if self.value.get().is_none() {
            if self.runs.get().is_some() {
                self.block();
            }
            if self.value.get().is_none() {
                let running = Running::new(self);
                let value = f()?;
                running.fill(value);
            }
        }
        match self.value.get() {
            Some(value) => Ok(value),
            None => unreachable!("O1: who leaves the wait finds a value, or makes it"),
        }
    }

    /// Blocks until no initialiser runs.
    #[inline(always)]
    #[track_caller]
    fn block(&self) {
        self.forbid_recursion();
        let waiter = self.waiters.enter(Asks(self));
        loop {
            coro::wait_for(&waiter);
            if self.runs.get().is_none() {
                break;
            }
            waiter.stay();
        }
        waiter.done();
    }

    #[inline(never)]
    #[track_caller]
    fn forbid_recursion(&self) {
        if let Some((id, place)) = self.runs.get()
            && id == coro::current().id()
        {
            panic!("the initialiser of a Once, run at {place}, asks that Once for its value");
        }
    }

    /// Fills the cell.
    ///
    /// # Errors
    ///
    /// If the cell is full, or if an initialiser runs: its value may have been promised to others
    /// already. The value is given back.
    ///
    /// # Switches
    ///
    /// Never. Readies waiters.
    ///
    /// # Examples
    ///
    /// ```
    /// let once = coro_signal::Once::new();
    /// once.get_or_init(|| {
    ///     assert_eq!(once.set(2), Err(2));
    ///     1
    /// });
    /// assert_eq!(once.set(3), Err(3));
    /// assert_eq!(once.get(), Some(&1));
    /// ```
    pub fn set(&self, value: T) -> Result<(), T> {
        if self.runs.get().is_some() {
            return Err(value);
        }
        self.value.set(value)?;
        self.waiters.wake_all();
        Ok(())
    }

    /// Returns the value, if it is there, and ends the cell.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let once = coro_signal::Once::new();
    /// once.get_or_init(|| String::from("made"));
    /// assert_eq!(once.into_inner().as_deref(), Some("made"));
    /// ```
    #[must_use]
    pub fn into_inner(self) -> Option<T> {
        self.value.into_inner()
    }

    /// Takes the value out, if it is there. The cell is empty then, and can be filled again.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut once = coro_signal::Once::new();
    /// once.get_or_init(|| 1);
    /// assert_eq!(once.take(), Some(1));
    /// assert_eq!(*once.get_or_init(|| 2), 2);
    /// ```
    pub fn take(&mut self) -> Option<T> {
        self.value.take()
    }
}

/// A waiter for the value, or for its turn to make it.
struct Asks<'a, T>(&'a Once<T>);

impl<T> PassOn for Asks<'_, T> {
    fn pass_on(&self, left: Left) {
        // O2. While another one runs its own, that one's end wakes the next.
        if left == Left::Woken && self.0.runs.get().is_none() {
            self.0.waiters.wake_one();
        }
    }

    /// O2; a value is for all.
    fn is_stranded(&self, oldest: bool) -> bool {
        self.0.runs.get().is_none() && (oldest || self.0.is_initialized())
    }
}

/// While it lives, an initialiser runs.
struct Running<'a, T>(&'a Once<T>);

impl<'a, T> Running<'a, T> {
    #[inline(always)]
    #[track_caller]
    fn new(once: &'a Once<T>) -> Running<'a, T> {
        let place = Location::caller();
        once.runs.set(Some((coro::current().id(), place)));
        Running(once)
    }

    #[inline(always)]
    fn fill(self, value: T) {
        let filled = self.0.value.set(value);
        assert!(filled.is_ok(), "O1: nobody else fills the cell");
    }
}

impl<T> Drop for Running<'_, T> {
    fn drop(&mut self) {
        self.0.runs.set(None);
        if self.0.is_initialized() {
            self.0.waiters.wake_all();
        } else {
            self.0.waiters.wake_one();
        }
    }
}

impl<T> Default for Once<T> {
    #[track_caller]
    fn default() -> Once<T> {
        Once::new()
    }
}

impl<T: fmt::Debug> fmt::Debug for Once<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Once")
            .field("value", &self.get())
            .field("waiters", &self.waiters)
            .finish()
    }
}
