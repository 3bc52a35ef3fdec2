//! Semaphores, readers-writer locks and what wakes all.

use std::cell::Cell;
use std::hint::black_box;
use std::rc::Rc;
use std::time::Instant;

use coro_benches::workload::{CROWD, Took};

use super::{Event, Executor, Library, RwLock, Semaphore, clock};

pub(super) fn uncontended<L: Library>(ops: u64) -> Took {
    L::Executor::default().block_on(async move {
        let semaphore = L::Semaphore::new(1);
        let mut taken = 0;
        let start = Instant::now();
        for _ in 0..ops {
            let guard = semaphore.acquire().await;
            black_box(&guard);
            taken += u64::from(semaphore.permits() == 0);
        }
        let time = start.elapsed();
        assert_eq!((taken, semaphore.permits()), (ops, 1));
        Took { ops, time }
    })
}

async fn outer<S: Semaphore>(semaphore: &S) {
    inner(semaphore).await;
    black_box(());
}

async fn inner<S: Semaphore>(semaphore: &S) {
    S::forget(semaphore.acquire().await);
    black_box(());
}

/// Two tasks hand a token to and fro through two semaphores.
pub(super) fn ping_pong<L: Library, const DEEP: bool>(ops: u64) -> Took {
    let turns = ops.div_ceil(2);
    L::Executor::default().block_on(async move {
        let (there, back) = (Rc::new(L::Semaphore::new(0)), Rc::new(L::Semaphore::new(0)));
        let (their_there, their_back) = (there.clone(), back.clone());
        let one = async move {
            for _ in 0..turns {
                if DEEP {
                    outer(&*their_there).await;
                } else {
                    L::Semaphore::forget(their_there.acquire().await);
                }
                their_back.add_permits(1);
            }
        };
        let (our_there, our_back) = (there.clone(), back.clone());
        let other = async move {
            for _ in 0..turns {
                our_there.add_permits(1);
                if DEEP {
                    outer(&*our_back).await;
                } else {
                    L::Semaphore::forget(our_back.acquire().await);
                }
            }
        };
        let tasks = [L::Executor::spawn(one), L::Executor::spawn(other)];
        let took = clock::<L::Executor>(2 * turns, tasks).await;
        assert_eq!((there.permits(), back.permits()), (0, 0));
        took
    })
}

/// Tasks share one permit, and yield while they hold it.
pub(super) fn contended<L: Library>(ops: u64) -> Took {
    let turns = ops.div_ceil(CROWD);
    L::Executor::default().block_on(async move {
        let permit = Rc::new(L::Semaphore::new(1));
        let held = Rc::new(Cell::new(0));
        let tasks = (0..CROWD).map(|_| {
            let (permit, held) = (permit.clone(), held.clone());
            L::Executor::spawn(async move {
                for _ in 0..turns {
                    let _guard = permit.acquire().await;
                    let before = held.get();
                    L::Executor::yield_now().await;
                    held.set(before + 1);
                }
            })
        });
        let took = clock::<L::Executor>(CROWD * turns, tasks).await;
        assert_eq!(held.get(), took.ops, "two held the permit at a time");
        took
    })
}

/// Blocks so many tasks, each on the same semaphore.
pub(super) fn block<L: Library>(count: usize, pause: &mut dyn FnMut()) {
    let executor = L::Executor::default();
    let gate = Rc::new(L::Semaphore::new(0));
    let closed = gate.clone();
    let tasks = executor.block_on(async move {
        let waiting = Rc::new(Cell::new(0));
        let tasks: Vec<_> = (0..count)
            .map(|_| {
                let (gate, waiting) = (closed.clone(), waiting.clone());
                L::Executor::spawn(async move {
                    waiting.set(waiting.get() + 1);
                    L::Semaphore::forget(gate.acquire().await);
                })
            })
            .collect();
        while waiting.get() < count {
            L::Executor::yield_now().await;
        }
        tasks
    });
    pause();
    executor.block_on(async move {
        gate.add_permits(count);
        for task in tasks {
            L::Executor::join(task).await;
        }
    });
}

pub(super) fn read_uncontended<L: Library>(ops: u64) -> Took {
    L::Executor::default().block_on(async move {
        let lock = L::RwLock::new(1);
        let mut sum = 0;
        let start = Instant::now();
        for _ in 0..ops {
            let guard = lock.read().await;
            black_box(&guard);
            sum += lock.seen(&guard);
        }
        let time = start.elapsed();
        assert_eq!(sum, ops);
        drop(lock.write().await);
        Took { ops, time }
    })
}

/// Readers and writers yield while they hold the lock.
pub(super) fn rw_contended<L: Library>(ops: u64) -> Took {
    const WRITERS: u64 = 4;
    let turns = ops.div_ceil(CROWD + WRITERS);
    L::Executor::default().block_on(async move {
        let lock = Rc::new(L::RwLock::new(0));
        let readers = (0..CROWD).map(|_| {
            let lock = lock.clone();
            L::Executor::spawn(async move {
                for _ in 0..turns {
                    let guard = lock.read().await;
                    let before = lock.seen(&guard);
                    L::Executor::yield_now().await;
                    assert_eq!(lock.seen(&guard), before);
                }
            })
        });
        let writers = (0..WRITERS).map(|_| {
            let lock = lock.clone();
            L::Executor::spawn(async move {
                for _ in 0..turns {
                    let mut guard = lock.write().await;
                    let before = lock.get(&guard);
                    L::Executor::yield_now().await;
                    lock.set(&mut guard, before + 1);
                }
            })
        });
        let tasks = readers.chain(writers);
        let took = clock::<L::Executor>((CROWD + WRITERS) * turns, tasks).await;
        assert_eq!(lock.seen(&lock.read().await), WRITERS * turns);
        took
    })
}

/// All waiters are woken at once, run, and wait again.
pub(super) fn broadcast<L: Library>(ops: u64) -> Took {
    const WAITERS: u64 = 1000;
    let rounds = ops.div_ceil(WAITERS);
    L::Executor::default().block_on(async move {
        let event = Rc::new(L::Event::default());
        // Who is about to wait, for the first time or again.
        let waits = Rc::new(Cell::new(0));
        let waiters: Vec<_> = (0..WAITERS)
            .map(|_| {
                let (event, waits) = (event.clone(), waits.clone());
                L::Executor::spawn(async move {
                    for _ in 0..rounds {
                        waits.set(waits.get() + 1);
                        event.wait().await;
                    }
                    waits.set(waits.get() + 1);
                })
            })
            .collect();
        while waits.get() < WAITERS {
            L::Executor::yield_now().await;
        }
        let start = Instant::now();
        for round in 0..rounds {
            event.broadcast();
            while waits.get() < (round + 2) * WAITERS {
                L::Executor::yield_now().await;
            }
        }
        let time = start.elapsed();
        assert_eq!(waits.get(), (rounds + 1) * WAITERS);
        for waiter in waiters {
            L::Executor::join(waiter).await;
        }
        Took {
            ops: rounds * WAITERS,
            time,
        }
    })
}
