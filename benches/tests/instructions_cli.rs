//! The `instructions` program from outside: what it complains of, and what it writes down.

#![allow(clippy::unwrap_used, reason = "a test may fail anywhere, helpers too")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;

/// A folder with a table in it, and maybe with programs that stand in for valgrind and the compiler.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, table: &str) {
        fs::write(self.path("table.csv"), table).unwrap();
    }

    fn read(&self) -> String {
        fs::read_to_string(self.path("table.csv")).unwrap()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_instructions"));
        command
            .args(args)
            .arg("--table")
            .arg(self.path("table.csv"));
        command
    }
}

#[track_caller]
fn refused(output: &Output, message: &str) {
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains(message), "{told}");
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
}

#[test]
fn without_valgrind_it_says_how_to_get_it() {
    let folder = Folder::new();
    let mut command = folder.command(&[]);
    let output = command.env("PATH", folder.0.path()).output().unwrap();
    refused(&output, "no valgrind in PATH");
    refused(&output, "apt-get install valgrind");
}

#[test]
fn an_operation_that_is_not_counted_is_refused_with_those_that_are() {
    let output = Folder::new().command(&["shared/ping"]).output().unwrap();
    refused(&output, "no operation that is counted has \"shared/ping\"");
    refused(&output, "specific/coro_local, time/timeout/among_10_000");
}

#[test]
fn a_table_that_cannot_be_read_is_named() {
    let folder = Folder::new();
    folder.write("id,instructions\n");
    refused(
        &folder.command(&[]).output().unwrap(),
        "table.csv: the first line does not say",
    );
}

/// Counts with stand-ins: the compiler says that it is `rustc fake`, and an operation of `spawn`
/// takes as many instructions as `spawn` is, of all others a hundred.
#[cfg(unix)]
fn count(folder: &Folder, spawn: u32, args: &[&str]) -> (Option<i32>, String, String) {
    use std::os::unix::fs::PermissionsExt;
    let program = |name: &str, script: &str| {
        let path = folder.path(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    };
    program("rustc", "echo rustc fake");
    program(
        "valgrind",
        &format!(
            "[ $# = 1 ] && exit 0
             while [ $1 != --one ]; do shift; done
             each=100; case $2 in spawn/*) each={spawn};; esac
             echo $3; echo \"==1== I   refs:      $((1234 + $3 * each))\" >&2"
        ),
    );
    let mut command = folder.command(args);
    command.env("PATH", folder.0.path()).env_remove("RUSTC");
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[cfg(unix)]
#[test]
fn what_is_written_down_is_what_is_compared_with() {
    let folder = Folder::new();
    let (code, _, told) = count(&folder, 1000, &[]);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("spawn/join is not in the table"), "{told}");
    assert!(told.contains("run this with --write"), "{told}");
    assert!(!folder.path("table.csv").exists());

    let (code, said, told) = count(&folder, 1000, &["--write"]);
    assert_eq!((code, &told[..]), (Some(0), ""));
    assert!(said.contains("| new"), "{said}");
    let written = folder.read();
    assert!(written.starts_with("# rustc fake, "), "{written}");
    assert!(written.contains("\nspawn/batch,1000.00\n"), "{written}");
    assert!(written.contains("\nyield/2/body,100.00\n"), "{written}");

    for spawn in [951, 1000, 1050] {
        let (code, said, told) = count(&folder, spawn, &[]);
        assert_eq!((code, &told[..]), (Some(0), ""));
        assert!(!said.contains("better"), "{said}");
    }
    let (code, said, _) = count(&folder, 950, &[]);
    assert_eq!(code, Some(0));
    assert_eq!(
        said.matches("-5.0 % | better; write it down").count(),
        2,
        "{said}"
    );
    assert_eq!(folder.read(), written);
}

#[cfg(unix)]
#[test]
fn more_than_a_twentieth_more_is_told_with_the_operation_until_it_is_written_down() {
    let folder = Folder::new();
    count(&folder, 1000, &["--write"]);
    let (code, said, told) = count(&folder, 1060, &[]);
    assert_eq!(code, Some(1));
    assert_eq!(said.matches("WORSE").count(), 2, "{said}");
    for id in ["spawn/join", "spawn/batch"] {
        let complaint = format!("{id} takes 1060.00 instructions instead of 1000.00: +6.0 %");
        assert!(told.contains(&complaint), "{told}");
    }
    assert!(
        !told.contains("yield") && !told.contains("the table was counted"),
        "{told}"
    );
    assert_eq!(count(&folder, 1060, &["spawn/join", "--write"]).0, Some(0));
    let (code, _, told) = count(&folder, 1060, &[]);
    assert_eq!(code, Some(1));
    assert!(
        told.contains("spawn/batch") && !told.contains("spawn/join"),
        "{told}"
    );
    assert_eq!(count(&folder, 1060, &["--write"]).0, Some(0));
    assert_eq!(count(&folder, 1060, &[]).0, Some(0));
}

#[cfg(unix)]
#[test]
fn another_compiler_is_told_but_checked_all_the_same() {
    let folder = Folder::new();
    count(&folder, 1000, &["--write"]);
    folder.write(&folder.read().replace("rustc fake", "rustc former"));
    assert_eq!(count(&folder, 1000, &[]).0, Some(0));
    let (code, _, told) = count(&folder, 1060, &[]);
    assert_eq!(code, Some(1));
    assert!(
        told.contains("the table was counted with rustc former, "),
        "{told}"
    );
    assert!(told.contains("but this is rustc fake, "), "{told}");
    // A row of this compiler among those of that one would lie.
    let former = folder.read();
    let (code, _, told) = count(&folder, 1060, &["spawn/join", "--write"]);
    assert_eq!(code, Some(2));
    assert!(told.contains("write all rows, or none"), "{told}");
    assert_eq!(folder.read(), former);
}

#[cfg(unix)]
#[test]
fn a_row_that_nobody_counts_any_more_is_told() {
    let folder = Folder::new();
    count(&folder, 1000, &["--write"]);
    let written = folder.read();
    folder.write(&format!("{written}yield/away,3.00\n"));
    let (code, said, told) = count(&folder, 1000, &[]);
    assert_eq!(code, Some(1));
    assert!(
        told.contains("yield/away is in the table, but is not counted any more"),
        "{told}"
    );
    assert!(said.contains("| gone"), "{said}");
    assert_eq!(count(&folder, 1000, &["yield/2"]).0, Some(0));
    count(&folder, 1000, &["--write"]);
    assert_eq!(folder.read(), written);
}

#[test]
fn valgrind_counts_the_same_again() {
    if Command::new("valgrind").arg("--version").output().is_err() {
        eprintln!("skipped: valgrind is not installed");
        return;
    }
    let folder = Folder::new();
    let written = |folder: &Folder| {
        let output = folder
            .command(&["yield/2/body", "--write"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let table = folder.read();
        let row = table.lines().last().unwrap();
        let count = row.strip_prefix("yield/2/body,").unwrap();
        count.parse::<f64>().unwrap()
    };
    let (once, again) = (written(&folder), written(&folder));
    // Two switches are some tens of instructions, in a debug build some thousands.
    assert!((20.0..20_000.0).contains(&once), "{once}");
    assert!((again / once - 1.0).abs() < 0.005, "{once} {again}");
}
