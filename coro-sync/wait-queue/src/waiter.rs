//! The place of a coro in a queue.

use std::cell::Cell;
use std::fmt;
use std::panic::Location;

use coro::{Coro, Holder, Wait};

use crate::WaitQueue;
use crate::callback::quietly;

/// How a waiter left a queue without what it waited for.
///
/// # Examples
///
/// See [`PassOn`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// It was still in the queue: nobody spent a wake-up on it.
    Waiting,
    /// It had been woken, and nobody else instead.
    Woken,
    /// It had been woken, and so were all others who waited, then or since.
    WokenWithAll,
}

/// What has to happen when a waiter leaves without what it waited for: a wake-up that it was given
/// is due to another one now.
///
/// Closures are the short form. A type of your own can tell, too, whether a wake-up was forgotten.
///
/// # Examples
///
/// ```
/// use coro_wait_queue::{Left, WaitQueue};
/// let queue = WaitQueue::new("gate");
/// let (first, second) = (queue.enter(pass_on(&queue)), queue.enter(pass_on(&queue)));
/// queue.wake_one();
/// drop(first);
/// assert!(second.is_woken());
///
/// fn pass_on(queue: &WaitQueue) -> impl Fn(Left) + '_ {
///     |left| {
///         if left == Left::Woken {
///             queue.wake_one();
///         }
///     }
/// }
/// ```
///
/// A gate that somebody opens without waking who waits for it:
///
/// ```
/// use coro_wait_queue::{Left, PassOn, WaitQueue};
/// use std::cell::Cell;
/// use std::rc::Rc;
///
/// struct Pass(Rc<Cell<bool>>);
/// impl PassOn for Pass {
///     fn pass_on(&self, _: Left) {}
///
///     fn is_stranded(&self, _oldest: bool) -> bool {
///         self.0.get() // the gate is for all
///     }
/// }
///
/// let (open, queue) = (Rc::new(Cell::new(false)), Rc::new(WaitQueue::new("gate")));
/// let theirs = (open.clone(), queue.clone());
/// let c = coro::spawn(move || theirs.1.wait(Pass(theirs.0)));
/// coro::cede();
/// assert!(!c.is_stranded());
/// open.set(true);
/// assert!(c.is_stranded());
/// queue.wake_all();
/// assert!(!c.is_stranded());
/// # c.join().unwrap();
/// ```
pub trait PassOn {
    /// Passes on what was given to the waiter that left. It must neither switch nor panic.
    fn pass_on(&self, left: Left);

    /// Returns `true` if the waiter, which was not woken, ought to have been: what it wants can be
    /// had now. `oldest` says that nobody in its queue waits before it.
    ///
    /// Asked, for [`Coro::is_stranded`], while the coro is blocked. It counts if no coro is ready:
    /// one that was woken, and has not run, may be about to take what there is. It must not
    /// switch; if it panics, that is a `false`.
    fn is_stranded(&self, oldest: bool) -> bool {
        let _ = oldest;
        false
    }
}

impl<F: Fn(Left)> PassOn for F {
    #[inline]
    fn pass_on(&self, left: Left) {
        self(left);
    }
}

/// The place of a coro in a [`WaitQueue`]; it lives on the stack of that coro.
///
/// # Examples
///
/// See [the crate's page](crate).
#[must_use = "a waiter leaves the queue when it is dropped"]
pub struct Waiter<'a, P: PassOn, N = ()> {
    queue: &'a WaitQueue<N>,
    number: Cell<u64>,
    /// It has an entry, or had one until it was woken; `false` before and after.
    listed: Cell<bool>,
    pass_on: P,
}

impl<'a, P: PassOn, N> Waiter<'a, P, N> {
    /// A waiter that has no place yet.
    #[inline(always)]
    pub(crate) fn new(queue: &'a WaitQueue<N>, pass_on: P) -> Waiter<'a, P, N> {
        Waiter {
            queue,
            number: Cell::new(0),
            listed: Cell::new(false),
            pass_on,
        }
    }

    /// A waiter with this place. (To make it and to enter then would copy it.)
    #[inline(always)]
    pub(crate) fn entered(queue: &'a WaitQueue<N>, number: u64, pass_on: P) -> Waiter<'a, P, N> {
        Waiter {
            queue,
            number: Cell::new(number),
            listed: Cell::new(true),
            pass_on,
        }
    }

    /// Returns `true` if the waiter was taken out of the queue by a wake-up.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = coro_wait_queue::WaitQueue::new("gate");
    /// let waiter = queue.enter(|_| ());
    /// assert!(!waiter.is_woken());
    /// queue.wake_one();
    /// assert!(waiter.is_woken());
    /// waiter.done();
    /// ```
    #[inline(always)]
    #[must_use]
    pub fn is_woken(&self) -> bool {
        self.listed.get() && self.number.get() < self.queue.line.first()
    }

    /// As [`stay`](Waiter::stay); an entry that is made has this note.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = coro_wait_queue::WaitQueue::new("parcels");
    /// let waiter = queue.enter_with(5, |_| ());
    /// assert!(queue.wake_if(|&weight| weight < 9).is_some());
    /// waiter.stay_with(12);
    /// assert!(queue.wake_if(|&weight| weight < 9).is_none());
    /// ```
    #[inline(always)]
    pub fn stay_with(&self, note: N) {
        if !self.listed.get() || self.is_woken() {
            self.number.set(self.queue.line.push(note));
            self.listed.set(true);
        }
    }

    /// Ends the wait: the waiter has got what it wanted. If it was not woken, it leaves its place.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [the crate's page](crate).
    #[inline(always)]
    pub fn done(&self) {
        if self.listed.replace(false) && self.number.get() >= self.queue.line.first() {
            self.queue.remove(self.number.get());
        }
    }

    /// Takes note that a wake-up led to nothing: the waiter has no place until it
    /// [`stay`](Waiter::stay)s, and nothing to pass on.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = coro_wait_queue::WaitQueue::new("gate");
    /// let waiter = queue.enter(|_| unreachable!());
    /// queue.wake_one();
    /// waiter.forget_wake_up();
    /// assert!(!waiter.is_woken());
    /// ```
    pub fn forget_wake_up(&self) {
        if self.is_woken() {
            self.listed.set(false);
        }
    }

    /// Ends the wait without what it was for, as dropping the waiter does.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = coro_wait_queue::WaitQueue::new("gate");
    /// let waiter = queue.enter(|_| ());
    /// waiter.quit();
    /// assert!(queue.is_empty());
    /// ```
    pub fn quit(&self) {
        let number = self.number.get();
        if !self.listed.replace(false) {
            return;
        }
        if number >= self.queue.line.first() {
            self.queue.remove(number);
            self.pass_on.pass_on(Left::Waiting);
        } else if number < self.queue.all.get() {
            self.pass_on.pass_on(Left::WokenWithAll);
        } else {
            self.pass_on.pass_on(Left::Woken);
        }
    }
}

impl<P: PassOn> Waiter<'_, P> {
    /// Goes on waiting: keeps the place if the waiter is in the queue, else enters at the end.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = coro_wait_queue::WaitQueue::new("gate");
    /// let waiter = queue.enter(|_| ());
    /// waiter.stay();
    /// assert_eq!(queue.len(), 1);
    /// queue.wake_one();
    /// waiter.stay();
    /// assert_eq!(queue.len(), 1);
    /// ```
    #[inline(always)]
    pub fn stay(&self) {
        self.stay_with(());
    }
}

impl<P: PassOn, N> Drop for Waiter<'_, P, N> {
    #[inline(always)]
    fn drop(&mut self) {
        if self.listed.get() {
            self.quit();
        }
    }
}

impl<P: PassOn, N> Wait for Waiter<'_, P, N> {
    fn what(&self) -> &'static str {
        self.queue.kind
    }

    fn made(&self) -> Option<&'static Location<'static>> {
        Some(self.queue.made)
    }

    fn holders(&self, tell: &mut dyn FnMut(Holder)) {
        self.queue.holder().into_iter().for_each(tell);
    }

    /// Returns `true` if the waiter was woken: that has readied the coro, which has blocked again
    /// without a place. Else its [`PassOn`] knows, but nothing of wake-ups that were given to
    /// suspended coros: so while there is one, it is not believed.
    fn is_stranded(&self) -> bool {
        if !self.listed.get() || self.is_woken() {
            return self.listed.get();
        }
        let oldest = self.number.get() == self.queue.line.first();
        quietly(|| self.pass_on.is_stranded(oldest)) == Some(true)
            && !coro::all().iter().any(Coro::is_suspended)
    }

    fn leave(&self, _: &Coro) {
        self.quit();
    }
}

impl<P: PassOn, N> fmt::Debug for Waiter<'_, P, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiter")
            .field("number", &self.number.get())
            .field("woken", &self.is_woken())
            .finish_non_exhaustive()
    }
}
