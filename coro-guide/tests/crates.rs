//! What every crate promises: its documentation begins with the program of a page, word for word.
//!
//! `CORO_SNAPSHOTS=write cargo test -p coro-guide` writes those programs anew, and fails.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

mod snapshots;

/// The crates, where they are, their pages, and what they do with the programs.
const CRATES: &[(&str, &str, &str, Use)] = &[
    ("coro", "coro", "ready_queue", Use::Run),
    ("coro_sync", "coro-sync", "lost_update", Use::Run),
    (
        "coro_semaphore",
        "coro-sync/semaphore",
        "forgotten_up",
        Use::Run,
    ),
    (
        "coro_semaphore_set",
        "coro-sync/semaphore-set",
        "locks",
        Use::Run,
    ),
    ("coro_signal", "coro-sync/signal", "barrier", Use::Run),
    ("coro_mutex", "coro-sync/mutex", "bounded_buffer", Use::Run),
    (
        "coro_rwlock",
        "coro-sync/rwlock",
        "readers_writers",
        Use::Run,
    ),
    ("coro_channel", "coro-channel", "channels", Use::Run),
    ("coro_specific", "coro-specific", "coro_local", Use::Run),
    ("coro_time", "coro-time", "deadlines", Use::RunInVirtualTime),
    ("coro_explore", "coro-explore", "lost_update", Use::Explore),
    ("coro_debug", "coro-debug", "lost_update", Use::Record),
];

#[derive(Clone, Copy)]
enum Use {
    /// Runs the right one.
    Run,
    /// Runs the right one, and does not wait.
    RunInVirtualTime,
    /// Explores the wrong one.
    Explore,
    /// Records the right one.
    Record,
}

/// What stands before the body of a program that waits.
const CLOCK: &str =
    "let _clock = coro_time::VirtualClock::install(); // no test waits for real time\n";

/// What stands before the wrong program's body, and after it.
const EXPLORES: (&str, &str) = (
    "let failure = coro_explore::Builder::new().run(|| {\n",
    "});\n\
     let failure = failure.unwrap_err();\n\
     assert_eq!(failure.verdict(), coro_explore::Verdict::Panic);\n\
     println!(\"{failure}\"); // the steps in columns, and how to run them again\n",
);

/// What stands before the right program's body, and after it.
const RECORDS: (&str, &str) = (
    "let ((), trace) = coro_debug::trace::record(|| {\n",
    "});\n\
     println!(\"{trace}\"); // the steps in columns\n\
     let picture = trace.to_svg();\n\
     assert!(picture.contains(\"#2 bob is blocked: semaphore\"));\n",
);

/// Where the `main` of a program begins, and where it ends.
const MAIN: (&str, &str) = ("pub(crate) fn main() {\n", "}\n");

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Returns a page's program as an example of this crate: without its head, without `main` around what
/// it does, and with the name under which the reader has the crate.
fn example(page: &str, krate: &str, used: Use) -> String {
    let folder = match used {
        Use::Explore => "wrong",
        Use::Run | Use::RunInVirtualTime | Use::Record => "examples",
    };
    let path = top().join(format!("coro-guide/{folder}/{page}.rs"));
    let program = fs::read_to_string(path).expect("a page has a program");
    let (_, program) = program.split_once("\n\n").expect("it has a head");
    let (items, body) = program.split_once(MAIN.0).expect("it has a main");
    let body = body.strip_suffix(MAIN.1).expect("that is the last of it");
    let code = match used {
        Use::Run | Use::RunInVirtualTime => {
            let clock = match used {
                Use::RunInVirtualTime => CLOCK,
                _ => "",
            };
            let body = body.lines();
            let body = body.map(|line| line.strip_prefix("    ").unwrap_or(line));
            let body: Vec<_> = body.collect();
            let code = format!("{items}{clock}{}\n", body.join("\n"));
            code.replace("coro_sync::", &format!("{krate}::"))
        }
        Use::Explore => format!("{items}{}{body}{}", EXPLORES.0, EXPLORES.1),
        Use::Record => format!("{items}{}{body}{}", RECORDS.0, RECORDS.1),
    };
    let mut text = "//! ```\n".to_owned();
    for line in code.lines() {
        _ = writeln!(text, "{}", format!("//! {line}").trim_end());
    }
    text + "//! ```\n"
}

#[test]
fn every_crate_begins_with_the_program_of_its_page() {
    let wrong: Vec<_> = CRATES
        .iter()
        .filter_map(|(krate, folder, page, used)| {
            let path = top().join(folder).join("src/lib.rs");
            let text = fs::read_to_string(&path).expect("a crate has a library");
            let (begin, rest) = text.split_once("//! ```").expect("it has an example");
            let (_, end) = rest.split_once("//! ```\n").expect("which has an end");
            let example = example(page, krate, *used);
            let whole = format!("{begin}{example}{end}");
            let title = coro_guide::page(page).expect("it is a page").title;
            if !end.contains(&format!("*{title}*")) {
                return Some(format!("{krate} does not name the page *{title}*"));
            }
            snapshots::drift(&path, &whole)
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
