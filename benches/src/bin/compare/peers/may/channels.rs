//! Workloads of channels, the products among them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use coro_benches::workload::Took;
use may::go;
use may::sync::{mpmc, mpsc, spsc};

use super::{Task, at_depth, clock, in_coroutine, join, semaphore, sum_below};
use crate::product::{Job, WORKERS, measure};

/// Returns what calls `turns` times, and what answers.
fn call_and_answer<const DEEP: bool>(turns: u64) -> (impl FnOnce() + Send, impl FnOnce() + Send) {
    let ((call, calls), (answer, answers)) = (spsc::channel(), spsc::channel());
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
    (one, other)
}

pub(super) fn chan_pingpong<const DEEP: bool>(ops: u64) -> Took {
    let turns = ops.div_ceil(2);
    let (one, other) = call_and_answer::<DEEP>(turns);
    clock(2 * turns, vec![Box::new(other), Box::new(one)])
}

/// Returns what sends the numbers below `ops`, and what receives them, through a channel for 128.
fn ends(ops: u64) -> (impl FnOnce() + Send, impl FnOnce() + Send) {
    let (sender, receiver) = spsc::channel();
    let room = semaphore(128);
    let their_room = room.clone();
    let send = move || {
        for number in 0..ops {
            room.wait();
            sender.send(number).expect("the receiver takes all");
        }
    };
    let receive = move || {
        let sum: u64 = receiver.iter().inspect(|_| their_room.post()).sum();
        assert_eq!(sum, sum_below(ops));
    };
    (send, receive)
}

pub(super) fn chan_stream(ops: u64) -> Took {
    let (send, receive) = ends(ops);
    clock(ops, vec![Box::new(receive), Box::new(send)])
}

pub(super) fn chan_mpmc(ops: u64) -> Took {
    const EACH: u64 = 8;
    let numbers = ops.div_ceil(EACH);
    let (sender, receiver) = mpmc::channel();
    let (room, total) = (semaphore(128), Arc::new(AtomicU64::new(0)));
    let mut tasks: Vec<Task> = Vec::new();
    for _ in 0..EACH {
        let (receiver, room, total) = (receiver.clone(), room.clone(), total.clone());
        tasks.push(Box::new(move || {
            let sum = receiver.iter().inspect(|_| room.post()).sum();
            total.fetch_add(sum, Relaxed);
        }));
    }
    for _ in 0..EACH {
        let (sender, room) = (sender.clone(), room.clone());
        tasks.push(Box::new(move || {
            for number in 0..numbers {
                room.wait();
                sender.send(number).expect("the receivers take all");
            }
        }));
    }
    drop(sender);
    let took = clock(EACH * numbers, tasks);
    assert_eq!(total.load(Relaxed), EACH * sum_below(numbers));
    took
}

pub(super) fn matmul<J: Job>(ops: u64) -> Took {
    in_coroutine(move || {
        measure(ops, |product| {
            let (jobs, to_do) = mpmc::channel();
            let (results, done) = mpsc::channel();
            let mut coroutines: Vec<_> = (0..WORKERS)
                .map(|_| {
                    let (to_do, results) = (to_do.clone(), results.clone());
                    go!(move || {
                        for job in to_do.iter() {
                            let result = J::work(job);
                            results.send(result).expect("all results are collected");
                        }
                    })
                })
                .collect();
            coroutines.push(go!(move || {
                for job in 0..J::COUNT {
                    jobs.send(job).expect("the workers take all");
                }
            }));
            for _ in 0..J::COUNT {
                let result = done.recv().expect("a worker sends it");
                J::place(product, result);
            }
            coroutines.into_iter().for_each(join);
        })
    })
}

/// Measures until this thread has done the one and the worker the other.
fn beside(ops: u64, ours: impl FnOnce(), theirs: impl FnOnce() + Send + 'static) -> Took {
    in_coroutine(|| ()); // the worker starts
    let start = Instant::now();
    let other = go!(theirs);
    ours();
    join(other);
    let time = start.elapsed();
    Took { ops, time }
}

pub(super) fn shared_pingpong(ops: u64) -> Took {
    let turns = ops.div_ceil(2);
    let (one, other) = call_and_answer::<false>(turns);
    beside(2 * turns, one, other)
}

pub(super) fn shared_stream(ops: u64) -> Took {
    let (send, receive) = ends(ops);
    beside(ops, send, receive)
}
