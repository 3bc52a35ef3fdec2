//! What is known of who waits: who is listed, and who was woken and has not run.

use std::collections::{BTreeSet, VecDeque};
use std::fmt;

/// Where a waiter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// In the list of the object, or in the ready queue if it waits for its turn.
    Listed,
    /// Taken out of the list by another coro, and it has not run since.
    Woken,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Place::Listed => "listed",
            Place::Woken => "woken",
        })
    }
}

/// A list of waiters. A woken one that finds nothing lists itself again when it runs, which the
/// trace does not tell: from then on its place is unknown.
#[derive(Default)]
pub(crate) struct Queue<'a> {
    /// `None` is a callback.
    list: VecDeque<Option<&'a str>>,
    woken: BTreeSet<&'a str>,
    unknown: BTreeSet<&'a str>,
}

/// What was taken out of a list.
pub(crate) enum Popped {
    Coro,
    Callback,
    Nothing,
}

impl<'a> Queue<'a> {
    /// Lists a callback.
    pub(crate) fn enter_callback(&mut self) {
        self.list.push_back(None);
    }

    /// Lists a coro.
    pub(crate) fn enter(&mut self, coro: &'a str) {
        if self.unknown.is_empty() {
            self.list.push_back(Some(coro));
        } else {
            // One of unknown place may be before it or behind it.
            self.unknown.insert(coro);
        }
    }

    /// Wakes the first one.
    pub(crate) fn pop(&mut self) -> Popped {
        match self.list.pop_front() {
            None => Popped::Nothing,
            Some(None) => Popped::Callback,
            Some(Some(coro)) => {
                self.woken.insert(coro);
                Popped::Coro
            }
        }
    }

    /// Wakes all.
    pub(crate) fn pop_all(&mut self) {
        while !matches!(self.pop(), Popped::Nothing) {}
    }

    /// Forgets a coro. Returns `true` if it may have been woken.
    pub(crate) fn leave(&mut self, coro: &str) -> bool {
        self.list.retain(|entry| *entry != Some(coro));
        let unknown = self.unknown.remove(coro);
        if unknown {
            self.lose_all();
        }
        self.woken.remove(coro) || unknown
    }

    /// The woken will find nothing.
    pub(crate) fn lose_woken(&mut self) {
        self.unknown.append(&mut self.woken);
    }

    /// One of unknown place was interrupted, and may have passed on what it had.
    pub(crate) fn lose_all(&mut self) {
        self.unknown.extend(self.list.drain(..).flatten());
        self.lose_woken();
    }

    /// Whether nobody is known to be listed.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether one of unknown place may be listed.
    pub(crate) fn is_vague(&self) -> bool {
        !self.unknown.is_empty()
    }

    /// Returns where a coro stands, if that is known.
    pub(crate) fn place(&self, coro: &str) -> Option<Place> {
        if self.list.contains(&Some(coro)) {
            Some(Place::Listed)
        } else {
            self.woken.contains(coro).then_some(Place::Woken)
        }
    }
}

/// A counter with a list: a semaphore, one of a set, one of the two in a channel.
#[derive(Default)]
pub(crate) struct Counter<'a> {
    count: i64,
    pub(crate) queue: Queue<'a>,
}

impl<'a> Counter<'a> {
    /// Returns a counter without waiters.
    pub(crate) fn new(count: i64) -> Counter<'a> {
        Counter {
            count,
            ..Counter::default()
        }
    }

    /// A wait begins.
    pub(crate) fn begin(&mut self, coro: &'a str) {
        if self.count <= 0 {
            self.queue.enter(coro);
        }
    }

    /// Adds to the count.
    pub(crate) fn raise(&mut self, n: i64) {
        self.count += n;
        self.wake();
        if self.count <= 0 {
            self.queue.lose_woken();
        }
    }

    /// Wakes as many as the count allows.
    pub(crate) fn wake(&mut self) {
        let mut n = self.count;
        while n > 0 {
            match self.queue.pop() {
                Popped::Coro => n -= 1,
                Popped::Callback => {}
                Popped::Nothing => break,
            }
        }
    }

    /// A wait has ended: it takes this much, or passes on what woke it.
    pub(crate) fn end(&mut self, coro: &str, takes: i64) {
        self.queue.leave(coro);
        self.count -= takes;
        if takes == 0 {
            self.wake();
        }
        if self.count <= 0 {
            self.queue.lose_woken();
        }
    }

    /// An interrupted waiter passes on what woke it.
    pub(crate) fn gone(&mut self, coro: &str) {
        if self.queue.leave(coro) {
            self.wake();
        }
    }
}
