//! OS threads, with what they most often use: parking_lot and crossbeam-channel.
//!
//! - A semaphore is a mutex, a condition variable and a count. It has no guard.
//! - To yield is to tell the system so.
//! - Threads run as soon as they are spawned, so where the others measure from, a gate opens.
//! - The threads of a batch end as they will: hardly ever are 10 000 alive at a time.

#![allow(
    clippy::disallowed_methods,
    reason = "these are threads, and yield as such"
)]

mod channels;

use std::cell::Cell;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread::{self, JoinHandle, yield_now};
use std::time::Instant;

use coro_benches::workload::{CROWD, Run, Took, deep, sum_below};
use parking_lot::{Condvar, Mutex, RwLock};

use super::Program;
use crate::product::{Elem, Row};
use crate::workload::Workload as W;

pub(super) const PROGRAM: Program = Program {
    run,
    block: Some(block),
};

fn run(workload: W) -> Option<Run> {
    Some(match workload {
        W::Yield2 => yields::<2, false>,
        W::Yield2Deep => yields::<2, true>,
        W::Yield1000 => yields::<1000, false>,
        W::SpawnJoin => spawn_join,
        W::SpawnBatch => spawn_batch,
        W::SemUncontended => sem_uncontended,
        W::SemPingpong => sem_pingpong::<false>,
        W::SemPingpongDeep => sem_pingpong::<true>,
        W::SemContended => sem_contended,
        W::ChanPingpong => channels::chan_pingpong::<false>,
        W::ChanPingpongDeep => channels::chan_pingpong::<true>,
        W::ChanStream => channels::chan_stream,
        W::ChanMpmc => channels::chan_mpmc,
        W::RwReadUncontended => rw_read_uncontended,
        W::RwContended => rw_contended,
        W::NotifyBroadcast => notify_broadcast,
        W::LocalGet => local_get,
        W::MatmulElem => channels::matmul::<Elem>,
        W::MatmulRow => channels::matmul::<Row>,
        W::SharedPingpong => channels::chan_pingpong::<false>,
        W::SharedStream => channels::chan_stream,
        // More threads than a system allows.
        W::Yield100k => return None,
        W::MemBlocked => return None,
    })
}

/// What a thread does.
type Task = Box<dyn FnOnce() + Send>;

struct Semaphore {
    count: Mutex<usize>,
    changed: Condvar,
}

impl Semaphore {
    fn new(count: usize) -> Arc<Self> {
        Arc::new(Self {
            count: Mutex::new(count),
            changed: Condvar::new(),
        })
    }

    fn acquire(&self) {
        let mut count = self.count.lock();
        self.changed.wait_while(&mut count, |count| *count == 0);
        *count -= 1;
    }

    fn release(&self, permits: usize) {
        *self.count.lock() += permits;
        if permits == 1 {
            self.changed.notify_one();
        } else {
            self.changed.notify_all();
        }
    }
}

fn join(thread: JoinHandle<()>) {
    thread.join().expect("a workload does not fail");
}

/// Measures from here to the end of these threads, none of which has run yet.
fn clock(ops: u64, tasks: Vec<Task>) -> Took {
    let gate = Semaphore::new(0);
    let count = tasks.len();
    let threads: Vec<_> = tasks
        .into_iter()
        .map(|task| {
            let gate = gate.clone();
            thread::spawn(move || {
                gate.acquire();
                task();
            })
        })
        .collect();
    let start = Instant::now();
    gate.release(count);
    threads.into_iter().for_each(join);
    let time = start.elapsed();
    Took { ops, time }
}

/// Does a thing that may wait, directly or two calls deep.
#[inline(always)]
fn at_depth<const DEEP: bool, T>(wait: impl Fn() -> T) -> T {
    if DEEP { deep(wait) } else { wait() }
}

fn yields<const TASKS: usize, const DEEP: bool>(ops: u64) -> Took {
    let rounds = ops.div_ceil(TASKS as u64);
    let (begun, start, yielded, end) = (
        Semaphore::new(0),
        Semaphore::new(0),
        Semaphore::new(0),
        Semaphore::new(0),
    );
    let yielding = Arc::new(AtomicU64::new(TASKS as u64));
    let threads: Vec<_> = (0..TASKS)
        .map(|_| {
            let (begun, start) = (begun.clone(), start.clone());
            let (yielding, yielded, end) = (yielding.clone(), yielded.clone(), end.clone());
            thread::spawn(move || {
                begun.release(1);
                start.acquire();
                for _ in 1..rounds {
                    at_depth::<DEEP, _>(yield_now);
                }
                if yielding.fetch_sub(1, Relaxed) == 1 {
                    yielded.release(1);
                }
                end.acquire();
            })
        })
        .collect();
    (0..TASKS).for_each(|_| begun.acquire());
    let began = Instant::now();
    start.release(TASKS);
    yielded.acquire();
    let time = began.elapsed();
    end.release(TASKS);
    threads.into_iter().for_each(join);
    Took {
        ops: rounds * TASKS as u64,
        time,
    }
}

fn spawn_join(ops: u64) -> Took {
    let start = Instant::now();
    for _ in 0..ops {
        join(thread::spawn(|| ()));
    }
    let time = start.elapsed();
    Took { ops, time }
}

fn spawn_batch(ops: u64) -> Took {
    const BATCH: usize = 10_000;
    let batches = ops.div_ceil(BATCH as u64);
    let mut threads = Vec::with_capacity(BATCH);
    let start = Instant::now();
    for _ in 0..batches {
        threads.extend((0..BATCH).map(|_| thread::spawn(|| ())));
        threads.drain(..).for_each(join);
    }
    let time = start.elapsed();
    Took {
        ops: batches * BATCH as u64,
        time,
    }
}

fn sem_uncontended(ops: u64) -> Took {
    let semaphore = Semaphore::new(1);
    let mut held = 0;
    let start = Instant::now();
    for _ in 0..ops {
        semaphore.acquire();
        held += 1;
        semaphore.release(1);
    }
    let time = start.elapsed();
    assert_eq!((held, *semaphore.count.lock()), (ops, 1));
    Took { ops, time }
}

fn sem_pingpong<const DEEP: bool>(ops: u64) -> Took {
    let turns = ops.div_ceil(2);
    let (there, back) = (Semaphore::new(0), Semaphore::new(0));
    let (their_there, their_back) = (there.clone(), back.clone());
    let (our_there, our_back) = (there.clone(), back.clone());
    let one = move || {
        for _ in 0..turns {
            at_depth::<DEEP, _>(|| their_there.acquire());
            their_back.release(1);
        }
    };
    let other = move || {
        for _ in 0..turns {
            our_there.release(1);
            at_depth::<DEEP, _>(|| our_back.acquire());
        }
    };
    let took = clock(2 * turns, vec![Box::new(one), Box::new(other)]);
    assert_eq!((*there.count.lock(), *back.count.lock()), (0, 0));
    took
}

fn sem_contended(ops: u64) -> Took {
    let turns = ops.div_ceil(CROWD);
    let (permit, held) = (Semaphore::new(1), Arc::new(AtomicU64::new(0)));
    let task = || -> Task {
        let (permit, held) = (permit.clone(), held.clone());
        Box::new(move || {
            for _ in 0..turns {
                permit.acquire();
                let before = held.load(Relaxed);
                yield_now();
                held.store(before + 1, Relaxed);
                permit.release(1);
            }
        })
    };
    let took = clock(CROWD * turns, (0..CROWD).map(|_| task()).collect());
    assert_eq!(
        held.load(Relaxed),
        took.ops,
        "two held the permit at a time"
    );
    took
}

fn rw_read_uncontended(ops: u64) -> Took {
    let lock = RwLock::new(1);
    let mut sum = 0;
    let start = Instant::now();
    for _ in 0..ops {
        sum += *lock.read();
    }
    let time = start.elapsed();
    assert_eq!(sum, ops);
    assert!(lock.try_write().is_some());
    Took { ops, time }
}

fn rw_contended(ops: u64) -> Took {
    const WRITERS: u64 = 4;
    let turns = ops.div_ceil(CROWD + WRITERS);
    let lock = Arc::new(RwLock::new(0));
    let reader = || -> Task {
        let lock = lock.clone();
        Box::new(move || {
            for _ in 0..turns {
                let value = lock.read();
                let before = *value;
                yield_now();
                assert_eq!(*value, before);
            }
        })
    };
    let writer = || -> Task {
        let lock = lock.clone();
        Box::new(move || {
            for _ in 0..turns {
                let mut value = lock.write();
                let before = *value;
                yield_now();
                *value = before + 1;
            }
        })
    };
    let readers = (0..CROWD).map(|_| reader());
    let writers = (0..WRITERS).map(|_| writer());
    let took = clock((CROWD + WRITERS) * turns, readers.chain(writers).collect());
    assert_eq!(*lock.read(), WRITERS * turns);
    took
}

fn notify_broadcast(ops: u64) -> Took {
    const WAITERS: u64 = 1000;
    let rounds = ops.div_ceil(WAITERS);
    let round = Arc::new((Mutex::new(0), Condvar::new()));
    let (arrived, all_arrived) = (Arc::new(AtomicU64::new(0)), Semaphore::new(0));
    let threads: Vec<_> = (0..WAITERS)
        .map(|_| {
            let round = round.clone();
            let (arrived, all_arrived) = (arrived.clone(), all_arrived.clone());
            thread::spawn(move || {
                let (round, changed) = &*round;
                let mut now = round.lock();
                for mine in 0..=rounds {
                    if arrived.fetch_add(1, Relaxed) + 1 == WAITERS * (mine + 1) {
                        all_arrived.release(1);
                    }
                    if mine < rounds {
                        changed.wait_while(&mut now, |now| *now == mine);
                    }
                }
            })
        })
        .collect();
    all_arrived.acquire();
    let start = Instant::now();
    for _ in 0..rounds {
        *round.0.lock() += 1;
        round.1.notify_all();
        all_arrived.acquire();
    }
    let time = start.elapsed();
    threads.into_iter().for_each(join);
    assert_eq!(arrived.load(Relaxed), WAITERS * (rounds + 1));
    Took {
        ops: WAITERS * rounds,
        time,
    }
}

thread_local! {
    static ONE: Cell<u64> = const { Cell::new(1) };
}

fn local_get(ops: u64) -> Took {
    let mut sum = 0;
    let start = Instant::now();
    for _ in 0..ops {
        sum += ONE.get();
        black_box(());
    }
    let time = start.elapsed();
    assert_eq!(sum, ops);
    Took { ops, time }
}

fn block(count: usize, pause: &mut dyn FnMut()) {
    let (begun, gate) = (Semaphore::new(0), Semaphore::new(0));
    let threads: Vec<_> = (0..count)
        .map(|_| {
            let (begun, gate) = (begun.clone(), gate.clone());
            thread::spawn(move || {
                begun.release(1);
                gate.acquire();
            })
        })
        .collect();
    (0..count).for_each(|_| begun.acquire());
    pause();
    gate.release(count);
    threads.into_iter().for_each(join);
}
