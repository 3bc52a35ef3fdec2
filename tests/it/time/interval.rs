//! Ticks.

use std::time::Duration;

use coro::cede;
use coro_time::{MissedTicks, VirtualClock, armed, interval, interval_at, sleep};

use super::{begin, secs};
use crate::support::Log;

/// When the ticks are served, the body taking so many seconds each time.
fn served(missed: MissedTicks, bodies: &[u64]) -> Vec<u64> {
    let clock = VirtualClock::install();
    let mut interval = interval(secs(10)).missed_ticks(missed);
    let tick = |body: &u64| {
        interval.tick();
        let at = clock.elapsed().as_secs();
        sleep(secs(*body));
        at
    };
    bodies.iter().map(tick).collect()
}

#[test]
fn ticks_do_not_drift() {
    for missed in [MissedTicks::Burst, MissedTicks::Delay, MissedTicks::Skip] {
        assert_eq!(served(missed, &[1, 9, 3, 7, 0]), [0, 10, 20, 30, 40]);
    }
}

#[test]
fn a_late_tick_whose_successor_has_not_come_is_not_missed() {
    for missed in [MissedTicks::Burst, MissedTicks::Delay, MissedTicks::Skip] {
        assert_eq!(served(missed, &[19, 1, 0]), [0, 19, 20]);
    }
}

#[test]
fn missed_ticks_come_at_once_or_later_or_not_at_all() {
    let late = |missed| served(missed, &[35, 0, 0, 0, 0]);
    assert_eq!(late(MissedTicks::Burst), [0, 35, 35, 35, 40]);
    assert_eq!(late(MissedTicks::Delay), [0, 35, 45, 55, 65]);
    assert_eq!(late(MissedTicks::Skip), [0, 35, 40, 50, 60]);
    // At the very time of a tick.
    let late = |missed| served(missed, &[30, 0, 0, 0, 0]);
    assert_eq!(late(MissedTicks::Burst), [0, 30, 30, 30, 40]);
    assert_eq!(late(MissedTicks::Delay), [0, 30, 40, 50, 60]);
    assert_eq!(late(MissedTicks::Skip), [0, 30, 40, 50, 60]);
}

#[test]
fn a_tick_tells_when_it_was_meant_to_be() {
    let clock = VirtualClock::install();
    let start = clock.now();
    let mut interval = interval_at(start + secs(1), secs(2));
    clock.advance(secs(2));
    assert_eq!(interval.tick(), start + secs(1));
    assert_eq!(interval.tick(), start + secs(3));
    assert_eq!(clock.elapsed(), secs(3));
}

#[test]
fn an_interrupted_tick_is_not_consumed() {
    let clock = VirtualClock::install();
    let log = Log::new();
    let shared = clock.clone();
    let c = begin(move || {
        let mut interval = interval(secs(10));
        interval.tick();
        assert!(coro::catch(|| interval.tick()).is_err());
        interval.tick();
        log.say(shared.elapsed().as_secs());
    });
    sleep(secs(4));
    c.throw("no");
    c.join().unwrap();
    log.expect(["10"]);
    assert_eq!(armed(), 0);
}

#[test]
fn spurious_wake_ups_are_no_ticks() {
    let clock = VirtualClock::install();
    let shared = clock.clone();
    let c = begin(move || {
        let mut interval = interval(secs(10));
        interval.tick();
        interval.tick();
        shared.elapsed()
    });
    for _ in 0..3 {
        c.ready();
        cede();
    }
    assert_eq!(c.join().unwrap(), secs(10));
}

#[test]
fn the_next_tick_of_an_endless_period_never_comes() {
    let clock = VirtualClock::install();
    let c = begin(|| {
        let mut interval = interval(Duration::MAX);
        interval.tick();
        interval.tick();
    });
    sleep(secs(1));
    assert!(!c.is_finished());
    assert_eq!((armed(), clock.elapsed()), (0, secs(1)));
    c.cancel();
}

#[test]
#[should_panic(expected = "an interval of zero")]
fn an_interval_of_nothing_is_refused() {
    drop(interval(Duration::ZERO));
}
