//! What happens while a coro unwinds, and how cancel comes back to the canceller: DESIGN §3.5; HISTORY-BUGS 46, 48.

use std::rc::Rc;

use coro::{Builder, cede, current, no_switch, schedule, spawn, unwinding};
use coro_semaphore::Semaphore;

use crate::support::{Log, counted, defer, die, outcome, semaphore};

mod many;

/// Spawns a coro that blocks in `wait`; when it unwinds its destructor waits for the semaphore.
fn blocks_in_its_destructor(
    log: Log,
    sem: &Rc<Semaphore>,
    wait: impl FnOnce() + 'static,
) -> coro::JoinHandle<()> {
    let sem = Rc::clone(sem);
    let c = spawn(move || {
        let _outer = log.mark("outer local");
        let _block = defer(move || {
            log.say("cleanup begins");
            sem.down();
            log.say("cleanup ends");
        });
        wait();
    });
    cede();
    c
}

#[test]
fn the_canceller_goes_on_when_a_destructor_blocks_and_the_victim_ends_later() {
    let log = Log::new();
    let sem = semaphore(0);
    let c = blocks_in_its_destructor(log, &sem, schedule);
    c.on_destroy(move || log.say("on_destroy"));
    spawn(move || log.say("other"));
    c.cancel();
    log.say("canceller goes on");
    assert!(!c.is_finished());
    cede();
    log.expect(["cleanup begins", "canceller goes on", "other"]);
    sem.up();
    c.coro().join();
    log.expect(["cleanup ends", "outer local", "on_destroy"]);
    assert!(c.join().is_err_and(|error| error.is_cancelled()));
}

#[test]
fn the_canceller_goes_on_before_anybody_else_when_a_destructor_cedes() {
    let log = Log::new();
    let c = spawn(move || {
        let _block = defer(move || {
            log.say("cleanup begins");
            cede();
            log.say("cleanup ends");
        });
        schedule();
    });
    cede();
    spawn(move || log.say("other"));
    c.cancel();
    log.say("canceller goes on");
    cede();
    log.expect([
        "cleanup begins",
        "canceller goes on",
        "other",
        "cleanup ends",
    ]);
    assert!(c.is_finished());
}

#[test]
fn the_way_back_to_the_canceller_is_used_once() {
    let log = Log::new();
    let sem = semaphore(0);
    let c = blocks_in_its_destructor(log, &sem, schedule);
    let canceller = spawn({
        let c = c.coro().clone();
        move || {
            c.cancel();
            log.say("canceller 1");
            schedule();
            log.say("canceller 2");
        }
    });
    cede();
    log.expect(["cleanup begins", "canceller 1"]);
    sem.up();
    cede();
    cede();
    // The victim ended; the canceller sleeps in its own schedule and stays asleep.
    log.expect(["cleanup ends", "outer local"]);
    assert!(!canceller.is_finished());
    canceller.ready();
    cede();
    log.expect(["canceller 2"]);
}

#[test]
fn a_canceller_that_ended_meanwhile_is_not_returned_to() {
    let log = Log::new();
    let sem = semaphore(0);
    let c = blocks_in_its_destructor(log, &sem, schedule);
    let canceller = spawn({
        let c = c.coro().clone();
        move || c.cancel()
    });
    assert!(canceller.join().is_ok());
    log.expect(["cleanup begins"]);
    sem.up();
    cede();
    log.expect(["cleanup ends", "outer local"]);
    assert!(c.is_finished());
}

#[test]
fn a_victim_with_an_uncaught_throw_may_block_in_its_destructor_too() {
    let log = Log::new();
    let sem = semaphore(0);
    let c = blocks_in_its_destructor(log, &sem, schedule);
    c.throw("boom");
    cede();
    log.expect(["cleanup begins"]);
    sem.up();
    cede();
    log.expect(["cleanup ends", "outer local"]);
    assert!(c.join().is_err_and(|error| error.is_thrown()));
}

#[test]
fn a_panicking_coro_may_block_in_its_destructor_too() {
    let log = Log::new();
    let sem = semaphore(0);
    let c = blocks_in_its_destructor(log, &sem, || die("boom"));
    log.expect(["cleanup begins"]);
    sem.up();
    cede();
    log.expect(["cleanup ends", "outer local"]);
    assert!(c.join().is_err_and(|error| error.is_panic()));
}

#[test]
fn nothing_is_delivered_to_a_coro_that_unwinds_from_a_cancel() {
    let log = Log::new();
    let sem = semaphore(0);
    let c = blocks_in_its_destructor(log, &sem, schedule);
    c.cancel();
    let (payload, drops) = counted();
    c.throw(payload);
    cede();
    c.cancel();
    cede();
    // Its wait in the destructor went on through all of it.
    log.expect(["cleanup begins"]);
    assert!(!c.is_finished());
    sem.up();
    cede();
    log.expect(["cleanup ends", "outer local"]);
    assert!(c.is_finished());
    drop(c);
    assert_eq!((sem.count(), drops.get()), (0, 1));
}

#[test]
fn nothing_is_delivered_to_a_coro_that_unwinds_from_a_panic() {
    let log = Log::new();
    let sem = semaphore(0);
    let c = blocks_in_its_destructor(log, &sem, || die("boom"));
    let (payload, drops) = counted();
    c.throw(payload);
    cede();
    c.cancel();
    cede();
    log.expect(["cleanup begins"]);
    assert!(!c.is_finished());
    sem.up();
    cede();
    log.expect(["cleanup ends", "outer local"]);
    assert!(c.is_finished());
    drop(c);
    assert_eq!((sem.count(), drops.get()), (0, 1));
}

#[test]
fn a_coro_is_not_taken_for_unwinding_because_another_one_is() {
    let log = Log::new();
    let sem = semaphore(0);
    let parked = blocks_in_its_destructor(log, &sem, schedule);
    let victim = spawn(move || {
        let _mark = log.mark("victim unwound");
        schedule();
    });
    let thrown_at = spawn(move || log.say(outcome(schedule)));
    cede();
    parked.cancel();
    log.expect(["cleanup begins"]);
    victim.cancel();
    thrown_at.throw("boom");
    // Late is allowed while it is in doubt who unwinds, but not never.
    sem.up();
    for _ in 0..3 {
        cede();
    }
    assert!(parked.is_finished() && victim.is_finished() && thrown_at.is_finished());
    assert_eq!(
        log.sorted(),
        ["boom", "cleanup ends", "outer local", "victim unwound"]
    );
}

#[test]
fn a_cancel_that_came_while_another_coro_was_parked_in_its_unwinding_is_late_at_most() {
    let log = Log::new();
    let sem = semaphore(0);
    let parked = blocks_in_its_destructor(log, &sem, schedule);
    parked.cancel();
    let late = spawn(move || {
        let _mark = log.mark("late unwound");
        loop {
            schedule();
        }
    });
    cede();
    late.cancel();
    sem.up();
    cede();
    assert!(parked.is_finished());
    late.ready();
    cede();
    assert!(late.is_finished());
    assert_eq!(
        log.sorted(),
        [
            "cleanup begins",
            "cleanup ends",
            "late unwound",
            "outer local"
        ]
    );
}

#[test]
fn destructors_may_cancel_others() {
    let log = Log::new();
    let inner = spawn(move || {
        let _mark = log.mark("inner");
        schedule();
    });
    let outer = spawn({
        let inner = inner.coro().clone();
        move || {
            let _mark = log.mark("outer");
            let _cancel = defer(move || {
                inner.cancel();
                log.say("outer goes on");
            });
            schedule();
        }
    });
    cede();
    outer.cancel();
    log.say("main");
    log.expect(["inner", "outer goes on", "outer", "main"]);
    assert!(inner.is_finished() && outer.is_finished());
}

#[test]
fn destructors_may_spawn_join_and_throw() {
    let log = Log::new();
    let other = spawn(move || log.say(outcome(schedule)));
    let c = spawn({
        let other = other.coro().clone();
        move || {
            let _work = defer(move || {
                other.throw("from a destructor");
                let helper = spawn(|| 6);
                log.say(format!("{:?}", helper.join().ok()));
            });
            schedule();
        }
    });
    cede();
    c.cancel();
    c.coro().join();
    cede();
    log.expect(["from a destructor", "Some(6)"]);
}

#[test]
fn a_cancel_inside_no_switch_is_carried_out_at_the_next_switch() {
    let log = Log::new();
    let c = spawn(move || {
        let _mark = log.mark("unwound");
        schedule();
    });
    cede();
    no_switch(|| {
        c.cancel();
        log.say("still inside");
    });
    log.say("outside");
    cede();
    log.expect(["still inside", "outside", "unwound"]);
    assert!(c.is_finished());
}

#[test]
fn a_self_cancel_inside_no_switch_is_carried_out_too() {
    let log = Log::new();
    let c = spawn(move || {
        let _mark = log.mark("unwound");
        no_switch(|| current().cancel());
        cede();
        log.say("not reached");
    });
    cede();
    cede();
    log.expect(["unwound"]);
    assert!(c.join().is_err_and(|error| error.is_cancelled()));
}

#[test]
fn a_destructor_of_a_new_coros_closure_may_call_the_kernel() {
    let log = Log::new();
    let c = Builder::new().build({
        let cleanup = defer(move || {
            spawn(move || log.say("spawned by the closure's drop"));
        });
        move || drop(cleanup)
    });
    c.cancel();
    cede();
    log.expect(["spawned by the closure's drop"]);
}

#[test]
fn unwinding_tells_whether_the_current_coro_unwinds() {
    let log = Log::new();
    assert_eq!(unwinding(), Some(false));
    let c = spawn(move || {
        let _ask = defer(move || log.say(format!("destructor: {:?}", unwinding())));
        log.say(format!("body: {:?}", unwinding()));
        schedule();
    });
    cede();
    c.cancel();
    assert_eq!(unwinding(), Some(false));
    log.expect(["body: Some(false)", "destructor: Some(true)"]);
}

#[test]
fn unwinding_is_false_in_others_or_unknown_while_somebody_is_parked_in_his() {
    let log = Log::new();
    let sem = semaphore(0);
    let c = blocks_in_its_destructor(log, &sem, schedule);
    c.cancel();
    assert_ne!(unwinding(), Some(true));
    let other = spawn(unwinding);
    assert_ne!(other.join().ok(), Some(Some(true)));
    sem.up();
    cede();
    assert!(c.is_finished());
    assert_eq!(unwinding(), Some(false));
}

#[test]
fn who_was_interrupted_and_unwound_over_switches_is_not_kept() {
    let gone = spawn(|| {
        let _late = defer(cede);
        schedule();
    });
    cede();
    gone.safe_cancel().unwrap();
    let coro = gone.coro().clone();
    assert!(gone.join().unwrap_err().is_cancelled());
    assert_eq!(coro.handle_count(), 1);
}

#[test]
fn who_ends_in_doubt_is_not_kept_while_others_unwind() {
    let log = Log::new();
    let sem = semaphore(0);
    let parked = blocks_in_its_destructor(log, &sem, schedule);
    parked.cancel();
    // Nobody knows that it does not unwind, so the throw waits, and the coro ends with it.
    let ended = spawn(|| {
        current().throw("too late");
        coro::check();
    });
    let coro = ended.coro().clone();
    _ = ended.join();
    assert_eq!(coro.handle_count(), 1);
    sem.up();
    cede();
    assert!(parked.is_finished());
}
