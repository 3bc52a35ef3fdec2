//! shield and no_switch: DESIGN §3.5.

use std::rc::Rc;

use coro::{cede, check, current, no_switch, schedule, shield, spawn};

use crate::support::{Log, caught, counted, die, outcome, semaphore};

#[test]
fn shield_and_no_switch_return_the_value_of_their_closure() {
    assert_eq!(shield(|| 5), 5);
    assert_eq!(no_switch(|| 6), 6);
}

#[test]
fn a_throw_waits_until_the_shield_ends() {
    let log = Log::new();
    let c = spawn(move || {
        let result = outcome(|| {
            shield(|| {
                cede();
                check();
                cede();
                log.say("shielded");
            });
            check();
        });
        log.say(result);
    });
    cede();
    c.throw("boom");
    c.coro().join();
    log.expect(["shielded", "boom"]);
    assert!(c.join().is_ok());
}

#[test]
fn a_cancel_of_a_shielded_coro_is_marked_and_the_canceller_goes_on() {
    let log = Log::new();
    let sem = semaphore(0);
    let c = spawn({
        let sem = Rc::clone(&sem);
        move || {
            let _mark = log.mark("unwound");
            shield(|| {
                sem.down();
                log.say("shielded");
            });
            check();
            log.say("not reached");
        }
    });
    cede();
    c.cancel();
    log.say("canceller");
    assert!(!c.is_finished());
    cede();
    cede();
    log.expect(["canceller"]);
    sem.up();
    cede();
    log.expect(["shielded", "unwound"]);
    assert!(c.join().is_err_and(|error| error.is_cancelled()));
    assert_eq!(sem.count(), 0);
}

#[test]
fn only_the_end_of_the_outermost_shield_delivers() {
    let log = Log::new();
    let c = spawn(move || {
        let result = outcome(|| {
            shield(|| {
                shield(cede);
                check();
                cede();
                log.say("outer shield");
            });
            check();
        });
        log.say(result);
    });
    cede();
    c.throw("boom");
    cede();
    cede();
    log.expect(["outer shield", "boom"]);
    assert!(c.is_finished());
}

#[test]
fn a_shield_left_by_a_panic_has_ended() {
    let log = Log::new();
    let c = spawn(move || {
        log.say(outcome(|| shield(|| die("panic"))));
        log.say(outcome(schedule));
    });
    cede();
    c.throw("throw");
    cede();
    log.expect(["panic", "throw"]);
}

#[test]
fn a_shield_protects_its_own_coro_alone() {
    let log = Log::new();
    let shielded = spawn(|| shield(schedule));
    let other = spawn(move || log.say(outcome(schedule)));
    cede();
    other.throw("boom");
    cede();
    log.expect(["boom"]);
    shielded.ready();
    cede();
    assert!(shielded.is_finished());
}

#[test]
fn a_shielded_body_that_returns_leaves_nothing_undropped() {
    let (payload, drops) = counted();
    let c = spawn(|| shield(cede));
    cede();
    c.throw(payload);
    cede();
    assert!(c.is_finished());
    drop(c.join());
    assert_eq!(drops.get(), 1);
}

#[test]
fn a_shield_in_main_holds_off_a_throw() {
    let result = outcome(|| {
        shield(|| {
            current().throw("boom");
            cede();
        });
        check();
    });
    assert_eq!(result, "boom");
}

#[test]
fn cancel_of_oneself_inside_a_shield_waits_too() {
    let log = Log::new();
    let c = spawn(move || {
        shield(|| {
            let me = current();
            spawn(move || me.cancel());
            cede();
            cede();
            log.say("shielded");
        });
        check();
        log.say("not reached");
    });
    c.coro().join();
    log.expect(["shielded"]);
    assert!(c.join().is_err_and(|error| error.is_cancelled()));
}

#[test]
fn no_switch_refuses_what_blocks_and_allows_what_does_not() {
    let log = Log::new();
    spawn(move || log.say("other"));
    let sem = semaphore(1);
    no_switch(|| {
        sem.down();
        sem.up();
        assert!(sem.try_down());
        current().ready();
    });
    for call in [schedule as fn(), cede] {
        assert!(caught(|| no_switch(call)).is_err());
    }
    assert!(caught(|| no_switch(|| sem.down())).is_err());
    assert_eq!((sem.count(), sem.waiters()), (0, 0));
    log.expect([]);
    cede();
    log.expect(["other"]);
}

#[test]
fn no_switch_left_by_a_panic_has_ended() {
    assert!(caught(|| no_switch(|| die("panic"))).is_err());
    let log = Log::new();
    spawn(move || log.say("other"));
    cede();
    log.expect(["other"]);
}

#[test]
fn no_switch_nests() {
    let log = Log::new();
    spawn(move || log.say("other"));
    no_switch(|| {
        no_switch(|| ());
        assert!(caught(cede).is_err());
    });
    log.expect([]);
    cede();
    log.expect(["other"]);
}
