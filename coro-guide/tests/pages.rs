//! What every page promises: its programs do what it says, and what it shows is what happens.
//!
//! `CORO_SNAPSHOTS=write cargo test -p coro-guide` writes pictures and convictions anew, and fails.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use coro_explore::Failure;
use coro_guide::{Page, pages};
use coro_time::VirtualClock;

mod snapshots;

/// A program of a page has at most so many lines.
const LINES: usize = 60;

fn path(folder: &str, file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(folder)
        .join(file)
}

/// Runs it on an OS thread of its own, where no time passes: else other things would happen on a machine
/// that is busy.
fn by_itself<R: Send + 'static>(run: impl FnOnce() -> R + Send + 'static) -> thread::Result<R> {
    let run = || {
        let _clock = VirtualClock::install();
        run()
    };
    thread::spawn(run).join()
}

/// Asks `what` of every page, and tells of all that is wrong.
fn each_page(what: impl Fn(&Page) -> Option<String>) {
    let wrong: Vec<_> = pages().iter().filter_map(what).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Returns what the explorer says; but that the game begins there, as to replay this test is no use.
fn told(failure: &Failure) -> String {
    let text = failure.to_string();
    let schedule = failure.schedule();
    let lines = text.lines().map(|line| match line.split_once(": ") {
        Some(("replay", _)) => {
            format!(
                "replay: CORO_SCHEDULE={schedule} cargo run -p coro-debug --bin be-the-scheduler"
            )
        }
        _ => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_program_runs_by_itself() {
    each_page(|page| {
        let run = by_itself(page.right);
        run.is_err().then(|| format!("{} panics", page.name))
    });
}

#[test]
fn every_right_program_is_right_in_every_schedule() {
    each_page(
        |page| match (page.explorer)().name(page.name).run(page.right) {
            Ok(report) if report.is_exhaustive() => None,
            Ok(report) => Some(format!("{}: {report}", page.name)),
            Err(failure) => Some(format!("{}: {failure}", page.name)),
        },
    );
}

#[test]
fn every_wrong_program_is_convicted_of_what_its_page_says() {
    each_page(|page| {
        let explorer = (page.explorer)().name(page.name);
        let failure = match explorer.run(page.wrong) {
            Ok(report) => return Some(format!("{} is well: {report}", page.name)),
            Err(failure) => failure,
        };
        if failure.verdict() != page.verdict {
            return Some(format!("{}: {failure}", page.name));
        }
        let mut text = told(&failure);
        // In the game both can be done, so both are told.
        if let Err(other) = explorer.clone().spurious(0).run(page.wrong)
            && other.schedule() != failure.schedule()
        {
            text = format!("{text}\n\nwithout spurious wake-ups: {}", told(&other));
        }
        let right = explorer.run(page.right).expect("another test has seen it");
        let text = format!("{text}\n\nthe right one: {right}\n");
        snapshots::drift(&path("convictions", &format!("{}.txt", page.name)), &text)
    });
}

#[test]
fn every_picture_is_that_of_its_run() {
    each_page(|page| {
        let right = page.right;
        let svg = by_itself(move || coro_debug::trace::record(right).1.to_svg());
        let svg = svg.expect("another test has seen it run");
        snapshots::drift(&path("pictures", &format!("{}.svg", page.name)), &svg)
    });
}

#[test]
fn every_program_is_short() {
    for folder in ["examples", "wrong"] {
        each_page(|page| {
            let text = fs::read_to_string(path(folder, &format!("{}.rs", page.name)));
            let lines = text.expect("a page has it").lines().count();
            (lines > LINES).then(|| format!("{folder}/{}.rs has {lines} lines", page.name))
        });
    }
}

#[test]
fn every_page_leads_to_the_one_before_and_the_next() {
    let names: Vec<_> = pages().iter().map(|page| page.name).collect();
    for (at, name) in names.iter().enumerate() {
        let link = |name: &str| format!("[`{name}`](crate::{name})");
        let before = at.checked_sub(1).map(|at| format!("← {}", link(names[at])));
        let next = names.get(at + 1).map(|name| format!("{} →", link(name)));
        let all = Some("[all pages](crate)".to_owned());
        let links: Vec<_> = [before, all, next].into_iter().flatten().collect();
        let foot = format!("//! ---\n//!\n//! {}\n\nuse ", links.join(" · "));
        let text = fs::read_to_string(path("src", &format!("{name}.rs")));
        let text = text.expect("a page has a module");
        assert!(text.contains(&foot), "{name} lacks\n{foot}");
    }
}

#[test]
fn the_contents_name_every_page_in_its_order() {
    let contents = fs::read_to_string(path("", "CONTENTS.md")).expect("there are contents");
    let rows = contents.lines().filter_map(|row| row.strip_prefix("| [`"));
    let rows: Vec<_> = rows.filter_map(|row| row.split_once('`')).collect();
    let named: Vec<_> = rows.iter().map(|(name, _)| *name).collect();
    let names: Vec<_> = pages().iter().map(|page| page.name).collect();
    assert_eq!(named, names);
}

#[test]
fn every_page_has_all_its_files_and_no_file_is_of_no_page() {
    let names: BTreeSet<_> = pages().iter().map(|page| page.name.to_owned()).collect();
    assert_eq!(names.len(), pages().len(), "two pages have one name");
    let folders = [
        "examples",
        "wrong",
        "exercises",
        "solutions",
        "tests/exercises/judges",
        "pictures",
        "convictions",
    ];
    for folder in folders {
        let files = fs::read_dir(path(folder, "")).expect("there is such a folder");
        let stem = |entry: std::io::Result<fs::DirEntry>| {
            let name = PathBuf::from(entry.expect("it can be read").file_name());
            let stem = name.file_stem().expect("a file has a name");
            let stem = stem.to_string_lossy();
            stem.strip_prefix("judge_").unwrap_or(&stem).to_owned()
        };
        let files: BTreeSet<_> = files.map(stem).filter(|name| name != "mod").collect();
        assert_eq!(files, names, "in {folder}");
    }
}
