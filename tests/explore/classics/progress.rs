//! All run, and somebody gets nowhere.

use std::cell::Cell;
use std::rc::Rc;

use coro::Prio;
use coro_explore::{Builder, Verdict, invariant, note};
use coro_sync::{Mutex, Signal};

use super::{join, right, spawn, wrong};

/// Many readers or one writer, by hand.
#[derive(Default)]
struct ReadersWriters {
    readers: Cell<usize>,
    is_written: Cell<bool>,
    waiting: Cell<usize>,
    /// How many readers have come since the writer waits.
    passed: Cell<usize>,
    left: Signal,
}

impl ReadersWriters {
    fn read(&self, may_pass: bool) {
        self.left
            .wait_until(|| !self.is_written.get() && (may_pass || self.waiting.get() == 0));
        self.readers.set(self.readers.get() + 1);
        if self.waiting.get() > 0 {
            self.passed.set(self.passed.get() + 1);
            note(format!("passes the writer: {}", self.passed.get()));
        }
        coro::cede();
        self.readers.set(self.readers.get() - 1);
        self.left.broadcast();
    }

    fn write(&self) {
        self.waiting.set(self.waiting.get() + 1);
        self.left
            .wait_until(|| !self.is_written.get() && self.readers.get() == 0);
        self.waiting.set(self.waiting.get() - 1);
        self.is_written.set(true);
        coro::cede();
        self.is_written.set(false);
        self.left.broadcast();
    }
}

/// Readers come in as long as any is inside, whoever waits: a writer is passed by as many as come. No
/// deviation is needed.
#[test]
fn readers_starve_a_writer() {
    fn library(may_pass: bool) {
        let lock = Rc::new(ReadersWriters::default());
        let seen = lock.clone();
        invariant("one reader at most passes the writer", move || {
            seen.passed.get() <= 1
        });
        let theirs = lock.clone();
        let readers = ["ann", "bob"].map(|name| {
            let lock = theirs.clone();
            spawn(name, move || (0..2).for_each(|_| lock.read(may_pass)))
        });
        let writer = spawn("writer", move || lock.write());
        join(readers.into_iter().chain([writer]));
    }
    let explorer = Builder::new().spurious(0);
    wrong("starved_writer", &explorer, Verdict::Invariant, || {
        library(true);
    });
    right("starved_writer", &explorer, 1250, || library(false));
}

/// Two who need the same two things, and each gives way when the other has one: both give way at the
/// same time, for ever. No deviation is needed.
#[test]
fn both_are_too_polite() {
    fn cross(pass: fn(&Mutex<()>, &Mutex<()>)) {
        let halves = Rc::new([Mutex::new(()), Mutex::new(())]);
        let theirs = halves.clone();
        let ann = spawn("ann", move || pass(&theirs[0], &theirs[1]));
        let bob = spawn("bob", move || pass(&halves[1], &halves[0]));
        join([ann, bob]);
    }
    let explorer = Builder::new().max_steps(24);
    wrong("too_polite", &explorer, Verdict::Livelock, || {
        cross(|near, far| {
            loop {
                let near = near.lock();
                coro::cede();
                if far.try_lock().is_some() {
                    return;
                }
                note("after you");
                coro::cede();
                drop(near);
                coro::cede();
            }
        });
    });
    right("too_polite", &explorer, 216, || {
        cross(|near, far| {
            loop {
                let near = near.lock();
                coro::cede();
                if far.try_lock().is_some() {
                    return;
                }
                drop(near);
                drop(far.lock()); // when the other one has had both
            }
        });
    });
}

/// Priority inversion: the one in the middle keeps the low one from running, and so the high one from
/// the lock that the low one has. No deviation is needed: fairness does not help against priorities.
/// In the right twin, who has the lock has the highest priority of those who use it.
#[test]
fn the_middle_goes_before_the_high() {
    fn mission(ceiling: Prio) {
        let bus = Rc::new(Mutex::new(()));
        let (is_done, theirs) = (Rc::new(Cell::new(false)), bus.clone());
        let low = coro::Builder::new().desc("low").prio(Prio::LOW);
        let low = low.spawn(move || {
            let guard = theirs.lock();
            let old = coro::current().set_prio(ceiling);
            note("has the lock");
            coro::cede_notself();
            drop(guard);
            coro::current().set_prio(old);
        });
        coro::cede_notself();
        let done = is_done.clone();
        let high = coro::Builder::new().desc("high").prio(Prio::HIGH);
        let high = high.spawn(move || {
            let _guard = bus.lock();
            done.set(true);
        });
        let middle = spawn("middle", move || {
            while !is_done.get() {
                coro::cede();
            }
        });
        join([low, high, middle]);
    }
    let explorer = Builder::new().max_steps(20);
    wrong("priority_inversion", &explorer, Verdict::Livelock, || {
        mission(Prio::LOW);
    });
    right("priority_inversion", &explorer, 18, || mission(Prio::HIGH));
}

/// As [`readers_starve_a_writer`], told by what becomes of it: readers who go on until something is
/// written do so for ever. No deviation is needed.
#[test]
fn readers_wait_for_the_writer_whom_they_starve() {
    fn poll(may_pass: bool) {
        let (lock, is_written) = (
            Rc::new(ReadersWriters::default()),
            Rc::new(Cell::new(false)),
        );
        let readers = ["ann", "bob"].map(|name| {
            let (lock, is_written) = (lock.clone(), is_written.clone());
            spawn(name, move || {
                while !is_written.get() {
                    lock.read(may_pass);
                }
            })
        });
        let theirs = lock.clone();
        let writer = spawn("writer", move || {
            theirs.write();
            is_written.set(true);
        });
        join(readers.into_iter().chain([writer]));
    }
    let explorer = Builder::new().spurious(0).delays(2).max_steps(30);
    wrong("starved_for_ever", &explorer, Verdict::Livelock, || {
        poll(true);
    });
    right("starved_for_ever", &explorer, 62, || poll(false));
}
