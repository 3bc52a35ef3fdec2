//! The `growth` program from outside: what it measures, what it refuses, and what it draws.

#![allow(clippy::unwrap_used, reason = "a test may fail anywhere, helpers too")]

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Output};

use serde_json::Value;

fn growth(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_growth"));
    command.args(args).output().unwrap()
}

/// Reads the lines of `--json`: names, sizes and nanoseconds.
#[track_caller]
fn lines(output: &Output) -> Vec<(String, u64, f64)> {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    let line = |line| {
        let object: Value = serde_json::from_str(line).unwrap();
        assert_eq!(object.as_object().unwrap().len(), 3, "{object}");
        let name = object["name"].as_str().unwrap().to_owned();
        let size = object["size"].as_u64().unwrap();
        (name, size, object["ns"].as_f64().unwrap())
    };
    text.lines().map(line).collect()
}

#[track_caller]
fn refused(output: &Output, message: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(message), "{said}");
    assert_eq!(output.status.code(), Some(2), "{said}");
}

#[test]
fn json_has_a_line_for_each_workload_and_size() {
    let output = growth(&["--json", "--most", "10"]);
    // No growth is looked for below a hundred.
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let lines = lines(&output);
    let names: BTreeSet<_> = lines.iter().map(|line| line.0.as_str()).collect();
    for name in [
        "control: a step of a random walk",
        "coros/spawn_join",
        "coros/yield",
        "semaphore/cancel",
        "rwlock_write/timeout",
        "channel/patient",
        "timers/fire",
        "specific/read",
        "join_set/spawn_join",
    ] {
        assert!(names.contains(name), "{name}");
    }
    for name in names {
        let of_name = lines.iter().filter(|line| line.0 == name);
        assert!(of_name.clone().map(|line| line.1).eq([1, 10]), "{name}");
        assert!(of_name.clone().all(|line| line.2 > 0.0), "{name}");
    }
}

#[test]
fn only_those_with_that_in_their_name_are_measured() {
    let output = growth(&["--json", "--most", "1", "--only", "semaphore_fair/"]);
    let names: Vec<_> = lines(&output)
        .into_iter()
        .skip(1)
        .map(|line| line.0)
        .collect();
    let operations = ["patient", "wake", "cancel", "throw", "timeout"];
    assert_eq!(
        names,
        operations.map(|what| format!("semaphore_fair/{what}"))
    );
}

#[test]
fn an_unknown_name_is_refused_with_those_that_are_known() {
    let output = growth(&["--only", "sempahore"]);
    refused(
        &output,
        "no workload has \"sempahore\" in its name; there are:",
    );
    assert!(String::from_utf8_lossy(&output.stderr).contains("\nsemaphore/cancel\n"));
    assert!(output.stdout.is_empty());
    // A twin is not among what a part of its name finds.
    refused(&growth(&["--only", "twin/"]), "no workload has");
}

#[test]
fn sizes_out_of_range_are_refused() {
    for most in ["0", "1000001", "many"] {
        refused(&growth(&["--most", most]), "--most <N>");
    }
}

#[test]
fn a_linear_operation_fails_and_is_named() {
    let output = growth(&["--only", "twin/linear", "--most", "1000000"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(said, "growth: too much: twin/linear\n");
    assert!(String::from_utf8_lossy(&output.stdout).contains("TOO MUCH: ×"));
}

#[test]
fn a_flat_operation_passes() {
    let output = growth(&["--only", "twin/flat", "--most", "1000"]);
    assert!(output.status.success(), "{output:?}");
    let table = String::from_utf8_lossy(&output.stdout);
    assert!(
        table.contains(" from 10 to 10^3") && !table.contains("TOO MUCH"),
        "{table}"
    );
}

#[test]
fn a_workload_that_fails_its_check_is_no_result() {
    let output = growth(&["--only", "twin/failing", "--most", "1"]);
    refused(&output, "growth: twin/failing failed at 1: ");
}

#[test]
fn the_plot_is_well_formed_and_has_what_was_measured() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("growth.svg");
    let path = file.to_str().unwrap();
    let output = growth(&["--only", "yield", "--most", "100", "--plot", path]);
    assert!(
        output.status.code().is_some_and(|code| code < 2),
        "{output:?}"
    );
    let svg = fs::read_to_string(&file).unwrap();
    assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"));
    assert_eq!(depth(&svg), 0);
    for text in [
        "coros/yield",
        "unwinding/yield",
        "how many",
        "10²",
        "control",
    ] {
        assert!(svg.contains(text), "{text}");
    }
    // Two workloads and the control, at three sizes.
    assert!(svg.matches("<circle").count() >= 9);
    assert!(!svg.contains("NaN") && !svg.contains("inf"));
}

/// Returns how many elements are left open; none is closed that is not the last open one.
#[track_caller]
fn depth(svg: &str) -> usize {
    let mut open = Vec::new();
    for tag in svg.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').unwrap();
        let name = tag.split([' ', '\n']).next().unwrap();
        if let Some(name) = name.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.push(name);
        }
    }
    open.len()
}

#[test]
fn a_plot_that_cannot_be_written_is_told() {
    let output = growth(&[
        "--only",
        "twin/flat",
        "--most",
        "10",
        "--plot",
        "nowhere/x.svg",
    ]);
    refused(&output, "growth: nowhere/x.svg: ");
}
