//! What a workload is, and how operations are timed.

use std::hint::black_box;
use std::time::Duration;

pub(crate) use coro_benches::workload::Took;

use crate::stopwatch::Stopwatch;
use crate::{coros, keys, strained, timers, waiters};

/// What there are more and more of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    Coros,
    Waiters,
    Timers,
}

/// An operation, beside or among so many others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    pub(crate) group: Group,
    /// The largest size: more would not fit into the memory, or into anybody's patience.
    pub(crate) most: u64,
    /// Makes a world of this size, times operations in it, checks that they were done, and clears
    /// it away.
    pub(crate) run: fn(u64) -> Took,
}

impl Workload {
    pub(crate) const fn new(
        name: &'static str,
        group: Group,
        most: u64,
        run: fn(u64) -> Took,
    ) -> Workload {
        Workload {
            name,
            group,
            most,
            run,
        }
    }
}

pub(crate) const HUNDRED_THOUSAND: u64 = 100_000;
pub(crate) const MILLION: u64 = 1_000_000;

/// Returns all that are measured if nobody asks for less.
///
/// Those that look at the memory come first: later the allocator has much to give out again, and
/// what is lost would not show.
pub(crate) fn all() -> Vec<Workload> {
    let groups = [
        waiters::PATIENT,
        waiters::ALL,
        timers::ALL,
        keys::ALL,
        strained::ALL,
        coros::ALL,
    ];
    groups.concat()
}

/// Times this.
pub(crate) fn time(ops: u64, action: impl FnOnce()) -> Took {
    let watch = Stopwatch::start();
    action();
    let time = watch.stop();
    Took { ops, time }
}

/// So many repeats at most,
const REPEATS: u64 = 1024;
/// and none once this has passed: an operation that grows shall not take for ever.
const PATIENCE: Duration = Duration::from_millis(20);

/// Times this again and again; it is told how often it was done before.
pub(crate) fn repeat(mut once: impl FnMut(u64)) -> Took {
    let (mut ops, mut chunk) = (0, 1);
    let watch = Stopwatch::start();
    loop {
        for _ in 0..chunk {
            once(ops);
            ops += 1;
            black_box(());
        }
        chunk = ops;
        if ops >= REPEATS || watch.elapsed() > PATIENCE {
            let time = watch.stop();
            return Took { ops, time };
        }
    }
}

/// Returns the numbers below `size` out of order, each once: `size` is a power of ten.
pub(crate) fn scattered(size: u64) -> impl Iterator<Item = usize> {
    (0..size).map(move |nth| place(nth, size))
}

/// Returns the `nth` of the [`scattered`] numbers, beginning again after the last.
pub(crate) fn place(nth: u64, size: u64) -> usize {
    // A prime that does not divide a power of ten.
    (nth * 7919 % size) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scattered_numbers_are_all_there_once() {
        for size in [1, 10, 1_000, MILLION] {
            let mut numbers: Vec<_> = scattered(size).collect();
            assert_eq!(numbers.is_sorted(), size == 1);
            numbers.sort_unstable();
            assert!(numbers.into_iter().eq(0..size as usize));
        }
    }

    #[test]
    fn names_are_different() {
        let mut names: Vec<_> = all().iter().map(|workload| workload.name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
