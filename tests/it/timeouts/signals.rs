//! Signals and groups: broadcasts, predicates, tokens.

use std::cell::Cell;
use std::rc::Rc;

use coro::{cede, spawn};
use coro_sync::{Signal, WaitGroup};
use coro_time::{VirtualClock, armed, sleep};

use super::{begin, millis, secs};
use crate::semaphore::settle;

#[test]
fn a_broadcast_wakes_those_whose_time_is_not_over() {
    let _clock = VirtualClock::install();
    let signal = Rc::new(Signal::new());
    let all = [1, 3, 2].map(|limit| {
        let theirs = signal.clone();
        begin(move || theirs.wait_timeout(secs(limit)).is_ok())
    });
    sleep(millis(1500));
    signal.broadcast();
    settle();
    assert_eq!(all.map(|c| c.join().unwrap()), [false, true, true]);
    assert_eq!((signal.awaited(), armed()), (0, 0));
}

#[test]
fn a_broadcast_is_nothing_to_who_has_left() {
    let _clock = VirtualClock::install();
    let signal = Signal::new();
    assert!(signal.wait_timeout(secs(1)).is_err());
    signal.broadcast();
    assert!(signal.wait_timeout(secs(1)).is_err());
}

#[test]
fn wait_until_asks_after_each_signal_and_at_the_end_and_has_one_limit() {
    let clock = VirtualClock::install();
    let signal = Rc::new(Signal::new());
    let asked = Rc::new(Cell::new(0));
    let (theirs, counts) = (signal.clone(), asked.clone());
    let c = begin(move || {
        let asks = || {
            counts.set(counts.get() + 1);
            false
        };
        theirs.wait_until_timeout(secs(5), asks).is_ok()
    });
    for n in 1..4 {
        assert_eq!(asked.get(), n);
        sleep(secs(1));
        signal.broadcast();
        c.ready();
        settle();
    }
    assert!(!c.join().unwrap());
    assert_eq!((asked.get(), clock.elapsed(), armed()), (5, secs(5), 0));
}

#[test]
fn what_the_predicate_says_when_the_time_is_over_counts() {
    let clock = VirtualClock::install();
    let signal = Rc::new(Signal::new());
    let open = Rc::new(Cell::new(false));
    let (theirs, seen) = (signal.clone(), open.clone());
    let c = begin(move || theirs.wait_until_timeout(secs(1), || seen.get()).is_ok());
    open.set(true);
    assert!(c.join().unwrap());
    assert_eq!(clock.elapsed(), secs(1));
}

#[test]
fn a_predicate_that_sends_does_not_keep_it_for_ever() {
    let clock = VirtualClock::install();
    let signal = Signal::new();
    let advances = clock.clone();
    let sends = || {
        advances.advance(millis(100));
        signal.send();
        false
    };
    assert!(signal.wait_until_timeout(secs(1), sends).is_err());
    assert_eq!((clock.elapsed(), armed()), (millis(1100), 0));
}

#[test]
fn tokens_that_come_after_the_last_one_went_do_not_hold_it_back() {
    let clock = VirtualClock::install();
    let group = WaitGroup::new();
    let token = group.token();
    let theirs = group.clone();
    let c = begin(move || theirs.wait_timeout(secs(1)).is_ok());
    drop(token);
    let _again = group.token();
    clock.advance(secs(1));
    assert!(c.join().unwrap());
    assert!(group.wait_timeout(secs(0)).is_err());
}

#[test]
fn who_waits_for_a_group_in_vain_can_wait_again() {
    let _clock = VirtualClock::install();
    let group = WaitGroup::new();
    let token = group.token();
    let _job = spawn(move || {
        sleep(secs(5));
        drop(token);
    });
    let waits = (0..).take_while(|_| group.wait_timeout(secs(2)).is_err());
    assert_eq!(waits.count(), 2);
    cede();
    assert_eq!((group.waiters(), armed()), (0, 0));
}
