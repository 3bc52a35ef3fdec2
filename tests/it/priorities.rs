//! Priorities: CORO-SEMANTICS §1.1, §1.2 (`prio`, `nice`); HISTORY-BUGS 32.

use coro::{Builder, Prio, cede, current, schedule, spawn};

use crate::support::Log;

#[test]
fn the_named_priorities_are_those_of_coro() {
    let named = [
        Prio::MAX,
        Prio::HIGH,
        Prio::NORMAL,
        Prio::LOW,
        Prio::IDLE,
        Prio::MIN,
    ];
    assert_eq!(named.map(Prio::get), [3, 1, 0, -1, -3, -4]);
    assert!(named.is_sorted_by(|a, b| a > b));
}

#[test]
fn new_clamps() {
    assert_eq!(Prio::new(4), Prio::MAX);
    assert_eq!(Prio::new(i8::MAX), Prio::MAX);
    assert_eq!(Prio::new(-5), Prio::MIN);
    assert_eq!(Prio::new(i8::MIN), Prio::MIN);
    for n in -4..=3 {
        assert_eq!(Prio::new(n).get(), n);
    }
}

#[test]
fn a_new_coro_has_the_normal_priority_whoever_creates_it() {
    current().set_prio(Prio::HIGH);
    let c = spawn(|| ());
    current().set_prio(Prio::NORMAL);
    assert_eq!(c.prio(), Prio::NORMAL);
}

#[test]
fn the_highest_priority_runs_first_and_equals_in_order() {
    let log = Log::new();
    for (name, prio) in [
        ("n1", 0),
        ("low", -4),
        ("h1", 2),
        ("n2", 0),
        ("max", 3),
        ("h2", 2),
    ] {
        Builder::new()
            .prio(Prio::new(prio))
            .spawn(move || log.say(name));
    }
    current().set_prio(Prio::MIN);
    cede();
    current().set_prio(Prio::NORMAL);
    log.expect(["max", "h1", "h2", "n1", "n2", "low"]);
}

#[test]
fn each_of_the_eight_priorities_is_a_level_of_its_own() {
    let log = Log::new();
    for prio in -4..=3 {
        Builder::new()
            .prio(Prio::new(prio))
            .spawn(move || log.say(current().prio().get()));
    }
    current().set_prio(Prio::MIN);
    cede();
    current().set_prio(Prio::NORMAL);
    log.expect(["3", "2", "1", "0", "-1", "-2", "-3", "-4"]);
}

#[test]
fn a_higher_priority_that_cedes_starves_the_lower() {
    let log = Log::new();
    spawn(move || log.say("normal"));
    Builder::new().prio(Prio::HIGH).spawn(move || {
        for _ in 0..3 {
            log.say("high");
            cede();
        }
    });
    cede();
    log.expect(["high", "high", "high", "normal"]);
}

#[test]
fn set_prio_returns_the_old_priority() {
    let c = Builder::new().build(|| ());
    assert_eq!(c.set_prio(Prio::HIGH), Prio::NORMAL);
    assert_eq!(c.set_prio(Prio::MIN), Prio::HIGH);
    assert_eq!(c.prio(), Prio::MIN);
}

#[test]
fn nice_lowers_clamps_and_returns_the_old_priority() {
    let c = Builder::new().build(|| ());
    assert_eq!(c.nice(2), Prio::NORMAL);
    assert_eq!(c.prio(), Prio::new(-2));
    assert_eq!(c.nice(-3), Prio::new(-2));
    assert_eq!(c.prio(), Prio::new(1));
    assert_eq!(c.nice(100), Prio::new(1));
    assert_eq!(c.prio(), Prio::MIN);
    assert_eq!(c.nice(i8::MIN), Prio::MIN);
    assert_eq!(c.prio(), Prio::MAX);
    assert_eq!(c.nice(i8::MAX), Prio::MAX);
    assert_eq!(c.prio(), Prio::MIN);
}

#[test]
fn raising_a_priority_does_not_switch() {
    let log = Log::new();
    let c = spawn(move || {
        schedule();
        log.say("woken");
    });
    cede();
    c.set_prio(Prio::MAX);
    c.ready();
    current().set_prio(Prio::LOW);
    log.expect([]);
    current().set_prio(Prio::NORMAL);
    cede();
    log.expect(["woken"]);
}

#[test]
fn the_priority_of_a_queued_coro_counts_from_its_next_enqueue() {
    let log = Log::new();
    spawn(move || {
        log.say("a");
        cede();
        log.say("a again");
    });
    let b = spawn(move || {
        log.say("b");
        cede();
        log.say("b again");
    });
    b.set_prio(Prio::HIGH);
    cede();
    // `b` ran at its old place, behind `a`; from its own cede on it is above both.
    log.expect(["a", "b", "b again"]);
    cede();
    log.expect(["a again"]);
}

#[test]
fn a_lowered_coro_keeps_the_place_it_has_in_the_queue() {
    let log = Log::new();
    let a = spawn(move || log.say("a"));
    spawn(move || log.say("b"));
    a.set_prio(Prio::MIN);
    cede();
    log.expect(["a", "b"]);
}

#[test]
fn the_builder_sets_the_priority_before_the_first_enqueue() {
    let log = Log::new();
    spawn(move || log.say("normal"));
    let c = Builder::new()
        .prio(Prio::HIGH)
        .spawn(move || log.say("high"));
    assert_eq!(c.prio(), Prio::HIGH);
    cede();
    log.expect(["high", "normal"]);
}

#[test]
fn main_has_a_priority_too() {
    let log = Log::new();
    assert_eq!(coro::main().prio(), Prio::NORMAL);
    spawn(move || log.say("normal"));
    assert_eq!(current().set_prio(Prio::HIGH), Prio::NORMAL);
    cede();
    log.say("main is above");
    assert_eq!(current().set_prio(Prio::NORMAL), Prio::HIGH);
    cede();
    log.expect(["main is above", "normal"]);
}
