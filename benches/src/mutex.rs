//! Workloads of mutexes.

use std::hint::black_box;
use std::rc::Rc;

use coro::{cede, spawn};
use coro_mutex::Mutex;

use crate::workload::{CROWD, SHORT, Took, Workload, clock, repeat};

/// The workloads; those of a group follow each other.
pub const ALL: &[Workload] = &[
    Workload::new(
        "mutex/uncontended/guard",
        "mutex, uncontended guard",
        uncontended::<false>,
    )
    .ops(SHORT),
    Workload::new(
        "mutex/uncontended/guard_fair",
        "the same, fair",
        uncontended::<true>,
    )
    .ops(SHORT),
    Workload::new(
        "mutex/contended_100",
        "mutex, 100 coros",
        contended::<false>,
    ),
    Workload::new(
        "mutex/contended_100_fair",
        "the same, fair",
        contended::<true>,
    ),
];

fn mutex<const FAIR: bool>() -> Mutex<u64> {
    if FAIR { Mutex::fair(0) } else { Mutex::new(0) }
}

fn uncontended<const FAIR: bool>(ops: u64) -> Took {
    let total = mutex::<FAIR>();
    let (took, sum) = repeat(ops, || {
        let mut total = total.lock();
        black_box(&total);
        *total += 1;
        1
    });
    assert_eq!((sum, total.into_inner()), (ops, ops));
    took
}

/// Coros yield while they hold the mutex.
fn contended<const FAIR: bool>(ops: u64) -> Took {
    let turns = ops.div_ceil(CROWD);
    let total = Rc::new(mutex::<FAIR>());
    let coros = (0..CROWD).map(|_| {
        let total = total.clone();
        spawn(move || {
            for _ in 0..turns {
                let mut total = total.lock();
                let before = *total;
                cede();
                *total = before + 1;
            }
        })
    });
    let took = clock(CROWD * turns, coros);
    assert_eq!(*total.lock(), took.ops);
    took
}
