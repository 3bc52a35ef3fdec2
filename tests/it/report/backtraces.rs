//! Backtraces of those who are blocked, when they are asked for.

use std::process::Command;

use coro::{Builder, cede, schedule, spawn};

use super::{row, settle};
use crate::support::fresh;

#[inline(never)]
fn innermost() {
    schedule();
    std::hint::black_box(());
}

#[inline(never)]
fn middle() {
    innermost();
    std::hint::black_box(());
}

#[inline(never)]
fn outermost() {
    middle();
    std::hint::black_box(());
}

/// Asserts that the text has these words, one behind the other.
#[track_caller]
fn has_in_order(text: &str, words: &[&str]) {
    let mut rest = text;
    for word in words {
        let at = rest.find(word);
        assert!(
            at.is_some(),
            "{word:?} is not where it should be in\n{text}"
        );
        rest = &rest[at.unwrap_or(0) + word.len()..];
    }
}

#[test]
#[cfg_attr(
    not(debug_assertions),
    ignore = "the names of inlined calls need debug information"
)]
fn each_backtrace_stands_below_the_table() {
    fresh(|| {
        let a = Builder::new().desc("a").spawn(outermost);
        let b = Builder::new().desc("b").spawn(middle);
        settle();
        let _ready = spawn(|| ());
        let plain = coro::report();
        assert!(!plain.to_string().contains("backtrace of"));
        let report = plain.with_backtraces();
        let has: Vec<_> = report
            .coros()
            .iter()
            .map(|c| c.backtrace().is_some())
            .collect();
        assert_eq!(has, [false, true, true, false]);
        has_in_order(
            &report.to_string(),
            &[
                "where and why",
                "\nbacktrace of #1 \"a\":\n",
                "innermost",
                "middle",
                "outermost",
                "\nbacktrace of #2 \"b\":\n",
                "innermost",
                "middle",
            ],
        );
        a.cancel();
        b.cancel();
    });
}

#[test]
fn who_has_run_since_gets_none() {
    fresh(|| {
        let c = spawn(|| {
            innermost();
            innermost();
        });
        cede();
        let report = coro::report();
        c.ready();
        cede();
        let report = report.with_backtraces();
        assert!(row(&report, c.id()).backtrace().is_none());
        assert!(
            row(&coro::report().with_backtraces(), c.id())
                .backtrace()
                .is_some()
        );
        c.cancel();
    });
}

#[test]
fn equal_ones_are_shown_once_and_those_of_coros_that_are_only_counted_not_at_all() {
    fresh(|| {
        let wait = |at| {
            spawn(move || match at {
                1 => middle(),
                _ => outermost(),
            })
        };
        let all: Vec<_> = (0..9).map(wait).collect();
        settle();
        let text = coro::report().with_backtraces().to_string();
        assert!(text.contains("\nbacktrace of #1, #3:\n"), "{text}");
        assert!(text.contains("\nbacktrace of #2:\n"), "{text}");
        assert_eq!(text.matches("backtrace of #").count(), 2, "{text}");
        all.iter().for_each(|c| c.cancel());
    });
}

#[test]
#[cfg_attr(
    not(debug_assertions),
    ignore = "the names of inlined calls need debug information"
)]
fn the_environment_asks_for_those_of_a_deadlock() {
    const NAME: &str = "report::backtraces::the_environment_asks_for_those_of_a_deadlock";
    const MARK: &str = "CORO_TEST_BACKTRACE";
    if std::env::var_os(MARK).is_some() {
        spawn(outermost).coro().join();
        return;
    }
    let says = |value: &str| {
        let binary = std::env::current_exe().expect("the test binary has a path");
        let ran = Command::new(binary)
            .args(["--exact", NAME, "--nocapture"])
            .env(MARK, "1")
            .env("CORO_BACKTRACE", value)
            .env("RUST_BACKTRACE", "0")
            .output()
            .expect("the test binary can be run");
        assert!(!ran.status.success());
        String::from_utf8_lossy(&ran.stderr).into_owned()
    };
    let with = says("1");
    has_in_order(
        &with,
        &[
            "deadlock: nothing is ready and nobody can wake us\n",
            "backtrace of #0 \"main\":",
            "the_environment_asks",
            "backtrace of #1:",
            "innermost",
            "middle",
            "outermost",
        ],
    );
    assert!(!says("0").contains("backtrace of #"));
}
