//! Who does not ask for the forms does not pay for them: the crates can be had without a clock.

use std::fs;
use std::path::Path;

const CRATES: [&str; 6] = [
    "coro-sync/mutex",
    "coro-sync/rwlock",
    "coro-sync/semaphore",
    "coro-sync/semaphore-set",
    "coro-sync/signal",
    "coro-channel",
];

/// Returns what is wrong with the manifest of a primitive.
fn breaches(manifest: &str) -> Vec<&'static str> {
    let mut wrong = Vec::new();
    if !manifest.contains("\ndefault = []\n") {
        wrong.push("a feature is on by default");
    }
    if !manifest.contains("\ncoro-time = { workspace = true, optional = true }\n") {
        wrong.push("coro-time is not optional");
    }
    if !manifest.contains("\ntime = [\"dep:coro-time\"") {
        wrong.push("there is no feature for it");
    }
    wrong
}

fn read(path: &str) -> String {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    fs::read_to_string(top.join(path)).expect("the manifest can be read")
}

#[test]
fn no_primitive_needs_the_clock() {
    for name in CRATES {
        let manifest = read(&format!("{name}/Cargo.toml"));
        assert_eq!(breaches(&manifest), [""; 0], "{name}");
        let lib = read(&format!("{name}/src/lib.rs"));
        assert!(
            lib.contains("#[cfg(feature = \"time\")]\nmod timeout;\n"),
            "{name}"
        );
    }
}

#[test]
fn the_facade_turns_on_all_of_its_crates_and_none_by_default() {
    let manifest = read("coro-sync/Cargo.toml");
    assert!(manifest.contains("\ndefault = []\n"));
    for name in CRATES {
        if let Some(name) = name.strip_prefix("coro-sync/") {
            assert!(
                manifest.contains(&format!("\"coro-{name}/time\"")),
                "{name}"
            );
        }
    }
}

#[test]
fn each_breach_is_found() {
    let manifest = read("coro-sync/mutex/Cargo.toml");
    let on = manifest.replace("default = []", "default = [\"time\"]");
    assert_eq!(breaches(&on), ["a feature is on by default"]);
    let needed = manifest.replace(
        "coro-time = { workspace = true, optional = true }",
        "coro-time.workspace = true",
    );
    assert_eq!(breaches(&needed), ["coro-time is not optional"]);
    assert_eq!(
        breaches(&manifest.replace("time = [\"dep", "clock = [\"dep")).len(),
        1
    );
}
