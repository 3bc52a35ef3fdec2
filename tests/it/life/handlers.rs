//! on_destroy and join: CORO-SEMANTICS §2.2 with the changes of DESIGN §3.5; HISTORY-BUGS 45, 47, 51.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use coro::{Builder, Coro, Prio, cede, schedule, spawn, terminate};

use crate::support::{Log, counted, die, outcome};

#[test]
fn handlers_are_called_newest_first_however_the_coro_ends() {
    let log = Log::new();
    let watch = |c: &Coro| {
        c.on_destroy(move || log.say("1"));
        c.on_destroy(move || log.say("2"));
        c.on_destroy(move || log.say("3"));
    };
    let returns = spawn(|| ());
    watch(&returns);
    cede();
    log.expect(["3", "2", "1"]);
    let terminates = spawn(|| terminate(()));
    watch(&terminates);
    cede();
    log.expect(["3", "2", "1"]);
    let panics = spawn(|| die("boom"));
    watch(&panics);
    cede();
    log.expect(["3", "2", "1"]);
    let cancelled = spawn(schedule);
    watch(&cancelled);
    cede();
    cancelled.cancel();
    log.expect(["3", "2", "1"]);
    let new = Builder::new().build(|| ());
    watch(&new);
    new.cancel();
    log.expect(["3", "2", "1"]);
}

#[test]
fn handlers_come_after_the_locals() {
    let log = Log::new();
    let c = spawn(move || {
        let _local = log.mark("local");
        cede();
    });
    c.on_destroy(move || log.say("handler"));
    cede();
    cede();
    log.expect(["local", "handler"]);
}

#[test]
fn joiners_wake_newest_first() {
    let log = Log::new();
    let target = spawn(move || {
        cede();
        log.say("target ends");
    });
    for name in ["j1", "j2", "j3", "j4"] {
        let target = target.coro().clone();
        spawn(move || {
            target.join();
            log.say(name);
        });
    }
    cede();
    cede();
    cede();
    log.expect(["target ends", "j4", "j3", "j2", "j1"]);
}

#[test]
fn a_joiner_of_higher_priority_runs_first() {
    let log = Log::new();
    let target = spawn(schedule);
    for (name, prio) in [
        ("normal", Prio::NORMAL),
        ("high", Prio::HIGH),
        ("also normal", Prio::NORMAL),
    ] {
        let target = target.coro().clone();
        Builder::new().prio(prio).spawn(move || {
            target.join();
            log.say(name);
        });
    }
    cede();
    target.cancel();
    cede();
    log.expect(["high", "also normal", "normal"]);
}

#[test]
fn handlers_and_joiners_are_served_in_one_order() {
    let log = Log::new();
    let target = spawn(schedule);
    let joiner = spawn({
        let target = target.coro().clone();
        move || {
            target.join();
            log.say("joiner");
        }
    });
    let tell = |name: &'static str, joiner: &Coro| {
        let joiner = joiner.clone();
        move || log.say(format!("{name}, joiner ready: {}", joiner.is_ready()))
    };
    target.on_destroy(tell("before the join", &joiner));
    cede();
    target.on_destroy(tell("after the join", &joiner));
    target.cancel();
    cede();
    log.expect([
        "after the join, joiner ready: false",
        "before the join, joiner ready: true",
        "joiner",
    ]);
}

#[test]
fn a_handler_on_a_finished_coro_is_dropped_uncalled() {
    let log = Log::new();
    let c = spawn(|| ());
    cede();
    let (captured, drops) = counted();
    c.on_destroy(move || {
        drop(captured);
        log.say("called");
    });
    assert_eq!(drops.get(), 1);
    cede();
    log.expect([]);
}

#[test]
fn a_handler_registered_by_a_handler_is_never_called() {
    let log = Log::new();
    let c = spawn(schedule);
    let handle = c.coro().clone();
    c.on_destroy(move || {
        handle.on_destroy(move || log.say("late"));
        log.say("handler");
    });
    cede();
    c.cancel();
    cede();
    log.expect(["handler"]);
}

#[test]
fn a_panicking_handler_loses_none_of_the_others() {
    let log = Log::new();
    let c = spawn(schedule);
    c.on_destroy(move || log.say("oldest"));
    let joiner = spawn({
        let c = c.coro().clone();
        move || {
            c.join();
            log.say("joiner");
        }
    });
    cede();
    c.on_destroy(|| die("handler"));
    c.on_destroy(move || log.say("newest"));
    c.cancel();
    log.say("canceller");
    cede();
    log.expect(["newest", "oldest", "canceller", "joiner"]);
    assert!(c.is_finished() && joiner.is_finished());
}

#[test]
fn a_panicking_handler_of_a_coro_that_returns_stays_in_that_coro() {
    let log = Log::new();
    let c = spawn(|| ());
    c.on_destroy(move || log.say("oldest"));
    c.on_destroy(|| die("handler"));
    cede();
    log.expect(["oldest"]);
    assert!(c.is_finished());
}

#[test]
fn a_handler_may_cancel_its_own_coro_again() {
    let log = Log::new();
    let c = spawn(|| {
        cede();
        3
    });
    let handle = c.coro().clone();
    c.on_destroy(move || log.say("other handler"));
    c.on_destroy(move || {
        handle.cancel();
        log.say("cancelled itself");
    });
    cede();
    cede();
    log.expect(["cancelled itself", "other handler"]);
    assert_eq!(c.join().ok(), Some(3));
}

#[test]
fn a_handler_may_drop_the_last_handle() {
    let log = Log::new();
    let slot = Rc::new(RefCell::new(None));
    let c = spawn(cede);
    c.on_destroy(move || log.say("other handler"));
    c.on_destroy({
        let slot = Rc::clone(&slot);
        move || {
            let handle = slot.borrow_mut().take();
            drop(handle);
            log.say("dropped");
        }
    });
    *slot.borrow_mut() = Some(c);
    cede();
    log.expect([]);
    cede();
    log.expect(["dropped", "other handler"]);
    assert!(slot.borrow().is_none());
}

#[test]
fn a_handler_may_cancel_another_coro() {
    let log = Log::new();
    let other = spawn(move || {
        let _mark = log.mark("other unwound");
        schedule();
    });
    let c = spawn(schedule);
    let handle = other.coro().clone();
    c.on_destroy(move || {
        handle.cancel();
        log.say("handler goes on");
    });
    cede();
    c.cancel();
    assert!(c.is_finished() && other.is_finished());
    log.expect(["other unwound", "handler goes on"]);
}

#[test]
fn a_handler_may_spawn_and_ready() {
    let log = Log::new();
    let c = spawn(|| ());
    c.on_destroy(move || {
        spawn(move || log.say("spawned"));
    });
    cede();
    cede();
    log.expect(["spawned"]);
}

#[test]
fn join_of_a_finished_coro_returns_at_once() {
    let c = spawn(|| ());
    cede();
    let ran = Rc::new(Cell::new(false));
    spawn({
        let ran = Rc::clone(&ran);
        move || ran.set(true)
    });
    c.coro().join();
    c.coro().join();
    assert!(!ran.get());
    assert!(c.join().is_ok());
    assert!(!ran.get());
}

#[test]
fn join_of_a_new_coro_waits_until_somebody_starts_and_ends_it() {
    let log = Log::new();
    let new = Builder::new().build(move || log.say("body"));
    let joiner = spawn({
        let new = new.coro().clone();
        move || {
            new.join();
            log.say("joined");
        }
    });
    cede();
    cede();
    log.expect([]);
    new.ready();
    cede();
    cede();
    log.expect(["body", "joined"]);
    assert!(joiner.is_finished());
}

#[test]
fn any_coro_may_take_the_value() {
    let c = spawn(|| {
        cede();
        11
    });
    let taker = spawn(move || c.join().ok());
    assert_eq!(taker.join().ok(), Some(Some(11)));
}

#[test]
fn several_takers_share_a_value() {
    let c = spawn(|| {
        cede();
        String::from("shared")
    })
    .shared();
    let takers: Vec<_> = (0..3)
        .map(|_| {
            let c = c.clone();
            spawn(move || c.join().ok())
        })
        .collect();
    for taker in takers {
        assert_eq!(taker.join().ok().flatten().as_deref(), Some("shared"));
    }
    assert_eq!(c.join().ok().as_deref(), Some("shared"));
}

#[test]
fn several_takers_share_an_error() {
    let c = spawn(|| die("boom")).shared();
    let d = c.clone();
    assert!(c.join().is_err_and(|error| error.is_panic()));
    assert!(d.join().is_err_and(|error| error.is_panic()));
}

#[test]
fn a_joiner_readied_by_somebody_sleeps_on_and_is_served_once() {
    let log = Log::new();
    let target = spawn(schedule);
    let joiner = spawn({
        let target = target.coro().clone();
        move || {
            target.join();
            log.say("joined");
            schedule();
            log.say("woken twice");
        }
    });
    cede();
    for _ in 0..3 {
        assert!(joiner.ready());
        cede();
    }
    log.expect([]);
    target.cancel();
    cede();
    cede();
    log.expect(["joined"]);
}

#[test]
fn a_throw_interrupts_join_at_once() {
    let log = Log::new();
    let target = spawn(schedule);
    let joiner = spawn({
        let target = target.coro().clone();
        move || {
            log.say(outcome(|| target.join()));
            schedule();
            log.say("woken by the end of the target");
        }
    });
    cede();
    joiner.throw("ex");
    cede();
    log.expect(["ex"]);
    assert!(!target.is_finished());
    target.cancel();
    cede();
    log.expect([]);
}

#[test]
fn a_cancelled_joiner_does_no_harm() {
    let log = Log::new();
    let target = spawn(schedule);
    let join = |name: &'static str| {
        let target = target.coro().clone();
        spawn(move || {
            target.join();
            log.say(name);
        })
    };
    let _first = join("first");
    let second = join("second");
    let _third = join("third");
    cede();
    second.cancel();
    target.cancel();
    cede();
    log.expect(["third", "first"]);
}
