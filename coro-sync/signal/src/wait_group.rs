//! A wait group.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

use coro_wait_queue::{Left, PassOn, WaitQueue};

/// Waits until all tokens are gone: each job takes one along, and drops it at its end, however it
/// ends.
///
/// A clone is another handle to the same group. A group can be used again and again.
///
/// # Examples
///
/// ```
/// use coro_signal::WaitGroup;
/// use std::{cell::Cell, rc::Rc};
///
/// let (group, done) = (WaitGroup::new(), Rc::new(Cell::new(0)));
/// for _ in 0..10 {
///     let (token, done) = (group.token(), done.clone());
///     coro::spawn(move || {
///         let _token = token;
///         coro::cede();
///         done.set(done.get() + 1);
///     });
/// }
/// group.wait();
/// assert_eq!(done.get(), 10);
/// ```
///
/// # Source
///
/// New here; Go's `sync.WaitGroup`, with tokens for its counter, so that it cannot be wrong.
#[doc(alias = "TaskTracker")]
#[doc(alias = "CountDownLatch")]
#[derive(Clone)]
pub struct WaitGroup(pub(crate) Rc<Group>);

pub(crate) struct Group {
    tokens: Cell<usize>,
    pub(crate) waiters: WaitQueue,
}

impl WaitGroup {
    /// Returns a group without tokens.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// coro_signal::WaitGroup::new().wait(); // nothing to wait for
    /// ```
    #[must_use]
    #[track_caller]
    pub fn new() -> WaitGroup {
        WaitGroup(Rc::new(Group {
            tokens: Cell::new(0),
            waiters: WaitQueue::new("wait group"),
        }))
    }

    /// Returns a token: the group is waited for until it is dropped.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let group = coro_signal::WaitGroup::new();
    /// let token = group.token();
    /// assert_eq!(group.tokens(), 1);
    /// drop(token);
    /// assert_eq!(group.tokens(), 0);
    /// ```
    #[doc(alias = "add")]
    pub fn token(&self) -> WaitGroupToken {
        self.0.tokens.set(self.0.tokens.get() + 1);
        WaitGroupToken(self.0.clone())
    }

    /// Blocks until there is no token.
    ///
    /// All who wait are released when the last token is dropped. Tokens that are taken after that,
    /// before a waiter has run, do not hold it back.
    ///
    /// # Switches
    ///
    /// If there is a token.
    ///
    /// # Cancel safety
    ///
    /// An interrupted coro waits no more; the others do.
    ///
    /// # Panics
    ///
    /// If it has to block where nothing may switch.
    ///
    /// # Examples
    ///
    /// See [`WaitGroup`].
    #[inline(always)]
    #[track_caller]
    pub fn wait(&self) {
        coro::check();
        if self.0.tokens.get() > 0 {
            self.0.waiters.wait(Emptied(&self.0));
        }
    }

    /// Returns how many tokens there are.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`token`](WaitGroup::token).
    #[must_use]
    pub fn tokens(&self) -> usize {
        self.0.tokens.get()
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
    /// assert_eq!(coro_signal::WaitGroup::new().waiters(), 0);
    /// ```
    #[must_use]
    pub fn waiters(&self) -> usize {
        self.0.waiters.len()
    }
}

/// A waiter for the end of the last token.
pub(crate) struct Emptied<'a>(pub(crate) &'a Group);

impl PassOn for Emptied<'_> {
    #[inline]
    fn pass_on(&self, _: Left) {}

    /// Whoever drops the last token wakes all.
    fn is_stranded(&self, _oldest: bool) -> bool {
        self.0.tokens.get() == 0
    }
}

impl Default for WaitGroup {
    #[track_caller]
    fn default() -> WaitGroup {
        WaitGroup::new()
    }
}

impl fmt::Debug for WaitGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitGroup")
            .field("tokens", &self.tokens())
            .field("waiters", &self.0.waiters)
            .finish()
    }
}

/// Keeps those who wait for a [`WaitGroup`] waiting until it is dropped. A clone is another token.
///
/// To drop the last one never switches; it readies the waiters.
///
/// # Examples
///
/// See [`WaitGroup::token`].
#[must_use = "if unused, the group is not waited for"]
pub struct WaitGroupToken(Rc<Group>);

impl Clone for WaitGroupToken {
    fn clone(&self) -> WaitGroupToken {
        WaitGroup(self.0.clone()).token()
    }
}

impl Drop for WaitGroupToken {
    #[inline]
    fn drop(&mut self) {
        let left = self.0.tokens.get() - 1;
        self.0.tokens.set(left);
        if left == 0 {
            self.0.waiters.wake_all();
        }
    }
}

impl fmt::Debug for WaitGroupToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitGroupToken").finish_non_exhaustive()
    }
}
