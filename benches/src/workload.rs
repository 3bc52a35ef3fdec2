//! What a workload is, and what all of them need.

use std::hint::black_box;
use std::rc::Rc;
use std::time::{Duration, Instant};

use coro::{JoinHandle, spawn};

/// How long so many operations took.
#[derive(Clone, Copy, Debug)]
pub struct Took {
    /// The operations, at least as many as were asked for.
    pub ops: u64,
    /// What they took together.
    pub time: Duration,
}

/// Does at least so many operations.
pub type Run = fn(u64) -> Took;

/// A workload of the coros, and the same by raw corosensei, where that can do it.
#[derive(Clone, Copy, Debug)]
pub struct Workload {
    /// Group and name, as `semaphore/uncontended/guard`.
    pub id: &'static str,
    /// What one operation is, in words.
    pub what: &'static str,
    /// So many operations that starting and ending does not show; a few milliseconds.
    pub ops: u64,
    /// By coros.
    pub ours: Run,
    /// By raw corosensei.
    pub floor: Option<Run>,
    /// The most that an operation is to cost, in nanoseconds.
    pub aim: Option<f64>,
    /// The same, in times the floor.
    pub aim_floor: Option<f64>,
}

impl Workload {
    pub(crate) const fn new(id: &'static str, what: &'static str, ours: Run) -> Self {
        Self {
            id,
            what,
            ops: 500_000,
            ours,
            floor: None,
            aim: None,
            aim_floor: None,
        }
    }

    pub(crate) const fn ops(mut self, ops: u64) -> Self {
        self.ops = ops;
        self
    }

    pub(crate) const fn aim(mut self, nanos: f64) -> Self {
        self.aim = Some(nanos);
        self
    }

    pub(crate) const fn floor(mut self, floor: Run) -> Self {
        self.floor = Some(floor);
        self
    }

    pub(crate) const fn aim_floor(mut self, times: f64) -> Self {
        self.aim_floor = Some(times);
        self
    }
}

/// For what takes a nanosecond or so.
pub(crate) const SHORT: u64 = 5_000_000;

/// How many coros contend for one thing.
pub const CROWD: u64 = 100;

/// Measures a thing that never blocks, done again and again; what it returns is added up.
#[inline(always)]
pub(crate) fn repeat(ops: u64, mut once: impl FnMut() -> u64) -> (Took, u64) {
    let mut sum = 0;
    let start = Instant::now();
    for _ in 0..ops {
        sum += once();
        // What was read from memory may not be remembered for the next time.
        black_box(());
    }
    let time = start.elapsed();
    (Took { ops, time }, sum)
}

/// Measures from here to the end of these coros, none of which has run yet.
pub(crate) fn clock(ops: u64, coros: impl IntoIterator<Item = JoinHandle<()>>) -> Took {
    let coros: Vec<_> = coros.into_iter().collect();
    let start = Instant::now();
    coros.into_iter().for_each(join);
    let time = start.elapsed();
    Took { ops, time }
}

/// Runs this in a coro: main finds out a little later what it is.
pub(crate) fn in_coro(measure: impl FnOnce() -> Took + 'static) -> Took {
    join(spawn(measure))
}

#[inline(always)]
pub(crate) fn join<T: 'static>(coro: JoinHandle<T>) -> T {
    coro.join().expect("a workload does not fail")
}

pub(crate) fn pair<T>(make: impl Fn() -> T) -> (Rc<T>, Rc<T>) {
    (Rc::new(make()), Rc::new(make()))
}

/// Does what may wait, two calls below its caller.
#[inline(always)]
pub fn deep<T>(wait: impl Fn() -> T) -> T {
    #[inline(never)]
    fn outer<T>(wait: impl Fn() -> T) -> T {
        black_box(inner(wait))
    }

    #[inline(never)]
    fn inner<T>(wait: impl Fn() -> T) -> T {
        black_box(wait())
    }

    outer(wait)
}

/// The sum of the numbers below this one.
pub fn sum_below(number: u64) -> u64 {
    number * number.saturating_sub(1) / 2
}
