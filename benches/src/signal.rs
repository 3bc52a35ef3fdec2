//! Workloads of signals.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Instant;

use coro::{cede, spawn};
use coro_signal::Signal;

use crate::workload::{Took, Workload, clock, join, pair};

/// The workloads; those of a group follow each other.
pub const ALL: &[Workload] = &[
    Workload::new(
        "signal/broadcast_1000",
        "broadcast to 1 000 waiters, each",
        broadcast,
    )
    .aim(15.0),
    Workload::new(
        "signal/ping_pong",
        "signal ping-pong, each hand-over",
        ping_pong,
    ),
];

/// All waiters are woken at once, run, and wait again.
fn broadcast(ops: u64) -> Took {
    const WAITERS: u64 = 1000;
    let rounds = ops.div_ceil(WAITERS);
    let signal = Rc::new(Signal::new());
    let woken = Rc::new(Cell::new(0));
    let waiters: Vec<_> = (0..WAITERS)
        .map(|_| {
            let (signal, woken) = (signal.clone(), woken.clone());
            spawn(move || {
                for _ in 0..rounds {
                    signal.wait();
                    woken.set(woken.get() + 1);
                }
            })
        })
        .collect();
    cede();
    assert_eq!(signal.awaited() as u64, WAITERS);
    let start = Instant::now();
    for _ in 0..rounds {
        signal.broadcast();
        cede();
    }
    let time = start.elapsed();
    let ops = rounds * WAITERS;
    assert_eq!(woken.get(), ops);
    waiters.into_iter().for_each(join);
    Took { ops, time }
}

/// Two coros wake each other through two signals.
fn ping_pong(ops: u64) -> Took {
    let turns = ops.div_ceil(2);
    let woken = Rc::new(Cell::new(0));
    let (there, back) = pair(Signal::new);
    let (their_there, their_back, their_woken) = (there.clone(), back.clone(), woken.clone());
    let one = move || {
        for _ in 0..turns {
            their_there.wait();
            their_woken.set(their_woken.get() + 1);
            their_back.send();
        }
    };
    let our_woken = woken.clone();
    let other = move || {
        for turn in 0..turns {
            there.send();
            back.wait();
            assert_eq!(our_woken.get(), turn + 1);
        }
    };
    let took = clock(2 * turns, [spawn(one), spawn(other)]);
    assert_eq!(woken.get(), turns);
    took
}
