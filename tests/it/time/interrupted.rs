//! Sleepers and bodies with a timeout that are cancelled or thrown at.

use coro::{cede, current, schedule, shield};
use coro_time::{Elapsed, VirtualClock, armed, sleep, timeout};

use super::{begin, secs};
use crate::support::{Log, caught, defer, outcome};

#[test]
fn a_cancelled_sleeper_is_gone_at_once() {
    let clock = VirtualClock::install();
    let log = Log::new();
    let c = begin(move || {
        let _armed = defer(move || log.say(armed()));
        sleep(secs(1));
    });
    c.cancel();
    assert!(c.is_finished());
    log.expect(["0"]);
    assert_eq!(clock.elapsed(), secs(0));
}

#[test]
fn a_sleeper_thrown_at_goes_on_with_that() {
    let clock = VirtualClock::install();
    let log = Log::new();
    let c = begin(move || log.say(outcome(|| sleep(secs(1)))));
    c.throw("ex");
    c.join().unwrap();
    log.expect(["ex"]);
    assert_eq!((armed(), clock.elapsed()), (0, secs(0)));
}

#[test]
fn a_sleeper_asked_to_end_is_out_when_the_call_returns() {
    let _clock = VirtualClock::install();
    let c = begin(|| sleep(secs(1)));
    c.safe_cancel().unwrap();
    assert_eq!(armed(), 0);
    assert!(c.join().unwrap_err().is_cancelled());
}

#[test]
fn a_shielded_sleeper_sleeps_on() {
    let clock = VirtualClock::install();
    let c = begin(|| shield(|| sleep(secs(2))));
    c.cancel();
    c.throw("no");
    assert!(!c.is_finished());
    sleep(secs(1));
    c.ready();
    cede();
    assert!(!c.is_finished());
    c.coro().join();
    assert_eq!(clock.elapsed(), secs(2));
}

#[test]
fn a_sleeper_in_a_destructor_sleeps_on_when_asked_to_end() {
    let clock = VirtualClock::install();
    let log = Log::new();
    let sleeper = |name| {
        let clock = clock.clone();
        move || {
            let _slow = defer(move || {
                sleep(secs(2));
                log.say(format!("{name} {}", clock.elapsed().as_secs()));
            });
            schedule();
        }
    };
    // While two of them unwind, it cannot be known who does.
    let all = [begin(sleeper("a")), begin(sleeper("b"))];
    all.iter().for_each(|c| c.cancel());
    assert_eq!(armed(), 2);
    for c in &all {
        _ = c.safe_cancel();
        c.ready();
    }
    cede();
    all.iter().for_each(|c| c.coro().join());
    log.expect(["a 2", "b 2"]);
    assert_eq!(armed(), 0);
}

#[test]
fn a_sleeper_that_may_be_unwinding_sleeps_on_when_asked_to_end() {
    let clock = VirtualClock::install();
    let log = Log::new();
    // A coro unwinds and blocks; of others that block meanwhile it is in doubt whether they do.
    let unwinds = begin(|| {
        let _slow = defer(|| sleep(secs(5)));
        schedule();
    });
    unwinds.cancel();
    let shared = clock.clone();
    let doubtful = begin(move || {
        let _gone = defer(move || log.say(shared.elapsed().as_secs()));
        sleep(secs(9));
    });
    assert_eq!(armed(), 2);
    doubtful.safe_cancel().unwrap();
    doubtful.ready();
    cede();
    // It is not cancelled yet, and does not take that for the end of its sleep.
    log.expect([]);
    doubtful.coro().join();
    log.expect(["5"]);
    assert!(doubtful.join().unwrap_err().is_cancelled());
    assert_eq!((armed(), clock.elapsed()), (0, secs(5)));
}

#[test]
fn an_interrupted_body_disarms_its_timeout() {
    let clock = VirtualClock::install();
    let body = || begin(|| timeout(secs(1), || sleep(secs(9))));
    let (cancelled, thrown, asked) = (body(), body(), body());
    assert_eq!(armed(), 6);
    cancelled.cancel();
    assert_eq!(armed(), 4);
    thrown.throw("ex");
    asked.safe_cancel().unwrap();
    cede();
    assert_eq!(armed(), 0);
    assert!(cancelled.join().unwrap_err().is_cancelled());
    assert!(asked.join().unwrap_err().is_cancelled());
    assert!(!thrown.join().unwrap_err().is_cancelled());
    assert_eq!(clock.elapsed(), secs(0));
}

#[test]
fn a_cancel_comes_before_a_timeout() {
    let clock = VirtualClock::install();
    let log = Log::new();
    let c = begin(move || {
        let cut = timeout(secs(1), || shield(|| sleep(secs(2))));
        log.say(format!("{cut:?}"));
        let _ = timeout(secs(1), || {
            shield(|| sleep(secs(2)));
            sleep(secs(9));
        });
        log.say("not reached");
    });
    sleep(secs(3));
    log.expect(["Ok(())"]);
    c.cancel();
    assert!(c.join().unwrap_err().is_cancelled());
    log.expect([]);
    assert_eq!((armed(), clock.elapsed()), (0, secs(4)));
}

#[test]
fn a_throw_comes_before_a_timeout_and_both_come() {
    let _clock = VirtualClock::install();
    let log = Log::new();
    let c = begin(move || {
        let cut = timeout(secs(1), || {
            shield(|| sleep(secs(2)));
            log.say(outcome(|| sleep(secs(9))));
            // Which lets this through.
            log.say(outcome(|| sleep(secs(9))));
        });
        assert_eq!(cut, Err(Elapsed));
        assert_eq!(current().overdue(), None);
    });
    sleep(secs(1));
    c.throw("ex");
    c.join().unwrap();
    log.expect(["ex"]);
}

#[test]
fn timers_of_destructors_are_served() {
    let clock = VirtualClock::install();
    let c = begin(|| {
        let _slow = defer(|| {
            sleep(secs(1));
            let mut interval = coro_time::interval(secs(1));
            interval.tick();
            interval.tick();
            coro_time::after(secs(1)).wait();
            let never = coro::spawn(schedule);
            assert!(coro_time::join_timeout(never.coro(), secs(1)).is_err());
            never.cancel();
        });
        schedule();
    });
    c.cancel();
    assert!(!c.is_finished());
    c.coro().join();
    assert_eq!((armed(), clock.elapsed()), (0, secs(4)));
}

#[test]
fn a_coro_that_nobody_holds_is_held_by_its_timer() {
    let _clock = VirtualClock::install();
    let log = Log::new();
    drop(begin(move || {
        sleep(secs(1));
        log.say("slept");
        schedule();
    }));
    sleep(secs(1));
    cede();
    log.expect(["slept"]);
    // Now nobody does, and it has been unwound.
    cede();
    assert_eq!((armed(), coro::all().len()), (0, 1));
}

#[test]
fn a_deadlock_inside_a_body_of_main_passes_through() {
    crate::support::fresh(|| {
        let _clock = VirtualClock::install();
        let payload = caught(|| timeout(std::time::Duration::MAX, schedule)).unwrap_err();
        assert!(crate::support::text(&*payload).starts_with("deadlock"));
        assert_eq!(armed(), 0);
    });
}
