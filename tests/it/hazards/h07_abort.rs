//! H7: a program that is built with `panic = "abort"` cannot unwind. What needs no unwinding works;
//! what does says that it cannot, or leaves the coro as it is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::programs::{ABORTED, Ran, run};

/// Builds `programs/aborting.rs` with `panic = "abort"`, all crates of the family too, and without
/// a warning; returns where the program is.
fn built() -> &'static str {
    static BUILT: OnceLock<String> = OnceLock::new();
    BUILT.get_or_init(|| {
        let top = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .expect("tests/ has a parent");
        // A package of its own, for a profile of its own; with the versions that are there already.
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("aborting");
        fs::create_dir_all(&folder).expect("it can be made");
        let path = |below: &str| top.join(below).display().to_string();
        let manifest = format!(
            "[package]\nname = \"aborting\"\nedition = \"2024\"\n[workspace]\n\
             [[bin]]\nname = \"aborting\"\npath = {:?}\n\
             [dependencies]\ncoro.path = {:?}\ncoro-channel.path = {:?}\ncoro-semaphore.path = {:?}\n\
             [profile.dev]\npanic = \"abort\"\n[profile.release]\npanic = \"abort\"\n",
            path("tests/programs/aborting.rs"),
            path("coro"),
            path("coro-channel"),
            path("coro-sync/semaphore"),
        );
        fs::write(folder.join("Cargo.toml"), manifest).expect("it can be written");
        fs::copy(top.join("Cargo.lock"), folder.join("Cargo.lock")).expect("it can be copied");
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(["build", "--offline", "--quiet", "--target-dir", "target"])
            .current_dir(&folder)
            .env("RUSTFLAGS", "-D warnings")
            .env_remove("CARGO_TARGET_DIR");
        if !cfg!(debug_assertions) {
            cargo.arg("--release");
        }
        let ran: Ran = cargo.output().expect("cargo can be run").into();
        ran.exited_with(0);
        let profile = if cfg!(debug_assertions) {
            "debug"
        } else {
            "release"
        };
        let program = folder.join("target").join(profile).join("aborting");
        program.display().to_string()
    })
}

#[test]
fn what_needs_no_unwinding_works() {
    let said = run(built(), &["work"]).exited_with(0).said;
    let expected = "45\nlent and back\ncoro was cancelled\ncoro was thrown into\ndone\n";
    assert_eq!(said, expected);
}

/// Asserts that the program is aborted, and has said why first; and that nothing was unwound.
#[track_caller]
fn aborts(what: &str, says: &str) {
    let ran = run(built(), &[what]).killed_by(ABORTED);
    assert!(ran.complained.contains(says), "{what}: {}", ran.complained);
    assert_eq!(ran.said, "", "{what}");
}

#[test]
fn what_would_unwind_a_coro_that_has_begun_says_that_it_cannot() {
    for (what, doing) in [
        ("cancel", "cancel"),
        ("killall", "cancel"),
        ("throw", "throw into"),
    ] {
        let says = format!(
            "cannot {doing} coro #1 \"blocked\": it has begun and cannot unwind, as the program is \
             built with panic = \"abort\""
        );
        aborts(what, &says);
        aborts(what, "programs/aborting.rs:");
    }
    let itself = "coro #1: it has begun and cannot unwind";
    aborts("cancel itself", &format!("cannot cancel {itself}"));
    aborts("terminate", &format!("cannot terminate {itself}"));
    aborts("deadlock in a scope", "deadlock: nothing is ready");
    aborts("panic", "in a coro");
}

#[test]
fn a_coro_that_cannot_unwind_is_left_as_it_is() {
    let why = "cannot cancel now: cannot unwind, as the program is built with panic = \"abort\"";
    let said = run(built(), &["safe_cancel"]).exited_with(0).said;
    assert_eq!(said, format!("Err(CancelError({why}))\ndone\n"));
    let said = run(built(), &["unheld"]).exited_with(0).said;
    assert_eq!(said, "done\n");
    let said = run(built(), &["shutdown"]).exited_with(0).said;
    assert_eq!(said, "true\ntrue\ndone\n");
}
