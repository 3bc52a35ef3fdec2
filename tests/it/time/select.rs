//! Timers as arms of a select.

use std::rc::Rc;

use coro::{cede, spawn};
use coro_channel::{Channel, Select, select};
use coro_time::{Timer, VirtualClock, after, armed, at, sleep};

use super::{begin, secs};
use crate::support::Log;

#[test]
fn the_arm_is_taken_when_its_time_has_come() {
    let clock = VirtualClock::install();
    let channel = Channel::<u8>::unbounded();
    let taken = select! {
        _ = channel.get_arm() => "value",
        () = after(secs(2)) => "time",
    };
    assert_eq!(taken, "time");
    assert_eq!((clock.elapsed(), armed()), (secs(2), 0));
}

#[test]
fn the_other_arm_disarms_it() {
    let clock = VirtualClock::install();
    let channel = Rc::new(Channel::unbounded());
    let puts = channel.clone();
    let _c = spawn(move || {
        sleep(secs(1));
        puts.put(5);
    });
    let taken = select! {
        value = channel.get_arm() => value,
        () = after(secs(2)) => None,
    };
    assert_eq!(taken, Some(5));
    assert_eq!((clock.elapsed(), armed()), (secs(1), 0));
}

#[test]
fn biased_to_the_value_a_tie_is_the_value() {
    let _clock = VirtualClock::install();
    let channel = Channel::unbounded();
    for _ in 0..20 {
        channel.put(1);
        let taken = select! {
            biased;
            value = channel.get_arm() => value,
            () = after(secs(0)) => None,
        };
        assert_eq!(taken, Some(1));
    }
}

#[test]
fn one_deadline_serves_a_loop_of_selects() {
    let clock = VirtualClock::install();
    let channel = Rc::new(Channel::unbounded());
    let puts = channel.clone();
    let pump = spawn(move || {
        for n in 0.. {
            sleep(secs(2));
            puts.put(n);
        }
    });
    let deadline = at(clock.now() + secs(7));
    let mut got = Vec::new();
    loop {
        select! {
            value = channel.get_arm() => got.extend(value),
            () = &deadline => break,
        }
    }
    assert_eq!(got, [0, 1, 2]);
    assert_eq!(clock.elapsed(), secs(7));
    pump.cancel();
}

#[test]
fn who_selects_is_readied_whoever_made_the_timer() {
    let clock = VirtualClock::install();
    let timer = Timer::after(secs(2));
    let c = begin(move || {
        let channel = Channel::<u8>::unbounded();
        select! {
            _ = channel.get_arm() => unreachable!(),
            () = timer => (),
        }
    });
    c.join().unwrap();
    assert_eq!(clock.elapsed(), secs(2));
}

#[test]
fn several_coros_select_on_one_timer() {
    let _clock = VirtualClock::install();
    let log = Log::new();
    let timer = Rc::new(after(secs(2)));
    let all = ["a", "b", "c"].map(|name| {
        let timer = timer.clone();
        begin(move || {
            assert_eq!(Select::new(&[&*timer]).wait(), 0);
            log.say(name);
        })
    });
    // One that leaves takes nobody's place along.
    all[1].cancel();
    sleep(secs(2));
    cede();
    log.expect(["a", "c"]);
}

#[test]
fn an_interrupted_select_leaves_no_timer() {
    let _clock = VirtualClock::install();
    let waiter = || {
        begin(|| {
            let channel = Channel::<u8>::unbounded();
            select! {
                _ = channel.get_arm() => (),
                () = after(secs(2)) => (),
            }
        })
    };
    let (cancelled, thrown, asked) = (waiter(), waiter(), waiter());
    assert_eq!(armed(), 3);
    cancelled.cancel();
    thrown.throw("no");
    asked.safe_cancel().unwrap();
    cede();
    assert_eq!(armed(), 0);
}

#[test]
fn a_timer_that_never_is_due_is_an_arm_that_never_is_taken() {
    let clock = VirtualClock::install();
    let taken = select! {
        () = after(std::time::Duration::MAX) => "never",
        () = after(secs(1)) => "time",
    };
    assert_eq!((taken, clock.elapsed()), ("time", secs(1)));
}
