//! The waiters of the objects of a scenario, as the events tell.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::model::Op;
use crate::pairs::queue::{Counter, Place, Popped, Queue};

/// More values than a scenario puts: the capacity of a channel without one, and what a shutdown adds.
const MANY: i64 = 1_000_000_000;

/// The waiters of an object.
pub(crate) enum Waiters<'a> {
    Semaphore(Counter<'a>),
    /// The initial count, and the semaphores by their keys.
    Set(i64, BTreeMap<&'a str, Counter<'a>>),
    /// Values, and free slots.
    Channel(Counter<'a>, Counter<'a>),
    /// Whether a send is remembered.
    Signal(bool, Queue<'a>),
    Lock(Box<Lock<'a>>),
}

/// A lock for readers and writers.
#[derive(Default)]
pub(crate) struct Lock<'a> {
    readers: i64,
    writers: i64,
    reading: Queue<'a>,
    writing: Queue<'a>,
}

impl<'a> Waiters<'a> {
    /// Returns the waiters of a new object: there are none. `None`: nobody waits for such objects.
    pub(crate) fn new(parameters: &Value) -> Option<Waiters<'a>> {
        let count = parameters["count"].as_i64().unwrap_or(1);
        Some(match parameters["type"].as_str()? {
            "semaphore" => Waiters::Semaphore(Counter::new(count)),
            "semaphore_set" => Waiters::Set(count, BTreeMap::new()),
            "channel" => {
                let size = parameters["size"].as_i64().unwrap_or(0);
                let slots = if size == 0 { MANY } else { size - 1 };
                Waiters::Channel(Counter::default(), Counter::new(slots))
            }
            "signal" => Waiters::Signal(false, Queue::default()),
            "rwlock" => Waiters::Lock(Box::default()),
            _ => return None,
        })
    }

    /// The counter that an op waits for.
    fn counter(&mut self, op: &'a Op) -> Option<&mut Counter<'a>> {
        match self {
            Waiters::Semaphore(counter) => Some(counter),
            Waiters::Set(count, counters) => {
                let new = || Counter::new(*count);
                Some(counters.entry(op.text(2)).or_insert_with(new))
            }
            Waiters::Channel(_, slots) if op.name() == "put" => Some(slots),
            Waiters::Channel(values, _) => Some(values),
            _ => None,
        }
    }

    fn queue(&mut self, op: &'a Op) -> Option<&mut Queue<'a>> {
        match self {
            Waiters::Signal(_, queue) => Some(queue),
            Waiters::Lock(lock) => Some(lock.queue(op.name())),
            other => other.counter(op).map(|counter| &mut counter.queue),
        }
    }

    /// An op begins, which may wait.
    pub(crate) fn begin(&mut self, coro: &'a str, op: &'a Op) {
        match self {
            Waiters::Signal(pending, queue) => {
                if !std::mem::take(pending) {
                    queue.enter(coro);
                }
            }
            Waiters::Lock(lock) => {
                if op.name() == "rdlock" && lock.writers != 0 {
                    lock.reading.enter(coro);
                } else if op.name() == "wrlock" && lock.writers + lock.readers != 0 {
                    lock.writing.enter(coro);
                }
            }
            _ => {
                if let (Waiters::Channel(values, _), "put") = (&mut *self, op.name()) {
                    values.raise(1);
                }
                if let Some(counter) = self.counter(op) {
                    counter.begin(coro);
                }
            }
        }
    }

    /// A wait has ended by getting what it waited for.
    pub(crate) fn got(&mut self, coro: &'a str, op: &'a Op) {
        match self {
            Waiters::Signal(_, queue) => {
                queue.leave(coro);
            }
            Waiters::Lock(lock) => {
                lock.reading.leave(coro);
                lock.writing.leave(coro);
                lock.take(op.name() == "rdlock");
            }
            _ => {
                let takes = i64::from(!matches!(op.name(), "sem_wait" | "set_wait"));
                if let Some(counter) = self.counter(op) {
                    counter.end(coro, takes);
                }
                if let (Waiters::Channel(_, slots), "get") = (&mut *self, op.name()) {
                    slots.raise(1);
                }
            }
        }
    }

    /// A wait was interrupted.
    pub(crate) fn gone(&mut self, coro: &str, op: &'a Op) {
        match self {
            Waiters::Signal(..) | Waiters::Lock(_) => {
                self.queue(op).map(|queue| queue.leave(coro));
            }
            _ => {
                if let Some(counter) = self.counter(op) {
                    counter.gone(coro);
                }
            }
        }
    }

    /// Another op was made, and returned this.
    pub(crate) fn made(&mut self, op: &'a Op, result: &Value) {
        match (&mut *self, op.name()) {
            (Waiters::Channel(values, _), "shutdown") => values.raise(MANY),
            (Waiters::Signal(pending, queue), "wait_cb") => {
                let at_once = std::mem::take(pending);
                if !at_once {
                    queue.enter_callback();
                }
            }
            (Waiters::Semaphore(counter), "sem_wait_cb") => {
                counter.queue.enter_callback();
                counter.wake();
            }
            (Waiters::Lock(lock), "unlock") => lock.unlock(),
            (Waiters::Lock(lock), name) if *result == 1 => lock.take(name == "tryrdlock"),
            (_, "up" | "set_up") => self.raise(op, 1),
            (_, "adjust") => self.raise(op, op.number(2)),
            (_, "try" | "set_try") if *result == 1 => self.raise(op, -1),
            (_, action @ ("send" | "broadcast")) => self.act(action),
            _ => {}
        }
    }

    fn raise(&mut self, op: &'a Op, n: i64) {
        if let Some(counter) = self.counter(op) {
            counter.raise(n);
        }
    }

    /// A guard was dropped: the permit of this key is free again.
    pub(crate) fn released(&mut self, key: &str) {
        match self {
            Waiters::Semaphore(counter) => counter.raise(1),
            Waiters::Set(_, counters) => {
                if let Some(counter) = counters.get_mut(key) {
                    counter.raise(1);
                }
            }
            _ => {}
        }
    }

    /// What a destroy handler does too.
    pub(crate) fn act(&mut self, action: &str) {
        match (self, action) {
            (Waiters::Semaphore(counter), "up") => counter.raise(1),
            (Waiters::Signal(pending, queue), "send") => {
                *pending = matches!(queue.pop(), Popped::Nothing);
            }
            (Waiters::Signal(pending, queue), "broadcast") => {
                *pending = false;
                queue.pop_all();
            }
            _ => {}
        }
    }

    /// Returns where a waiter stands, if that is known.
    pub(crate) fn place(&mut self, coro: &str, op: &'a Op) -> Option<Place> {
        self.queue(op)?.place(coro)
    }
}

impl<'a> Lock<'a> {
    fn queue(&mut self, op: &str) -> &mut Queue<'a> {
        if op == "rdlock" {
            &mut self.reading
        } else {
            &mut self.writing
        }
    }

    fn take(&mut self, reads: bool) {
        if reads {
            self.readers += 1;
        } else {
            self.writers += 1;
            self.reading.lose_woken();
        }
        self.writing.lose_woken();
    }

    fn unlock(&mut self) {
        if self.readers > 0 {
            self.readers -= 1;
            if self.readers > 0 {
                return;
            }
        } else {
            self.writers -= 1;
        }
        if !self.writing.is_empty() {
            self.writing.pop();
        } else if self.writing.is_vague() {
            self.reading.lose_all();
        } else {
            self.reading.pop_all();
        }
    }
}
