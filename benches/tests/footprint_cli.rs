//! The `footprint` program from outside: what it measures, and what it says of a build that fails.

#![allow(clippy::unwrap_used, reason = "a test may fail anywhere, helpers too")]

use std::process::{Command, Output};

fn footprint(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_footprint"));
    command.args(args);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Returns the cells of the row that begins with this.
#[track_caller]
fn row(output: &Output, name: &str) -> Vec<String> {
    let said = text(&output.stdout);
    let begin = format!("| {name} ");
    let line = said.lines().find(|line| line.starts_with(&begin));
    let line = line.unwrap_or_else(|| panic!("no row {name}: {said}"));
    line.trim_matches('|')
        .split('|')
        .map(|cell| cell.trim().to_owned())
        .collect()
}

#[test]
fn an_empty_program_is_built_from_nothing_and_measured() {
    // What the user has set for builds is not looked at.
    let mut command = footprint(&["--only", "empty", "--rounds", "1"]);
    command
        .env("RUSTFLAGS", "--cfg")
        .env("CARGO_PROFILE_RELEASE_STRIP", "odd");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(text(&output.stdout).contains("rustc "), "{output:?}");
    let cells = row(&output, "empty");
    let number = |at: usize| cells[at].parse::<f64>().unwrap();
    assert_eq!(cells[2], "0", "{cells:?}");
    for column in [3, 7] {
        assert!(number(column) > 0.0, "{cells:?}");
        assert!((100.0..2000.0).contains(&number(column + 2)), "{cells:?}");
        assert_eq!(cells[column + 3], "0", "{cells:?}");
    }
}

#[test]
fn a_call_adds_some_bytes() {
    let call = "std::sync::Mutex::lock";
    let output = footprint(&["--only", call]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let cells = row(&output, call);
    let number = |at: usize| cells[at].parse::<f64>().unwrap();
    assert!((20.0..2000.0).contains(&number(1)), "{cells:?}");
    assert!((number(1)..4000.0).contains(&number(2)), "{cells:?}");
    assert!(!text(&output.stdout).contains("build s"), "{output:?}");
}

#[test]
fn a_row_that_is_none_is_refused_with_those_that_are() {
    let output = footprint(&["--only", "cede", "--only", "coroutine"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stdout), "");
    let told = text(&output.stderr);
    assert!(
        told.contains("no row is \"coroutine\"; there are: empty, threads, "),
        "{told}"
    );
    assert!(told.contains("Channel::get, Channel::put"), "{told}");
}

#[test]
fn no_rounds_are_refused() {
    let output = footprint(&["--only", "empty", "--rounds", "0"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("--rounds"), "{output:?}");
}

/// Runs with a shell script as cargo.
#[cfg(unix)]
fn with_false_cargo(script: &str, args: &[&str]) -> Output {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let cargo = folder.path().join("cargo");
    std::fs::write(&cargo, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&cargo, std::fs::Permissions::from_mode(0o755)).unwrap();
    footprint(args).env("CARGO", cargo).output().unwrap()
}

#[cfg(unix)]
#[test]
fn a_build_that_fails_is_told_with_its_last_lines_and_the_others_go_on() {
    let script = "[ $1 = fetch ] && exit 0; seq 100 >&2; echo 'no such crate' >&2; exit 101";
    let args = ["--only", "tokio", "--only", "may", "--only", "cede"];
    let output = with_false_cargo(script, &args);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(row(&output, "tokio")[1], "FAILED");
    assert_eq!(row(&output, "may")[1], "FAILED");
    let told = text(&output.stderr);
    for name in ["tokio", "may", "calls"] {
        assert!(told.contains(&format!("footprint: {name}: ")), "{told}");
    }
    assert!(told.contains("exit status: 101\n90\n"), "{told}");
    assert!(told.contains("\n100\nno such crate\n"), "{told}");
}

#[cfg(unix)]
#[test]
fn a_program_that_does_not_do_its_work_is_told() {
    let script = "[ $1 = fetch ] && exit 0
        mkdir -p target/release
        printf '#!/bin/sh\\necho sum is 0 >&2; exit 101\\n' > target/release/footprint
        chmod +x target/release/footprint";
    let output = with_false_cargo(script, &["--only", "coro"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(row(&output, "coro")[1], "FAILED");
    let told = text(&output.stderr);
    assert!(told.contains("exit status: 101\nsum is 0"), "{told}");
}

#[cfg(unix)]
#[test]
fn crates_that_are_not_on_the_disk_are_fetched_and_without_a_network_told() {
    let script = "[ $1 = build ] && exit 103; [ $2 = --offline ] && exit 101
        echo 'no network' >&2; exit 102";
    let output = with_false_cargo(script, &["--only", "smol"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let told = text(&output.stderr);
    assert!(told.contains("exit status: 102\nno network"), "{told}");
}
