//! Texts that are committed, and are written anew if that is asked for.

use std::path::Path;
use std::{env, fs};

/// Compares a text with what is committed, or writes it; returns what is wrong.
pub(crate) fn drift(path: &Path, text: &str) -> Option<String> {
    let old = fs::read_to_string(path).unwrap_or_default();
    if old == text {
        return None;
    }
    if env::var("CORO_SNAPSHOTS").is_ok_and(|what| what == "write") {
        fs::write(path, text).expect("the folder can be written to");
        return Some(format!("{} was written", path.display()));
    }
    Some(format!("{} is not what happens:\n{text}", path.display()))
}
