//! Yields, and spawning and joining.

use std::cell::Cell;
use std::hint::black_box;
use std::rc::Rc;
use std::time::{Duration, Instant};

use coro_benches::workload::Took;

use super::Executor;

/// From when the last of the tasks has begun to when the last is done.
struct Span {
    tasks: usize,
    begun: Cell<usize>,
    done: Cell<usize>,
    start: Cell<Instant>,
    time: Cell<Duration>,
}

impl Span {
    fn begin(&self) {
        self.begun.set(self.begun.get() + 1);
        if self.begun.get() == self.tasks {
            self.start.set(Instant::now());
        }
    }

    fn end(&self) {
        self.done.set(self.done.get() + 1);
        if self.done.get() == self.tasks {
            self.time.set(self.start.get().elapsed());
        }
    }
}

async fn outer<E: Executor>() {
    inner::<E>().await;
    black_box(());
}

async fn inner<E: Executor>() {
    E::yield_now().await;
    black_box(());
}

/// Tasks yield in turn, in the order of their making.
pub(super) fn yields<E: Executor, const TASKS: usize, const DEEP: bool>(ops: u64) -> Took {
    let rounds = ops.div_ceil(TASKS as u64);
    E::default().block_on(async move {
        let span = Rc::new(Span {
            tasks: TASKS,
            begun: Cell::new(0),
            done: Cell::new(0),
            start: Cell::new(Instant::now()),
            time: Cell::new(Duration::ZERO),
        });
        let tasks: Vec<_> = (0..TASKS)
            .map(|_| {
                let span = span.clone();
                E::spawn(async move {
                    span.begin();
                    for _ in 0..rounds {
                        if DEEP {
                            outer::<E>().await;
                        } else {
                            E::yield_now().await;
                        }
                    }
                    span.end();
                })
            })
            .collect();
        for task in tasks {
            E::join(task).await;
        }
        assert_eq!((span.begun.get(), span.done.get()), (TASKS, TASKS));
        Took {
            ops: rounds * TASKS as u64,
            time: span.time.get(),
        }
    })
}

pub(super) fn spawn_join<E: Executor>(ops: u64) -> Took {
    E::default().block_on(async move {
        let start = Instant::now();
        for _ in 0..ops {
            E::join(E::spawn(async {})).await;
        }
        let time = start.elapsed();
        Took { ops, time }
    })
}

const BATCH: usize = 10_000;

pub(super) fn spawn_batch<E: Executor>(ops: u64) -> Took {
    let batches = ops.div_ceil(BATCH as u64);
    E::default().block_on(async move {
        let mut tasks = Vec::with_capacity(BATCH);
        let start = Instant::now();
        for _ in 0..batches {
            tasks.extend((0..BATCH).map(|_| E::spawn(async {})));
            for task in tasks.drain(..) {
                E::join(task).await;
            }
        }
        let time = start.elapsed();
        Took {
            ops: batches * BATCH as u64,
            time,
        }
    })
}
