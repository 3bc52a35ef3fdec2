//! How coros end: CORO-SEMANTICS §2.1 with the changes of DESIGN §3.5; HISTORY-BUGS 44, 57, 61, 62.

use std::rc::Rc;

use coro::{
    Builder, cede, current, killall, ready_count, rouse, schedule, shield, shutdown, spawn,
    terminate,
};
use coro_channel::Channel;

use crate::support::{Log, caught, counted, defer, die, fresh, semaphore, text};

mod handlers;
mod joiners;

#[test]
fn the_value_of_the_body_is_what_join_returns() {
    let c = spawn(|| String::from("value"));
    assert_eq!(c.join().ok().as_deref(), Some("value"));
}

#[test]
fn the_captures_are_dropped_when_the_body_ends() {
    let (captured, drops) = counted();
    let c = spawn(move || {
        let _captured = &captured;
        cede();
    });
    cede();
    assert_eq!(drops.get(), 0);
    cede();
    assert!(c.is_finished());
    assert_eq!(drops.get(), 1);
}

#[test]
fn terminate_unwinds_and_gives_the_value() {
    fn inner(log: Log) {
        let _inner = log.mark("inner");
        terminate(7);
    }
    let log = Log::new();
    let c = spawn(move || -> i32 {
        let _outer = log.mark("outer");
        inner(log);
        log.say("not reached");
        0
    });
    assert_eq!(c.join().ok(), Some(7));
    log.expect(["inner", "outer"]);
}

#[test]
fn the_value_of_terminate_need_not_be_send() {
    let c = spawn(|| -> Rc<i32> { terminate(Rc::new(7)) });
    assert_eq!(c.join().ok(), Some(Rc::new(7)));
}

#[test]
fn cancel_unwinds_the_other_before_it_returns_and_before_anybody_else_runs() {
    let log = Log::new();
    let c = spawn(move || {
        let _mark = log.mark("unwound");
        schedule();
        log.say("not reached");
    });
    cede();
    spawn(move || log.say("other"));
    c.on_destroy(move || log.say("on_destroy"));
    c.cancel();
    log.say("canceller");
    assert!(c.is_finished());
    cede();
    log.expect(["unwound", "on_destroy", "canceller", "other"]);
    let error = c.join().expect_err("it was cancelled");
    assert!(error.is_cancelled() && !error.is_panic() && !error.is_thrown());
}

#[test]
fn cancel_by_a_coro_returns_to_it_first() {
    let log = Log::new();
    let victim = spawn(move || {
        let _mark = log.mark("unwound");
        schedule();
    });
    cede();
    spawn(move || {
        victim.cancel();
        log.say("canceller");
    });
    spawn(move || log.say("other"));
    cede();
    log.expect(["unwound", "canceller", "other"]);
}

#[test]
fn self_cancel_is_terminate_without_a_value() {
    let log = Log::new();
    let c = spawn(move || {
        let _mark = log.mark("unwound");
        current().cancel();
        log.say("not reached");
        1
    });
    cede();
    log.expect(["unwound"]);
    assert!(c.join().expect_err("it was cancelled").is_cancelled());
}

#[test]
fn cancel_of_a_new_coro_drops_its_closure() {
    let log = Log::new();
    let (captured, drops) = counted();
    let c = Builder::new().build(move || {
        let _captured = &captured;
        log.say("ran");
    });
    c.on_destroy(move || log.say("on_destroy"));
    c.cancel();
    assert!(c.is_finished() && !c.is_new());
    assert_eq!(drops.get(), 1);
    cede();
    log.expect(["on_destroy"]);
    assert!(c.join().expect_err("it was cancelled").is_cancelled());
}

#[test]
fn cancel_of_a_spawned_coro_that_has_not_run_drops_its_closure() {
    fresh(|| {
        let log = Log::new();
        let (captured, drops) = counted();
        let c = spawn(move || {
            let _captured = &captured;
            log.say("ran");
        });
        assert_eq!(ready_count(), 1);
        c.cancel();
        assert_eq!((ready_count(), drops.get()), (0, 1));
        cede();
        log.expect([]);
    });
}

#[test]
fn cancel_of_a_ready_coro_takes_it_from_the_queue() {
    fresh(|| {
        let log = Log::new();
        let c = spawn(move || {
            let _mark = log.mark("unwound");
            cede();
            log.say("not reached");
        });
        cede();
        assert!(c.is_ready());
        c.cancel();
        assert!(c.is_finished());
        assert_eq!(ready_count(), 0);
        cede();
        log.expect(["unwound"]);
    });
}

#[test]
fn cancel_of_a_suspended_coro_unwinds_it() {
    let log = Log::new();
    let c = spawn(move || {
        let _mark = log.mark("unwound");
        schedule();
    });
    cede();
    c.suspend();
    c.cancel();
    assert!(c.is_finished());
    log.expect(["unwound"]);
}

#[test]
fn cancel_reaches_every_kind_of_wait() {
    let log = Log::new();
    let sem = semaphore(0);
    let channel = Rc::new(Channel::<i32>::bounded(0));
    let (callback, answer) = rouse::<i32>();
    let target = spawn(schedule);
    let target = target.coro().clone();
    let in_down = spawn({
        let sem = Rc::clone(&sem);
        move || {
            let _mark = log.mark("down");
            sem.down();
        }
    });
    let in_get = spawn({
        let channel = Rc::clone(&channel);
        move || {
            let _mark = log.mark("get");
            channel.get();
        }
    });
    let in_join = spawn({
        let target = target.clone();
        move || {
            let _mark = log.mark("join");
            target.join();
        }
    });
    let in_rouse = spawn(move || {
        let _mark = log.mark("rouse");
        answer.wait();
    });
    cede();
    log.expect([]);
    for c in [in_down, in_get, in_join, in_rouse] {
        c.cancel();
        assert!(c.is_finished());
    }
    log.expect(["down", "get", "join", "rouse"]);
    assert_eq!(sem.waiters(), 0);
    callback.call(1);
    target.cancel();
}

#[test]
fn cancel_of_a_finished_coro_does_nothing() {
    let c = spawn(|| 5);
    cede();
    c.cancel();
    c.cancel_with(6);
    assert_eq!(c.join().ok(), Some(5));
}

#[test]
fn cancel_twice_is_cancel_once() {
    let log = Log::new();
    let c = spawn(move || {
        let _mark = log.mark("unwound");
        schedule();
    });
    cede();
    c.cancel();
    c.cancel();
    log.expect(["unwound"]);
}

#[test]
fn cancel_with_leaves_the_cancellers_value() {
    let c = spawn(|| {
        schedule();
        0
    });
    cede();
    c.cancel_with(42);
    let error = c.join().expect_err("it was cancelled");
    assert!(error.is_cancelled());
    assert_eq!(error.into_value::<i32>(), Some(42));
    let plain = spawn(|| {
        schedule();
        0
    });
    cede();
    plain.cancel();
    let error = plain.join().expect_err("it was cancelled");
    assert_eq!(error.into_value::<i32>(), None);
}

#[test]
fn mutual_cancel_from_destructors_ends_both_once() {
    let log = Log::new();
    let b_slot: Rc<std::cell::OnceCell<coro::Coro>> = Rc::default();
    let a = spawn({
        let b_slot = Rc::clone(&b_slot);
        move || {
            let _mark = log.mark("a destroyed");
            let _cancel = defer(move || {
                if let Some(b) = b_slot.get() {
                    b.cancel();
                }
            });
            schedule();
        }
    });
    let b = spawn({
        let a = a.coro().clone();
        move || {
            let _mark = log.mark("b destroyed");
            let _cancel = defer(move || a.cancel());
            schedule();
        }
    });
    assert!(b_slot.set(b.coro().clone()).is_ok());
    cede();
    a.cancel();
    log.say("main");
    cede();
    assert!(a.is_finished() && b.is_finished());
    assert_eq!(log.sorted(), ["a destroyed", "b destroyed", "main"]);
    assert!(a.join().expect_err("cancelled").is_cancelled());
    assert!(b.join().expect_err("cancelled").is_cancelled());
}

#[test]
fn a_canceller_cancelled_by_its_victim_does_not_come_back() {
    let log = Log::new();
    let canceller_slot: Rc<std::cell::OnceCell<coro::Coro>> = Rc::default();
    let victim = spawn({
        let canceller_slot = Rc::clone(&canceller_slot);
        move || {
            let _mark = log.mark("victim destroyed");
            let _cancel = defer(move || {
                if let Some(canceller) = canceller_slot.get() {
                    canceller.cancel();
                }
            });
            schedule();
        }
    });
    cede();
    let canceller = spawn({
        let victim = victim.coro().clone();
        move || {
            let _mark = log.mark("canceller destroyed");
            victim.cancel();
            log.say("not reached");
        }
    });
    assert!(canceller_slot.set(canceller.coro().clone()).is_ok());
    cede();
    cede();
    assert!(victim.is_finished() && canceller.is_finished());
    assert_eq!(log.sorted(), ["canceller destroyed", "victim destroyed"]);
    assert!(canceller.join().expect_err("cancelled").is_cancelled());
}

#[test]
fn killall_cancels_all_but_main_newest_first_and_the_kernel_goes_on() {
    fresh(|| {
        let log = Log::new();
        let mut coros = Vec::new();
        for name in ["first", "second", "third"] {
            coros.push(spawn(move || {
                let _mark = log.mark(name);
                schedule();
            }));
        }
        cede();
        let _new = Builder::new().build(move || log.say("never"));
        killall();
        log.expect(["third", "second", "first"]);
        assert!(coros.iter().all(|c| c.is_finished()));
        assert_eq!(coro::all(), [coro::main()]);
        assert_eq!(spawn(|| 3).join().ok(), Some(3));
    });
}

#[test]
fn killall_in_a_coro_spares_that_coro() {
    fresh(|| {
        let log = Log::new();
        let other = spawn(move || {
            let _mark = log.mark("other");
            schedule();
        });
        let killer = spawn(move || {
            killall();
            log.say("killer");
            cede();
            9
        });
        assert_eq!(killer.join().ok(), Some(9));
        assert!(other.is_finished());
        log.expect(["other", "killer"]);
    });
}

#[test]
fn shutdown_unwinds_all_and_returns_those_that_do_not_end() {
    fresh(|| {
        let log = Log::new();
        let _blocked = spawn(move || {
            let _mark = log.mark("blocked");
            schedule();
        });
        let shielded = spawn(|| shield(schedule));
        cede();
        let left = shutdown();
        log.expect(["blocked"]);
        assert_eq!(left, [shielded.coro().clone()]);
    });
}

#[test]
fn shutdown_of_a_kernel_without_coros_returns_nothing() {
    fresh(|| assert!(shutdown().is_empty()));
}

#[test]
fn a_panic_ends_its_coro_alone() {
    let log = Log::new();
    let other = spawn(move || {
        cede();
        cede();
        "unharmed"
    });
    let c = spawn(move || {
        let _mark = log.mark("unwound");
        cede();
        die("boom");
    });
    c.on_destroy(move || log.say("on_destroy"));
    c.coro().join();
    log.expect(["unwound", "on_destroy"]);
    let error = c.join().expect_err("it panicked");
    assert!(error.is_panic() && !error.is_cancelled() && !error.is_thrown());
    assert!(!error.is_no_stack());
    assert!(!error.to_string().is_empty());
    assert_eq!(text(&*error.into_panic()), "boom");
    assert_eq!(other.join().ok(), Some("unharmed"));
}

#[test]
fn a_panic_in_the_destructor_of_a_cancelled_coro_does_not_reach_the_canceller() {
    let log = Log::new();
    let c = spawn(move || {
        let _mark = log.mark("unwound");
        if let Err(payload) = caught(schedule) {
            drop(payload);
            die("in the cleanup");
        }
    });
    cede();
    c.cancel();
    log.say("canceller");
    log.expect(["unwound", "canceller"]);
    assert!(c.is_finished());
}
