//! One value from one coro to another.
//!
//! # Invariants
//!
//! O1. Nobody finds the value before the sender is gone: to send is to store it and to go.

use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::panic::Location;
use std::rc::Rc;

use coro::Wait;
use coro_wait_queue::{Arm, Left, PassOn, WaitQueue, Waiter};

/// Returns the two ends of a channel for exactly one value.
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// ```
/// let (sender, receiver) = coro_channel::oneshot();
/// coro::spawn(move || sender.send("value"));
/// assert_eq!(receiver.get(), Ok("value"));
/// ```
///
/// # Source
///
/// New here; tokio's `oneshot`.
#[track_caller]
pub fn oneshot<T>() -> (OneshotSender<T>, OneshotReceiver<T>) {
    let shared = Rc::new(Shared {
        value: Cell::new(None),
        sender_gone: Cell::new(false),
        receiver_gone: Cell::new(false),
        waiters: WaitQueue::new("oneshot"),
    });
    (OneshotSender(shared.clone()), OneshotReceiver(shared))
}

struct Shared<T> {
    value: Cell<Option<T>>,
    sender_gone: Cell<bool>,
    receiver_gone: Cell<bool>,
    /// Who gets. There may be several: the arms of selects in coros that share the receiver.
    waiters: WaitQueue,
}

impl<T> Shared<T> {
    /// Takes the value out, after the sender has gone.
    #[inline(always)]
    fn take(&self) -> Result<T, Dropped> {
        self.value.take().ok_or(Dropped)
    }
}

/// A waiter for the end of the sender.
pub(crate) struct Sent<'a, T>(&'a Shared<T>);

impl<T> PassOn for Sent<'_, T> {
    #[inline]
    fn pass_on(&self, _: Left) {}

    /// The drop of the sender wakes all.
    fn is_stranded(&self, _oldest: bool) -> bool {
        self.0.sender_gone.get()
    }
}

/// The end of [`oneshot`](fn@oneshot) that sends.
///
/// To drop it never switches; it readies the receiver, which gets [`Dropped`].
///
/// # Examples
///
/// See [`oneshot`](fn@oneshot).
#[must_use = "if unused, the receiver gets an error"]
pub struct OneshotSender<T>(Rc<Shared<T>>);

impl<T> OneshotSender<T> {
    /// Sends the value. It is dropped with the receiver if nobody gets it.
    ///
    /// # Errors
    ///
    /// If the receiver is gone; the value comes back in the error.
    ///
    /// # Switches
    ///
    /// Never. Readies the receiver.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, receiver) = coro_channel::oneshot();
    /// drop(receiver);
    /// assert_eq!(sender.send(1), Err(1));
    /// ```
    #[doc(alias = "put")]
    #[inline(always)]
    pub fn send(self, value: T) -> Result<(), T> {
        if self.0.receiver_gone.get() {
            return Err(value);
        }
        self.0.value.set(Some(value));
        // The drop of the sender wakes the receiver.
        Ok(())
    }

    /// Returns `true` if the receiver is gone: nobody would get the value.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, receiver) = coro_channel::oneshot::<u8>();
    /// assert!(!sender.is_closed());
    /// drop(receiver);
    /// assert!(sender.is_closed());
    /// ```
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.receiver_gone.get()
    }
}

impl<T> Drop for OneshotSender<T> {
    #[inline(always)]
    fn drop(&mut self) {
        self.0.sender_gone.set(true);
        if !self.0.waiters.is_empty() {
            self.0.waiters.wake_all();
        }
    }
}

impl<T> fmt::Debug for OneshotSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OneshotSender")
            .field("closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}

/// The end of [`oneshot`](fn@oneshot) that receives.
///
/// # Examples
///
/// See [`oneshot`](fn@oneshot).
pub struct OneshotReceiver<T>(Rc<Shared<T>>);

impl<T> OneshotReceiver<T> {
    /// Blocks until the value was sent, and returns it.
    ///
    /// # Errors
    ///
    /// [`Dropped`], if the sender was dropped instead.
    ///
    /// # Switches
    ///
    /// If the value was not sent, and the sender is there.
    ///
    /// # Cancel safety
    ///
    /// The receiver goes with an interrupted get; a value that had been sent is dropped with it. To
    /// keep the receiver, wait for its [`get_arm`](OneshotReceiver::get_arm).
    ///
    /// # Panics
    ///
    /// If it has to block where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, receiver) = coro_channel::oneshot();
    /// sender.send(1).unwrap();
    /// assert_eq!(receiver.get(), Ok(1));
    /// ```
    #[doc(alias = "recv")]
    #[inline(always)]
    #[track_caller]
    pub fn get(self) -> Result<T, Dropped> {
        coro::check();
        if !self.0.sender_gone.get() {
            self.0.waiters.wait(Sent(&self.0));
        }
        self.0.take()
    }

    /// Returns the value, if it was sent: `None` if that may yet happen.
    ///
    /// # Errors
    ///
    /// [`Dropped`], if the sender was dropped instead, or the value was taken already.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro_channel::{Dropped, oneshot};
    /// let (sender, receiver) = oneshot();
    /// assert_eq!(receiver.try_get(), None);
    /// sender.send(1).unwrap();
    /// assert_eq!(receiver.try_get(), Some(Ok(1)));
    /// assert_eq!(receiver.try_get(), Some(Err(Dropped)));
    /// ```
    #[doc(alias = "try_recv")]
    #[inline(always)]
    pub fn try_get(&self) -> Option<Result<T, Dropped>> {
        self.0.sender_gone.get().then(|| self.0.take())
    }

    /// Returns an arm that does what [`get`](OneshotReceiver::get) does, and leaves the receiver.
    ///
    /// Once the value was taken, it is as if the sender had been dropped.
    ///
    /// # Switches
    ///
    /// Never. The select does.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro_channel::{Channel, oneshot, select};
    /// let (sender, receiver) = oneshot();
    /// let ticks = Channel::<u8>::unbounded();
    /// coro::spawn(move || sender.send("value"));
    /// select! {
    ///     _ = ticks.get_arm() => unreachable!(),
    ///     value = receiver.get_arm() => assert_eq!(value, Ok("value")),
    /// }
    /// ```
    #[doc(alias = "recv")]
    pub fn get_arm(&self) -> OneshotArm<'_, T> {
        OneshotArm {
            shared: &self.0,
            waiter: self.0.waiters.waiter(Sent(&self.0)),
            got: Cell::new(Err(Dropped)),
        }
    }
}

impl<T> Drop for OneshotReceiver<T> {
    #[inline(always)]
    fn drop(&mut self) {
        self.0.receiver_gone.set(true);
    }
}

impl<T> fmt::Debug for OneshotReceiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OneshotReceiver")
            .field("sender_gone", &self.0.sender_gone.get())
            .finish_non_exhaustive()
    }
}

/// Gets from a [`OneshotReceiver`] if it is selected.
///
/// # Examples
///
/// See [`OneshotReceiver::get_arm`].
#[must_use = "an arm does nothing unless a select waits for it"]
pub struct OneshotArm<'a, T> {
    shared: &'a Shared<T>,
    pub(crate) waiter: Waiter<'a, Sent<'a, T>>,
    got: Cell<Result<T, Dropped>>,
}

impl<T> Arm for OneshotArm<'_, T> {
    type Output = Result<T, Dropped>;

    fn commit(&self) -> bool {
        let gone = self.shared.sender_gone.get();
        if gone {
            self.waiter.done();
            self.got.set(self.shared.take());
        }
        gone
    }

    fn enter(&self) {
        self.waiter.stay();
        // It may have gone in a callback that another arm of this select has called.
        if self.shared.sender_gone.get() {
            self.shared.waiters.wake_all();
        }
    }

    fn quit(&self) {
        self.waiter.quit();
    }

    fn is_stranded(&self) -> bool {
        self.waiter.is_stranded()
    }

    fn what(&self) -> (&'static str, Option<&'static Location<'static>>) {
        self.shared.waiters.what()
    }

    fn take(self) -> Result<T, Dropped> {
        self.got.into_inner()
    }
}

impl<T> fmt::Debug for OneshotArm<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OneshotArm")
            .field("sender_gone", &self.shared.sender_gone.get())
            .finish_non_exhaustive()
    }
}

/// The sender of a [`oneshot`](fn@oneshot) was dropped, and had sent nothing.
///
/// # Examples
///
/// ```
/// use coro_channel::{Dropped, oneshot};
/// let (sender, receiver) = oneshot::<u8>();
/// drop(sender);
/// assert_eq!(receiver.get(), Err(Dropped));
/// assert_eq!(Dropped.to_string(), "the sender was dropped");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dropped;

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the sender was dropped")
    }
}

impl Error for Dropped {}
