//! The workloads, and the list of them.
//!
//! Setting up is not measured: the clock runs from when all coros have begun, or the batch is so
//! large that it does not show.

use std::cell::Cell;
use std::hint::black_box;
use std::rc::Rc;
use std::time::{Duration, Instant};

use coro::{Builder, JoinHandle, cede, current, schedule, spawn};
use coro_channel::Channel;
use coro_semaphore::Semaphore;

use crate::floor;

/// How long so many operations took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Took {
    pub(crate) ops: u64,
    pub(crate) time: Duration,
}

/// Does at least so many operations.
pub(crate) type Run = fn(u64) -> Took;

/// A workload of the coros, and the same by raw corosensei, where that can do it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Workload {
    /// Group and name.
    pub(crate) id: &'static str,
    /// So many operations that starting and ending does not show; a few milliseconds.
    pub(crate) ops: u64,
    pub(crate) ours: Run,
    pub(crate) floor: Option<Run>,
}

impl Workload {
    const fn new(id: &'static str, ours: Run) -> Self {
        Self {
            id,
            ops: 500_000,
            ours,
            floor: None,
        }
    }

    const fn floor(mut self, floor: Run) -> Self {
        self.floor = Some(floor);
        self
    }

    const fn ops(mut self, ops: u64) -> Self {
        self.ops = ops;
        self
    }
}

const MANY: usize = 100_000;

/// All workloads; those of a group follow each other.
pub(crate) const ALL: [Workload; 16] = [
    Workload::new("yield/2/body", yields::<2, false, false>).floor(floor::yields::<2, false>),
    Workload::new("yield/2/deep", yields::<2, true, false>).floor(floor::yields::<2, true>),
    Workload::new("yield/1000/body", yields::<1000, false, false>)
        .floor(floor::yields::<1000, false>),
    Workload::new("yield/1000/deep", yields::<1000, true, false>)
        .floor(floor::yields::<1000, true>),
    Workload::new("yield/100000/body", yields::<MANY, false, false>),
    Workload::new("yield/100000/deep", yields::<MANY, true, false>),
    Workload::new("yield/100000/body_shuffled", yields::<MANY, false, true>),
    Workload::new("yield/100000/deep_shuffled", yields::<MANY, true, true>),
    Workload::new("spawn/join", spawn_join)
        .ops(100_000)
        .floor(floor::spawn_join),
    Workload::new("spawn/batch", spawn_batch)
        .ops(100_000)
        .floor(floor::spawn_batch::<BATCH>),
    Workload::new("semaphore/uncontended", semaphore_uncontended).ops(5_000_000),
    Workload::new("semaphore/pingpong", semaphore_pingpong),
    Workload::new("semaphore/contended", semaphore_contended),
    Workload::new("channel/pingpong", channel_pingpong),
    Workload::new("channel/stream", channel_stream).ops(1_000_000),
    Workload::new("channel/mpmc", channel_mpmc).ops(1_000_000),
];

#[inline(never)]
fn outer() {
    inner();
    black_box(());
}

#[inline(never)]
fn inner() {
    cede();
    black_box(());
}

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
                        outer();
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

fn semaphore_uncontended(ops: u64) -> Took {
    let semaphore = Semaphore::new(1);
    let start = Instant::now();
    for _ in 0..ops {
        let guard = semaphore.acquire();
        black_box(&guard);
    }
    let time = start.elapsed();
    Took { ops, time }
}

/// Two coros hand a token to and fro through two semaphores.
fn semaphore_pingpong(ops: u64) -> Took {
    let turns = ops.div_ceil(2);
    let (there, back) = pair(|| Semaphore::new(0));
    let (their_there, their_back) = (there.clone(), back.clone());
    let one = move || {
        for _ in 0..turns {
            their_there.down();
            their_back.up();
        }
    };
    let other = move || {
        for _ in 0..turns {
            there.up();
            back.down();
        }
    };
    clock(2 * turns, [spawn(one), spawn(other)])
}

/// 100 coros share one permit, and yield while they hold it.
fn semaphore_contended(ops: u64) -> Took {
    const COROS: u64 = 100;
    let turns = ops.div_ceil(COROS);
    let permit = Rc::new(Semaphore::new(1));
    let coros: Vec<_> = (0..COROS)
        .map(|_| {
            let permit = permit.clone();
            spawn(move || {
                for _ in 0..turns {
                    let _guard = permit.acquire();
                    cede();
                }
            })
        })
        .collect();
    clock(COROS * turns, coros)
}

/// Two coros send a number to and fro through two channels of capacity 1.
fn channel_pingpong(ops: u64) -> Took {
    let turns = ops.div_ceil(2);
    let (there, back) = pair(|| Channel::bounded(1));
    let (their_there, their_back) = (there.clone(), back.clone());
    let one = move || {
        while let Some(number) = their_there.get() {
            their_back.put(number);
        }
    };
    let other = move || {
        for number in 0..turns {
            there.put(number);
            black_box(back.get());
        }
        there.shutdown();
    };
    clock(2 * turns, [spawn(one), spawn(other)])
}

const CAPACITY: usize = 128;

/// One coro puts, another gets.
fn channel_stream(ops: u64) -> Took {
    let channel = Rc::new(Channel::bounded(CAPACITY));
    let their_channel = channel.clone();
    let producer = move || {
        for number in 0..ops {
            channel.put(number);
        }
        channel.shutdown();
    };
    let consumer = move || consume(&their_channel);
    clock(ops, [spawn(consumer), spawn(producer)])
}

/// 8 coros put into one channel, and 8 get out of it.
fn channel_mpmc(ops: u64) -> Took {
    const EACH: u64 = 8;
    let numbers = ops.div_ceil(EACH);
    let channel = Rc::new(Channel::bounded(CAPACITY));
    let producing = Rc::new(Cell::new(EACH));
    let consumers = (0..EACH).map(|_| {
        let channel = channel.clone();
        spawn(move || consume(&channel))
    });
    let producers = (0..EACH).map(|_| {
        let (channel, producing) = (channel.clone(), producing.clone());
        spawn(move || {
            for number in 0..numbers {
                channel.put(number);
            }
            producing.set(producing.get() - 1);
            if producing.get() == 0 {
                channel.shutdown();
            }
        })
    });
    let coros: Vec<_> = consumers.chain(producers).collect();
    clock(EACH * numbers, coros)
}

#[inline(always)]
fn consume(channel: &Channel<u64>) {
    let mut sum = 0;
    while let Some(number) = channel.get() {
        sum += number;
    }
    black_box(sum);
}

fn pair<T>(make: impl Fn() -> T) -> (Rc<T>, Rc<T>) {
    (Rc::new(make()), Rc::new(make()))
}

/// Measures from here to the end of these coros, none of which has run yet.
fn clock(ops: u64, coros: impl IntoIterator<Item = JoinHandle<()>>) -> Took {
    let coros: Vec<_> = coros.into_iter().collect();
    let start = Instant::now();
    coros.into_iter().for_each(join);
    let time = start.elapsed();
    Took { ops, time }
}

#[inline(always)]
fn join(coro: JoinHandle<()>) {
    coro.join().expect("a workload does not fail");
}
