//! Workloads of more and more timers.

use std::cell::Cell;
use std::hint::black_box;
use std::rc::Rc;
use std::time::{Duration, Instant};

use coro_time::{Timer, VirtualClock, VirtualClockGuard, armed, sleep};

use crate::coros::join;
use crate::crowd::spawn;
use crate::workload::{
    Group, HUNDRED_THOUSAND, MILLION, Took, Workload, place, repeat, scattered, time,
};

const fn timers(name: &'static str, most: u64, run: fn(u64) -> Took) -> Workload {
    Workload::new(name, Group::Timers, most, run)
}

pub(crate) const ALL: &[Workload] = &[
    timers("timers/arm", MILLION, arm),
    timers("timers/take_back", MILLION, take_back),
    timers("timers/fire", MILLION, fire),
    timers("timers/timeout", MILLION, timeout),
    timers("timers/sleep", HUNDRED_THOUSAND, sleepers),
];

/// So many timers, armed out of order, a microsecond from one to the next, and the clock they go by.
struct Armed {
    timers: Vec<Timer>,
    start: Instant,
    clock: VirtualClockGuard,
}

impl Armed {
    fn new(size: u64) -> Armed {
        let clock = VirtualClock::install();
        let start = clock.now();
        let at = |place: usize| Timer::at(start + Duration::from_micros(1 + place as u64));
        let timers: Vec<_> = scattered(size).map(at).collect();
        assert_eq!(armed() as u64, size);
        Armed {
            timers,
            start,
            clock,
        }
    }

    fn end(self) {
        drop(self.timers);
        assert_eq!(armed(), 0);
    }
}

/// To arm one more, anywhere between the others.
fn arm(size: u64) -> Took {
    let others = Armed::new(size);
    let mut more = Vec::with_capacity(1 << 11);
    let took = repeat(|nth| {
        let at = Duration::from_micros(1 + place(nth, size) as u64);
        more.push(Timer::at(others.start + at));
    });
    assert_eq!(armed() as u64, size + took.ops);
    drop(more);
    others.end();
    took
}

/// To take one back from between the others.
fn take_back(size: u64) -> Took {
    let mut others = Armed::new(size);
    let some = size.min(1_000);
    // The order of arming has nothing to do with that of the deadlines.
    let mut picked: Vec<_> = others.timers.drain(..some as usize).map(Some).collect();
    let took = time(some, || picked.iter_mut().for_each(|timer| *timer = None));
    assert_eq!(armed() as u64, size - some);
    others.end();
    took
}

/// All fire: each.
fn fire(size: u64) -> Took {
    let all = Armed::new(size);
    let took = time(size, || all.clock.advance(Duration::from_secs(3600)));
    assert!(armed() == 0 && all.timers.iter().all(Timer::is_due));
    all.end();
    took
}

/// A timeout that is not needed, in the midst of others.
fn timeout(size: u64) -> Took {
    let others = Armed::new(size);
    let mut sum = 0;
    let took = repeat(|nth| {
        let time = Duration::from_micros(1 + place(nth, size) as u64);
        sum += coro_time::timeout(time, || black_box(1)).unwrap_or(0);
    });
    assert_eq!((sum, armed() as u64), (took.ops, size));
    others.end();
    took
}

/// Coros sleep again and again: each sleep.
fn sleepers(size: u64) -> Took {
    let clock = VirtualClock::install();
    let turns = (1_000 / size).max(3);
    let slept = Rc::new(Cell::new(0));
    let one = |nth: u64| {
        let slept = slept.clone();
        spawn(move || {
            for turn in 0..turns {
                sleep(Duration::from_micros(
                    1 + (nth * 7919 + turn * 104_729) % 100_000,
                ));
                slept.set(slept.get() + 1);
            }
        })
    };
    let coros: Vec<_> = (0..size).map(one).collect();
    let took = time(turns * size, || coros.into_iter().for_each(join));
    assert_eq!(slept.get(), took.ops);
    assert!(clock.elapsed() > Duration::ZERO);
    took
}
