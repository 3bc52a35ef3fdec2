//! may: coroutines on one worker, an OS thread beside that of main.
//!
//! - All is measured by a coroutine, so only the worker runs. Coroutines are joined by coroutines.
//! - A `Semphore` has no guard.
//! - Channels have no bound. Where numbers stream, a `Semphore` counts the room for 128. A
//!   ping-pong has never more than one on its way; for the products, the channels are used as they
//!   are. Who sends or receives alone has the channel for that.
//! - `yield_now` puts a coroutine before those that were spawned since the queue was last empty, so
//!   nobody yields to wait for the others to begin.
//! - Of two OS threads, one is the worker and the other is main, which needs no runtime to use the
//!   channels.

mod channels;

use std::hint::black_box;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use coro_benches::workload::{CROWD, Run, Took, deep, sum_below};
use may::coroutine::{JoinHandle, yield_now};
use may::sync::{Condvar, Mutex, RwLock, Semphore};
use may::{coroutine_local, go};

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
        // Fails: each stack is two mappings of memory, and the system allows 65 530.
        W::Yield100k => yields::<100_000, false>,
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
        W::SharedPingpong => channels::shared_pingpong,
        W::SharedStream => channels::shared_stream,
        W::MemBlocked => return None,
    })
}

/// A coroutine that has not run yet.
type Task = Box<dyn FnOnce() + Send>;

fn join<T>(coroutine: JoinHandle<T>) -> T {
    coroutine
        .join()
        .unwrap_or_else(|panic| resume_unwind(panic))
}

fn in_coroutine<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    may::config().set_workers(1);
    join(go!(run))
}

/// Measures from here to the end of these coroutines, none of which has run yet.
fn clock(ops: u64, tasks: Vec<Task>) -> Took {
    in_coroutine(move || {
        let coroutines: Vec<_> = tasks.into_iter().map(|task| go!(task)).collect();
        let start = Instant::now();
        coroutines.into_iter().for_each(join);
        let time = start.elapsed();
        Took { ops, time }
    })
}

fn semaphore(count: usize) -> Arc<Semphore> {
    Arc::new(Semphore::new(count))
}

/// Does a thing that may wait, directly or two calls deep.
#[inline(always)]
fn at_depth<const DEEP: bool, T>(wait: impl Fn() -> T) -> T {
    if DEEP { deep(wait) } else { wait() }
}

fn yields<const TASKS: usize, const DEEP: bool>(ops: u64) -> Took {
    let rounds = ops.div_ceil(TASKS as u64);
    in_coroutine(move || {
        let (begun, start, yielded, end) = (semaphore(0), semaphore(0), semaphore(0), semaphore(0));
        let yielding = Arc::new(AtomicU64::new(TASKS as u64));
        let coroutines: Vec<_> = (0..TASKS)
            .map(|_| {
                let (begun, start, yielded, end) =
                    (begun.clone(), start.clone(), yielded.clone(), end.clone());
                let yielding = yielding.clone();
                go!(move || {
                    begun.post();
                    start.wait();
                    for _ in 1..rounds {
                        at_depth::<DEEP, _>(yield_now);
                    }
                    if yielding.fetch_sub(1, Relaxed) == 1 {
                        yielded.post();
                    }
                    end.wait();
                })
            })
            .collect();
        (0..TASKS).for_each(|_| begun.wait());
        (0..TASKS).for_each(|_| start.post());
        let began = Instant::now();
        yielded.wait();
        let time = began.elapsed();
        (0..TASKS).for_each(|_| end.post());
        coroutines.into_iter().for_each(join);
        Took {
            ops: rounds * TASKS as u64,
            time,
        }
    })
}

fn spawn_join(ops: u64) -> Took {
    in_coroutine(move || {
        let start = Instant::now();
        for _ in 0..ops {
            join(go!(|| ()));
        }
        let time = start.elapsed();
        Took { ops, time }
    })
}

fn spawn_batch(ops: u64) -> Took {
    const BATCH: usize = 10_000;
    let batches = ops.div_ceil(BATCH as u64);
    // It keeps 1 000 stacks unless it is told to keep more.
    may::config().set_pool_capacity(BATCH);
    in_coroutine(move || {
        let mut coroutines = Vec::with_capacity(BATCH);
        let start = Instant::now();
        for _ in 0..batches {
            coroutines.extend((0..BATCH).map(|_| go!(|| ())));
            coroutines.drain(..).for_each(join);
        }
        let time = start.elapsed();
        Took {
            ops: batches * BATCH as u64,
            time,
        }
    })
}

fn sem_uncontended(ops: u64) -> Took {
    in_coroutine(move || {
        let semaphore = Semphore::new(1);
        let mut taken = 0;
        let start = Instant::now();
        for _ in 0..ops {
            semaphore.wait();
            taken += u64::from(semaphore.get_value() == 0);
            semaphore.post();
        }
        let time = start.elapsed();
        assert_eq!((taken, semaphore.get_value()), (ops, 1));
        Took { ops, time }
    })
}

fn sem_pingpong<const DEEP: bool>(ops: u64) -> Took {
    let turns = ops.div_ceil(2);
    let (there, back) = (semaphore(0), semaphore(0));
    let (their_there, their_back) = (there.clone(), back.clone());
    let (our_there, our_back) = (there.clone(), back.clone());
    let one = move || {
        for _ in 0..turns {
            at_depth::<DEEP, _>(|| their_there.wait());
            their_back.post();
        }
    };
    let other = move || {
        for _ in 0..turns {
            our_there.post();
            at_depth::<DEEP, _>(|| our_back.wait());
        }
    };
    let took = clock(2 * turns, vec![Box::new(one), Box::new(other)]);
    assert_eq!((there.get_value(), back.get_value()), (0, 0));
    took
}

fn sem_contended(ops: u64) -> Took {
    let turns = ops.div_ceil(CROWD);
    let (permit, held) = (semaphore(1), Arc::new(AtomicU64::new(0)));
    let task = || -> Task {
        let (permit, held) = (permit.clone(), held.clone());
        Box::new(move || {
            for _ in 0..turns {
                permit.wait();
                let before = held.load(Relaxed);
                yield_now();
                held.store(before + 1, Relaxed);
                permit.post();
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
    in_coroutine(move || {
        let lock = RwLock::new(1);
        let mut sum = 0;
        let start = Instant::now();
        for _ in 0..ops {
            sum += *lock.read().expect("nobody panics");
        }
        let time = start.elapsed();
        assert_eq!(sum, ops);
        assert!(lock.try_write().is_ok());
        Took { ops, time }
    })
}

fn rw_contended(ops: u64) -> Took {
    const WRITERS: u64 = 4;
    let turns = ops.div_ceil(CROWD + WRITERS);
    let lock = Arc::new(RwLock::new(0));
    let reader = || -> Task {
        let lock = lock.clone();
        Box::new(move || {
            for _ in 0..turns {
                let value = lock.read().expect("nobody panics");
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
                let mut value = lock.write().expect("nobody panics");
                let before = *value;
                yield_now();
                *value = before + 1;
            }
        })
    };
    let readers = (0..CROWD).map(|_| reader());
    let writers = (0..WRITERS).map(|_| writer());
    let took = clock((CROWD + WRITERS) * turns, readers.chain(writers).collect());
    assert_eq!(*lock.read().expect("nobody panics"), WRITERS * turns);
    took
}

fn notify_broadcast(ops: u64) -> Took {
    const WAITERS: u64 = 1000;
    let rounds = ops.div_ceil(WAITERS);
    in_coroutine(move || {
        let round = Arc::new((Mutex::new(0), Condvar::new()));
        let (arrived, all_arrived) = (Arc::new(AtomicU64::new(0)), semaphore(0));
        let coroutines: Vec<_> = (0..WAITERS)
            .map(|_| {
                let (round, arrived, all_arrived) =
                    (round.clone(), arrived.clone(), all_arrived.clone());
                go!(move || {
                    let (round, changed) = &*round;
                    let mut now = round.lock().expect("nobody panics");
                    for mine in 0..=rounds {
                        if arrived.fetch_add(1, Relaxed) + 1 == WAITERS * (mine + 1) {
                            all_arrived.post();
                        }
                        while mine < rounds && *now == mine {
                            now = changed.wait(now).expect("nobody panics");
                        }
                    }
                })
            })
            .collect();
        all_arrived.wait();
        let start = Instant::now();
        for _ in 0..rounds {
            *round.0.lock().expect("nobody panics") += 1;
            round.1.notify_all();
            all_arrived.wait();
        }
        let time = start.elapsed();
        coroutines.into_iter().for_each(join);
        assert_eq!(arrived.load(Relaxed), WAITERS * (rounds + 1));
        Took {
            ops: WAITERS * rounds,
            time,
        }
    })
}

coroutine_local!(static ONE: u64 = 1);

fn local_get(ops: u64) -> Took {
    in_coroutine(move || {
        let mut sum = 0;
        let start = Instant::now();
        for _ in 0..ops {
            sum += ONE.with(|one| *one);
            black_box(());
        }
        let time = start.elapsed();
        assert_eq!(sum, ops);
        Took { ops, time }
    })
}

fn block(count: usize, pause: &mut dyn FnMut()) {
    may::config().set_workers(1);
    let (begun, gate) = (semaphore(0), semaphore(0));
    let coroutines: Vec<_> = (0..count)
        .map(|_| {
            let (begun, gate) = (begun.clone(), gate.clone());
            go!(move || {
                begun.post();
                gate.wait();
            })
        })
        .collect();
    (0..count).for_each(|_| begun.wait());
    pause();
    (0..count).for_each(|_| gate.post());
    coroutines.into_iter().for_each(join);
}
