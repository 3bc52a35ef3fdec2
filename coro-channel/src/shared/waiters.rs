//! Those who wait at one end of a channel between OS threads.
//!
//! A wake-up is a hint: whoever is woken looks again. It knows nothing of values, so the memory of a
//! waiter can be found and let go of without them, when its OS thread ends.
//!
//! # Invariants
//!
//! W1. An entry is in the line exactly while its waiter waits and is not woken. So a waiter that
//!     wants to leave and finds no entry was woken, and passes that on.
//! W2. Entries are in the order of their numbers, which is that of arrival. A waiter that was woken
//!     for nothing comes back with its number, so to its place.
//! W3. Nothing foreign is called, and no last waker is dropped, under the lock.

#[cfg(loom)]
use loom::sync::atomic::{AtomicUsize, Ordering};
#[cfg(loom)]
use loom::sync::{Mutex, MutexGuard};
#[cfg(not(loom))]
use parking_lot::{Mutex, MutexGuard};
#[cfg(not(loom))]
use std::sync::atomic::{AtomicUsize, Ordering};

use std::cell::Cell;
use std::collections::VecDeque;
use std::mem;
use std::task::Waker;

/// A FIFO of waiters of any OS threads.
pub(crate) struct Waiters {
    line: Mutex<Line>,
    /// How many entries are in the line; to be read where nobody can enter.
    unwoken: AtomicUsize,
    /// How many have entered and not left, woken or not.
    present: AtomicUsize,
}

struct Line {
    entries: VecDeque<(u64, Waker)>,
    next: u64,
}

/// A waiter's place: it has none until it first stays.
pub(crate) struct Place {
    number: Cell<Option<u64>>,
    waker: Waker,
}

impl Place {
    pub(crate) fn new(waker: Waker) -> Place {
        Place {
            number: Cell::new(None),
            waker,
        }
    }

    /// The number of the place, by which it can be given up in the waiter's stead.
    pub(crate) fn number(&self) -> Option<u64> {
        self.number.get()
    }
}

impl Waiters {
    pub(crate) fn new() -> Waiters {
        Waiters {
            line: Mutex::new(Line {
                entries: VecDeque::new(),
                next: 0,
            }),
            unwoken: AtomicUsize::new(0),
            present: AtomicUsize::new(0),
        }
    }

    #[cfg(not(loom))]
    fn lock(&self) -> MutexGuard<'_, Line> {
        self.line.lock()
    }

    #[cfg(loom)]
    fn lock(&self) -> MutexGuard<'_, Line> {
        self.line.lock().expect("no model panics under the lock")
    }

    /// Returns `true` if there may be somebody to wake. It is so if there is, for a caller whom
    /// nobody can overtake on the way in.
    #[inline]
    pub(crate) fn any(&self) -> bool {
        self.unwoken.load(Ordering::Relaxed) > 0
    }

    /// Returns how many wait, woken or not.
    #[inline]
    pub(crate) fn present(&self) -> usize {
        self.present.load(Ordering::Relaxed)
    }

    /// Enters, at the end; keeps the place; or comes back to it after a wake-up for nothing.
    pub(crate) fn stay(&self, place: &Place) {
        let mut line = self.lock();
        let number = place.number.get().unwrap_or_else(|| {
            self.present.fetch_add(1, Ordering::Relaxed);
            line.next += 1;
            line.next
        });
        place.number.set(Some(number));
        if let Err(at) = line.find(number) {
            line.entries.insert(at, (number, place.waker.clone()));
            self.count(&line);
        }
    }

    /// Leaves, with what the waiter wanted.
    pub(crate) fn done(&self, place: &Place) {
        if let Some(number) = place.number.take() {
            self.remove(number);
        }
    }

    /// Leaves without; a wake-up passes on.
    pub(crate) fn quit(&self, place: &Place) {
        if let Some(number) = place.number.take() {
            self.give_up(number);
        }
    }

    /// As [`quit`](Waiters::quit), for a waiter that will never run again.
    pub(crate) fn give_up(&self, number: u64) {
        let waits = self.remove(number);
        if !waits {
            self.wake_one();
        }
    }

    /// Takes the waiter out; returns `true` if it was not woken.
    fn remove(&self, number: u64) -> bool {
        let mut line = self.lock();
        self.present.fetch_sub(1, Ordering::Relaxed);
        let entry = match line.find(number) {
            Ok(at) => line.entries.remove(at),
            Err(_) => None,
        };
        self.count(&line);
        drop(line);
        entry.is_some()
    }

    /// Wakes the oldest.
    pub(crate) fn wake_one(&self) {
        let mut line = self.lock();
        let oldest = line.entries.pop_front();
        self.count(&line);
        drop(line);
        if let Some((_, waker)) = oldest {
            waker.wake();
        }
    }

    /// Wakes all, the oldest first.
    pub(crate) fn wake_all(&self) {
        let mut line = self.lock();
        let all = mem::take(&mut line.entries);
        self.count(&line);
        drop(line);
        for (_, waker) in all {
            waker.wake();
        }
    }

    fn count(&self, line: &Line) {
        self.unwoken.store(line.entries.len(), Ordering::Relaxed);
    }
}

impl Line {
    /// Where the entry is, or would be.
    fn find(&self, number: u64) -> Result<usize, usize> {
        // The newest enters, mostly.
        if self.entries.back().is_none_or(|last| last.0 < number) {
            return Err(self.entries.len());
        }
        self.entries.binary_search_by_key(&number, |entry| entry.0)
    }
}
