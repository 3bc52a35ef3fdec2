//! The signal.
//!
//! # Invariants
//!
//! S1. A send is remembered only while nobody waits.

use std::cell::Cell;
use std::fmt;

use coro_wait_queue::{Left, PassOn, WaitQueue};

/// An event that coros wait for. A send that nobody waits for is remembered, but only one.
///
/// A wake-up is the signal itself: between a [`send`](Signal::send) and the woken coro's turn
/// nobody can take it away.
///
/// # Examples
///
/// See [the crate's page](crate).
///
/// # Source
///
/// Coro 6.57, `Coro::Signal`.
#[doc(alias = "Notify")]
#[doc(alias = "Event")]
pub struct Signal {
    sent: Cell<bool>,
    pub(crate) waiters: WaitQueue,
}

impl Signal {
    /// Returns a signal that nobody waits for, with no send remembered.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(coro_signal::Signal::new().awaited(), 0);
    /// ```
    #[must_use]
    #[track_caller]
    pub const fn new() -> Signal {
        Signal {
            sent: Cell::new(false),
            waiters: WaitQueue::new("signal"),
        }
    }

    /// Takes a remembered send, or else blocks until a send or a broadcast wakes the coro.
    ///
    /// # Switches
    ///
    /// If no send is remembered.
    ///
    /// # Cancel safety
    ///
    /// An interrupted coro waits no more. If a send had woken it, that send passes on: to the next
    /// waiter, or it is remembered. If a broadcast came after that send, nothing passes on. The
    /// broadcast woke all who could have got the send, and clears what is remembered.
    ///
    /// # Panics
    ///
    /// If it has to block where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// let signal = coro_signal::Signal::new();
    /// signal.send();
    /// signal.wait();
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `wait`; there, an interrupted waiter loses the send that woke it, and one that
    /// was not woken may swallow a later send.
    #[doc(alias = "notified")]
    #[inline(always)]
    #[track_caller]
    pub fn wait(&self) {
        coro::check();
        if !self.take_sent() {
            self.waiters.wait(PassSend(self));
        }
    }

    /// Calls `callback` at the next send or broadcast, or now if a send is remembered, which it
    /// takes.
    ///
    /// It stands in the queue as a coro does, and is called within the call that wakes it. It must
    /// not switch: a call that would panics. A panic of it goes to the panic hook, and no further.
    ///
    /// # Switches
    ///
    /// Never. May call callbacks, and ready a waiter.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::{cell::Cell, rc::Rc};
    /// let signal = coro_signal::Signal::new();
    /// let called = Rc::new(Cell::new(false));
    /// let here = called.clone();
    /// signal.wait_with(move || here.set(true));
    /// assert!(!called.get());
    /// signal.send();
    /// assert!(called.get());
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `wait` with a callback.
    pub fn wait_with(&self, callback: impl FnOnce() + 'static) {
        self.waiters.enter_callback(callback);
        self.resend();
    }

    /// Blocks until `predicate` returns `true`; it is asked now, and after each signal.
    ///
    /// The signal that made it look is used up, whatever the predicate answers. So where several
    /// coros wait for different things, [`broadcast`](Signal::broadcast) the change. And whoever
    /// makes the predicate true should send before it blocks: [`Coro::is_stranded`] asks the
    /// predicate while the coro waits, and takes a `true` for a lost wake-up. So let it only look.
    ///
    /// [`Coro::is_stranded`]: coro::Coro::is_stranded
    ///
    /// # Switches
    ///
    /// If the predicate is false and no send is remembered, or if the predicate does. A broadcast
    /// made while it is switched out is missed.
    ///
    /// # Cancel safety
    ///
    /// As [`wait`](Signal::wait).
    ///
    /// # Panics
    ///
    /// If it has to block where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::{cell::Cell, rc::Rc};
    /// let (signal, count) = (Rc::new(coro_signal::Signal::new()), Rc::new(Cell::new(0)));
    /// let (theirs, counter) = (signal.clone(), count.clone());
    /// coro::spawn(move || {
    ///     for n in 1..=5 {
    ///         counter.set(n);
    ///         theirs.broadcast();
    ///         coro::cede();
    ///     }
    /// });
    /// signal.wait_until(|| count.get() == 3);
    /// assert_eq!(count.get(), 3);
    /// ```
    ///
    /// # Source
    ///
    /// New here; the loop that the manual of Coro shows. `Condvar::wait_while` asks the opposite.
    #[doc(alias = "wait_while")]
    #[inline(always)]
    #[track_caller]
    pub fn wait_until(&self, mut predicate: impl FnMut() -> bool) {
        coro::check();
        while !predicate() {
            coro::check();
            if !self.take_sent() {
                self.waiters.wait(Until::new(self, &mut predicate));
            }
        }
    }

    /// Wakes the oldest waiter. If nobody waits, the send is remembered, unless one is already.
    ///
    /// # Switches
    ///
    /// Never. Readies the oldest waiter, or calls it if it is a callback.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::rc::Rc;
    /// let signal = Rc::new(coro_signal::Signal::new());
    /// signal.send();
    /// signal.send(); // only one is remembered
    /// signal.wait();
    /// let theirs = signal.clone();
    /// let c = coro::spawn(move || theirs.wait());
    /// coro::cede();
    /// assert!(!c.is_finished());
    /// signal.send();
    /// c.join().unwrap();
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `send`.
    #[doc(alias = "notify_one")]
    #[inline(always)]
    pub fn send(&self) {
        if !self.waiters.wake_one() {
            self.sent.set(true);
        }
    }

    /// Wakes all who wait now, the oldest first, and forgets a remembered send. Itself it is not
    /// remembered. Who begins to wait meanwhile, from a callback, is not woken.
    ///
    /// # Switches
    ///
    /// Never. Readies the waiters, and calls the callbacks.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::rc::Rc;
    /// let signal = Rc::new(coro_signal::Signal::new());
    /// let theirs = signal.clone();
    /// signal.send();
    /// signal.broadcast();
    /// let c = coro::spawn(move || theirs.wait());
    /// coro::cede();
    /// assert!(!c.is_finished()); // neither of the two was there for c
    /// signal.broadcast();
    /// c.join().unwrap();
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `broadcast`.
    #[doc(alias = "notify_all")]
    #[doc(alias = "notify_waiters")]
    #[inline(always)]
    pub fn broadcast(&self) {
        self.sent.set(false);
        self.waiters.wake_all();
    }

    /// Returns how many wait: coros and callbacks.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let signal = coro_signal::Signal::new();
    /// signal.wait_with(|| ());
    /// assert_eq!(signal.awaited(), 1);
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `awaited`.
    #[doc(alias = "waiters")]
    #[must_use]
    pub fn awaited(&self) -> usize {
        self.waiters.len()
    }

    /// Takes a remembered send, if there is one.
    #[inline(always)]
    pub(crate) fn take_sent(&self) -> bool {
        self.sent.replace(false)
    }

    /// Sends what is remembered to who has begun to wait: S1.
    pub(crate) fn resend(&self) {
        if self.take_sent() {
            self.send();
        }
    }
}

/// Passes on the send that woke a waiter of this signal.
pub(crate) struct PassSend<'a>(pub(crate) &'a Signal);

impl PassOn for PassSend<'_> {
    #[inline]
    fn pass_on(&self, left: Left) {
        if left == Left::Woken {
            self.0.send();
        }
    }

    /// S1.
    fn is_stranded(&self, oldest: bool) -> bool {
        oldest && self.0.sent.get()
    }
}

/// A waiter for a signal that will look at something else then.
pub(crate) struct Until<'a> {
    send: PassSend<'a>,
    /// Taken out while it runs: it might ask for itself. If it panics, it is asked no more.
    predicate: Cell<Option<&'a mut dyn FnMut() -> bool>>,
}

impl<'a> Until<'a> {
    #[inline(always)]
    pub(crate) fn new(signal: &'a Signal, predicate: &'a mut dyn FnMut() -> bool) -> Until<'a> {
        Until {
            send: PassSend(signal),
            predicate: Cell::new(Some(predicate)),
        }
    }
}

impl PassOn for Until<'_> {
    #[inline]
    fn pass_on(&self, left: Left) {
        self.send.pass_on(left);
    }

    fn is_stranded(&self, oldest: bool) -> bool {
        let Some(predicate) = self.predicate.take() else {
            return false;
        };
        let holds = predicate();
        self.predicate.set(Some(predicate));
        holds || self.send.is_stranded(oldest)
    }
}

impl Default for Signal {
    #[track_caller]
    fn default() -> Signal {
        Signal::new()
    }
}

impl fmt::Debug for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signal")
            .field("sent", &self.sent.get())
            .field("waiters", &self.waiters)
            .finish()
    }
}
