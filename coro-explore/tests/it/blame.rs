//! Who is struck, who is blamed, and with what words.

use std::cell::Cell;
use std::panic;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use coro_explore::{Builder, Failure, Verdict, finally};
use serde_json::{Value, json};

fn failure(builder: &Builder, body: impl Fn() + Send + Sync + 'static) -> Failure {
    builder.run(body).expect_err("it fails")
}

#[test]
fn the_body_must_not_panic_even_if_others_may() {
    let builder = Builder::new().panics();
    let found = failure(&builder, || panic!("it is over"));
    assert_eq!(found.verdict(), Verdict::Panic);
    let found = failure(&builder, || {
        coro::spawn(|| panic!("not for you"))
            .join()
            .expect("not caught");
    });
    assert!(found.details()[0].contains(": not caught"));
}

#[test]
fn the_last_panic_is_told_and_not_one_that_was_caught() {
    let found = failure(&Builder::new(), || {
        assert!(panic::catch_unwind(|| panic!("one")).is_err());
        assert!(coro::catch(|| panic!("two")).is_err());
        coro::spawn(|| panic!("three"));
    });
    let told = &found.details()[0];
    assert!(
        told.starts_with("#1 panicked at blame.rs:") && told.ends_with(": three"),
        "{told}"
    );
}

/// Counts the executions in which the body, and another coro, were struck.
fn struck(builder: &Builder) -> (u32, u32) {
    let counts = Arc::new([const { AtomicU32::new(0) }; 2]);
    let seen = counts.clone();
    builder.check(move || {
        let seen = seen.clone();
        let was_struck = |f: fn()| coro::catch(f).is_err();
        let other = coro::Builder::new().desc("other").spawn(move || {
            was_struck(|| {
                coro::cede();
                coro::cede();
            })
        });
        let body = was_struck(|| {
            coro::cede();
            coro::cede();
        });
        // One that was thrown into before it began has not come to its end.
        let other = other.join().unwrap_or(true);
        finally(move || {
            for (count, is) in seen.iter().zip([body, other]) {
                count.fetch_add(u32::from(is), Ordering::Relaxed);
            }
        });
    });
    let [body, other] = &*counts;
    (body.load(Ordering::Relaxed), other.load(Ordering::Relaxed))
}

#[test]
fn throws_strike_all_but_the_body_if_nobody_is_named() {
    let plain = Builder::new().spurious(0).delays(1).throws(1);
    let (body, other) = struck(&plain);
    assert!(body == 0 && other > 0, "{body} {other}");
    let (body, other) = struck(&plain.clone().victims(["body"]));
    assert!(body > 0 && other == 0, "{body} {other}");
    assert_eq!(struck(&plain.clone().victims(["nobody"])), (0, 0));
    let (body, other) = struck(&plain.victims(["body", "other"]));
    assert!(body > 0 && other > 0, "{body} {other}");
}

#[test]
fn each_fault_strikes() {
    let none = Builder::new().spurious(0).timers(0).delays(0);
    let all = [
        none.clone().throws(1),
        none.clone().cancels(1),
        none.clone().safe_cancels(1),
        none.clone().timeouts(1),
    ];
    for builder in all {
        let (_, other) = struck(&builder);
        assert!(other > 0, "{builder:?}");
    }
    assert_eq!(struck(&none), (0, 0));
}

#[test]
fn a_throw_strikes_before_the_beginning_too() {
    let begun = Arc::new(AtomicU32::new(0));
    let seen = begun.clone();
    let builder = Builder::new().spurious(0).throw_everywhere("victim");
    let report = builder.check(move || {
        let seen = seen.clone();
        let victim = coro::Builder::new().desc("victim").spawn(move || {
            finally(move || _ = seen.fetch_add(1, Ordering::Relaxed));
        });
        _ = victim.join();
    });
    // As it should be, and thrown into. Both are done twice.
    assert_eq!(report.executions(), 2);
    assert_eq!(begun.load(Ordering::Relaxed), 2);
}

/// Explores spurious wake-ups alone; returns how many executions there are.
fn wakes(body: impl Fn() + Send + Sync + 'static) -> u64 {
    let builder = Builder::new().delays(0).timers(0);
    let report = builder.check(body);
    assert!(report.is_exhaustive());
    report.executions()
}

#[test]
fn the_body_wakes_up_for_nothing_too() {
    let count = wakes(|| {
        let done = Rc::new(Cell::new(false));
        let (theirs, me) = (done.clone(), coro::current());
        coro::spawn(move || {
            coro::cede();
            theirs.set(true);
            me.ready();
        });
        while !done.get() {
            coro::schedule();
        }
    });
    // When the other begins, and when it goes on.
    assert_eq!(count, 1 + 2);
}

#[test]
fn only_those_who_are_blocked_wake_up_for_nothing() {
    // Ready, suspended, or new. It is blocked for one step, before it is suspended.
    let count = wakes(|| {
        let ready = coro::spawn(coro::cede);
        let new = coro::Builder::new().build(|| ());
        let suspended = coro::spawn(coro::schedule);
        coro::cede();
        suspended.coro().suspend();
        (0..3).for_each(|_| coro::cede());
        assert!(ready.coro().is_finished());
        assert!(new.coro().is_new());
        new.coro().cancel();
        suspended.coro().cancel();
    });
    assert_eq!(count, 1 + 1);
}

#[test]
fn as_many_samples_as_are_asked_for_are_run() {
    let calls = Arc::new(AtomicU32::new(0));
    let seen = calls.clone();
    let samples = Builder::new().samples(3, move || {
        seen.fetch_add(1, Ordering::Relaxed);
        let all = [0; 3].map(|_| coro::spawn(coro::cede));
        all.into_iter()
            .for_each(|c| c.join().expect("no fault is allowed"));
    });
    assert_eq!(samples.len(), 3);
    // The first and the second are done twice.
    assert_eq!(calls.load(Ordering::Relaxed), 5);
}

#[test]
fn to_pass_over_two_coros_counts_twice() {
    let found = failure(&Builder::new().spurious(0), || {
        let first = Rc::new(Cell::new(0));
        for number in 1..4 {
            let first = first.clone();
            coro::spawn(move || {
                first.set(if first.get() == 0 {
                    number
                } else {
                    first.get()
                })
            });
        }
        finally(move || assert_ne!(first.get(), 3));
    });
    assert!(found.schedule().contains(":2+2@"), "{found}");
    assert_eq!(found.deviations(), 2);
    let json: Value = serde_json::from_str(&found.to_json()).expect("it is JSON");
    let steps = json["steps"].as_array().expect("they are many");
    let passed_over = steps.iter().find(|step| step["kind"] == "passed over");
    assert_eq!(passed_over.expect("there is one")["coros"], json!([1, 2]));
}

#[test]
fn one_os_thread_alone_knows_that_all_with_fewer_are_well() {
    let body = || assert_eq!(coro::choose(2), 0);
    let alone = failure(&Builder::new(), body).to_string();
    assert!(alone.starts_with("panic after 1 deviation (execution 2; all with fewer are well)\n"));
    for builder in [Builder::new().threads(2), Builder::new().random()] {
        let text = failure(&builder, body).to_string();
        assert!(!text.contains("with fewer"), "{text}");
    }
}

#[test]
fn the_longest_execution_is_told_wherever_it_comes() {
    for longest in 0..40 {
        let report = Builder::new().spurious(0).check(move || {
            if coro::choose(40) == longest {
                (0..10).for_each(|_| coro::cede());
            }
        });
        // Into the body, the choice, and back from each `cede`.
        assert_eq!((report.executions(), report.steps()), (40, 2 + 10));
    }
}

#[test]
fn a_long_execution_is_shown_by_its_beginning_and_its_end() {
    let rows = |cedes| {
        let run = Builder::new().samples(1, move || (0..cedes).for_each(|_| coro::cede()));
        let text = run[0].to_string();
        let is_row = |line: &&str| line.contains("cede") || line.contains("returns");
        let gap = text
            .lines()
            .find(|line| line.contains("… "))
            .map(str::to_owned);
        (text.lines().filter(is_row).count(), gap)
    };
    assert_eq!(rows(69), (70, None));
    let (count, gap) = rows(79);
    assert_eq!(count, 70);
    assert!(gap.is_some_and(|gap| gap.contains("… 10 …")));
}

#[test]
fn words_that_std_would_use_before_it_aborts_may_be_a_panics_own() {
    let found = Builder::new().run(|| panic!("lost during cleanup"));
    let found = found.unwrap_err();
    assert_eq!(found.verdict(), Verdict::Panic);
    assert!(
        found.details()[0].ends_with("lost during cleanup"),
        "{found}"
    );
}
