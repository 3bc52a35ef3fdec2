//! The flag, and who is readied when it is raised.

use std::rc::Rc;

use coro::{cede, schedule, spawn};
use coro_time::{Timer, VirtualClock, armed, join_timeout, sleep};

use super::{begin, secs};
use crate::support::{Log, semaphore};

#[test]
fn the_coro_that_made_it_is_readied_once() {
    let clock = VirtualClock::install();
    let log = Log::new();
    let c = begin(move || {
        let timer = Timer::after(secs(2));
        schedule();
        log.say(format!("woken, due: {}", timer.is_due()));
        schedule();
        log.say("readied by main");
    });
    sleep(secs(1));
    log.expect([]);
    sleep(secs(1));
    cede();
    log.expect(["woken, due: true"]);
    sleep(secs(5));
    log.expect([]);
    c.ready();
    c.join().unwrap();
    log.expect(["readied by main"]);
    assert_eq!((clock.elapsed(), armed()), (secs(7), 0));
}

#[test]
fn dropping_it_disarms_it() {
    let _clock = VirtualClock::install();
    let c = begin(|| {
        drop(Timer::after(secs(1)));
        schedule();
    });
    assert_eq!(armed(), 0);
    sleep(secs(2));
    assert!(!c.is_finished());
    c.cancel();
}

#[test]
fn the_idiom_of_coro_waits_with_a_timeout() {
    let _clock = VirtualClock::install();
    let sem = semaphore(0);
    let wait = |time| {
        let timer = Timer::after(secs(time));
        loop {
            if sem.try_down() {
                return true;
            }
            if timer.is_due() {
                return false;
            }
            schedule();
        }
    };
    assert!(!wait(1));
    let (main, ups) = (coro::current(), Rc::clone(&sem));
    let _c = spawn(move || {
        sleep(secs(2));
        ups.up();
        main.ready();
    });
    assert!(wait(3));
    assert_eq!(armed(), 0);
}

#[test]
fn all_who_wait_for_it_go_on() {
    let clock = VirtualClock::install();
    let log = Log::new();
    let timer = Rc::new(Timer::after(secs(3)));
    let all = ["a", "b", "c"].map(|name| {
        let timer = timer.clone();
        begin(move || {
            timer.wait();
            log.say(name);
        })
    });
    // One that waits a second time does not take the place of others.
    all[1].ready();
    cede();
    timer.wait();
    log.say("main");
    all.into_iter().for_each(|c| c.join().unwrap());
    log.expect(["main", "a", "b", "c"]);
    assert_eq!(clock.elapsed(), secs(3));
}

#[test]
fn who_was_interrupted_waits_no_longer() {
    let _clock = VirtualClock::install();
    let timer = Rc::new(Timer::after(secs(3)));
    let waiter = |log: Log| {
        let timer = timer.clone();
        begin(move || {
            assert!(coro::catch(|| timer.wait()).is_err());
            schedule();
            log.say("woken for nothing");
        })
    };
    let log = Log::new();
    let thrown = waiter(log);
    let other = begin({
        let timer = timer.clone();
        move || timer.wait()
    });
    thrown.throw("no");
    cede();
    sleep(secs(4));
    assert!(other.is_finished() && !thrown.is_finished());
    log.expect([]);
    thrown.cancel();
}

#[test]
fn one_that_is_due_is_not_waited_for() {
    let clock = VirtualClock::install();
    let timer = Timer::at(clock.now());
    assert!(timer.is_due());
    timer.wait();
    assert_eq!(clock.elapsed(), secs(0));
    clock.advance(secs(1));
    assert!(timer.is_due());
}

#[test]
fn one_that_has_gone_off_stays_due_when_the_clock_is_taken_away() {
    let clock = VirtualClock::install();
    let timer = Timer::after(secs(1_000_000));
    timer.wait();
    drop(clock);
    assert!(timer.deadline().unwrap() > coro::now());
    assert!(timer.is_due());
}

#[test]
fn its_place_is_in_the_report() {
    let _clock = VirtualClock::install();
    let line = line!() + 1;
    let timer = Rc::new(Timer::after(secs(1)));
    let theirs = timer.clone();
    let c = begin(move || theirs.wait());
    let report = coro::report().to_string();
    assert!(report.contains("timer"), "{report}");
    let place = format!("it/time/timer.rs:{line}");
    assert!(report.contains(&place), "{report}");
    c.cancel();
}

#[test]
fn a_join_ends_with_the_coro_or_with_the_time() {
    let clock = VirtualClock::install();
    let c = begin(|| sleep(secs(3)));
    assert!(join_timeout(c.coro(), secs(2)).is_err());
    assert_eq!((clock.elapsed(), armed()), (secs(2), 1));
    // Both at the same moment: it has ended.
    assert!(join_timeout(c.coro(), secs(1)).is_ok());
    assert_eq!((clock.elapsed(), armed()), (secs(3), 0));
    assert!(join_timeout(c.coro(), secs(1)).is_ok());
    assert_eq!(clock.elapsed(), secs(3));
}

#[test]
fn a_join_sleeps_on_when_woken_for_nothing() {
    let clock = VirtualClock::install();
    let c = begin(|| sleep(secs(9)));
    let main = coro::current();
    let pest = spawn(move || {
        loop {
            sleep(secs(1));
            main.ready();
        }
    });
    assert!(join_timeout(c.coro(), secs(5)).is_err());
    assert_eq!(clock.elapsed(), secs(5));
    assert!(join_timeout(c.coro(), std::time::Duration::MAX).is_ok());
    assert_eq!(clock.elapsed(), secs(9));
    pest.cancel();
}
