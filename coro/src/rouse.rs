//! A callback on one side, a blocking wait on the other.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

use crate::builder::spawn;
use crate::control::Coro;
use crate::functions::{check, current, wait_for};
use crate::hooks::Wait;

struct State<T> {
    value: Cell<Option<T>>,
    /// The callback was called, or dropped.
    over: Cell<bool>,
    /// Held here, hence by the callback: who can still be woken is not unwound.
    waiter: Cell<Option<Coro>>,
}

impl<T> State<T> {
    fn end(&self, value: Option<T>) {
        self.value.set(value);
        self.over.set(true);
        if let Some(waiter) = self.waiter.take() {
            waiter.ready();
        }
    }
}

/// Returns a callback, and what waits for its call.
///
/// For interfaces that report by callback: pass the one on, wait with the other. Any coro may
/// wait, before or after the call.
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// ```
/// let (callback, answer) = coro::rouse();
/// let _c = coro::spawn(move || callback.call(42));
/// assert_eq!(answer.wait(), Some(42));
/// ```
///
/// # Source
///
/// Coro 6.57, `rouse_cb` and `rouse_wait`; there, the values are lost if the callback is dropped
/// before the waiter runs.
#[must_use]
pub fn rouse<T: 'static>() -> (RouseCallback<T>, Rouse<T>) {
    let state = Rc::new(State {
        value: Cell::new(None),
        over: Cell::new(false),
        waiter: Cell::new(None),
    });
    (RouseCallback(state.clone()), Rouse(state))
}

/// The callback of [`rouse`].
///
/// # Examples
///
/// See [`rouse`].
pub struct RouseCallback<T>(Rc<State<T>>);

impl<T> RouseCallback<T> {
    /// Hands `value` over and readies the coro that waits, if one does yet.
    ///
    /// # Switches
    ///
    /// Never. Readies the waiter.
    ///
    /// # Examples
    ///
    /// ```
    /// let (callback, answer) = coro::rouse();
    /// callback.call("hello");
    /// assert_eq!(answer.wait(), Some("hello"));
    /// ```
    pub fn call(self, value: T) {
        self.0.end(Some(value));
    }
}

impl<T> Drop for RouseCallback<T> {
    fn drop(&mut self) {
        if !self.0.over.get() {
            self.0.end(None);
        }
    }
}

impl<T> fmt::Debug for RouseCallback<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RouseCallback")
    }
}

/// What waits for the call of a [`RouseCallback`].
///
/// # Examples
///
/// See [`rouse`].
pub struct Rouse<T>(Rc<State<T>>);

impl<T> Rouse<T> {
    /// Blocks until the callback is called, and returns its value; `None` if it was dropped
    /// uncalled.
    ///
    /// # Switches
    ///
    /// If it was neither called nor dropped yet.
    ///
    /// # Cancel safety
    ///
    /// An interrupted waiter leaves; a later call of the callback does nothing but drop its value.
    ///
    /// # Panics
    ///
    /// Where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// let (callback, answer) = coro::rouse::<u8>();
    /// drop(callback);
    /// assert_eq!(answer.wait(), None);
    /// ```
    #[track_caller]
    pub fn wait(self) -> Option<T> {
        check();
        while !self.0.over.get() {
            self.0.waiter.set(Some(current()));
            wait_for(&self);
        }
        self.0.value.take()
    }
}

impl<T> Wait for Rouse<T> {
    fn what(&self) -> &'static str {
        "rouse"
    }

    fn is_stranded(&self) -> bool {
        self.0.over.get()
    }
}

impl<T> Drop for Rouse<T> {
    fn drop(&mut self) {
        drop(self.0.waiter.take());
    }
}

impl<T> fmt::Debug for Rouse<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rouse")
    }
}

/// Returns a function that calls `f` in a coro of its own and does not wait for it: a callback that
/// may block.
///
/// The coros are readied in the order of the calls.
///
/// # Switches
///
/// Never; nor does the function returned, which readies the coro.
///
/// # Examples
///
/// ```
/// use std::{cell::RefCell, rc::Rc};
///
/// let log = Rc::new(RefCell::new(Vec::new()));
/// let seen = log.clone();
/// let callback = coro::unblock_fn(move |n| {
///     coro::cede();
///     seen.borrow_mut().push(n);
/// });
/// callback(1);
/// callback(2);
/// assert!(log.borrow().is_empty());
/// coro::cede();
/// coro::cede();
/// assert_eq!(*log.borrow(), [1, 2]);
/// ```
///
/// # Source
///
/// Coro 6.57, `unblock_sub`.
pub fn unblock_fn<A: 'static>(f: impl Fn(A) + 'static) -> impl Fn(A) {
    let f = Rc::new(f);
    move |argument| {
        let f = Rc::clone(&f);
        drop(spawn(move || f(argument)));
    }
}
