//! Coros that borrow.
#![allow(
    unsafe_code,
    reason = "one lifetime is vouched for: that of the children's borrows"
)]

use std::cell::{Cell, RefCell};
use std::fmt;
use std::marker::PhantomData;
use std::panic::{self, AssertUnwindSafe, resume_unwind};

use crate::builder::{self, Builder};
use crate::control::{Coro, Ending};
use crate::functions::{current, schedule};
use crate::join_error::JoinError;
use crate::life;
use crate::passage::give_up;
use crate::root;
use crate::shield::Shield;
use crate::state::{CLOSING, DOOMED, DOUBT, ENDED, READY, SCOPED, SHIELD, UNWINDING};
use crate::task::{self, Typed};

/// Calls `f` with a scope in which it can spawn coros that borrow from the caller; returns when
/// all of them have ended.
///
/// If `f` panics, or the caller is thrown at or cancelled while it waits, the children are
/// cancelled and waited for before the unwinding goes on.
///
/// # Switches
///
/// If children have not ended when `f` returns.
///
/// # Cancel safety
///
/// The children are cancelled; the caller is not interrupted again until they have ended.
///
/// # Panics
///
/// If a child panicked, or was thrown into, and was not joined.
///
/// # Aborts
///
/// If a child cannot be ended: it swallows a thousand cancels, or a deadlock keeps it from its
/// end. It would use memory that is gone.
///
/// # Examples
///
/// ```
/// let mut words = vec!["lend", "me"];
/// let count = coro::scope(|s| {
///     let words = &mut words;
///     s.spawn(move || {
///         coro::cede();
///         words.push("your ears");
///         words.len()
///     })
///     .join()
///     .unwrap()
/// });
/// assert_eq!(count, words.len());
/// ```
///
/// # Source
///
/// New here; `std::thread::scope`.
#[track_caller]
pub fn scope<'env, F, R>(f: F) -> R
where
    F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> R,
{
    let scope = Scope {
        children: RefCell::new(Vec::new()),
        failed: Cell::new(false),
        scope: PhantomData,
        env: PhantomData,
    };
    // From here to `discard_all`, nothing leaves this function.
    let mut result = panic::catch_unwind(AssertUnwindSafe(|| f(&scope)));
    if result.is_ok() {
        if let Err(interruption) = panic::catch_unwind(AssertUnwindSafe(|| scope.wait())) {
            result = Err(interruption);
        }
    }
    scope.close();
    scope.discard_all();
    match result {
        Err(payload) => resume_unwind(payload),
        Ok(_) if scope.failed.get() => panic!("a scoped coro panicked"),
        Ok(value) => value,
    }
}

/// A scope to spawn coros in: see [`scope`].
///
/// # Examples
///
/// See [`scope`].
pub struct Scope<'scope, 'env: 'scope> {
    children: RefCell<Vec<Coro>>,
    /// A child panicked whose result nobody took.
    failed: Cell<bool>,
    /// Both invariant, as std's: `'scope` must be neither shrunk nor grown.
    scope: PhantomData<&'scope mut &'scope ()>,
    env: PhantomData<&'env mut &'env ()>,
}

impl<'scope> Scope<'scope, '_> {
    /// Makes a coro that calls `f`, which may borrow from outside the scope, and readies it.
    ///
    /// # Switches
    ///
    /// Never. Readies the new coro.
    ///
    /// # Examples
    ///
    /// ```
    /// let number = 41;
    /// let more = coro::scope(|s| s.spawn(|| number + 1).join().unwrap());
    /// assert_eq!(more, 42);
    /// ```
    #[track_caller]
    pub fn spawn<F, T>(&'scope self, f: F) -> ScopedJoinHandle<'scope, T>
    where
        F: FnOnce() -> T + 'scope,
        T: 'scope,
    {
        let k = root::kernel();
        // SAFETY: what `F` and `T` borrow outlives `'scope`, so it is valid until `scope` returns.
        // Before that, `close` has seen the end of every child in the list (and a child's closure
        // is gone by then), and `discard_all` has dropped its result.
        let typed = unsafe { task::new_borrowing(k, Builder::new().plan(), f) };
        typed.coro.control().set(SCOPED);
        self.forget_finished();
        self.children.borrow_mut().push(typed.coro.clone());
        builder::enter(k, &typed.coro);
        typed.coro.ready();
        ScopedJoinHandle {
            typed,
            scope: PhantomData,
        }
    }

    /// Keeps the list of children in proportion to those alive.
    fn forget_finished(&self) {
        let children = self.children.borrow();
        if children.len() < 32 || !children.len().is_power_of_two() {
            return;
        }
        drop(children);
        let children = self.children.take();
        for child in children {
            if child.control().has(ENDED) {
                self.discard(&child);
            } else {
                self.children.borrow_mut().push(child);
            }
        }
    }

    /// Returns a child that has not ended.
    fn unfinished(&self) -> Option<Coro> {
        let children = self.children.borrow();
        children
            .iter()
            .find(|child| !child.control().has(ENDED))
            .cloned()
    }

    #[track_caller]
    fn wait(&self) {
        while let Some(child) = self.unfinished() {
            child.join();
        }
    }

    /// Cancels the children that are left and waits for their ends, whatever happens.
    #[track_caller]
    fn close(&self) {
        if self.unfinished().is_none() {
            return;
        }
        let _shield = Shield::new();
        let owner = current();
        let was_closing = owner.control().has(CLOSING);
        owner.control().set(CLOSING);
        let why = AssertUnwindSafe(|| self.cancel_all(&owner));
        if panic::catch_unwind(why).is_err() {
            let child = self.unfinished();
            give_up(
                child.as_ref().unwrap_or(&owner).control(),
                "its scope cannot wait",
            );
        }
        if !was_closing {
            owner.control().clear(CLOSING);
        }
    }

    #[track_caller]
    fn cancel_all(&self, owner: &Coro) {
        while let Some(child) = self.unfinished() {
            let c = child.control();
            c.set(DOOMED);
            child.cancel();
            // One that swallowed the cancel and blocks again is cancelled again; the others are
            // on their way to the end, or will be.
            if !c.has(ENDED) && c.has(READY | SHIELD | UNWINDING | DOUBT) {
                life::at_end(c, Ending::Ready(owner.clone()));
                schedule();
                life::not_at_end(c, owner);
            }
        }
    }

    fn discard_all(&self) {
        for child in self.children.take() {
            self.discard(&child);
        }
    }

    /// Drops the result of a child that has ended, unless its handle took it.
    fn discard(&self, child: &Coro) {
        if child.control().failed() {
            self.failed.set(true);
        }
        child.control().discard();
    }
}

impl fmt::Debug for Scope<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope")
            .field("children", &self.children)
            .finish_non_exhaustive()
    }
}

/// A handle to a coro of a [`Scope`] and to its result.
///
/// # Examples
///
/// See [`scope`].
pub struct ScopedJoinHandle<'scope, T> {
    typed: Typed<T>,
    scope: PhantomData<&'scope ()>,
}

impl<T> ScopedJoinHandle<'_, T> {
    /// Returns the coro.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// coro::scope(|s| assert!(s.spawn(|| ()).coro().is_new()));
    /// ```
    #[must_use]
    pub fn coro(&self) -> &Coro {
        &self.typed.coro
    }

    /// Blocks until the coro has ended, and returns its result.
    ///
    /// # Errors
    ///
    /// As [`JoinHandle::join`](crate::JoinHandle::join).
    ///
    /// # Switches
    ///
    /// If the coro has not ended.
    ///
    /// # Cancel safety
    ///
    /// An interrupted joiner drops the handle; the scope waits for the coro.
    ///
    /// # Panics
    ///
    /// Where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// let text = String::from("borrowed");
    /// let len = coro::scope(|s| s.spawn(|| text.len()).join().unwrap());
    /// assert_eq!(len, 8);
    /// ```
    #[track_caller]
    pub fn join(mut self) -> Result<T, JoinError> {
        self.typed.coro.join();
        match self.typed.take() {
            Some(result) => result,
            None => unreachable!("A2: the scope drops results when no handle can be left"),
        }
    }
}

impl<T> fmt::Debug for ScopedJoinHandle<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ScopedJoinHandle")
            .field(&self.typed.coro)
            .finish()
    }
}
