//! Workloads of recording: the same yields and notes with and without somebody who records.
//!
//! A yield is three events of the kernel: readied, switched out, switched in. So an event costs a
//! third of the difference between a yield that is recorded and one that is not; a note is one event.

use std::cell::Cell;
use std::hint::black_box;
use std::rc::Rc;
use std::time::Instant;

use coro::{Builder, Event, Observer, cede, current, schedule, spawn};
use coro_debug::trace::{Recorder, Recording};

use crate::workload::{Took, Workload, join, repeat};

/// The workloads; those of a group follow each other.
pub const ALL: &[Workload] = &[
    Workload::new(
        "trace/yield/off",
        "yield, 2 coros, nobody records",
        yields::<OFF, 2>,
    ),
    Workload::new(
        "trace/yield/told",
        "the same, an observer that does nothing is told",
        yields::<TOLD, 2>,
    ),
    Workload::new(
        "trace/yield/ring",
        "the same, the last 4 096 events recorded",
        yields::<RING, 2>,
    )
    // Three events of 15 ns, and the yield.
    .aim(50.0),
    Workload::new(
        "trace/yield/timed",
        "the same, with the time",
        yields::<TIMED, 2>,
    ),
    Workload::new(
        "trace/yield/whole",
        "the same, all events recorded",
        yields::<WHOLE, 2>,
    ),
    Workload::new(
        "trace/yield/off_1000",
        "yield, 1 000 coros, nobody records",
        yields::<OFF, 1000>,
    ),
    Workload::new(
        "trace/yield/ring_1000",
        "the same, the last 4 096 events recorded",
        yields::<RING, 1000>,
    ),
    Workload::new("trace/note/off", "note, nobody records", notes::<OFF>).ops(5_000_000),
    Workload::new(
        "trace/note/ring",
        "the same, the last 4 096 events recorded",
        notes::<RING>,
    ),
    Workload::new(
        "trace/spawn/off",
        "spawn + join, nobody records",
        spawn_join::<OFF>,
    )
    .ops(100_000),
    Workload::new(
        "trace/spawn/ring",
        "the same, the last 4 096 events recorded",
        spawn_join::<RING>,
    )
    .ops(100_000),
];

const OFF: u8 = 0;
const RING: u8 = 1;
const TIMED: u8 = 2;
const WHOLE: u8 = 3;
const TOLD: u8 = 4;

/// So many events are kept.
const KEPT: usize = 4096;

/// What all observers cost.
struct Deaf;

impl Observer for Deaf {
    fn event(&mut self, event: &Event<'_>) {
        black_box(event);
    }
}

fn record<const HOW: u8>() -> Option<Recording> {
    match HOW {
        TOLD => {
            coro::set_observer(Some(Box::new(Deaf)));
            None
        }
        RING => Some(Recorder::new().last(KEPT).start()),
        TIMED => Some(Recorder::new().last(KEPT).timed().start()),
        WHOLE => Some(Recorder::new().start()),
        _ => None,
    }
}

/// That it was recorded: the ring is full, or all is there.
fn check(recording: Option<Recording>, ops: u64) {
    let Some(trace) = recording.map(Recording::stop) else {
        coro::set_observer(None);
        return;
    };
    let seen = trace.forgotten() + trace.steps() as u64;
    assert!(seen >= ops, "{seen} of {ops} were recorded");
}

/// Coros yield in turn, in the loops of their bodies.
fn yields<const HOW: u8, const COROS: usize>(ops: u64) -> Took {
    let rounds = ops.div_ceil(COROS as u64);
    let still_yielding = Rc::new(Cell::new(COROS));
    let yielder = |_| {
        let (main, still_yielding) = (current(), still_yielding.clone());
        Builder::new().stack_size(32 * 1024).spawn(move || {
            schedule();
            for _ in 0..rounds {
                cede();
            }
            still_yielding.set(still_yielding.get() - 1);
            if still_yielding.get() == 0 {
                main.ready();
            }
        })
    };
    let coros: Vec<_> = (0..COROS).map(yielder).collect();
    cede(); // to their beginning
    let recording = record::<HOW>();
    for coro in &coros {
        coro.ready();
    }
    let start = Instant::now();
    schedule();
    let time = start.elapsed();
    let ops = rounds * COROS as u64;
    check(recording, ops);
    coros.into_iter().for_each(join);
    Took { ops, time }
}

fn notes<const HOW: u8>(ops: u64) -> Took {
    let recording = record::<HOW>();
    let (took, said) = repeat(ops, || {
        coro::note("a note");
        1
    });
    check(recording, said);
    took
}

fn spawn_join<const HOW: u8>(ops: u64) -> Took {
    let recording = record::<HOW>();
    let start = Instant::now();
    for _ in 0..ops {
        join(spawn(|| ()));
    }
    let time = start.elapsed();
    check(recording, ops);
    Took { ops, time }
}
