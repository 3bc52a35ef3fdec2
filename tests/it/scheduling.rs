//! The scheduling calls one by one: CORO-SEMANTICS §1.1, §1.2, §1.3; HISTORY-BUGS 30, 43, 68.

use std::rc::Rc;

use coro::{Builder, Prio, cede, cede_notself, current, no_switch, ready_count, schedule, spawn};

use crate::support::{Log, fresh};

mod inspection;

#[test]
fn spawn_readies_and_never_switches() {
    let log = Log::new();
    let c = no_switch(|| spawn(move || log.say("ran")));
    assert!(c.is_ready());
    log.expect([]);
    cede();
    log.expect(["ran"]);
}

#[test]
fn build_only_creates() {
    let log = Log::new();
    let c = no_switch(|| Builder::new().build(move || log.say("ran")));
    assert!(!c.is_ready());
    cede();
    cede_notself();
    log.expect([]);
    assert!(c.ready());
    cede();
    log.expect(["ran"]);
}

#[test]
fn builder_spawn_readies_and_never_switches() {
    let log = Log::new();
    let c = no_switch(|| {
        Builder::new()
            .stack_size(64 * 1024)
            .spawn(move || log.say("ran"))
    });
    assert!(c.is_ready());
    log.expect([]);
    cede();
    log.expect(["ran"]);
}

#[test]
fn ready_twice_is_one_run_and_false() {
    let log = Log::new();
    let c = spawn(move || {
        schedule();
        log.say("woken");
        schedule();
        log.say("woken again");
    });
    cede();
    assert!(c.ready());
    assert!(!c.ready());
    cede();
    cede();
    log.expect(["woken"]);
}

#[test]
fn ready_of_a_spawned_coro_is_false() {
    let c = spawn(|| ());
    assert!(!c.ready());
}

#[test]
fn ready_never_switches() {
    let log = Log::new();
    let c = spawn(move || {
        schedule();
        log.say("woken");
    });
    cede();
    assert!(no_switch(|| c.ready()));
    log.expect([]);
    cede();
    log.expect(["woken"]);
}

#[test]
fn ready_of_a_finished_coro_is_false_and_nothing_runs() {
    fresh(|| {
        let log = Log::new();
        let c = spawn(move || log.say("ran"));
        cede();
        log.expect(["ran"]);
        assert!(!c.ready());
        assert_eq!(ready_count(), 0);
        cede();
        cede_notself();
        log.expect([]);
    });
}

#[test]
fn ready_enqueues_at_the_tail() {
    let log = Log::new();
    let sleeper = spawn(move || {
        schedule();
        log.say("sleeper");
    });
    cede();
    spawn(move || log.say("earlier"));
    sleeper.ready();
    spawn(move || log.say("later"));
    cede();
    log.expect(["earlier", "sleeper", "later"]);
}

#[test]
fn the_current_coro_may_be_readied_and_schedule_then_returns_at_once() {
    fresh(|| {
        assert!(current().ready());
        assert!(!current().ready());
        assert!(current().is_ready());
        assert_eq!(ready_count(), 1);
        schedule();
        assert!(!current().is_ready());
        assert_eq!(ready_count(), 0);
    });
}

#[test]
fn a_current_coro_that_readied_itself_waits_for_its_place() {
    let log = Log::new();
    spawn(move || log.say("before"));
    current().ready();
    spawn(move || log.say("behind"));
    schedule();
    log.say("main");
    cede();
    log.expect(["before", "main", "behind"]);
}

#[test]
fn schedule_does_not_enqueue_the_caller() {
    let log = Log::new();
    let me = current();
    let c = spawn(move || {
        log.say(format!("main is ready: {}", me.is_ready()));
        cede();
        cede();
        log.say("now");
        me.ready();
    });
    schedule();
    log.expect(["main is ready: false", "now"]);
    assert!(c.is_finished());
}

#[test]
fn cede_lets_everybody_of_the_same_priority_run_once() {
    let log = Log::new();
    for name in ["a", "b", "c"] {
        spawn(move || {
            log.say(format!("{name}1"));
            cede();
            log.say(format!("{name}2"));
        });
    }
    cede();
    log.say("main");
    cede();
    log.expect(["a1", "b1", "c1", "main", "a2", "b2", "c2"]);
}

#[test]
fn cede_alone_returns_at_once() {
    fresh(|| {
        cede();
        assert_eq!(ready_count(), 0);
        assert!(!current().is_ready());
    });
}

#[test]
fn cede_gives_no_turn_to_a_lower_priority() {
    let log = Log::new();
    let low = Builder::new().prio(Prio::LOW).spawn(move || log.say("low"));
    cede();
    cede();
    log.expect([]);
    assert!(low.is_ready());
}

#[test]
fn cede_notself_gives_a_turn_to_any_priority() {
    let log = Log::new();
    Builder::new()
        .prio(Prio::IDLE)
        .spawn(move || log.say("idle priority"));
    cede_notself();
    log.say("main");
    log.expect(["idle priority", "main"]);
}

#[test]
fn cede_notself_alone_returns_at_once() {
    fresh(|| {
        cede_notself();
        assert_eq!(ready_count(), 0);
        assert!(!current().is_ready());
    });
}

#[test]
fn cede_notself_keeps_the_order_of_cede() {
    let log = Log::new();
    for name in ["a", "b"] {
        spawn(move || {
            log.say(format!("{name}1"));
            cede();
            log.say(format!("{name}2"));
        });
    }
    cede_notself();
    log.say("main");
    cede_notself();
    log.expect(["a1", "b1", "main", "a2", "b2"]);
}

#[test]
fn the_waking_calls_never_switch() {
    let log = Log::new();
    let sleeper = spawn(move || {
        schedule();
        log.say("woken");
    });
    cede();
    let other = Rc::new(Builder::new().build(|| ()));
    no_switch(|| {
        sleeper.suspend();
        sleeper.resume();
        sleeper.set_prio(Prio::HIGH);
        sleeper.nice(1);
        sleeper.set_desc("s");
        other.on_destroy(|| ());
        sleeper.clear_throw();
        let _ = (coro::all(), ready_count(), coro::report().to_string());
        sleeper.ready();
    });
    log.expect([]);
    cede();
    log.expect(["woken"]);
}
