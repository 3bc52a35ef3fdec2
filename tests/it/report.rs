//! The report: what it says of each coro, who waits for whom, and how it is shown.
//!
//! The texts are compared whole with the files in `report/`. `CORO_SNAPSHOTS=write` writes them
//! anew, and fails.

use std::fs;
use std::path::Path;

use coro::{Report, cede};

use crate::support::{caught, text};

mod asked;
mod backtraces;
mod cases;
mod many;
mod structured;
mod times;

/// Makes a blocking call of main that nobody can end, and returns the message of the deadlock.
#[track_caller]
fn deadlock<R>(call: impl FnOnce() -> R) -> String {
    let Err(payload) = caught(call) else {
        panic!("the call returned");
    };
    text(&*payload).to_owned()
}

/// Lets all others run until they block.
fn settle() {
    while coro::ready_count() > 0 {
        cede();
    }
}

/// Returns the numbers of the coros.
fn ids(coros: &[&coro::CoroReport]) -> Vec<u64> {
    coros.iter().map(|coro| coro.id()).collect()
}

/// Returns what a report says of a coro.
#[track_caller]
fn row(report: &Report, id: u64) -> &coro::CoroReport {
    let row = report.coros().iter().find(|coro| coro.id() == id);
    row.unwrap_or_else(|| panic!("{id} is not in\n{report}"))
}

/// Makes the text the same wherever the test stands in its file, and whatever the compiler makes of
/// its frames: lines count from the test's own, and of stacks only the size is left.
fn normal(report: &str, base: u32) -> String {
    let mut lines = Vec::new();
    for line in report.lines() {
        let mut parts = line.split("tests/it/report/");
        let mut normal = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let mut pieces = part.splitn(3, ':');
            let (file, number, rest) = (pieces.next(), pieces.next(), pieces.next());
            let number: u32 = number.and_then(|n| n.parse().ok()).expect("a place");
            // As long as it was, so that what follows stays where it is.
            let number = format!("{:+}", i64::from(number) - i64::from(base));
            normal += &format!(
                "{}:{number}:{}",
                file.unwrap_or_default(),
                rest.unwrap_or_default()
            );
        }
        lines.push(without_stack(&normal));
    }
    lines.join("\n") + "\n"
}

/// Blots the two amounts that differ from build to build: `1.2/256 KiB  8 KiB`.
fn without_stack(line: &str) -> String {
    let Some(at) = line.find("/256 KiB") else {
        return line.to_owned();
    };
    let (used, rest) = line.split_at(at);
    let (size, peak) = rest.split_at("/256 KiB".len());
    let (peak, rest) = peak.split_at(peak.find(" KiB").expect("a peak follows"));
    format!("{}{size}{}{rest}", blot(used, "n.n"), blot(peak, "n"))
}

/// Replaces the number at the end, and moves nothing that stands before it.
fn blot(text: &str, by: &str) -> String {
    let kept = text.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let kept = kept.trim_end();
    format!("{kept}{by:>width$}", width = text.len() - kept.len())
}

/// Compares a text with what is in `report/NAME.txt`.
#[track_caller]
fn is_snapshot(name: &str, base: u32, report: &str) {
    let report = normal(report, base);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("it/report/{name}.txt"));
    if std::env::var_os("CORO_SNAPSHOTS").is_some_and(|how| how == "write") {
        fs::write(&path, report).expect("the folder is there");
        panic!("{} is written anew", path.display());
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        report == expected,
        "{name} is now\n{report}\nand was\n{expected}"
    );
}

#[test]
fn what_differs_from_build_to_build_is_blotted_and_nothing_else() {
    let line = "    1  a  blocked   2   1.2/256 KiB   8 KiB  at tests/it/report/cases.rs:33:9 on";
    let blotted = "    1  a  blocked   2   n.n/256 KiB   n KiB  at cases.rs:+3:9 on\n";
    assert_eq!(normal(line, 30), blotted);
    let wide = "    1  a  blocked   2  11.2/256 KiB  28 KiB  at tests/it/report/cases.rs:33:9 on";
    assert_eq!(normal(wide, 30), blotted);
    let other = line.replace("blocked", "ready  ");
    assert_ne!(normal(&other, 30), blotted);
}
