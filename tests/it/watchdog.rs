//! What a watchdog says of coros that do not give way, and what it does not say: NEEDS H9.
//!
//! No test waits for a time: what stalls goes on until the watchdog has seen it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use crate::programs::{Ran, run, run_with};

const PROGRAM: &str = env!("CARGO_BIN_EXE_watchdog");
const PLACE: &str = "programs/watchdog.rs:";

/// The program ended well; returns what it ran.
#[track_caller]
fn ran(argument: &str) -> Ran {
    run(PROGRAM, &[argument]).exited_with(0)
}

/// The names in the backtraces of this text, innermost first, without the path before the last.
fn names(text: &str) -> Vec<&str> {
    let calls = text.lines().filter_map(|line| {
        let (number, name) = line.trim_start().split_once(": ")?;
        number.parse::<u32>().is_ok().then_some(name)
    });
    calls.collect()
}

/// The report begins with the coro, and has the calls of the coro and no others.
#[track_caller]
fn names_coro_and_calls(report: &str, coro: &str, inner: &str, outermost: &str) {
    assert!(
        report.starts_with(coro) && report.contains(" without giving way; it is in:\n"),
        "{report}"
    );
    let names = names(report);
    assert!(names.contains(&inner), "{report}");
    assert_eq!(names.last(), Some(&outermost), "{report}");
}

#[test]
fn a_coro_that_spins_is_named_with_its_function_and_its_place() {
    let mut child = Command::new(PROGRAM)
        .arg("said")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("cargo has built the program");
    let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut first = String::new();
    out.read_line(&mut first).expect("text");
    let (id, line) = first.trim_end().split_once(' ').expect("a number, a line");
    let mut complained = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut report = String::new();
    let last = "watchdog::said::{{closure}}\n";
    let has_ended = |report: &str| {
        let after = report.split_once(last).map(|(_, after)| after);
        after.is_some_and(|after| after.ends_with('\n'))
    };
    while !has_ended(&report) {
        assert_ne!(
            complained.read_line(&mut report).expect("text"),
            0,
            "{report}"
        );
    }
    drop(child.stdin.take());
    let mut rest = String::new();
    complained.read_to_string(&mut rest).expect("text");
    assert_eq!(rest, "", "after {report}");
    assert!(child.wait().expect("it was started").success());

    let coro = format!("coro #{id} \"fetch\" (spawned at tests/{PLACE}{line}:");
    names_coro_and_calls(
        &report,
        &coro,
        "watchdog::spin",
        "watchdog::said::{{closure}}",
    );
    let place = report.rsplit('\n').nth(1).expect("a line");
    assert!(place.starts_with("             at "), "{report}");
    assert!(place.contains(&format!("{PLACE}{line}:")), "{report}");
}

#[test]
fn a_mutex_of_std_that_is_locked_across_a_switch_is_found() {
    let report = ran("mutex").complained;
    let outermost = "watchdog::mutex::{{closure}}";
    names_coro_and_calls(&report, "coro #2 \"second\" (", "watchdog::take", outermost);
    let waits = names(&report)
        .iter()
        .any(|name| name.contains("futex_wait"));
    assert!(waits, "{report}");
}

#[test]
fn coros_that_give_way_often_are_not_reported() {
    assert_eq!(ran("often").said, "0\n");
}

#[test]
fn an_os_thread_with_nothing_to_do_is_not_reported() {
    assert_eq!(ran("idle").said, "0\n");
}

#[test]
fn a_slice_is_reported_once_and_the_next_one_again() {
    assert_eq!(ran("once").said, "1\n2\n");
}

#[test]
fn two_os_threads_are_watched_at_once() {
    let ran = ran("two").complained;
    let mut reports: Vec<_> = ran.split_inclusive("coro #").skip(1).collect();
    assert_eq!(reports.len(), 2, "{ran}");
    reports.sort_unstable();
    for (report, name) in reports.into_iter().zip(["here", "there"]) {
        assert!(report.starts_with(&format!("1 \"{name}\"")), "{ran}");
        assert!(
            report.contains(&format!(": watchdog::spin_{name}\n")),
            "{ran}"
        );
    }
}

#[test]
fn a_dropped_guard_ends_the_os_thread_and_leaves_nothing_behind() {
    // One more signal was handled, and another alternate stack used, until the last guard went.
    assert_eq!(ran("ended").said, "1 true true 1 true\n");
}

#[test]
fn with_a_leaked_guard_the_watch_ends_with_its_os_thread() {
    let ran = ran("leaked");
    // It may be caught in a call that is inlined there.
    let names = names(&ran.complained);
    assert!(names.contains(&"watchdog::spin"), "{}", ran.complained);
}

#[test]
fn a_coro_that_waits_in_a_system_call_is_named_and_waits_on() {
    let ran = ran("read");
    let outermost = "watchdog::read::{{closure}}";
    let reads = "<std::sys::fs::unix::File>::read";
    names_coro_and_calls(&ran.complained, "coro #1 \"reader\" (", reads, outermost);
    assert_eq!(ran.said, "Ok(1)\n");
}

#[test]
fn a_coro_with_a_nearly_full_stack_can_be_looked_at() {
    let ran = run_with(PROGRAM, &["full"], &[("CORO_STACK_GUARD", "mprotect")]).exited_with(0);
    let outermost = "watchdog::full::{{closure}}";
    names_coro_and_calls(
        &ran.complained,
        "coro #1 \"full\" (",
        "watchdog::fill",
        outermost,
    );
}

#[test]
fn main_is_a_coro_too() {
    let ran = ran("few");
    names_coro_and_calls(
        &ran.complained,
        "coro #0 \"main\" (",
        "watchdog::deep",
        "watchdog::main",
    );
    let deep = |name: &&&str| **name == "watchdog::deep";
    assert_eq!(names(&ran.complained).iter().filter(deep).count(), 3);
}

#[test]
fn of_very_many_calls_the_innermost_are_shown() {
    let report = ran("many").complained;
    assert_eq!(names(&report).last(), Some(&"watchdog::deep"), "{report}");
    assert!(
        report.ends_with("\n      (and in others, further out)\n"),
        "{report}"
    );
}

#[test]
fn an_os_thread_that_blocks_all_signals_is_reported_and_a_late_signal_does_no_harm() {
    let ran = ran("deaf");
    assert_eq!(ran.said, "deaf\nalive\n");
    let (deaf, hearing) = ran.complained.split_once('\n').expect("two reports");
    assert!(
        deaf.starts_with("coro #1 \"deaf\" (")
            && deaf.ends_with("not known: it does not answer the signal that asks it"),
        "{deaf}"
    );
    let outermost = "watchdog::spin_as::{{closure}}";
    names_coro_and_calls(
        hearing,
        "coro #2 \"hearing\" (",
        "watchdog::spin",
        outermost,
    );
}

#[test]
fn a_handler_that_panics_ends_the_watch_and_nothing_else() {
    assert_eq!(ran("panicking").said, "alive\n");
}

#[test]
fn a_coro_can_be_looked_at_wherever_it_is() {
    assert_eq!(ran("busy").said, "alive\n");
}
