//! What every crate promises: its documentation begins with the program of a page, word for word.
//!
//! `CORO_SNAPSHOTS=write cargo test -p coro-guide` writes those programs anew, and fails.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

mod snapshots;

/// The crates, where they are, and their pages.
const CRATES: &[(&str, &str, &str)] = &[
    ("coro", "coro", "ready_queue"),
    ("coro_sync", "coro-sync", "lost_update"),
    ("coro_semaphore", "coro-sync/semaphore", "forgotten_up"),
    ("coro_semaphore_set", "coro-sync/semaphore-set", "locks"),
    ("coro_signal", "coro-sync/signal", "barrier"),
    ("coro_mutex", "coro-sync/mutex", "bounded_buffer"),
    ("coro_rwlock", "coro-sync/rwlock", "readers_writers"),
    ("coro_channel", "coro-channel", "channels"),
    ("coro_specific", "coro-specific", "coro_local"),
];

/// Where the `main` of a program begins, and where it ends.
const MAIN: (&str, &str) = ("pub(crate) fn main() {\n", "}\n");

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Returns a page's program as an example of this crate: without its head, without `main` around what
/// it does, and with the name under which the reader has the crate.
fn example(page: &str, krate: &str) -> String {
    let path = top().join(format!("coro-guide/examples/{page}.rs"));
    let program = fs::read_to_string(path).expect("a page has a program");
    let (_, program) = program.split_once("\n\n").expect("it has a head");
    let program = program.replace("coro_sync::", &format!("{krate}::"));
    let (items, body) = program.split_once(MAIN.0).expect("it has a main");
    let body = body.strip_suffix(MAIN.1).expect("that is the last of it");
    let mut text = "//! ```\n".to_owned();
    let body = body
        .lines()
        .map(|line| line.strip_prefix("    ").unwrap_or(line));
    for line in items.lines().chain(body) {
        _ = writeln!(text, "{}", format!("//! {line}").trim_end());
    }
    text + "//! ```\n"
}

#[test]
fn every_crate_begins_with_the_program_of_its_page() {
    let wrong: Vec<_> = CRATES
        .iter()
        .filter_map(|(krate, folder, page)| {
            let path = top().join(folder).join("src/lib.rs");
            let text = fs::read_to_string(&path).expect("a crate has a library");
            let (begin, rest) = text.split_once("//! ```").expect("it has an example");
            let (_, end) = rest.split_once("//! ```\n").expect("which has an end");
            let example = example(page, krate);
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
