//! Time: NEEDS R23, CORO-SEMANTICS §10 (`Coro::Timer`), HISTORY-BUGS 37 and 70. The clock is virtual, but in `real`.

use std::time::Duration;

use coro::{JoinHandle, cede, no_switch, spawn};
use coro_time::{Interval, Timer, VirtualClock, VirtualClockGuard, armed, sleep, timeout};
use static_assertions::{assert_impl_all, assert_not_impl_any};

mod clock;
mod cut;
mod interrupted;
mod interval;
mod nested;
mod random;
mod real;
mod select;
mod sleep;
mod threads;
mod timer;

assert_not_impl_any!(Timer: Send, Sync);
assert_not_impl_any!(Interval: Send, Sync);
assert_not_impl_any!(VirtualClock: Send, Sync);
assert_not_impl_any!(VirtualClockGuard: Send, Sync);
assert_impl_all!(coro_time::Elapsed: Send, Sync, std::error::Error);

/// So many seconds.
pub(crate) const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// Spawns a coro and lets it run until it blocks.
pub(crate) fn begin<T: 'static>(f: impl FnOnce() -> T + 'static) -> JoinHandle<T> {
    let c = spawn(f);
    cede();
    c
}

#[test]
fn what_never_switches_does_not() {
    let clock = VirtualClock::install();
    let sleeper = begin(|| sleep(secs(9)));
    no_switch(|| {
        let timer = coro_time::after(secs(1));
        assert!(!timer.is_due() && timer.deadline().is_some());
        drop(coro_time::at(clock.now()));
        assert_eq!(armed(), 2);
        clock.advance(secs(1));
        let mut interval = coro_time::interval(secs(1)).missed_ticks(Default::default());
        interval.reset();
        assert_eq!(interval.period(), secs(1));
        assert_eq!(coro_time::set_slack(secs(0)), secs(0));
        assert_eq!(timeout(secs(1), || 7), Ok(7));
        drop(VirtualClock::install());
        assert_eq!((clock.elapsed(), timer.is_due()), (secs(1), true));
    });
    sleeper.cancel();
}

#[test]
fn what_may_switch_does_so_when_it_says() {
    let switches = |f: &dyn Fn()| {
        let other = spawn(|| ());
        f();
        other.is_finished()
    };
    let _clock = VirtualClock::install();
    assert!(switches(&|| sleep(secs(1))));
    assert!(switches(&|| sleep(secs(0))));
    assert!(switches(&|| coro_time::sleep_until(coro::now())));
    assert!(switches(&|| {
        coro_time::interval(secs(1)).tick();
    }));
    assert!(switches(&|| coro_time::after(secs(1)).wait()));
    assert!(!switches(&|| coro_time::after(secs(0)).wait()));
    let ended = begin(|| ());
    assert!(!switches(&|| {
        assert!(coro_time::join_timeout(ended.coro(), secs(1)).is_ok());
    }));
    let sleeper = spawn(|| sleep(secs(9)));
    assert!(!switches(&|| {
        assert!(coro_time::join_timeout(sleeper.coro(), secs(0)).is_err());
    }));
    assert!(switches(&|| {
        assert!(coro_time::join_timeout(sleeper.coro(), secs(1)).is_err());
    }));
}
