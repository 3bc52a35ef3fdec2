//! H17: nothing refers into a stack that its coro has left for good, and that others use by then.

use coro::{Coro, cede, schedule, spawn};

use crate::support::{Log, counted, fresh};

/// Calls everything that a handle offers.
fn meddle(c: &Coro) {
    assert!(!c.ready());
    c.suspend();
    c.resume();
    c.cancel();
    assert!(c.safe_cancel().is_ok());
    assert!(!c.throw("late").retract());
    c.clear_throw();
    assert!(c.schedule_to().is_err());
    assert!(c.cede_to().is_err());
    c.join();
    c.on_destroy(|| unreachable!("it has ended"));
    c.set_desc("gone");
    c.set_prio(coro::Prio::HIGH);
    c.nice(1);
    c.waker().wake();
    assert!(c.is_finished());
    assert!(!c.is_ready() && !c.is_running() && !c.is_new() && !c.is_suspended());
    assert!(coro::report().to_string().contains("main"));
}

#[test]
fn handles_of_ended_coros_do_nothing_while_others_use_their_stacks() {
    fresh(|| {
        let log = Log::new();
        let ended: Vec<Coro> = (0..5)
            .map(|i| {
                let c = spawn(schedule);
                cede();
                match i {
                    0 => c.cancel(),
                    1 => drop(c.throw("out")),
                    2 => c.safe_cancel().unwrap(),
                    _ => drop(c.ready()),
                }
                cede();
                c.coro().clone()
            })
            .collect();
        let successor = spawn(move || {
            schedule();
            log.say("successor");
        });
        cede();
        for c in &ended {
            meddle(c);
        }
        cede();
        log.expect([]);
        assert!(!successor.is_finished() && !successor.is_ready());
        successor.ready();
        successor.join().unwrap();
        log.expect(["successor"]);
    });
}

#[test]
fn a_handler_that_blocks_runs_on_its_coros_own_stack_to_the_end() {
    let log = Log::new();
    let c = spawn(|| 1);
    let handle = c.coro().clone();
    c.on_destroy(move || {
        log.say("handler");
        cede();
        schedule();
        log.say("handler ends");
    });
    let (value, drops) = counted();
    c.on_destroy(move || drop(value));
    assert_eq!(c.join().unwrap(), 1);
    // It has ended for everybody but the handler.
    handle.cancel();
    assert!(handle.is_finished());
    let others: Vec<_> = (0..3).map(|i| spawn(move || i)).collect();
    for (i, other) in others.into_iter().enumerate() {
        assert_eq!(other.join().unwrap(), i);
    }
    log.expect(["handler"]);
    assert_eq!(drops.get(), 1);
    assert!(handle.ready());
    cede();
    log.expect(["handler ends"]);
    assert!(!handle.ready());
}

#[test]
fn the_way_back_to_a_canceller_that_is_gone_is_not_taken() {
    fresh(|| {
        let log = Log::new();
        for _ in 0..3 {
            let victim = spawn(move || {
                let _block = crate::support::defer(|| {
                    cede();
                    cede();
                });
                schedule();
            });
            cede();
            let target = victim.coro().clone();
            spawn(move || target.cancel());
            cede();
            // The canceller's stack serves another when the victim ends.
            let successor = spawn(move || {
                schedule();
                log.say("successor");
            });
            victim.coro().join();
            cede();
            log.expect([]);
            successor.cancel();
        }
    });
}
