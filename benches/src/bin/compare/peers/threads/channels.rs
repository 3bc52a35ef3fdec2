//! Workloads of channels, the products among them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;

use coro_benches::workload::Took;
use crossbeam_channel::bounded;

use super::{Task, at_depth, clock, sum_below};
use crate::product::{CAPACITY, Job, WORKERS, measure};

pub(super) fn chan_pingpong<const DEEP: bool>(ops: u64) -> Took {
    let turns = ops.div_ceil(2);
    let ((call, calls), (answer, answers)) = (bounded(1), bounded(1));
    let one = move || {
        let mut sum = 0;
        for number in 0..turns {
            call.send(number).expect("the other answers all calls");
            sum += at_depth::<DEEP, _>(|| answers.recv()).unwrap_or_default();
        }
        assert_eq!(sum, sum_below(turns));
    };
    let other = move || {
        while let Ok(number) = at_depth::<DEEP, _>(|| calls.recv()) {
            answer.send(number).expect("the caller waits");
        }
    };
    clock(2 * turns, vec![Box::new(one), Box::new(other)])
}

pub(super) fn chan_stream(ops: u64) -> Took {
    flow::<1>(ops)
}

pub(super) fn chan_mpmc(ops: u64) -> Took {
    flow::<8>(ops)
}

/// As many threads send to one channel as receive from it.
fn flow<const EACH: u64>(ops: u64) -> Took {
    let numbers = ops.div_ceil(EACH);
    let (sender, receiver) = bounded(128);
    let total = Arc::new(AtomicU64::new(0));
    let mut tasks: Vec<Task> = Vec::new();
    for _ in 0..EACH {
        let sender = sender.clone();
        tasks.push(Box::new(move || {
            for number in 0..numbers {
                sender.send(number).expect("the receivers take all");
            }
        }));
    }
    for _ in 0..EACH {
        let (receiver, total) = (receiver.clone(), total.clone());
        tasks.push(Box::new(move || {
            total.fetch_add(receiver.iter().sum(), Relaxed);
        }));
    }
    drop((sender, receiver));
    let took = clock(EACH * numbers, tasks);
    assert_eq!(total.load(Relaxed), EACH * sum_below(numbers));
    took
}

pub(super) fn matmul<J: Job>(ops: u64) -> Took {
    measure(ops, |product| {
        let (jobs, to_do) = bounded(CAPACITY);
        let (results, done) = bounded(CAPACITY);
        thread::scope(|scope| {
            for _ in 0..WORKERS {
                let (to_do, results) = (to_do.clone(), results.clone());
                scope.spawn(move || {
                    for job in to_do {
                        results
                            .send(J::work(job))
                            .expect("all results are collected");
                    }
                });
            }
            scope.spawn(move || {
                for job in 0..J::COUNT {
                    jobs.send(job).expect("the workers take all");
                }
            });
            for result in done.iter().take(J::COUNT) {
                J::place(product, result);
            }
        });
    })
}
