//! The `million` program from outside: what it measures, and what it says when stacks run out.

#![allow(clippy::unwrap_used, reason = "a test may fail anywhere, helpers too")]

use std::fs;
use std::process::{Command, Output};

use serde_json::Value;

fn million(args: &[&str], guard: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_million"));
    command.args(args).env_remove("CORO_STACK_GUARD");
    if let Some(guard) = guard {
        command.env("CORO_STACK_GUARD", guard);
    }
    command.output().unwrap()
}

#[track_caller]
fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[track_caller]
fn number(object: &Value, key: &str) -> f64 {
    let number = object[key].as_f64();
    number.unwrap_or_else(|| panic!("{key} of {object}"))
}

#[test]
fn all_run_block_and_end() {
    let output = million(&["--n", "2000", "--stack", "64", "--json"], None);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.status.success());
    let measured = json(&output);
    for (key, value) in [
        ("n", 2000.0),
        ("ran", 2000.0),
        ("ended", 2000.0),
        ("stack_kib", 64.0),
    ] {
        assert!(number(&measured, key) == value, "{key} of {measured}");
    }
    // A touched page each at least.
    assert!(number(&measured, "rss_bytes") > 2000.0 * 4096.0);
    assert!(number(&measured, "bytes_each") > 4096.0);
    for key in [
        "pte_bytes",
        "mappings",
        "spawn_ns",
        "first_run_ns",
        "ready_ns",
        "switch_ns",
        "end_ns",
    ] {
        assert!(number(&measured, key) > 0.0, "{key} of {measured}");
    }
}

#[test]
fn people_get_text() {
    let output = million(&["--n", "1500"], None);
    assert!(output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("1 500 coros with stacks of 32 KiB"), "{said}");
    assert!(said.contains("bytes each"), "{said}");
}

/// With a guard that splits the mapping, a coro costs two of the system's limit.
#[test]
fn at_the_limit_of_mappings_nothing_is_lost() {
    let limit = fs::read_to_string("/proc/sys/vm/max_map_count").unwrap();
    let limit: u32 = limit.trim().parse().unwrap();
    if limit > 100_000 {
        eprintln!("skipped: vm.max_map_count is {limit}, too many to use up");
        return;
    }
    let n = limit / 2 + 1000;
    let output = million(&["--json", "--n", &n.to_string()], Some("mprotect"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("coros could not run"), "{said}");
    assert!(
        said.contains(&format!("vm.max_map_count is {limit}")),
        "{said}"
    );
    assert!(said.contains("nothing lost"), "{said}");
    let measured = json(&output);
    let ran = number(&measured, "ran");
    assert!(
        ran < f64::from(n) && ran > f64::from(limit / 2 - 1000),
        "{measured}"
    );
    assert!(number(&measured, "ended") == ran, "{measured}");
    assert!(measured["bytes_each"].is_null(), "{measured}");
}

/// The same number of coros, guarded without splitting, all run; where the system can do that.
#[test]
fn few_mappings_are_needed() {
    let output = million(&["--json", "--n", "40000"], None);
    let measured = json(&output);
    if number(&measured, "mappings") > 10_000.0 {
        eprintln!("skipped: this system splits a mapping for each guard");
        return;
    }
    assert!(output.status.success());
    assert!(number(&measured, "mappings") < 100.0, "{measured}");
}

#[test]
fn nonsense_is_refused() {
    for args in [["--n", "0"], ["--n", "many"], ["--stack", "8"]] {
        let output = million(&args, None);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
    }
}
