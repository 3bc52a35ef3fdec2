//! The queue, and waking.

use std::cell::Cell;
use std::fmt;
use std::panic::Location;

use coro::{Coro, Holder};

use crate::callback::run;
use crate::line::{Front, Line};
use crate::waiter::{PassOn, Waiter};

/// A queue of coros that wait for the same thing, each with a note `N` for whoever wakes it.
///
/// # Examples
///
/// See [the crate's page](crate).
///
/// # Source
///
/// The contract is that of parking_lot_core's `park`; the calls are Coro's: prepare, check, undo.
pub struct WaitQueue<N = ()> {
    pub(crate) line: Line<N>,
    /// Waiters with a number below this one were woken together with all, or before that.
    pub(crate) all: Cell<u64>,
    pub(crate) kind: &'static str,
    pub(crate) made: &'static Location<'static>,
    /// Who took what is waited for, last, if nothing was given back since.
    holder: Cell<Option<Holder>>,
    /// What is waited for can be had by one at a time, so the holder keeps all others waiting.
    exclusive: bool,
}

/// Who was woken.
///
/// # Examples
///
/// ```
/// use coro_wait_queue::{WaitQueue, Woken};
/// let queue = WaitQueue::new("gate");
/// queue.enter_callback(|| ());
/// assert_eq!(queue.wake_if(|()| true), Some(Woken::Callback));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken<N> {
    /// A coro with this note, which is ready now.
    Coro(N),
    /// A callback, which has run.
    Callback,
}

impl<N> WaitQueue<N> {
    /// Returns an empty queue for a primitive of this kind: the word that reports show.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(coro_wait_queue::WaitQueue::<()>::new("gate").is_empty());
    /// ```
    #[must_use]
    #[track_caller]
    pub const fn new(kind: &'static str) -> WaitQueue<N> {
        WaitQueue {
            line: Line::new(),
            all: Cell::new(0),
            kind,
            made: Location::caller(),
            holder: Cell::new(None),
            exclusive: true,
        }
    }

    /// Takes note that several may have at once what is waited for, so that a
    /// [`holder`](WaitQueue::set_holder) need not be the one who is waited for: reports do not show it.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro::Holder;
    /// let places = coro_wait_queue::WaitQueue::<()>::new("places").shared();
    /// places.set_holder(Some(Holder::current()));
    /// assert_eq!(places.holder(), None);
    /// ```
    #[must_use]
    pub const fn shared(mut self) -> WaitQueue<N> {
        self.exclusive = false;
        self
    }

    /// Notes who has just taken what is waited for, or that somebody has given something back: for
    /// reports, which show who holds it and find cycles.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro::Holder;
    /// let queue = coro_wait_queue::WaitQueue::<()>::new("gate");
    /// queue.set_holder(Some(Holder::current()));
    /// assert_eq!(queue.holder().unwrap().id(), coro::current().id());
    /// queue.set_holder(None);
    /// assert_eq!(queue.holder(), None);
    /// ```
    #[inline(always)]
    pub fn set_holder(&self, holder: Option<Holder>) {
        self.holder.set(holder);
    }

    /// Returns who holds what is waited for, if that is known.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`set_holder`](WaitQueue::set_holder).
    #[must_use]
    pub fn holder(&self) -> Option<Holder> {
        self.holder.get().filter(|_| self.exclusive)
    }

    /// Returns a waiter that has no place in the queue until it [`stay`](Waiter::stay)s.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = coro_wait_queue::WaitQueue::new("gate");
    /// let waiter = queue.waiter(|_| ());
    /// assert!(queue.is_empty());
    /// waiter.stay();
    /// assert_eq!(queue.len(), 1);
    /// ```
    #[inline(always)]
    pub fn waiter<P: PassOn>(&self, pass_on: P) -> Waiter<'_, P, N> {
        Waiter::new(self, pass_on)
    }

    /// Puts the current coro at the end of the queue, with a note.
    ///
    /// # Switches
    ///
    /// Never. To block, call [`coro::wait_for`] with the waiter.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = coro_wait_queue::WaitQueue::new("parcels");
    /// let waiter = queue.enter_with(12, |_| ());
    /// assert!(queue.wake_if(|&weight| weight < 9).is_none());
    /// assert!(queue.wake_if(|&weight| weight < 99).is_some());
    /// waiter.done();
    /// ```
    #[inline(always)]
    pub fn enter_with<P: PassOn>(&self, note: N, pass_on: P) -> Waiter<'_, P, N> {
        Waiter::entered(self, self.line.push(note), pass_on)
    }

    /// Puts a callback at the end of the queue: whoever wakes it calls it, within that call.
    ///
    /// The callback must not switch: a call that would panics. If it panics, the payload is
    /// dropped after the panic hook has run, and those behind it are woken all the same. An
    /// interruption of the coro that wakes it waits until the callback has returned. A callback that
    /// is woken within another one is called when that has returned.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::{cell::Cell, rc::Rc};
    /// let queue = coro_wait_queue::WaitQueue::<()>::new("gate");
    /// let called = Rc::new(Cell::new(false));
    /// let here = called.clone();
    /// queue.enter_callback(move || here.set(true));
    /// assert!(queue.wake_one() && called.get());
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `wait` with a callback.
    pub fn enter_callback(&self, callback: impl FnOnce() + 'static) {
        self.line.push_call(Box::new(callback));
    }

    /// Takes the oldest waiter out of the queue and readies it. Returns `false` if there is none.
    ///
    /// # Switches
    ///
    /// Never. Readies the oldest waiter.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(!coro_wait_queue::WaitQueue::<()>::new("gate").wake_one());
    /// ```
    #[inline(always)]
    pub fn wake_one(&self) -> bool {
        self.wake_if(|_| true).is_some()
    }

    /// Takes the oldest waiter out of the queue and readies it, if it is a callback or its note
    /// fits. Nobody is passed over: if it stays, nobody is woken.
    ///
    /// `fits` must not use the queue. If it panics, nobody is woken.
    ///
    /// # Switches
    ///
    /// Never. Readies the oldest waiter.
    ///
    /// # Examples
    ///
    /// See [`enter_with`](WaitQueue::enter_with).
    #[inline(always)]
    pub fn wake_if(&self, fits: impl FnOnce(&N) -> bool) -> Option<Woken<N>> {
        match self.line.pop_if(fits) {
            Front::Coro(coro, note) => {
                coro.into_ready();
                Some(Woken::Coro(note))
            }
            Front::Call => {
                run(self.line.pop_call());
                Some(Woken::Callback)
            }
            Front::Nobody => None,
        }
    }

    /// Wakes all who wait now, the oldest first, and returns how many. Who enters meanwhile, from
    /// a callback, is not woken.
    ///
    /// # Switches
    ///
    /// Never. Readies the waiters.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(coro_wait_queue::WaitQueue::<()>::new("gate").wake_all(), 0);
    /// ```
    #[inline]
    pub fn wake_all(&self) -> usize {
        self.all.set(self.line.end());
        let mut count = 0;
        if let Some((oldest, mut others)) = self.line.take_all() {
            if let Some((coro, _)) = oldest {
                coro.into_ready();
                count += 1;
            }
            // Not drained, as a ring that is walked through in place is walked through faster.
            for (coro, _) in others.iter_mut().filter_map(Option::take) {
                coro.into_ready();
                count += 1;
            }
            others.clear();
            self.line.reuse(others);
            return count;
        }
        while self.line.first() < self.all.get() && self.wake_one() {
            count += 1;
        }
        count
    }

    /// Takes out a coro that has not been woken.
    #[cold]
    #[inline(never)]
    pub(crate) fn remove(&self, number: u64) {
        let left = self.line.remove(number);
        // The numbers from there on are given out again, to others than those who waited.
        self.all.set(self.all.get().min(self.line.end()));
        drop(left);
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
    /// assert_eq!(coro_wait_queue::WaitQueue::<()>::new("gate").len(), 0);
    /// ```
    #[inline(always)]
    #[must_use]
    pub fn len(&self) -> usize {
        self.line.len()
    }

    /// Returns `true` if nobody waits.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(coro_wait_queue::WaitQueue::<()>::new("gate").is_empty());
    /// ```
    #[inline(always)]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.line.len() == 0
    }

    /// Returns the coros that wait, the oldest first; callbacks are left out.
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
    /// assert_eq!(queue.coros(), [coro::current()]);
    /// drop(waiter);
    /// assert_eq!(queue.coros(), []);
    /// ```
    #[must_use]
    pub fn coros(&self) -> Vec<Coro> {
        self.line.coros()
    }

    /// Returns the kind of primitive and where it was made, as [`Arm::what`](crate::Arm::what) wants it.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = coro_wait_queue::WaitQueue::<()>::new("gate");
    /// assert_eq!(queue.what().0, "gate");
    /// ```
    #[must_use]
    pub fn what(&self) -> (&'static str, Option<&'static Location<'static>>) {
        (self.kind, Some(self.made))
    }
}

impl WaitQueue {
    /// Puts the current coro at the end of the queue.
    ///
    /// # Switches
    ///
    /// Never. To block, call [`coro::wait_for`] with the waiter.
    ///
    /// # Examples
    ///
    /// See [the crate's page](crate).
    #[inline(always)]
    pub fn enter<P: PassOn>(&self, pass_on: P) -> Waiter<'_, P> {
        self.enter_with((), pass_on)
    }

    /// Blocks until a wake-up takes the current coro out of the queue.
    ///
    /// # Switches
    ///
    /// Always.
    ///
    /// # Cancel safety
    ///
    /// An interrupted waiter is out of the queue, and `pass_on` is told.
    ///
    /// # Panics
    ///
    /// Where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::rc::Rc;
    /// let queue = Rc::new(coro_wait_queue::WaitQueue::new("gate"));
    /// let theirs = queue.clone();
    /// let c = coro::spawn(move || theirs.wait(|_| ()));
    /// coro::cede();
    /// assert!(queue.wake_one());
    /// c.join().unwrap();
    /// ```
    #[inline(always)]
    #[track_caller]
    pub fn wait<P: PassOn>(&self, pass_on: P) {
        self.wait_unless(pass_on, || false);
    }

    /// As [`wait`](WaitQueue::wait), but gives up once the coro was readied by somebody else and
    /// `is_over` says so; returns whether it was woken. A timer that has gone off readies it.
    ///
    /// # Switches
    ///
    /// Always.
    ///
    /// # Cancel safety
    ///
    /// As [`wait`](WaitQueue::wait). Who gives up is out of the queue, and `pass_on` is told.
    ///
    /// # Panics
    ///
    /// Where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = coro_wait_queue::WaitQueue::new("gate");
    /// coro::current().ready(); // in a timer's stead
    /// assert!(!queue.wait_unless(|_| (), || true));
    /// assert!(queue.is_empty());
    /// ```
    #[inline(always)]
    #[track_caller]
    pub fn wait_unless<P: PassOn>(&self, pass_on: P, is_over: impl Fn() -> bool) -> bool {
        let waiter = self.enter(pass_on);
        loop {
            coro::wait_for(&waiter);
            if waiter.is_woken() {
                waiter.done();
                return true;
            }
            if is_over() {
                return false;
            }
        }
    }
}

impl<N> fmt::Debug for WaitQueue<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.line.fmt(f)
    }
}
