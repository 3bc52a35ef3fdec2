//! The same body does the same, and one that does not is found out.

use std::sync::atomic::{AtomicU32, Ordering};

use coro_explore::{Builder, Verdict, note};

#[test]
fn the_same_exploration_shows_the_same() {
    let show = || {
        let samples = Builder::new().spurious(1).samples(50, || {
            let all = [1, 2, 3].map(|_| coro::spawn(coro::cede));
            all.into_iter().for_each(|c| c.join().unwrap());
        });
        assert_eq!(samples.len(), 50);
        samples.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(show(), show());
}

#[test]
fn a_body_that_remembers_is_not_deterministic() {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    let found = Builder::new().run(|| {
        if CALLS.fetch_add(1, Ordering::Relaxed) == 1 {
            coro::cede();
        }
    });
    let found = found.unwrap_err();
    assert_eq!(found.verdict(), Verdict::Nondeterminism);
    assert_eq!(found.executions(), 1, "the first is done twice");
    assert!(found.details()[0].starts_with("first:  "), "{found}");
}

#[test]
fn a_body_whose_words_differ_is_not_deterministic() {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    let found = Builder::new().run(|| note(CALLS.fetch_add(1, Ordering::Relaxed).to_string()));
    assert_eq!(found.unwrap_err().verdict(), Verdict::Nondeterminism);
}

#[test]
fn a_choice_that_is_gone_is_found_out() {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    let found = Builder::new().spurious(0).run(|| {
        // The second coro is not there any more in later executions.
        let count = if CALLS.fetch_add(1, Ordering::Relaxed) < 3 {
            3
        } else {
            1
        };
        for _ in 0..count {
            coro::spawn(coro::cede);
        }
    });
    let found = found.unwrap_err();
    assert_eq!(found.verdict(), Verdict::Nondeterminism);
}

#[test]
fn a_failure_that_comes_and_goes_is_not_deterministic() {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    let found = Builder::new().run(|| assert_ne!(CALLS.fetch_add(1, Ordering::Relaxed), 1));
    let found = found.unwrap_err();
    assert_eq!(found.verdict(), Verdict::Nondeterminism);
    assert!(found.details()[0].contains("and then: panic"), "{found}");
}
