//! Coros that borrow.
#![allow(
    unsafe_code,
    reason = "one lifetime is vouched for: that of the children's borrows"
)]

use std::cell::{Cell, RefCell};
use std::fmt;
use std::marker::PhantomData;
use std::panic::{self, AssertUnwindSafe, Location, resume_unwind};

use crate::builder::{self, Builder};
use crate::control::Coro;
use crate::foreign;
use crate::functions::current;
use crate::holder::Holder;
use crate::hooks::Wait;
use crate::join_error::{Failure, JoinError};
use crate::passage::give_up;
use crate::root;
use crate::scheduler::{self, Place};
use crate::shield::Shield;
use crate::state::{
    CLOSING, DEAD, DOOMED, DOUBT, ENDED, FAILED, IN_SCOPE, READY, SHIELD, TAKER, UNWINDING,
};
use crate::task::{self, Typed};
use crate::unwind::Deadlock;

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
        ended: Cell::new(0),
        room: Cell::new(FEW),
        failed: Cell::new(false),
        scope: PhantomData,
        env: PhantomData,
    };
    let place = Location::caller();
    let k = root::kernel();
    foreign::must_be_own(k);
    // From here to the end of the loop below, nothing leaves this function.
    let mut result = panic::catch_unwind(AssertUnwindSafe(|| f(&scope)));
    // A wait that is refused is the caller's fault, and is told at the caller's place.
    let is_refused = result.is_ok() && !root::can_switch(k) && scope.first_unfinished().is_some();
    if result.is_ok() && !is_refused {
        let waited = panic::catch_unwind(AssertUnwindSafe(|| scope.wait(place)));
        result = waited.and(result);
    }
    loop {
        scope.close(place);
        // A result that its leaked handle did not take; its destructor may spawn.
        let Some(child) = scope.pop() else {
            break;
        };
        scope.forget(&child);
        child.control().discard();
    }
    if is_refused {
        root::may_switch(k);
    }
    match result {
        Err(payload) => match payload.downcast::<Deadlock>() {
            Ok(deadlock) => deadlock.panic(),
            Err(payload) => resume_unwind(payload),
        },
        Ok(_) if scope.failed.get() => panic!("a scoped coro panicked"),
        Ok(value) => value,
    }
}

/// So many children are never too many to keep in the list.
const FEW: usize = 32;

/// A scope to spawn coros in: see [`scope`].
///
/// # Examples
///
/// See [`scope`].
pub struct Scope<'scope, 'env: 'scope> {
    children: RefCell<Vec<Coro>>,
    /// So many of the oldest in the list are known to have ended.
    ended: Cell<usize>,
    /// When the list is as long as this, those who have ended are taken out.
    room: Cell<usize>,
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
        // is gone by then), and its result was dropped: by the child itself, by its handle, which
        // cannot outlive `'scope`, or, if the handle was leaked, by the scope.
        let typed = unsafe { task::new_borrowing(k, Builder::new().plan(), f) };
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
        let mut children = self.children.borrow_mut();
        // From time to time, as it looks at all of them.
        if children.len() < self.room.get() {
            return;
        }
        // The result of one whose handle is gone is gone too, so no foreign code runs here.
        children.retain(|child| {
            let done = child.control().flags.get() & (ENDED | TAKER) == ENDED;
            if done {
                self.forget(child);
            }
            !done
        });
        self.ended.set(0);
        self.room.set(FEW.max(2 * children.len()));
    }

    /// Takes the newest child out of the list.
    fn pop(&self) -> Option<Coro> {
        let mut children = self.children.borrow_mut();
        let newest = children.pop();
        self.ended.set(self.ended.get().min(children.len()));
        newest
    }

    /// Notes how a child has ended that leaves the list.
    fn forget(&self, child: &Coro) {
        if child.control().has(FAILED) || child.control().failed() {
            self.failed.set(true);
        }
    }

    /// Returns the oldest child that has not ended.
    fn first_unfinished(&self) -> Option<Coro> {
        let children = self.children.borrow();
        let mut rest = children[self.ended.get()..].iter();
        let first = rest.position(|child| !child.control().has(ENDED));
        let ended = first.map_or(children.len(), |first| self.ended.get() + first);
        self.ended.set(ended);
        children.get(ended).cloned()
    }

    /// Returns the children that have not ended.
    fn unfinished(&self) -> Vec<Coro> {
        let children = self.children.borrow();
        children[self.ended.get()..]
            .iter()
            .filter(|child| !child.control().has(ENDED))
            .cloned()
            .collect()
    }

    fn wait(&self, place: Place) {
        let owner = current();
        owner.control().set(IN_SCOPE);
        while let Some(child) = self.first_unfinished() {
            child.join_from(place);
        }
        owner.control().clear(IN_SCOPE);
    }

    /// Cancels the children that are left and waits for their ends, whatever happens.
    fn close(&self, place: Place) {
        let owner = current();
        owner.control().clear(IN_SCOPE);
        if self.first_unfinished().is_none() {
            return;
        }
        let _shield = Shield::new();
        let was_closing = owner.control().has(CLOSING);
        owner.control().set(CLOSING);
        let cancel_all = AssertUnwindSafe(|| self.cancel_all(place));
        if panic::catch_unwind(cancel_all).is_err() {
            let left = self.first_unfinished();
            give_up(
                left.as_ref().unwrap_or(&owner).control(),
                "its scope cannot wait",
            );
        }
        if !was_closing {
            owner.control().clear(CLOSING);
        }
    }

    fn cancel_all(&self, place: Place) {
        loop {
            // All of them, before any is waited for: one's destructor may wait for another's.
            for child in self.unfinished() {
                child.control().set(DOOMED);
                child.cancel();
            }
            let left = self.unfinished();
            if left.is_empty() {
                return;
            }
            // One that was spawned meanwhile is cancelled next, and one that swallowed the cancel and
            // blocks again is cancelled again; the others are on their way to the end.
            let underway = |child: &Coro| {
                let c = child.control();
                c.has(DOOMED) && c.has(DEAD | READY | SHIELD | UNWINDING | DOUBT)
            };
            if left.iter().all(underway) {
                let joiners: Vec<_> = left.iter().map(Coro::joiner).collect();
                scheduler::schedule_on(&Closing(&left), place);
                drop(joiners);
            }
        }
    }
}

/// The end of a scope's last children.
struct Closing<'a>(&'a [Coro]);

impl Wait for Closing<'_> {
    fn what(&self) -> &'static str {
        "scope"
    }

    fn is_stranded(&self) -> bool {
        self.0.iter().all(Coro::is_finished)
    }

    fn holders(&self, tell: &mut dyn FnMut(Holder)) {
        self.0.iter().for_each(|child| tell(Holder::of(child)));
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
            // Only in a destructor that runs when the scope has ended, and has dropped the result.
            None => Err(JoinError::new(Failure::Cancelled(None))),
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
