//! catch, is_cancel, and the cancel that is raised until the coro is gone: DESIGN §3.5.

use std::rc::Rc;

use coro::{Coro, catch, cede, check, is_cancel, schedule, spawn, terminate};

use crate::support::{Log, caught, die, semaphore, text};

#[test]
fn catch_gives_the_value_or_the_panic() {
    assert_eq!(catch(|| 5).ok(), Some(5));
    let payload = catch(|| die("boom")).expect_err("a panic");
    assert_eq!(text(&*payload), "boom");
    assert!(!is_cancel(&*payload));
}

#[test]
fn catch_lets_a_cancel_through() {
    let log = Log::new();
    let c = spawn(move || {
        let _mark = log.mark("unwound");
        let _ = catch(schedule);
        log.say("not reached");
    });
    cede();
    c.cancel();
    log.expect(["unwound"]);
    assert!(c.join().expect_err("cancelled").is_cancelled());
}

#[test]
fn catch_lets_terminate_through() {
    let c = spawn(|| {
        let _ = catch(|| terminate(4));
        5
    });
    assert_eq!(c.join().ok(), Some(4));
}

#[test]
fn a_cancel_caught_and_resumed_is_still_a_cancel() {
    let log = Log::new();
    let c = spawn(move || {
        let payload = caught(schedule).expect_err("the cancel");
        assert!(is_cancel(&*payload));
        log.say("cleaning up by hand");
        std::panic::resume_unwind(payload);
    });
    cede();
    c.cancel();
    log.expect(["cleaning up by hand"]);
    assert!(c.join().is_err_and(|error| error.is_cancelled()));
}

/// Loops over `cede` until main has let it end.
fn until_finished(c: &Coro) {
    for _ in 0..20 {
        if c.is_finished() {
            return;
        }
        cede();
    }
    panic!("it did not end");
}

#[test]
fn a_cancel_that_is_swallowed_is_raised_again() {
    let log = Log::new();
    let c = spawn(move || {
        for n in 0..3 {
            match caught(cede) {
                Ok(()) => log.say(format!("{n} returned")),
                Err(payload) => log.say(format!("{n} {}", is_cancel(&*payload))),
            }
        }
        cede();
        log.say("not reached");
    });
    cede();
    c.cancel();
    until_finished(&c);
    log.expect(["0 true", "1 true", "2 true"]);
    assert!(c.join().is_err_and(|error| error.is_cancelled()));
}

#[test]
fn a_swallowed_cancel_is_raised_on_entry_of_a_wait() {
    let log = Log::new();
    let sem = semaphore(1);
    let c = spawn({
        let sem = Rc::clone(&sem);
        move || {
            let _ = caught(schedule);
            log.say(caught(|| sem.down()).is_err());
            log.say(caught(check).is_err());
        }
    });
    cede();
    c.cancel();
    until_finished(&c);
    log.expect(["true", "true"]);
    assert_eq!(sem.count(), 1);
}

#[test]
fn a_cancel_payload_dropped_on_another_os_thread_leaves_the_cancel_in_force() {
    let log = Log::new();
    let c = spawn(move || {
        if let Err(payload) = caught(schedule) {
            let other = std::thread::spawn(move || drop(payload));
            assert!(other.join().is_ok());
        }
        log.say(caught(cede).is_err());
    });
    cede();
    c.cancel();
    until_finished(&c);
    log.expect(["true"]);
}
