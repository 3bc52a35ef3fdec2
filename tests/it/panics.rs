//! Misuse panics, and blames the caller's line: DESIGN §3.5, STYLE §3 (`# Panics`) and §5. Here, the kernel's.

use std::cell::{Cell, RefCell};
use std::panic::Location;
use std::sync::Once;

use coro::{Builder, cede, current, no_switch, schedule, shutdown, spawn, terminate};

use crate::programs;
use crate::support::{caught, die, fresh, semaphore};

mod channel;
mod semaphore;
mod sync;

/// A panic: where it was said to be, and what it said.
struct Blame {
    file: String,
    line: u32,
    message: String,
}

thread_local! {
    static LISTENING: Cell<bool> = const { Cell::new(false) };
    static LAST: RefCell<Option<Blame>> = const { RefCell::new(None) };
}

/// Runs `misuse`, which must panic, and returns whom the panic blames.
///
/// The hook belongs to the whole process: it listens to this OS thread while asked, and hands all others on.
#[track_caller]
fn blame<R>(misuse: impl FnOnce() -> R) -> Blame {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !LISTENING.get() {
                previous(info);
                return;
            }
            let at = info.location().map_or(("", 0), |at| (at.file(), at.line()));
            let message = info.payload_as_str().unwrap_or_default().to_owned();
            let blame = Blame {
                file: at.0.to_owned(),
                line: at.1,
                message,
            };
            LAST.replace(Some(blame));
        }));
    });
    LAST.take();
    LISTENING.set(true);
    let result = caught(misuse);
    LISTENING.set(false);
    assert!(result.is_err(), "it did not panic");
    LAST.take().expect("a panic with a message")
}

/// Checks that `misuse` panics at `line` of the file of the caller, and returns the message.
#[track_caller]
fn blames<R>(line: u32, misuse: impl FnOnce() -> R) -> String {
    let blame = blame(misuse);
    assert_eq!(
        (blame.file.as_str(), blame.line),
        (Location::caller().file(), line),
        "{}",
        blame.message
    );
    blame.message
}

#[test]
fn the_hook_sees_the_line() {
    let message = blames(line!(), || panic!("this line"));
    assert_eq!(message, "this line");
}

#[test]
#[should_panic(expected = "it did not panic")]
fn the_check_fails_if_nothing_panics() {
    blames(line!(), || ());
}

#[test]
fn cancel_of_main_by_main() {
    let message = blames(line!(), || current().cancel());
    assert!(message.contains("main"), "{message}");
    cede();
}

#[test]
fn cancel_of_main_by_a_coro() {
    let c = spawn(|| {
        let message = blames(line!(), || coro::main().cancel());
        assert!(message.contains("main"), "{message}");
    });
    assert!(c.join().is_ok());
}

#[test]
fn terminate_in_main() {
    let message = blames(line!(), || terminate(()));
    assert!(message.contains("main"), "{message}");
    cede();
}

#[test]
fn terminate_with_another_type() {
    let c = spawn(|| -> i32 {
        blames(line!(), || terminate("no i32"));
        4
    });
    assert_eq!(c.join().ok(), Some(4));
}

#[test]
fn terminate_with_another_type_ends_the_coro_with_that_panic() {
    let line = line!() + 1;
    let c = spawn(|| -> i32 { terminate("no i32") });
    blames(line, || {
        let error = c.join().expect_err("it panicked");
        assert!(error.is_panic());
        std::panic::resume_unwind(error.into_panic())
    });
}

/// Checks that `misuse` panics at `line` and that its message names that place and the one of the no_switch.
#[track_caller]
fn names_both(no_switch_line: u32, line: u32, misuse: impl FnOnce()) {
    let message = blames(line, misuse);
    let place = format!("{}:{no_switch_line}", Location::caller().file());
    assert!(message.contains(&place), "{place} is not named: {message}");
}

#[test]
fn schedule_inside_no_switch_names_both_places() {
    spawn(|| ());
    let here = line!();
    names_both(here + 2, here + 3, || {
        no_switch(|| {
            schedule();
        });
    });
    cede();
}

#[test]
fn cede_inside_no_switch_names_both_places() {
    spawn(|| ());
    let here = line!();
    names_both(here + 2, here + 3, || {
        no_switch(|| {
            cede();
        });
    });
    cede();
}

#[test]
fn join_inside_no_switch_names_both_places() {
    let c = Builder::new().build(|| ());
    let here = line!();
    names_both(here + 2, here + 3, || {
        no_switch(|| {
            c.coro().join();
        });
    });
}

#[test]
fn schedule_inside_no_switch_of_a_coro_blames_that_coro() {
    let c = spawn(|| {
        let here = line!();
        names_both(here + 2, here + 3, || {
            no_switch(|| {
                schedule();
            });
        });
        "goes on"
    });
    assert_eq!(c.join().ok(), Some("goes on"));
}

#[test]
fn a_deadlock_blames_the_schedule_of_main() {
    fresh(|| {
        let line = line!() + 2;
        let message = blames(line, || {
            schedule();
        });
        assert!(message.starts_with("deadlock"), "{message}");
    });
}

#[test]
fn a_deadlock_blames_the_join_of_main() {
    fresh(|| {
        let c = spawn(schedule);
        blames(line!(), || c.coro().join());
        blames(line!(), move || c.join());
    });
}

#[test]
fn a_deadlock_blames_the_wait_of_main() {
    fresh(|| {
        let (_callback, answer) = coro::rouse::<()>();
        blames(line!(), || answer.wait());
    });
}

#[test]
fn a_deadlock_blames_the_scope_that_main_waits_in() {
    fresh(|| {
        let line = line!() + 2;
        let message = blames(line, || {
            coro::scope(|s| {
                s.spawn(schedule);
            });
        });
        let place = format!("{}:{line}", file!());
        assert!(message.contains(&place), "{place} is not named: {message}");
    });
}

#[test]
fn a_scope_that_panics_for_its_child_blames_the_call_of_scope() {
    let line = line!() + 2;
    blames(line, || {
        coro::scope(|s| {
            s.spawn(|| die("child"));
        });
    });
}

#[test]
fn the_report_names_the_place_where_a_coro_blocks_and_where_it_was_spawned() {
    fresh(|| {
        let sem = semaphore(0);
        let spawned = line!() + 1;
        let c = spawn(move || {
            sem.down();
        });
        cede();
        let report = coro::report().to_string();
        for line in [spawned, spawned + 1] {
            let place = format!("{}:{line}", file!());
            assert!(report.contains(&place), "{place} is not named: {report}");
        }
        c.cancel();
    });
}

#[test]
fn into_panic_of_a_cancel() {
    let c = Builder::new().build(|| ());
    c.cancel();
    let error = c.join().expect_err("it was cancelled");
    blames(line!(), || error.into_panic());
}

#[test]
fn shutdown_in_a_coro() {
    let c = spawn(|| {
        blames(line!(), || drop(shutdown()));
    });
    assert!(c.join().is_ok());
}

#[test]
fn locations_are_those_of_the_caller() {
    // What `#[track_caller]` gives the kernel, so what the tests above compare with.
    #[track_caller]
    fn here() -> &'static Location<'static> {
        Location::caller()
    }
    let at = here();
    assert_eq!((at.file(), at.line()), (file!(), line!() - 1));
}

#[test]
fn a_choice_of_nothing() {
    blames(line!(), || coro::choose(0));
}

#[test]
fn the_message_of_a_coros_panic_names_the_coro_and_others_are_as_ever() {
    let ran = programs::run_with(
        env!("CARGO_BIN_EXE_panics"),
        &[],
        &[("RUST_BACKTRACE", "0")],
    );
    let text = ran.exited_with(0).complained;
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    let named: Vec<&&str> = lines
        .iter()
        .filter(|line| line.ends_with("panics:"))
        .collect();
    let place = |line: u32| format!("(spawned at tests/programs/panics.rs:{line}:");
    assert_eq!(named.len(), 2, "{text}");
    assert!(
        named[0].starts_with("coro #1 \"fetch\" ") && named[0].contains(&place(8)),
        "{text}"
    );
    assert!(
        named[1].starts_with("coro #2 ") && named[1].contains(&place(10)),
        "{text}"
    );
    for (message, above) in [
        ("of a coro", true),
        ("of main", false),
        ("of an OS thread", false),
    ] {
        let at = lines.iter().position(|line| *line == message);
        let at = at.unwrap_or_else(|| panic!("no {message:?} in {text}"));
        assert!(lines[at - 1].contains("panicked at"), "{text}");
        assert_eq!(
            at > 1 && lines[at - 2].ends_with("panics:"),
            above,
            "{text}"
        );
    }
}

#[test]
fn a_scope_that_has_to_wait_where_nothing_may_switch_blames_its_call() {
    let message = blames(line!() + 1, || {
        no_switch(|| coro::scope(|s| drop(s.spawn(|| ()))));
    });
    assert!(
        message.contains("cannot switch inside no_switch"),
        "{message}"
    );
}
