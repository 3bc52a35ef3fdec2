//! The flight recorder: what it prints, and when it does not.

use std::env;
use std::fs;
use std::process::{Command, Output};

use coro::note;
use coro_debug::trace::FlightRecorder;

use super::flights::{FILE, TEST, WHICH};
use super::listener::fresh;

fn command(which: &str) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["--exact", TEST, "--ignored", "--nocapture"])
        .env(WHICH, which)
        .env("RUST_BACKTRACE", "0");
    command
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What a flight that ends well prints to standard error.
fn fly(which: &str) -> String {
    let output = command(which).output().unwrap();
    assert!(
        output.status.success(),
        "{which}: {}\n{}",
        output.status,
        said(&output)
    );
    said(&output)
}

/// The same of one that ends its process, or its test.
fn crash(which: &str) -> String {
    let output = command(which).output().unwrap();
    assert!(!output.status.success(), "{which}\n{}", said(&output));
    said(&output)
}

const SHOWN: &str = "the last events of this OS thread:\n";

fn times(text: &str, words: &str) -> usize {
    text.matches(words).count()
}

#[track_caller]
fn follows(text: &str, first: &str, then: &str) {
    let at = |words: &str| {
        text.find(words)
            .unwrap_or_else(|| panic!("{words:?}\n{text}"))
    };
    assert!(at(first) < at(then), "{first:?} before {then:?}\n{text}");
}

#[test]
fn a_panic_has_its_message_and_then_the_last_events() {
    let text = fly("panic in main");
    follows(&text, "ouch", SHOWN);
    follows(&text, SHOWN, "“before”");
    let text = fly("panic in a coro");
    follows(&text, "coro #1 \"unlucky\"", "ouch");
    follows(&text, "ouch", SHOWN);
    follows(&text, SHOWN, "#1 unlucky");
    assert!(
        text.contains("“before”") && !text.contains("panicked │"),
        "{text}"
    );
    assert_eq!(times(&text, SHOWN), 1);
}

#[test]
fn a_panic_on_the_smallest_stack_is_shown() {
    let text = fly("small stack");
    assert_eq!(times(&text, SHOWN), 1, "{text}");
    assert!(times(&text, "cede (") > 100, "{text}");
}

#[test]
fn a_deadlock_is_shown_whether_it_is_caught_or_not() {
    let text = crash("deadlock");
    follows(&text, "deadlock: nothing is ready", SHOWN);
    assert!(
        text.contains("#1 stuck") && text.contains("■ schedule"),
        "{text}"
    );
    let text = fly("caught deadlock");
    assert_eq!(times(&text, SHOWN), 1, "{text}");
    assert!(!text.contains("goes on"));
}

#[test]
fn what_is_no_panic_prints_nothing() {
    for which in ["throw", "cancel", "no panic"] {
        assert_eq!(fly(which), "", "{which}");
    }
}

#[test]
fn a_flight_that_is_over_shows_nothing() {
    let text = fly("over");
    assert!(text.contains("ouch") && !text.contains(SHOWN), "{text}");
}

#[test]
fn of_several_flights_each_is_shown_and_only_while_it_lasts() {
    let text = fly("several");
    let (first, second) = text.split_once("again").unwrap();
    assert_eq!(
        (times(first, SHOWN), times(second, SHOWN)),
        (2, 1),
        "{text}"
    );
    assert_eq!(
        (times(first, "“for one”"), times(first, "“for both”")),
        (1, 2),
        "{text}"
    );
}

#[test]
fn an_os_thread_shows_its_own_events() {
    let text = fly("two OS threads");
    assert_eq!(times(&text, SHOWN), 1, "{text}");
    assert!(
        text.contains("“of the second”") && !text.contains("“of the first”"),
        "{text}"
    );
    let text = fly("another OS thread without one");
    assert!(text.contains("ouch") && !text.contains(SHOWN), "{text}");
}

#[test]
fn a_panic_in_a_hook_is_shown_before_the_process_ends() {
    let text = crash("panic in a hook");
    follows(&text, "ouch", SHOWN);
    assert!(text.contains("“good”") && text.contains("“bad”"), "{text}");
}

#[test]
fn a_panic_while_an_event_is_written_shows_the_recordings_that_are_whole() {
    let text = crash("panic while an event is written");
    follows(&text, "ouch", SHOWN);
    assert!(text.contains("“before”"), "{text}");
}

#[test]
fn a_second_panic_while_the_first_unwinds_is_shown_too() {
    let text = crash("panic of a destructor while it unwinds");
    follows(&text, "first", SHOWN);
    let (_, after) = text.split_once("second").unwrap();
    assert!(after.contains(SHOWN), "{text}");
}

#[test]
fn a_flight_may_begin_while_a_coro_unwinds() {
    let text = fly("begun while it unwinds");
    follows(&text, "ouch", SHOWN);
    assert!(text.contains("“begun”"), "{text}");
}

#[test]
fn a_hook_that_is_set_later_and_calls_the_one_before_changes_nothing() {
    let text = fly("hook set later");
    follows(&text, "a hook set later", "ouch");
    follows(&text, "ouch", SHOWN);
    assert_eq!(times(&text, SHOWN), 1);
}

#[test]
fn a_coro_is_named_above_its_panic_also_if_the_flight_began_before_any_coro() {
    let text = fly("begun before the kernel");
    let (first, second) = text.split_once("again").unwrap();
    for part in [first, second] {
        assert_eq!(times(part, SHOWN), 1, "{text}");
    }
    follows(first, "coro #1", "ouch");
    follows(first, "ouch", SHOWN);
}

#[test]
fn the_file_has_the_events_of_the_last_panic() {
    let path = env::temp_dir().join(format!("coro-flight-{}", std::process::id()));
    fs::write(&path, "what was there before".repeat(1000)).unwrap();
    let output = command("file").env(FILE, &path).output().unwrap();
    let text = fs::read_to_string(&path).unwrap();
    fs::remove_file(&path).unwrap();
    assert!(
        text.starts_with(SHOWN) && !text.contains("what was there"),
        "{text}"
    );
    assert!(
        text.contains("“first”") && text.contains("“second”"),
        "{text}"
    );
    let told = said(&output);
    assert!(
        !told.contains(SHOWN)
            && told.contains(&format!("the last events are in {}\n", path.display())),
        "{told}"
    );
}

#[test]
fn a_file_that_cannot_be_written_is_standard_error() {
    for path in ["/nowhere/at/all", "/", ""] {
        let output = command("file").env(FILE, path).output().unwrap();
        assert!(output.status.success());
        assert_eq!(times(&said(&output), SHOWN), 2, "{}", said(&output));
    }
}

#[test]
fn the_last_events_are_as_many_as_were_asked_for() {
    let text = fly("last two");
    assert!(
        text.contains("… 98 events before")
            && text.contains("“98”")
            && text.contains("“99”")
            && !text.contains("“97”"),
        "{text}"
    );
}

#[test]
fn nobody_reads_standard_error_and_nothing_comes_of_it() {
    let mut child = command("panic in a coro")
        .stderr(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    drop(child.stderr.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_coro_without_a_stack_ends_in_the_recording() {
    let limited = Command::new("sh")
        .args(["-c", "ulimit -v 4000000 && exec \"$@\"", "sh"])
        .arg(env::current_exe().unwrap())
        .args(["--exact", TEST, "--ignored", "--nocapture"])
        .env(WHICH, "no stack")
        .output()
        .unwrap();
    let text = said(&limited);
    assert!(limited.status.success(), "{text}");
    assert!(
        text.contains("there is no stack") && !text.contains("\n0 had no stack"),
        "{text}"
    );
}

#[test]
fn a_flight_can_be_looked_at_while_it_lasts() {
    fresh(|| {
        let flight = FlightRecorder::new(2).start();
        (0..3).for_each(note);
        let trace = flight.so_far();
        assert_eq!((trace.steps(), trace.forgotten()), (2, 1));
        note(3);
        assert!(flight.so_far().to_string().contains("“3”"));
        drop(flight);
        assert!(coro::set_observer(None).is_none());
    });
}

#[test]
fn a_flight_calls_coros_as_the_report_of_a_deadlock_does() {
    fresh(|| {
        let flight = FlightRecorder::new(3).start();
        for _ in 0..30 {
            coro::spawn(|| ()).join().expect("nobody cancels it");
        }
        let xena = coro::Builder::new().desc("xena").spawn(coro::schedule);
        coro::cede();
        let name = format!("#{} xena", xena.coro().id());
        let text = flight.so_far().to_string();
        assert!(text.contains(&name), "{name}:\n{text}");
        assert!(xena.coro().id() > 30);
        let report = coro::report().to_string();
        assert!(
            report.contains(&format!("{}  xena", xena.coro().id())),
            "{report}"
        );
        xena.cancel();
    });
}
