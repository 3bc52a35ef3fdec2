//! Cells filled once: one initialiser at a time, and the next waiter's when that fails.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use coro::{JoinHandle, cede, no_switch, schedule, spawn};
use coro_sync::Once;
use static_assertions::assert_not_impl_any;

use crate::signal::{INTERRUPTIONS, random, settle, waiter};
use crate::support::{Log, counted, defer, die, fresh, outcome};

assert_not_impl_any!(Once<i32>: Send, Sync);

/// Spawns a coro that asks for the value with an initialiser that says so, blocks, and returns `value`.
fn asks(
    log: Log,
    name: &'static str,
    once: &Rc<Once<i32>>,
    value: Result<i32, i32>,
) -> JoinHandle<()> {
    let once = once.clone();
    waiter(log, name, move || {
        let got = once.get_or_try_init(|| {
            log.say(format!("{name} makes it"));
            schedule();
            value
        });
        log.say(format!("{name} got {got:?}"));
    })
}

#[test]
fn a_value_that_is_there_is_got_without_a_switch_and_never_changes() {
    let once = Once::new();
    assert_eq!((once.get(), once.is_initialized()), (None, false));
    no_switch(|| {
        assert_eq!(once.get_or_init(|| 1), &1);
        assert_eq!(once.get_or_init(|| unreachable!()), &1);
        assert_eq!(once.get_or_try_init(|| Err(())), Ok(&1));
        assert_eq!(once.set(2), Err(2));
    });
    assert_eq!((once.get(), once.is_initialized()), (Some(&1), true));
    assert_eq!(once.into_inner(), Some(1));
}

#[test]
fn one_initialiser_runs_and_the_others_wait_for_its_value() {
    let log = Log::new();
    let once = Rc::new(Once::new());
    let maker = asks(log, "a", &once, Ok(1));
    let _b = asks(log, "b", &once, Ok(2));
    let _c = asks(log, "c", &once, Err(3));
    log.expect(["a makes it"]);
    assert_eq!(once.get(), None);
    maker.ready();
    settle();
    log.expect([
        "a got Ok(1)",
        "a: returned",
        "b got Ok(1)",
        "b: returned",
        "c got Ok(1)",
        "c: returned",
    ]);
}

#[test]
fn after_a_failure_the_oldest_waiter_runs_its_own() {
    let log = Log::new();
    let once = Rc::new(Once::new());
    let a = asks(log, "a", &once, Err(1));
    let b = asks(log, "b", &once, Err(2));
    let c = asks(log, "c", &once, Ok(3));
    let _d = asks(log, "d", &once, Ok(4));
    log.expect(["a makes it"]);
    a.ready();
    settle();
    log.expect(["a got Err(1)", "a: returned", "b makes it"]);
    b.ready();
    settle();
    log.expect(["b got Err(2)", "b: returned", "c makes it"]);
    c.ready();
    settle();
    log.expect(["c got Ok(3)", "c: returned", "d got Ok(3)", "d: returned"]);
}

#[test]
fn after_a_panic_or_an_interruption_of_the_initialiser_the_next_runs_its_own() {
    for (name, interrupt, result) in INTERRUPTIONS {
        for panics in [false, true] {
            let log = Log::new();
            let once = Rc::new(Once::new());
            let theirs = once.clone();
            let a = waiter(log, "a", move || {
                theirs.get_or_init(|| {
                    schedule();
                    die("in the initialiser")
                });
            });
            let b = asks(log, "b", &once, Ok(2));
            if panics {
                a.ready();
            } else {
                interrupt(&a);
            }
            settle();
            let ends = if panics {
                Some("in the initialiser")
            } else {
                result
            };
            let mut said: Vec<_> = ends.iter().map(|text| format!("a: {text}")).collect();
            said.push("b makes it".to_owned());
            assert_eq!(log.sorted(), said, "{name}");
            b.ready();
            settle();
            log.expect(["b got Ok(2)", "b: returned"]);
        }
    }
}

#[test]
fn a_waiter_that_is_interrupted_leaves_and_passes_its_turn_on() {
    for (name, interrupt, result) in INTERRUPTIONS {
        for case in ["listed", "woken", "spurious, then woken"] {
            let log = Log::new();
            let once = Rc::new(Once::new());
            let a = asks(log, "a", &once, Err(1));
            let b = asks(log, "b", &once, Ok(2));
            let c = asks(log, "c", &once, Ok(3));
            log.expect(["a makes it"]);
            if case.starts_with("spurious") {
                b.ready();
                settle();
                log.expect([]);
            }
            if case != "listed" {
                // It fails, and b is woken, but has not run yet.
                a.cede_to().unwrap();
                log.expect(["a got Err(1)", "a: returned"]);
                assert!(b.is_ready());
            }
            interrupt(&b);
            settle();
            let mut said: Vec<_> = result.iter().map(|text| format!("b: {text}")).collect();
            if case == "listed" {
                assert_eq!(log.sorted(), said, "{name}");
                a.ready();
                settle();
                log.expect(["a got Err(1)", "a: returned", "c makes it"]);
            } else {
                said.push("c makes it".to_owned());
                assert_eq!(log.sorted(), said, "{name}, {case}");
            }
            c.ready();
            settle();
            log.expect(["c got Ok(3)", "c: returned"]);
        }
    }
}

#[test]
fn who_comes_by_before_the_woken_one_makes_the_value_and_that_one_waits() {
    let log = Log::new();
    let once = Rc::new(Once::new());
    let a = asks(log, "a", &once, Err(1));
    let b = asks(log, "b", &once, Ok(2));
    a.cede_to().unwrap();
    log.expect(["a makes it", "a got Err(1)", "a: returned"]);
    assert!(b.is_ready());
    assert_eq!(
        once.get_or_init(|| {
            cede();
            3
        }),
        &3
    );
    settle();
    log.expect(["b got Ok(3)", "b: returned"]);
}

#[test]
fn a_woken_one_that_is_interrupted_while_another_makes_the_value_wakes_nobody() {
    let log = Log::new();
    let once = Rc::new(Once::new());
    let a = asks(log, "a", &once, Err(1));
    let b = asks(log, "b", &once, Ok(2));
    let c = asks(log, "c", &once, Ok(3));
    a.cede_to().unwrap();
    let uses = c.use_count();
    once.get_or_init(|| {
        b.cancel();
        assert!(!c.is_ready());
        settle();
        4
    });
    settle();
    assert_eq!(c.use_count(), uses + 1);
    log.expect([
        "a makes it",
        "a got Err(1)",
        "a: returned",
        "c got Ok(4)",
        "c: returned",
    ]);
}

#[test]
fn set_is_refused_while_an_initialiser_runs_and_wakes_those_who_wait_if_none_does() {
    let log = Log::new();
    let once = Rc::new(Once::new());
    let a = asks(log, "a", &once, Err(1));
    let b = asks(log, "b", &once, Ok(2));
    let _c = asks(log, "c", &once, Ok(3));
    assert_eq!(once.set(9), Err(9));
    a.cede_to().unwrap();
    assert!(b.is_ready());
    // It failed, and the next has not begun.
    no_switch(|| assert_eq!(once.set(5), Ok(())));
    log.expect(["a makes it", "a got Err(1)", "a: returned"]);
    settle();
    let mut said = log.sorted();
    said.retain(|line| line.contains("got"));
    assert_eq!(said, ["b got Ok(5)", "c got Ok(5)"]);
}

#[test]
fn an_initialiser_that_asks_for_the_value_panics_and_the_next_runs() {
    let once = Rc::new(Once::new());
    let text = outcome(|| once.get_or_init(|| *once.get_or_init(|| 1)));
    assert!(text.contains("asks that Once for its value"), "{text}");
    assert!(text.contains(file!()), "{text}");
    assert_eq!(once.get_or_init(|| 2), &2);
    // Another cell, and another coro, are no recursion.
    let (outer, inner) = (Once::new(), Once::new());
    assert_eq!(outer.get_or_init(|| *inner.get_or_init(|| 3)), &3);
}

#[test]
fn the_value_is_dropped_once_wherever_it_goes() {
    let (value, drops) = counted();
    let mut once = Once::new();
    once.set(value).unwrap();
    drop(once.set(counted().0));
    assert_eq!(drops.get(), 0);
    drop(once.take());
    assert_eq!((drops.get(), once.is_initialized()), (1, false));
    let (value, drops) = counted();
    once.get_or_init(|| value);
    drop(once);
    assert_eq!(drops.get(), 1);
}

#[test]
fn a_wait_where_nothing_may_switch_leaves_nothing_behind() {
    let log = Log::new();
    let once = Rc::new(Once::default());
    let a = asks(log, "a", &once, Ok(1));
    assert!(outcome(|| no_switch(|| *once.get_or_init(|| 2))).contains("no_switch"));
    assert_eq!(format!("{once:?}"), "Once { value: None, waiters: [] }");
    a.ready();
    settle();
    assert_eq!(once.get(), Some(&1));
    coro::current().throw("ex");
    assert_eq!(outcome(|| *once.get_or_init(|| 2)), "ex");
    cede();
}

#[test]
fn random_programs_run_one_initialiser_at_a_time_and_leave_nobody_waiting() {
    fresh(|| {
        let mut values = 0;
        for seed in 0..400 {
            let mut below = random(seed);
            let once = Rc::new(Once::new());
            let runs = Rc::new(Cell::new(0));
            let got = Rc::new(RefCell::new(Vec::new()));
            let mut all = Vec::new();
            for who in 0..12 {
                let (once, theirs, got) = (once.clone(), runs.clone(), got.clone());
                let (steps, ends) = (below(4), below(8));
                let c = spawn(move || {
                    let result = outcome(|| {
                        let value = once.get_or_try_init(|| {
                            theirs.set(theirs.get() + 1);
                            let _end = defer(|| theirs.set(theirs.get() - 1));
                            (0..steps).for_each(|_| cede());
                            match ends {
                                0 => Ok(who),
                                1 => die("at random"),
                                _ => Err("at random"),
                            }
                        });
                        if let Ok(value) = value {
                            got.borrow_mut().push(*value);
                        }
                    });
                    assert!(
                        ["returned", "ex", "at random"].contains(&&*result),
                        "{result}"
                    );
                });
                all.push(c);
                for _ in 0..below(3) {
                    assert!(runs.get() <= 1, "seed {seed}");
                    let victim = &all[below(all.len())];
                    match below(5) {
                        n @ 0..3 if below(3) == 0 => INTERRUPTIONS[n].1(victim),
                        3 => drop(victim.ready()),
                        _ => cede(),
                    }
                }
            }
            for _ in 0..200 {
                assert!(runs.get() <= 1, "seed {seed}");
                cede();
            }
            assert!(all.iter().all(|c| c.is_finished()), "seed {seed}: {once:?}");
            let got = got.take();
            assert!(
                got.iter().all(|value| Some(value) == once.get()),
                "seed {seed}"
            );
            values += usize::from(!got.is_empty());
        }
        assert!((50..400).contains(&values), "{values}");
    });
}
