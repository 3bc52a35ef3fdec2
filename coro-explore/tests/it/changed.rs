//! Bodies that change: a replay tells of each change, and an exploration of what is gone.

use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use coro::Wait;
use coro_explore::{Builder, Verdict, finally, invariant, note};

use crate::clock::Alarm;

/// Explores `body`, and replays what fails with the change made; returns what is told.
fn told(body: impl Fn(bool) + Clone + Send + Sync + 'static) -> String {
    let builder = Builder::new().name("a change").spurious(0);
    let before = body.clone();
    let first = builder.run(move || before(false)).expect_err("it fails");
    let again = builder.replay(first.schedule());
    let same = body.clone();
    let unchanged = again.run(move || same(false)).expect_err("it fails again");
    assert!(!unchanged.to_string().contains("has changed"));
    let changed = again.run(move || body(true)).expect_err("it fails as well");
    changed.to_string()
}

struct On(&'static str);

impl Wait for On {
    fn what(&self) -> &'static str {
        self.0
    }
}

#[test]
fn whatever_happens_otherwise_is_a_change() {
    type Change = (&'static str, fn(bool));
    let changes: [Change; 6] = [
        ("another is readied", |other| {
            // Else the one that is not readied would end, and be told for that.
            let both = ManuallyDrop::new([0; 2].map(|_| coro::Builder::new().build(|| ())));
            both[usize::from(other)].coro().ready();
            panic!();
        }),
        ("it waits for something else", |other| {
            let on = On(if other { "door" } else { "gate" });
            let waiter = coro::spawn(move || coro::wait_for(&on));
            coro::cede();
            waiter.coro().ready();
            panic!();
        }),
        ("it ends otherwise", |other| {
            let ender = coro::spawn(move || {
                if other {
                    coro::current().cancel();
                }
            });
            _ = ender.join();
            panic!();
        }),
        ("more time passes", |other| {
            let after = Duration::from_secs(1 + u64::from(other));
            let alarm = Alarm::set(after);
            while alarm.get().is_some() {
                coro::schedule();
            }
            coro::set_timers(None);
            panic!();
        }),
        ("other words of the same length", |other| {
            note(if other { "no" } else { "ok" });
            panic!();
        }),
        ("one more choice, of the first", |other| {
            if other {
                assert_eq!(coro::choose(2), 0);
            }
            coro::cede();
            panic!();
        }),
    ];
    for (what, body) in changes {
        let told = told(body);
        let line = told.lines().next().expect("there is one");
        let change = "the code has changed: not the same happens after step 0)";
        assert!(line.ends_with(change), "{what}: {line}");
    }
}

#[test]
fn what_has_changed_before_a_departure_is_told_there() {
    let told = told(|other| {
        note(if other { "no" } else { "ok" });
        assert_eq!(coro::choose(2), 0);
    });
    assert!(
        told.contains("not the same happens before step 2)"),
        "{told}"
    );
}

#[test]
fn the_first_departure_that_is_missed_is_told() {
    let report = Builder::new()
        .replay("v1:a:2=5@0000.3=6@0000.@0000")
        .run(|| _ = (coro::choose(2), coro::choose(2)));
    let text = report.expect("nothing fails").to_string();
    assert!(
        text.ends_with("not the same happens before step 2"),
        "{text}"
    );
    // What it names is not there, or is not blocked.
    for text in ["v1:a:2s7@0000.@0000", "v1:a:2s0@0000.@0000"] {
        let report = Builder::new().replay(text).run(coro::cede);
        let text = report.expect("nothing fails").to_string();
        assert!(text.ends_with("happens before step 2"), "{text}");
    }
}

/// Explores a body that is told whether it is still what it was in the first execution.
fn gone(body: impl Fn(bool) + Send + Sync + 'static) -> Vec<String> {
    let calls = AtomicU32::new(0);
    // The first execution is done twice.
    let is_first = move || calls.fetch_add(1, Ordering::Relaxed) < 2;
    let builder = Builder::new().spurious(0);
    let found = builder.run(move || body(is_first()));
    let found = found.expect_err("something is gone");
    assert_eq!(found.verdict(), Verdict::Nondeterminism);
    found.details().to_vec()
}

#[test]
fn a_choice_that_has_become_narrower_is_told() {
    let told = gone(|first| _ = coro::choose(if first { 3 } else { 2 }));
    assert_eq!(told, ["2=2 could be had, and then not any more"]);
}

#[test]
fn a_step_without_a_choice_is_told() {
    let told = gone(|first| {
        for _ in 0..if first { 3 } else { 2 } {
            coro::spawn(|| ());
        }
    });
    assert_eq!(told, ["3+1 could be had, and then not any more"]);
}

#[test]
fn a_body_that_goes_on_longer_or_ends_earlier_the_second_time_is_not_deterministic() {
    for longer in [false, true] {
        let was_called = AtomicBool::new(false);
        let found = Builder::new().run(move || {
            note("always");
            let is_second = was_called.swap(true, Ordering::Relaxed);
            // Its last step, so that one of the two is the beginning of the other.
            finally(move || {
                if is_second == longer {
                    note("at times");
                }
            });
        });
        let found = found.expect_err("the second is not as the first");
        assert_eq!(found.verdict(), Verdict::Nondeterminism);
        let (more, less) = (
            &found.details()[usize::from(longer)],
            &found.details()[usize::from(!longer)],
        );
        assert!(
            more.ends_with("Note(\"at times\")") && less.ends_with("nothing"),
            "{found}"
        );
    }
}

#[test]
fn all_invariants_and_all_that_is_asked_for_finally_are_looked_at() {
    for broken in 0..3 {
        let found = Builder::new().run(move || {
            let seen = Rc::new(RefCell::new(0));
            for i in 0..3 {
                let seen = seen.clone();
                invariant(&format!("number {i}"), move || {
                    i != broken || *seen.borrow() == 0
                });
            }
            coro::cede();
            *seen.borrow_mut() += 1;
        });
        let found = found.expect_err("one is broken");
        assert_eq!(found.details(), [format!("number {broken}")]);
        let found = Builder::new().run(move || {
            for i in 0..3 {
                finally(move || assert_ne!(i, broken, "number {i}"));
            }
        });
        let told = found.expect_err("one is wrong").details()[0].clone();
        assert!(told.contains(&format!("number {broken}")), "{told}");
    }
}

#[test]
fn an_invariant_is_looked_at_in_its_own_execution_only() {
    let executions = Arc::new(AtomicU32::new(0));
    let report = Builder::new().check(move || {
        let mine = executions.fetch_add(1, Ordering::Relaxed) + 1;
        let now = executions.clone();
        invariant("mine", move || now.load(Ordering::Relaxed) == mine);
        coro::cede();
        _ = coro::choose(3);
    });
    assert_eq!(report.executions(), 3);
}
