//! Workloads of channels between OS threads.
//!
//! What takes two OS threads depends on how the system runs them, more than on the channel.

use std::thread;
use std::time::Instant;

use coro::{JoinHandle, spawn};
use coro_channel::shared::{self, Receiver, Sender};

use crate::workload::{Took, Workload, clock, sum_below};

/// The workloads; those of a group follow each other.
pub const ALL: &[Workload] = &[
    Workload::new(
        "shared/ping_pong",
        "shared channel ping-pong, each message",
        ping_pong,
    )
    .ops(100_000),
    Workload::new(
        "shared/ping_pong_os_threads",
        "the same, two OS threads",
        ping_pong_os_threads,
    )
    .ops(10_000),
    Workload::new(
        "shared/stream_128",
        "shared channel stream, capacity 128",
        stream,
    ),
    Workload::new(
        "shared/stream_128_os_threads",
        "the same, two OS threads",
        stream_os_threads,
    ),
];

/// Two ends of two channels, for one who calls and one who answers.
struct Pair {
    there: (Sender<u64>, Receiver<u64>),
    back: (Sender<u64>, Receiver<u64>),
}

impl Pair {
    fn new() -> Pair {
        Pair {
            there: shared::bounded(1),
            back: shared::bounded(1),
        }
    }

    /// Returns what calls `turns` times, and what answers.
    fn split(self, turns: u64) -> (impl FnOnce() + Send, impl FnOnce() + Send) {
        let ((call, calls), (answer, answers)) = (self.there, self.back);
        let one = move || {
            let mut sum = 0;
            for number in 0..turns {
                call.put(number).expect("the other answers all calls");
                sum += answers.get().unwrap_or_default();
            }
            assert_eq!(sum, sum_below(turns));
        };
        let other = move || {
            for number in calls {
                answer.put(number).expect("the caller waits");
            }
        };
        (one, other)
    }
}

/// Two coros of an OS thread send a number to and fro through two channels of capacity 1.
fn ping_pong(ops: u64) -> Took {
    let turns = ops.div_ceil(2);
    let (one, other) = Pair::new().split(turns);
    clock(2 * turns, [spawn(one), spawn(other)])
}

/// The same by coros of two OS threads.
fn ping_pong_os_threads(ops: u64) -> Took {
    let turns = ops.div_ceil(2);
    let (one, other) = Pair::new().split(turns);
    beside(2 * turns, spawn(one), other)
}

/// Returns what puts the numbers below `ops`, and what gets them, through a channel for 128.
fn ends(ops: u64) -> (impl FnOnce() + Send, impl FnOnce() + Send) {
    let (sender, receiver) = shared::bounded(128);
    let put = move || {
        for number in 0..ops {
            sender.put(number).expect("the receiver gets all");
        }
    };
    let get = move || assert_eq!(receiver.iter().sum::<u64>(), sum_below(ops));
    (put, get)
}

/// A coro puts, and another of the same OS thread gets.
fn stream(ops: u64) -> Took {
    let (put, get) = ends(ops);
    clock(ops, [spawn(put), spawn(get)])
}

/// The same by coros of two OS threads.
fn stream_os_threads(ops: u64) -> Took {
    let (put, get) = ends(ops);
    beside(ops, spawn(put), get)
}

/// Measures until this coro has ended, and one in another OS thread that does `theirs`.
fn beside(ops: u64, ours: JoinHandle<()>, theirs: impl FnOnce() + Send + 'static) -> Took {
    let start = Instant::now();
    let other = thread::spawn(move || spawn(theirs).join().expect("a workload does not fail"));
    ours.join().expect("a workload does not fail");
    other.join().expect("a workload does not fail");
    let time = start.elapsed();
    Took { ops, time }
}
