//! What the README shows is what its program does.
//!
//! `CORO_SNAPSHOTS=write cargo test -p coro-debug` writes it anew, and fails.

use std::path::Path;
use std::{env, fs};

#[path = "../examples/deposits.rs"]
#[expect(dead_code, reason = "its `main` does what the test does")]
mod deposits;

/// Puts a text between two marks, in place of what is there.
fn put(whole: &str, begin: &str, text: &str) -> String {
    let (before, rest) = whole.split_once(begin).expect("it begins there");
    let (_, after) = rest.split_once("```").expect("and has an end");
    format!("{before}{begin}{text}```{after}")
}

fn drift(path: &Path, text: &str) -> Option<String> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return None;
    }
    if env::var("CORO_SNAPSHOTS").is_ok_and(|what| what == "write") {
        fs::write(path, text).expect("it can be written");
    }
    Some(format!(
        "{} is not as it should be:\n{text}",
        path.display()
    ))
}

#[test]
fn the_readme_shows_its_program_and_what_that_prints() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ((), trace) = coro_debug::trace::record(deposits::deposit);
    let program = include_str!("../examples/deposits.rs");
    let (_, program) = program.split_once("\n\n").expect("it has a head");
    let path = folder.join("README.md");
    let readme = fs::read_to_string(&path).expect("there is one");
    let readme = put(&readme, "```rust,no_run\n", program);
    let readme = put(
        &readme,
        "of a terminal:\n\n```text\n",
        &format!("{trace}\n"),
    );
    let wrong = [
        drift(&path, &readme),
        drift(&folder.join("deposits.svg"), &trace.to_svg()),
    ];
    let wrong: Vec<_> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
