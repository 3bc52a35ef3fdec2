//! The program `compare`: everybody who is a part of it does the work that it is asked for.

use std::collections::BTreeMap;
use std::process::{Command, Output};

use serde_json::Value;

fn compare(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_compare"))
        .args(["--rounds", "1", "--millis", "1", "--patience", "30"])
        .args(arguments)
        .output()
        .expect("it starts")
}

/// What a peer did, by workload: nanoseconds or bytes, or how it failed.
fn done_by(peer: &str) -> BTreeMap<String, Result<f64, String>> {
    let output = compare(&["--json", "--peer", peer]);
    assert!(output.status.success(), "{output:?}");
    let lines = String::from_utf8(output.stdout).expect("text");
    let lines = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("an object"));
    lines
        .map(|line| {
            assert_eq!(line["peer"], peer);
            let workload = line["workload"].as_str().expect("a name").to_owned();
            let number = line.get("ns").or(line.get("bytes"));
            let outcome = match number {
                Some(number) => Ok(number.as_f64().expect("a number")),
                None => Err(line["failed"].to_string()),
            };
            (workload, outcome)
        })
        .collect()
}

const ALL: usize = 23;

#[track_caller]
fn does(peer: &str, count: usize, fails_at: &[&str]) {
    let done = done_by(peer);
    assert_eq!(done.len(), count, "{:?}", done.keys());
    for (workload, outcome) in done {
        let may_fail = fails_at.contains(&&*workload);
        assert!(
            may_fail || outcome.as_ref().is_ok_and(|number| *number > 0.0),
            "{workload}: {outcome:?}"
        );
    }
}

#[test]
fn we_do_all_of_it() {
    does("coro", ALL, &[]);
}

#[test]
fn the_floor_switches_and_spawns() {
    does("corosensei", 6, &[]);
}

#[test]
fn a_loop_computes() {
    does("sequential", 2, &[]);
}

#[test]
fn may_does_all_but_what_it_has_not_got_the_stacks_for() {
    does("may", ALL, &["yield100k"]);
}

#[test]
fn tokio_does_all_of_it() {
    does("tokio", ALL, &[]);
}

#[test]
fn smol_has_no_local_variables() {
    does("smol", ALL - 1, &[]);
}

#[test]
fn unsync_does_what_one_os_thread_can() {
    does("unsync", ALL - 3, &[]);
}

#[test]
fn async_unsync_does_what_one_os_thread_can_but_for_a_deadlock() {
    does("async-unsync", ALL - 3, &["rw_contended"]);
}

#[test]
fn threads_are_not_so_many() {
    does("threads", ALL - 1, &[]);
}

#[test]
fn a_name_that_is_none_is_refused_with_those_that_are() {
    let output = compare(&["--only", "yield3"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("yield3") && said.contains("chan_stream"),
        "{said}"
    );
}

#[test]
fn a_table_and_a_picture_tell_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let picture = folder.path().join("compare.svg");
    let path = picture.to_str().expect("text");
    let output = compare(&["--only", "local_get", "--peer", "coro", "--plot", path]);
    assert!(output.status.success(), "{output:?}");
    let table = String::from_utf8_lossy(&output.stdout).into_owned();
    let ours = table.lines().find(|line| line.starts_with("| local_get"));
    let ours = ours
        .and_then(|line| line.split('|').nth(3))
        .expect("our cell")
        .trim();
    let svg = std::fs::read_to_string(picture).expect("it was drawn");
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
    assert!(svg.contains("local_get") && svg.contains(ours), "{ours}");
}
