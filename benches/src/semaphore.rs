//! Workloads of semaphores, and of a set of them.

use std::cell::Cell;
use std::hint::black_box;
use std::rc::Rc;

use coro::{cede, spawn};
use coro_semaphore::Semaphore;
use coro_semaphore_set::SemaphoreSet;

use crate::workload::{CROWD, SHORT, Took, Workload, clock, deep, pair, repeat};

/// The workloads; those of a group follow each other.
pub const ALL: &[Workload] = &[
    Workload::new(
        "semaphore/uncontended/guard",
        "semaphore, uncontended guard",
        uncontended::<false>,
    )
    .ops(SHORT)
    .aim(1.5),
    Workload::new(
        "semaphore/uncontended/guard_fair",
        "the same, fair",
        uncontended::<true>,
    )
    .ops(SHORT),
    Workload::new(
        "semaphore/ping_pong",
        "semaphore ping-pong, each hand-over",
        ping_pong::<false, false>,
    )
    .aim(10.0),
    Workload::new(
        "semaphore/ping_pong_deep",
        "the same, two frames deep",
        ping_pong::<false, true>,
    ),
    Workload::new(
        "semaphore/ping_pong_fair",
        "the same, fair",
        ping_pong::<true, false>,
    ),
    Workload::new(
        "semaphore/contended_100",
        "semaphore, 100 coros on one permit",
        contended::<false>,
    )
    .aim(18.0),
    Workload::new(
        "semaphore/contended_100_fair",
        "the same, fair",
        contended::<true>,
    ),
    Workload::new(
        "semaphore_set/uncontended/kept_key",
        "semaphore set, guard of a key that is kept",
        kept_key,
    )
    .ops(1_000_000),
];

fn semaphore<const FAIR: bool>(count: isize) -> Semaphore {
    if FAIR {
        Semaphore::fair(count)
    } else {
        Semaphore::new(count)
    }
}

fn uncontended<const FAIR: bool>(ops: u64) -> Took {
    let semaphore = semaphore::<FAIR>(1);
    let (took, taken) = repeat(ops, || {
        let guard = semaphore.acquire();
        black_box(&guard);
        u64::from(semaphore.count() == 0)
    });
    assert_eq!((taken, semaphore.count()), (ops, 1));
    took
}

#[inline(always)]
fn down<const DEEP: bool>(semaphore: &Semaphore) {
    if DEEP {
        deep(|| semaphore.down());
    } else {
        semaphore.down();
    }
}

/// Two coros hand a token to and fro through two semaphores.
fn ping_pong<const FAIR: bool, const DEEP: bool>(ops: u64) -> Took {
    let turns = ops.div_ceil(2);
    let (there, back) = pair(|| semaphore::<FAIR>(0));
    let (their_there, their_back) = (there.clone(), back.clone());
    let one = move || {
        for _ in 0..turns {
            down::<DEEP>(&their_there);
            their_back.up();
        }
    };
    let (our_there, our_back) = (there.clone(), back.clone());
    let other = move || {
        for _ in 0..turns {
            our_there.up();
            down::<DEEP>(&our_back);
        }
    };
    let took = clock(2 * turns, [spawn(one), spawn(other)]);
    assert_eq!((there.count(), back.count()), (0, 0));
    took
}

/// Coros share one permit, and yield while they hold it.
fn contended<const FAIR: bool>(ops: u64) -> Took {
    let turns = ops.div_ceil(CROWD);
    let permit = Rc::new(semaphore::<FAIR>(1));
    let held = Rc::new(Cell::new(0));
    let coros = (0..CROWD).map(|_| {
        let (permit, held) = (permit.clone(), held.clone());
        spawn(move || {
            for _ in 0..turns {
                let _guard = permit.acquire();
                let before = held.get();
                cede();
                held.set(before + 1);
            }
        })
    });
    let took = clock(CROWD * turns, coros);
    assert_eq!(held.get(), took.ops, "two held the permit at a time");
    took
}

fn kept_key(ops: u64) -> Took {
    let set = SemaphoreSet::new(1);
    let kept = set.sem(7);
    let (took, taken) = repeat(ops, || {
        let guard = set.acquire(black_box(7));
        black_box(&guard);
        u64::from(*guard.key() == 7)
    });
    assert_eq!(taken, ops);
    drop(kept);
    assert!(set.is_empty());
    took
}
