//! Directed switches and suspension: CORO-SEMANTICS §1.2 and its "Suspend BUG"; HISTORY-BUGS 29, 33, 43.

use std::rc::Rc;

use coro::{Builder, Coro, Prio, SwitchError, cede, current, ready_count, schedule, spawn};

use crate::support::{Log, fresh, semaphore};

#[test]
fn schedule_to_switches_at_once_whatever_the_priorities() {
    let log = Log::new();
    Builder::new().prio(Prio::MAX).spawn(move || log.say("max"));
    let main = current();
    let low = Builder::new().prio(Prio::MIN).build(move || {
        log.say("low");
        main.ready();
    });
    assert!(low.schedule_to().is_ok());
    log.say("main");
    log.expect(["low", "max", "main"]);
}

#[test]
fn schedule_to_does_not_enqueue_the_caller() {
    let log = Log::new();
    let main = current();
    let c = Builder::new().build(move || {
        log.say(format!("main is ready: {}", main.is_ready()));
        cede();
        log.say("main still sleeps");
        main.ready();
    });
    assert!(c.schedule_to().is_ok());
    log.expect(["main is ready: false", "main still sleeps"]);
}

#[test]
fn cede_to_enqueues_the_caller_first() {
    let log = Log::new();
    spawn(move || log.say("before main"));
    let c = Builder::new().build(move || {
        log.say("target");
        spawn(move || log.say("behind main"));
    });
    assert!(c.cede_to().is_ok());
    log.say("main");
    cede();
    log.expect(["target", "before main", "main", "behind main"]);
}

#[test]
fn a_directed_switch_starts_a_new_coro() {
    let c = Builder::new().build(|| 7);
    assert!(c.is_new());
    assert!(c.cede_to().is_ok());
    assert_eq!(c.join().ok(), Some(7));
}

#[test]
fn a_directed_switch_wakes_a_blocked_coro() {
    let log = Log::new();
    let c = spawn(move || {
        schedule();
        log.say("woken");
    });
    cede();
    assert!(c.cede_to().is_ok());
    log.expect(["woken"]);
}

#[test]
fn the_target_keeps_its_queue_entry() {
    let log = Log::new();
    let c = spawn(move || {
        log.say("c1");
        schedule();
        log.say("c2");
        schedule();
        log.say("c3");
    });
    spawn(move || log.say("d"));
    assert!(c.cede_to().is_ok());
    // The entry of its spawn was still at the head: its first schedule returned at once.
    log.expect(["c1", "c2", "d"]);
    assert!(!c.is_ready() && !c.is_finished());
}

#[test]
fn a_directed_switch_does_not_end_a_wait() {
    let log = Log::new();
    let sem = semaphore(0);
    let c = spawn({
        let sem = Rc::clone(&sem);
        move || {
            sem.down();
            log.say("got it");
        }
    });
    cede();
    assert!(c.cede_to().is_ok());
    log.expect([]);
    sem.up();
    cede();
    log.expect(["got it"]);
}

#[test]
fn schedule_to_self_does_nothing() {
    fresh(|| {
        let log = Log::new();
        spawn(move || log.say("other"));
        assert!(current().schedule_to().is_ok());
        log.expect([]);
        assert_eq!(ready_count(), 1);
    });
}

/// Makes the switch that must fail, and checks that nothing has changed and that the caller can still block.
#[track_caller]
fn fails(target: &Coro, call: fn(&Coro) -> Result<(), SwitchError>) {
    let before = (ready_count(), current().is_ready(), target.is_ready());
    let error = call(target).expect_err("a bad target");
    assert!(!error.to_string().is_empty());
    assert_eq!(
        (ready_count(), current().is_ready(), target.is_ready()),
        before
    );
    let sem = semaphore(0);
    let waker = spawn({
        let sem = Rc::clone(&sem);
        move || sem.up()
    });
    sem.down();
    assert!(waker.is_finished());
    cede();
}

#[test]
fn a_finished_target_is_an_error() {
    let c = spawn(|| ());
    cede();
    assert!(c.is_finished());
    fails(&c, Coro::schedule_to);
    fails(&c, Coro::cede_to);
}

#[test]
fn a_cancelled_target_is_an_error() {
    let c = Builder::new().build(|| ());
    c.cancel();
    fails(&c, Coro::schedule_to);
    fails(&c, Coro::cede_to);
}

#[test]
fn a_suspended_target_is_an_error() {
    let log = Log::new();
    let c = spawn(move || {
        schedule();
        log.say("woken");
    });
    cede();
    c.suspend();
    fails(&c, Coro::schedule_to);
    fails(&c, Coro::cede_to);
    log.expect([]);
    c.resume();
    assert!(c.cede_to().is_ok());
    log.expect(["woken"]);
}

#[test]
fn a_suspended_caller_is_an_error() {
    let log = Log::new();
    let target = Builder::new().build(move || log.say("target"));
    let other = target.coro().clone();
    let caller = spawn(move || {
        current().suspend();
        let errors = (other.schedule_to().is_err(), other.cede_to().is_err());
        let ready = current().is_ready();
        current().resume();
        cede();
        (errors, ready)
    });
    cede();
    log.expect([]);
    assert!(target.is_new());
    assert_eq!(caller.join().ok(), Some(((true, true), false)));
}

#[test]
fn a_suspended_coro_is_passed_over() {
    let log = Log::new();
    let c = spawn(move || log.say("suspended"));
    c.suspend();
    assert!(c.is_suspended());
    spawn(move || log.say("other"));
    cede();
    cede();
    log.expect(["other"]);
    assert!(c.is_suspended() && !c.is_finished());
}

#[test]
fn resume_does_not_ready_a_blocked_coro() {
    let log = Log::new();
    let c = spawn(move || {
        schedule();
        log.say("woken");
    });
    cede();
    c.suspend();
    c.resume();
    assert!(!c.is_suspended() && !c.is_ready());
    cede();
    log.expect([]);
}

#[test]
fn after_resume_and_ready_a_passed_over_coro_runs_once() {
    fresh(|| {
        let log = Log::new();
        let c = spawn(move || {
            log.say("run");
            schedule();
            log.say("run again");
        });
        c.suspend();
        cede();
        log.expect([]);
        c.resume();
        c.ready();
        assert_eq!(ready_count(), 1);
        cede();
        log.expect(["run"]);
        cede();
        log.expect([]);
        assert_eq!(ready_count(), 0);
    });
}

#[test]
fn suspended_and_resumed_before_its_turn_a_coro_keeps_its_place() {
    let log = Log::new();
    let a = spawn(move || log.say("a"));
    spawn(move || log.say("b"));
    a.suspend();
    a.resume();
    cede();
    log.expect(["a", "b"]);
}

#[test]
fn a_coro_may_suspend_itself_and_goes_on_until_it_gives_way() {
    let log = Log::new();
    let c = spawn(move || {
        current().suspend();
        log.say("still running");
        cede();
        log.say("resumed");
    });
    cede();
    assert!(c.is_suspended());
    log.expect(["still running"]);
    cede();
    cede();
    log.expect([]);
    c.resume();
    c.ready();
    cede();
    log.expect(["resumed"]);
}

#[test]
fn a_suspended_waiter_that_is_woken_runs_when_resumed_and_readied() {
    let log = Log::new();
    let sem = semaphore(0);
    let c = spawn({
        let sem = Rc::clone(&sem);
        move || {
            sem.down();
            log.say("got it");
        }
    });
    cede();
    c.suspend();
    sem.up();
    cede();
    log.expect([]);
    c.resume();
    c.ready();
    cede();
    log.expect(["got it"]);
    assert_eq!(sem.count(), 0);
}

#[test]
fn inspecting_the_flags_of_a_suspended_new_coro() {
    let c = Builder::new().build(|| ());
    c.suspend();
    assert!(c.is_new() && c.is_suspended() && !c.is_running());
    c.resume();
    assert!(c.is_new() && !c.is_suspended());
}
