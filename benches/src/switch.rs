//! Workloads of yields, and of spawning and joining.
//!
//! The clock runs from when all coros have begun, or the batch is so large that it does not show.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Instant;

use coro::{Builder, cede, current, schedule, spawn};

use crate::floor;
use crate::workload::{Took, Workload, deep, join};

const MANY: usize = 100_000;

/// The workloads; those of a group follow each other.
pub const ALL: &[Workload] = &[
    Workload::new("yield/2/body", "yield, 2 coros", yields::<2, false, false>)
        .floor(floor::yields::<2, false>)
        .aim(5.0)
        .aim_floor(2.0),
    Workload::new(
        "yield/2/deep",
        "the same, two frames deep",
        yields::<2, true, false>,
    )
    .floor(floor::yields::<2, true>)
    .aim(26.0)
    .aim_floor(1.2),
    Workload::new(
        "yield/1000/body",
        "yield, 1 000 coros",
        yields::<1000, false, false>,
    )
    .floor(floor::yields::<1000, false>)
    .aim(5.0),
    Workload::new(
        "yield/1000/deep",
        "the same, two frames deep",
        yields::<1000, true, false>,
    )
    .floor(floor::yields::<1000, true>)
    .aim(26.0)
    .aim_floor(1.2),
    Workload::new(
        "yield/100000/body",
        "yield, 100 000 coros",
        yields::<MANY, false, false>,
    )
    .aim(26.0),
    Workload::new(
        "yield/100000/deep",
        "the same, two frames deep",
        yields::<MANY, true, false>,
    ),
    Workload::new(
        "yield/100000/body_shuffled",
        "yield, 100 000 coros in random order",
        yields::<MANY, false, true>,
    ),
    Workload::new(
        "yield/100000/deep_shuffled",
        "the same, two frames deep",
        yields::<MANY, true, true>,
    ),
    Workload::new("spawn/join", "spawn + join", spawn_join)
        .ops(100_000)
        .floor(floor::spawn_join)
        .aim(45.0),
    Workload::new("spawn/batch", "spawn 10 000, join all (each)", spawn_batch)
        .ops(100_000)
        .floor(floor::spawn_batch::<BATCH>)
        .aim(50.0),
];

/// `COROS` coros that yield in turn: in the order of their making, or in a random one, so that
/// neighbours in the queue are far apart in memory.
fn yields<const COROS: usize, const DEEP: bool, const SHUFFLED: bool>(ops: u64) -> Took {
    let rounds = ops.div_ceil(COROS as u64);
    let still_yielding = Rc::new(Cell::new(COROS));
    let coros: Vec<_> = (0..COROS)
        .map(|_| {
            let still_yielding = still_yielding.clone();
            let main = current();
            Builder::new().stack_size(32 * 1024).spawn(move || {
                schedule();
                for _ in 1..rounds {
                    if DEEP {
                        deep(cede);
                    } else {
                        cede();
                    }
                }
                still_yielding.set(still_yielding.get() - 1);
                if still_yielding.get() == 0 {
                    main.ready();
                }
                schedule();
            })
        })
        .collect();
    cede(); // to their beginning
    let mut order: Vec<_> = (0..COROS).collect();
    if SHUFFLED {
        shuffle(&mut order);
    }
    for index in order {
        coros[index].ready();
    }
    let start = Instant::now();
    schedule();
    let time = start.elapsed();
    // To their end, newest first: so the next measurement finds stacks and memory in this one's
    // order, whatever order this one yielded in.
    for coro in coros.iter().rev() {
        coro.ready();
    }
    cede();
    coros.into_iter().rev().for_each(join);
    Took {
        ops: rounds * COROS as u64,
        time,
    }
}

/// Fisher and Yates, with the same random numbers each time.
fn shuffle(order: &mut [usize]) {
    let mut random = 12_345u64;
    for at in (1..order.len()).rev() {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        order.swap(at, (random >> 33) as usize % (at + 1));
    }
}

fn spawn_join(ops: u64) -> Took {
    let start = Instant::now();
    for _ in 0..ops {
        join(spawn(|| ()));
    }
    let time = start.elapsed();
    Took { ops, time }
}

const BATCH: usize = 10_000;

fn spawn_batch(ops: u64) -> Took {
    let batches = ops.div_ceil(BATCH as u64);
    let mut coros = Vec::with_capacity(BATCH);
    let start = Instant::now();
    for _ in 0..batches {
        coros.extend((0..BATCH).map(|_| spawn(|| ())));
        coros.drain(..).for_each(join);
    }
    let time = start.elapsed();
    Took {
        ops: batches * BATCH as u64,
        time,
    }
}
