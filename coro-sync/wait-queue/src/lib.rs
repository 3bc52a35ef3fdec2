//! The FIFO of waiting coros under every primitive of the coro family.
//!
//! A primitive keeps its own state and one [`WaitQueue`] for each reason to wait. Who has to wait
//! [`enter`](WaitQueue::enter)s, and blocks on the [`Waiter`] until the state is as it wants;
//! who changes the state [`wake`](WaitQueue::wake_one)s. A wake-up is a hint that the state has
//! changed, and the state is what counts: a waiter that was readied by somebody else, or whose
//! prey was snatched by a coro that came by, goes on waiting.
//!
//! ```
//! use coro_wait_queue::WaitQueue;
//! use std::{cell::Cell, rc::Rc};
//!
//! /// Something that is open or not.
//! struct Gate {
//!     open: Cell<bool>,
//!     waiters: WaitQueue,
//! }
//!
//! impl Gate {
//!     fn pass(&self) {
//!         if !self.open.get() {
//!             let mut waiter = self.waiters.enter(|| ());
//!             loop {
//!                 coro::wait_for(&waiter);
//!                 if self.open.get() {
//!                     break;
//!                 }
//!                 waiter.stay();
//!             }
//!             waiter.done();
//!         }
//!     }
//! }
//!
//! let gate = Rc::new(Gate { open: Cell::new(false), waiters: WaitQueue::new("gate") });
//! let passer = gate.clone();
//! let c = coro::spawn(move || passer.pass());
//! coro::cede();
//! c.ready(); // a spurious wake-up …
//! coro::cede();
//! assert!(!c.is_finished()); // … does not open the gate
//! gate.open.set(true);
//! gate.waiters.wake_all();
//! c.join().unwrap();
//! ```
//!
//! # Invariants
//!
//! Q1. A [`Waiter`] has at most one entry, and keeps its place through spurious wake-ups.
//! Q2. The oldest waiter is in `front` and has ticket `first`; a waiter was woken if and only if its
//!     ticket is below that. While `sparse` is empty, the entry at index `i` of `rest` has ticket
//!     `first + 1 + i`; else its ticket is `sparse[i]`. The last entry of `rest` is not blank.
//! Q3. A waiter that is interrupted is out of the queue before any handler or destructor of its
//!     caller runs; if it had been woken, its `pass_on` is called instead, once.
//! Q4. Blank entries never outnumber the living, so memory is in proportion to the waiters.
#![forbid(unsafe_code)]

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::panic::Location;

use coro::{Coro, Wait};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// A queue of coros that wait for the same thing.
///
/// # Examples
///
/// See [the crate's page](crate).
///
/// # Source
///
/// The contract is that of parking_lot_core's `park`; the calls are Coro's: prepare, check, undo.
pub struct WaitQueue {
    /// The oldest waiter: the only one, mostly, and then nothing else is touched.
    front: Cell<Option<Coro>>,
    first: Cell<u64>,
    /// The ticket of the next entry.
    next: Cell<u64>,
    /// The waiters behind the oldest; an entry is `None` once its waiter has left.
    rest: RefCell<VecDeque<Option<Coro>>>,
    /// The tickets of `rest`, once blank entries were taken out from between.
    sparse: RefCell<VecDeque<u64>>,
    is_sparse: Cell<bool>,
    /// How many entries are not blank.
    living: Cell<usize>,
    kind: &'static str,
    made: &'static Location<'static>,
}

impl WaitQueue {
    /// Returns an empty queue for a primitive of this kind: the word that reports show.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(coro_wait_queue::WaitQueue::new("gate").is_empty());
    /// ```
    #[must_use]
    #[track_caller]
    pub const fn new(kind: &'static str) -> WaitQueue {
        WaitQueue {
            front: Cell::new(None),
            first: Cell::new(0),
            next: Cell::new(0),
            rest: RefCell::new(VecDeque::new()),
            sparse: RefCell::new(VecDeque::new()),
            is_sparse: Cell::new(false),
            living: Cell::new(0),
            kind,
            made: Location::caller(),
        }
    }

    /// Puts the current coro at the end of the queue.
    ///
    /// `pass_on` is called if the waiter is interrupted after it was woken: it has to wake whom
    /// that wake-up is due to now. It must neither switch nor panic.
    ///
    /// # Switches
    ///
    /// Never. To block, call [`coro::wait_for`] with the waiter.
    ///
    /// # Examples
    ///
    /// See [the crate's page](crate).
    #[inline(always)]
    pub fn enter<F: Fn()>(&self, pass_on: F) -> Waiter<'_, F> {
        Waiter {
            queue: self,
            ticket: Cell::new(self.append()),
            listed: Cell::new(true),
            pass_on,
        }
    }

    #[inline(always)]
    fn append(&self) -> u64 {
        let ticket = self.next.get();
        self.next.set(ticket + 1);
        let living = self.living.get();
        self.living.set(living + 1);
        if living == 0 {
            self.first.set(ticket);
            self.front.set(Some(coro::current()));
        } else {
            self.append_behind(ticket);
        }
        ticket
    }

    #[inline]
    fn append_behind(&self, ticket: u64) {
        self.rest.borrow_mut().push_back(Some(coro::current()));
        if self.is_sparse.get() {
            self.sparse.borrow_mut().push_back(ticket);
        }
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
    /// assert!(!coro_wait_queue::WaitQueue::new("gate").wake_one());
    /// ```
    #[inline(always)]
    pub fn wake_one(&self) -> bool {
        if self.living.get() == 0 {
            return false;
        }
        self.wake_oldest();
        true
    }

    #[inline]
    fn wake_oldest(&self) {
        let Some(oldest) = self.take_front() else {
            unreachable!("Q2: who waits first is in front");
        };
        oldest.ready();
    }

    /// Takes the oldest waiter out, and moves the next one to the front.
    #[inline]
    fn take_front(&self) -> Option<Coro> {
        let oldest = self.front.take();
        self.first.set(self.first.get() + 1);
        self.living.set(self.living.get() - 1);
        if self.living.get() > 0 {
            self.refill();
        }
        oldest
    }

    /// Moves the oldest of `rest` to the front; there is one that is not blank.
    #[inline]
    fn refill(&self) {
        let mut rest = self.rest.borrow_mut();
        loop {
            let Some(entry) = rest.pop_front() else {
                unreachable!("Q2: `living` counts entries that are there");
            };
            if self.is_sparse.get()
                && let Some(ticket) = self.sparse.borrow_mut().pop_front()
            {
                self.first.set(ticket);
            }
            if entry.is_some() {
                self.front.set(entry);
                break;
            }
            self.first.set(self.first.get() + 1);
        }
        if rest.is_empty() {
            self.make_dense();
        }
    }

    /// Notes that `rest` is empty.
    #[inline]
    fn make_dense(&self) {
        self.is_sparse.set(false);
        // Nobody who waits has a ticket above the first.
        self.next.set(self.first.get() + 1);
    }

    /// Wakes all who wait now, oldest first, and returns how many.
    ///
    /// # Switches
    ///
    /// Never. Readies the waiters.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(coro_wait_queue::WaitQueue::new("gate").wake_all(), 0);
    /// ```
    #[inline]
    pub fn wake_all(&self) -> usize {
        let count = self.living.get();
        for _ in 0..count {
            self.wake_oldest();
        }
        count
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
    /// assert_eq!(coro_wait_queue::WaitQueue::new("gate").len(), 0);
    /// ```
    #[inline(always)]
    #[must_use]
    pub fn len(&self) -> usize {
        self.living.get()
    }

    /// Returns `true` if no coro waits.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(coro_wait_queue::WaitQueue::new("gate").is_empty());
    /// ```
    #[inline(always)]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.living.get() == 0
    }

    /// Takes out the entry with this ticket, which is in the queue.
    #[cold]
    #[inline(never)]
    fn remove(&self, ticket: u64) {
        if ticket == self.first.get() {
            drop(self.take_front());
            return;
        }
        let mut rest = self.rest.borrow_mut();
        let mut sparse = self.sparse.borrow_mut();
        let at = if self.is_sparse.get() {
            sparse.binary_search(&ticket).unwrap_or(usize::MAX)
        } else {
            (ticket - self.first.get() - 1) as usize
        };
        let left = rest.get_mut(at).and_then(Option::take);
        assert!(
            left.is_some(),
            "Q1: a waiter that was not woken has its entry"
        );
        self.living.set(self.living.get() - 1);
        // No later waiter has a ticket, so the last ones may be given out again.
        while rest.back().is_some_and(Option::is_none) {
            rest.pop_back();
            sparse.pop_back();
            if !self.is_sparse.get() {
                self.next.set(self.next.get() - 1);
            }
        }
        if rest.len() > 2 * self.living.get() {
            if !self.is_sparse.get() {
                sparse.extend(self.first.get() + 1..self.next.get());
                self.is_sparse.set(true);
            }
            let mut living = rest.iter().map(Option::is_some);
            sparse.retain(|_| living.next() == Some(true));
            rest.retain(Option::is_some);
        }
        if rest.is_empty() {
            sparse.clear();
            self.make_dense();
        }
        drop((rest, sparse));
        drop(left);
    }
}

impl fmt::Debug for WaitQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let front = self.front.take();
        self.front.set(front.clone());
        let rest = self.rest.borrow();
        f.debug_list()
            .entries(&front)
            .entries(rest.iter().flatten())
            .finish()
    }
}

/// The place of a coro in a [`WaitQueue`]; it lives on the stack of that coro.
///
/// # Examples
///
/// See [the crate's page](crate).
#[must_use = "a waiter leaves the queue when it is dropped"]
pub struct Waiter<'a, F: Fn()> {
    queue: &'a WaitQueue,
    ticket: Cell<u64>,
    /// It has an entry, or had one until it was woken; `false` once it has left.
    listed: Cell<bool>,
    pass_on: F,
}

impl<F: Fn()> Waiter<'_, F> {
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
    /// let waiter = queue.enter(|| ());
    /// assert!(!waiter.is_woken());
    /// queue.wake_one();
    /// assert!(waiter.is_woken());
    /// waiter.done();
    /// ```
    #[inline(always)]
    #[must_use]
    pub fn is_woken(&self) -> bool {
        self.listed.get() && self.ticket.get() < self.queue.first.get()
    }

    /// Goes on waiting: keeps the place if the waiter is still in the queue, else enters again at
    /// the end.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = coro_wait_queue::WaitQueue::new("gate");
    /// let mut waiter = queue.enter(|| ());
    /// waiter.stay();
    /// assert_eq!(queue.len(), 1);
    /// queue.wake_one();
    /// waiter.stay();
    /// assert_eq!(queue.len(), 1);
    /// ```
    #[inline(always)]
    pub fn stay(&mut self) {
        if !self.listed.get() || self.is_woken() {
            self.ticket.set(self.queue.append());
            self.listed.set(true);
        }
    }

    /// Ends the wait: the waiter got what it wanted. If it was not woken, it leaves its place.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [the crate's page](crate).
    #[inline(always)]
    pub fn done(self) {
        if self.listed.replace(false) && self.ticket.get() >= self.queue.first.get() {
            self.queue.remove(self.ticket.get());
        }
    }

    /// Ends the wait without what it was for.
    fn quit(&self) {
        let woken = self.is_woken();
        if self.listed.replace(false) {
            if woken {
                (self.pass_on)();
            } else {
                self.queue.remove(self.ticket.get());
            }
        }
    }
}

impl<F: Fn()> Drop for Waiter<'_, F> {
    #[inline(always)]
    fn drop(&mut self) {
        if self.listed.get() {
            self.quit();
        }
    }
}

impl<F: Fn()> Wait for Waiter<'_, F> {
    fn what(&self) -> &'static str {
        self.queue.kind
    }

    fn made(&self) -> Option<&'static Location<'static>> {
        Some(self.queue.made)
    }

    fn leave(&self, _: &Coro) {
        self.quit();
    }
}

impl<F: Fn()> fmt::Debug for Waiter<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut s = f.debug_struct("Waiter");
        s.field("ticket", &self.ticket.get())
            .field("woken", &self.is_woken());
        s.finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_entries_never_outnumber_the_living() {
        let queue = WaitQueue::new("test");
        let patient = queue.enter(|| ());
        for _ in 0..1_000 {
            // The older one leaves first, so its entry is not the last.
            let (older, younger) = (queue.enter(|| ()), queue.enter(|| ()));
            drop(older);
            assert!(queue.rest.borrow().len() <= 2 * queue.len());
            assert!(queue.sparse.borrow().len() <= queue.rest.borrow().len());
            drop(younger);
            assert!(queue.rest.borrow().is_empty());
        }
        assert!(!patient.is_woken());
        queue.wake_one();
        assert!(patient.is_woken());
        patient.done();
    }

    #[test]
    fn tickets_are_dense_again_when_the_queue_was_empty() {
        let queue = WaitQueue::new("test");
        let mut all: Vec<_> = (0..10).map(|_| queue.enter(|| ())).collect();
        let last = all.split_off(9);
        drop(all.split_off(1));
        assert!(queue.is_sparse.get());
        queue.wake_one();
        assert!(all[0].is_woken() && !last[0].is_woken());
        assert!(!queue.is_sparse.get());
        queue.wake_one();
        assert!(last[0].is_woken());
        let next = queue.enter(|| ());
        assert!(!next.is_woken());
        queue.wake_one();
        assert!(next.is_woken());
    }
}
