//! What is said when a command makes no sense.

use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::process::Stdio;

use crate::player::{game, play, run, winning_script};

#[test]
fn without_a_terminal_and_a_level_the_levels_are_listed() {
    let listed = run(game(&[]), "");
    assert_eq!(listed.code, 0);
    assert_eq!(listed.text, run(game(&["--list"]), "").text);
    assert!(listed.text.contains("dining"), "{}", listed.text);
}

#[test]
fn without_a_terminal_a_level_needs_a_script() {
    let played = run(game(&["dining"]), "");
    assert_eq!((played.code, played.text.as_str()), (2, ""));
    assert!(played.error.contains("--script"), "{}", played.error);
}

#[test]
fn a_script_needs_a_level() {
    let played = run(game(&["--script", "-"]), "run 1\n");
    assert_eq!(played.code, 2);
    assert!(
        played.error.contains("a script needs a level"),
        "{}",
        played.error
    );
}

#[test]
fn a_script_that_is_not_there_is_named() {
    let played = run(game(&["dining", "--script", "no/such/file"]), "");
    assert_eq!(played.code, 2);
    assert!(played.error.contains("no/such/file: "), "{}", played.error);
}

#[test]
fn a_line_that_is_wrong_is_named_and_ends_the_game() {
    let script = "run 1 # the first\n\n# nothing\nrun one\nrun 2\n";
    let played = run(game(&["dining", "--script", "-"]), script);
    assert_eq!(played.code, 2);
    let said = "line 4: run wants a number, as in \"run 1\", not \"one\"";
    assert!(played.error.contains(said), "{}", played.error);
    assert!(!played.text.contains("> run 2"), "{}", played.text);

    for (line, said) in [
        ("jump", "\"jump\" is nothing that can be done"),
        ("run", "run wants a number"),
        ("run 1 2", "\"2\" is one word too many"),
        ("run -1", "run wants a number, as in \"run 1\", not \"-1\""),
        (
            "run 99999999999",
            "run wants a number, as in \"run 1\", not \"99999999999\"",
        ),
        ("undo", "this is the beginning"),
        (
            "run 9",
            "run #9: that is not possible now; possible: run #1, run #2, run #3",
        ),
        ("wake 1", "wake #1 for nothing: that is not possible now"),
    ] {
        let played = run(game(&["dining", "--script", "-"]), line);
        assert_eq!(played.code, 2, "{line}");
        let all = format!("be-the-scheduler: line 1: {said}");
        assert!(played.error.contains(&all), "{line}: {}", played.error);
    }
}

#[test]
fn quiet_prints_only_the_last_screen() {
    let script = "run 1\nrun 2\n";
    let loud = run(game(&["dining", "--script", "-"]), script);
    let quiet = run(game(&["dining", "--quiet", "--script", "-"]), script);
    assert_eq!(loud.screens().len(), 3);
    assert_eq!(quiet.screens(), [loud.last_screen()]);
    assert_eq!(quiet.conclusion(), loud.conclusion());
    assert_eq!(quiet.code, loud.code);
}

#[test]
fn a_script_that_has_not_won_says_so() {
    for script in ["", "run 1\n", "end\n"] {
        let played = run(game(&["dining", "--script", "-"]), script);
        assert_eq!((played.code, played.conclusion()), (1, "not yet"));
    }
}

#[test]
fn what_is_no_schedule_at_all_is_refused() {
    for wrong in [&b"garbage"[..], b"", b"v1", b"\xff"] {
        let mut command = game(&["dining", "--script", "-"]);
        command.env("CORO_SCHEDULE", OsStr::from_bytes(wrong));
        let played = run(command, "");
        assert_eq!(played.code, 2, "{wrong:?}");
        let said = "be-the-scheduler: CORO_SCHEDULE: ";
        assert!(played.error.starts_with(said), "{}", played.error);
    }
}

#[test]
fn a_schedule_of_another_level_is_not_used_and_that_is_said() {
    let script = winning_script("lost_update");
    let won = play("lost_update", &script);
    let mut command = game(&["lost_update", "--script", "-"]);
    command.env("CORO_SCHEDULE", "v1:dining:zzz");
    let again = run(command, &script);
    assert_eq!((again.code, again.error.as_str()), (0, ""));
    assert_eq!(again.screens()[1..], won.screens()[1..]);
    assert_eq!(again.conclusion(), won.conclusion());
    let first = again.screens().remove(0);
    let said = "CORO_SCHEDULE is of another level, dining; not used here.";
    assert!(first.contains(said), "{first}");
}

/// Where nothing can be written.
#[cfg(target_os = "linux")]
#[test]
fn who_cannot_print_says_so() {
    for arguments in [&["--list"][..], &["dining", "--script", "-"]] {
        let full = File::options().write(true).open("/dev/full");
        let mut command = game(arguments);
        command
            .stdin(Stdio::null())
            .stdout(full.expect("it is there"));
        let output = command.stderr(Stdio::piped()).output().expect("it ends");
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(
            error.starts_with("be-the-scheduler: standard output: "),
            "{error}"
        );
    }
}
