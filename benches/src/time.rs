//! Workloads of timers.

use std::hint::black_box;
use std::time::{Duration, Instant};

use coro::spawn;
use coro_time::{Timer, VirtualClock, armed, sleep, timeout};

use crate::workload::{Took, Workload, clock, repeat};

/// The workloads; those of a group follow each other.
pub const ALL: &[Workload] = &[
    Workload::new(
        "time/timeout/among_10_000",
        "timeout that is not needed, 10 000 timers armed",
        timeout_among::<10_000, LAST>,
    )
    .aim(60.0),
    Workload::new(
        "time/timeout/between_10_000",
        "the same, in the middle of the others",
        timeout_among::<10_000, MIDDLE>,
    ),
    Workload::new(
        "time/timeout/before_10_000",
        "the same, before all others",
        timeout_among::<10_000, FIRST>,
    ),
    Workload::new(
        "time/timeout/among_1_000_000",
        "timeout that is not needed, 1 000 000 timers armed",
        timeout_among::<1_000_000, LAST>,
    )
    .aim(90.0),
    Workload::new(
        "time/now",
        "to ask for the time, which a timeout does once",
        now,
    ),
    Workload::new(
        "time/sleep/1_000_coros",
        "1 000 coros sleep again and again, virtual clock, each sleep",
        sleepers,
    )
    .ops(100_000),
];

const FIRST: u64 = 0;
const MIDDLE: u64 = 1;
const LAST: u64 = 2;

/// Arms a timeout and takes it back, while others are armed whose deadlines are spread over an hour.
fn timeout_among<const OTHERS: u64, const PLACE: u64>(ops: u64) -> Took {
    let start = Instant::now() + Duration::from_secs(3600);
    let others: Vec<_> = (0..OTHERS)
        .map(|n| {
            // Out of order, each once.
            let nth = (n * 7919) % OTHERS;
            Timer::at(start + Duration::from_secs(3600) * nth as u32 / OTHERS as u32)
        })
        .collect();
    let time = Duration::from_secs(1800 + 2700 * PLACE);
    let (took, sum) = repeat(ops, || {
        let value = timeout(time, || black_box(1));
        value.unwrap_or(0)
    });
    assert_eq!((sum, armed()), (ops, others.len()));
    took
}

fn now(ops: u64) -> Took {
    let start = coro::now();
    let (took, later) = repeat(ops, || u64::from(coro::now() >= start));
    assert_eq!(later, ops);
    took
}

fn sleepers(ops: u64) -> Took {
    let virtual_clock = VirtualClock::install();
    let turns = ops.div_ceil(1000);
    let coros = (0..1000_u64).map(|n| {
        spawn(move || {
            for turn in 0..turns {
                sleep(Duration::from_micros(
                    1 + (n * 7919 + turn * 104_729) % 1000,
                ));
            }
        })
    });
    let took = clock(1000 * turns, coros);
    assert!(virtual_clock.elapsed() > Duration::ZERO);
    took
}
