//! Sleeping: never early, in the order of the deadlines.

use std::time::Duration;

use coro::{cede, spawn};
use coro_time::{VirtualClock, armed, sleep, sleep_until};

use super::{begin, secs};
use crate::support::{Log, caught, fresh, text};

#[test]
fn a_sleep_takes_exactly_its_time() {
    let clock = VirtualClock::install();
    sleep(secs(3));
    sleep(Duration::from_nanos(1));
    sleep_until(clock.now() + secs(4));
    assert_eq!(clock.elapsed(), secs(7) + Duration::from_nanos(1));
    assert_eq!(armed(), 0);
}

#[test]
fn sleepers_go_on_by_deadline_and_then_by_call() {
    let _clock = VirtualClock::install();
    let log = Log::new();
    let all = [3, 1, 2, 1, 3, 2, 1].into_iter().enumerate();
    let all: Vec<_> = all
        .map(|(nth, time)| {
            spawn(move || {
                sleep(secs(time));
                log.say(format!("{time}s, call {nth}"));
            })
        })
        .collect();
    all.into_iter().for_each(|c| c.join().unwrap());
    log.expect([
        "1s, call 1",
        "1s, call 3",
        "1s, call 6",
        "2s, call 2",
        "2s, call 5",
        "3s, call 0",
        "3s, call 4",
    ]);
}

#[test]
fn spurious_wake_ups_do_not_end_a_sleep() {
    let clock = VirtualClock::install();
    let c = begin(|| sleep(secs(5)));
    for _ in 0..4 {
        assert!(c.ready());
        sleep(secs(1));
        assert!(!c.is_finished());
        assert_eq!(armed(), 1);
    }
    c.join().unwrap();
    assert_eq!(clock.elapsed(), secs(5));
}

#[test]
fn a_sleeper_woken_for_nothing_when_its_time_has_come_keeps_its_turn() {
    let clock = VirtualClock::install();
    let log = Log::new();
    let first = begin(move || {
        sleep(secs(1));
        log.say("first");
    });
    let second = begin(move || {
        sleep(secs(2));
        log.say("second");
    });
    // In the ready queue before the first one is.
    second.ready();
    clock.advance(secs(3));
    first.join().unwrap();
    second.join().unwrap();
    log.expect(["second", "first"]);
}

#[test]
fn a_sleep_of_nothing_gives_way() {
    let clock = VirtualClock::install();
    let log = Log::new();
    let c = spawn(move || {
        for n in 0..3 {
            log.say(n);
            sleep(secs(0));
        }
    });
    for _ in 0..3 {
        sleep_until(clock.now());
        log.say("main");
    }
    c.join().unwrap();
    log.expect(["0", "main", "1", "main", "2", "main"]);
    assert_eq!(clock.elapsed(), secs(0));
}

#[test]
fn to_sleep_for_ever_is_a_deadlock_if_nothing_else_happens() {
    fresh(|| {
        let clock = VirtualClock::install();
        for for_ever in [Duration::MAX, secs(u64::MAX)] {
            let payload = caught(|| sleep(for_ever)).unwrap_err();
            let message = text(&*payload);
            assert!(message.starts_with("deadlock"), "{message}");
            assert!(message.contains("sleep"), "{message}");
        }
        assert_eq!((clock.elapsed(), armed()), (secs(0), 0));
    });
}

#[test]
fn who_sleeps_for_ever_keeps_nobody_from_sleeping() {
    let clock = VirtualClock::install();
    let c = begin(|| sleep(Duration::MAX));
    sleep(secs(1));
    c.ready();
    sleep(secs(1));
    assert!(!c.is_finished());
    assert_eq!(clock.elapsed(), secs(2));
    c.cancel();
}

#[test]
fn the_report_shows_who_sleeps() {
    let _clock = VirtualClock::install();
    let c = begin(|| sleep(secs(1)));
    let report = coro::report().to_string();
    assert!(report.contains("sleep"), "{report}");
    assert!(report.contains("it/time/sleep.rs"), "{report}");
    c.cancel();
}

#[test]
fn a_timer_alone_wakes_a_blocked_main() {
    let _clock = VirtualClock::install();
    let main = coro::current();
    let c = spawn(move || {
        sleep(secs(1));
        main.ready();
    });
    coro::schedule();
    c.join().unwrap();
}

#[test]
fn ten_thousand_sleepers_end_in_order_and_leave_nothing() {
    let clock = VirtualClock::install();
    let all: Vec<_> = (0..10_000_u64)
        .map(|n| {
            let clock = clock.clone();
            let time = Duration::from_millis(n * 7919 % 10_007);
            (
                time,
                spawn(move || {
                    sleep(time);
                    clock.elapsed()
                }),
            )
        })
        .collect();
    cede();
    // One has a time of zero.
    assert_eq!(armed(), 9_999);
    for (time, c) in all {
        assert_eq!(c.join().unwrap(), time);
    }
    assert_eq!(armed(), 0);
}
