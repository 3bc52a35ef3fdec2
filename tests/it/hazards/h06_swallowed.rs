//! H6: `catch_unwind` swallows a cancel; it comes again, and hangs nobody.

use std::cell::Cell;
use std::rc::Rc;

use coro::{cede, check, is_cancel, schedule, spawn};

use crate::support::{Log, caught, counted};

#[test]
fn a_swallowed_cancel_comes_again_at_every_switch_point() {
    let log = Log::new();
    let (value, drops) = counted();
    let c = spawn(move || {
        let _value = value;
        for i in 0..5 {
            let payload = caught(schedule).unwrap_err();
            assert!(is_cancel(&*payload));
            log.say(i);
        }
        assert!(caught(check).is_err());
        schedule();
        log.say("never");
    });
    cede();
    c.cancel();
    // The canceller went on when the victim blocked again; a wake-up raises the next one.
    log.expect(["0"]);
    for _ in 0..5 {
        c.ready();
        cede();
    }
    assert!(c.join().unwrap_err().is_cancelled());
    log.expect(["1", "2", "3", "4"]);
    assert_eq!(drops.get(), 1);
}

#[test]
fn a_coro_that_swallows_for_ever_keeps_nobody_from_running() {
    let stop = Rc::new(Cell::new(false));
    let stopped = Rc::clone(&stop);
    let c = spawn(move || {
        while !stopped.get() {
            _ = caught(cede);
        }
    });
    cede();
    for _ in 0..10 {
        c.cancel();
        cede();
    }
    assert!(!c.is_finished());
    assert_eq!(spawn(|| 1).join().unwrap(), 1);
    stop.set(true);
    assert!(c.join().is_ok());
}

#[test]
fn a_throw_is_swallowed_once_and_for_all() {
    let c = spawn(|| {
        assert!(caught(schedule).is_err());
        cede();
        check();
        7
    });
    cede();
    drop(c.throw("once"));
    assert_eq!(c.join().unwrap(), 7);
}

#[test]
fn shutdown_names_who_swallows_for_ever() {
    crate::support::fresh(|| {
        let c = spawn(|| {
            loop {
                _ = caught(cede);
            }
        });
        cede();
        assert_eq!(coro::shutdown(), [c.coro().clone()]);
    });
}

#[test]
fn catch_lets_a_cancel_through_however_deep() {
    let log = Log::new();
    let c = spawn(move || {
        let outer = coro::catch(|| {
            let inner = coro::catch(schedule);
            log.say("after the inner one");
            inner
        });
        log.say("after the outer one");
        outer.is_ok()
    });
    cede();
    c.cancel();
    assert!(c.join().unwrap_err().is_cancelled());
    log.expect([]);
}

#[test]
fn a_coro_that_swallows_its_cancel_and_returns_has_a_result() {
    let c = spawn(|| {
        assert!(caught(schedule).is_err());
        7
    });
    cede();
    c.cancel();
    assert_eq!(c.join().unwrap(), 7);
    // The same for one that is asked nicely, and one that panics after it.
    let c = spawn(|| caught(schedule).is_err());
    let d = spawn(|| {
        assert!(caught(schedule).is_err());
        crate::support::die("after the cancel");
    });
    cede();
    c.safe_cancel().unwrap();
    d.cancel();
    assert!(c.join().unwrap());
    assert!(d.join().unwrap_err().is_panic());
}

#[test]
fn a_swallowed_terminate_does_not_decide_the_result() {
    let c = spawn(|| {
        let payload = caught(|| coro::terminate(1)).unwrap_err();
        assert!(is_cancel(&*payload));
        // It is raised once: the coro was not cancelled.
        cede();
        check();
        2
    });
    assert_eq!(c.join().unwrap(), 2);
}

#[test]
fn a_cancels_value_is_dropped_if_the_cancel_is_swallowed_for_good() {
    let (value, drops) = counted();
    let (kept, kept_drops) = counted();
    let c = spawn(move || {
        assert!(caught(schedule).is_err());
        kept
    });
    cede();
    c.cancel_with(value);
    assert_eq!(drops.get(), 1);
    drop(c.join().unwrap());
    assert_eq!(kept_drops.get(), 1);
}
