//! The `matmul` program from outside: what it refuses, what it prints, what it leaves on the disk.

#![allow(clippy::unwrap_used, reason = "a test may fail anywhere, helpers too")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// A folder with files A.csv and B.csv in it, which goes at the end.
struct Folder(TempDir);

impl Folder {
    fn new(a: &str, b: &str) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        fs::write(folder.path("A.csv"), a).unwrap();
        fs::write(folder.path("B.csv"), b).unwrap();
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Multiplies A.csv by B.csv to C.csv.
    fn multiply(&self, more: &[&str]) -> Output {
        let files = ["--a", "A.csv", "--b", "B.csv", "--out", "C.csv"];
        self.run(&[&files[..], &["--repeat", "1"], more].concat())
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_matmul"));
        command.args(args).current_dir(self.0.path());
        command
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// Status 2, the message on standard error, nothing on standard output, and no file but those that were there.
#[track_caller]
fn refused(folder: &Folder, output: &Output, message: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(message), "{said}");
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    assert_eq!(folder.names(), ["A.csv", "B.csv"]);
}

/// Reads the lines of `--json`.
#[track_caller]
fn lines(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn named<'a>(lines: &'a [Value], name: &str) -> &'a Value {
    lines.iter().find(|line| line["name"] == name).unwrap()
}

#[test]
fn rectangles_from_files_give_the_product_by_hand() {
    let folder = Folder::new("1,2,3\n4,5,6\n", "7,8\n9,10\n11,12.5\n");
    let output = folder.multiply(&[]);
    assert!(output.status.success(), "{output:?}");
    let c = fs::read_to_string(folder.path("C.csv")).unwrap();
    assert_eq!(c, "58,65.5\n139,157\n");
    assert_eq!(folder.names(), ["A.csv", "B.csv", "C.csv"]);
}

#[test]
fn a_product_reads_back_to_the_last_place() {
    let folder = Folder::new("0.1,1e-300\n", "1,0\n0,1\n");
    assert!(folder.multiply(&[]).status.success());
    let c = fs::read_to_string(folder.path("C.csv")).unwrap();
    assert_eq!(c, "0.1,1e-300\n");
    // The product as a factor again.
    fs::copy(folder.path("C.csv"), folder.path("A.csv")).unwrap();
    assert!(folder.multiply(&[]).status.success());
    assert_eq!(fs::read_to_string(folder.path("C.csv")).unwrap(), c);
}

#[test]
fn a_former_product_is_replaced_and_kept_when_the_input_is_bad() {
    let folder = Folder::new("2\n", "3\n");
    fs::write(folder.path("C.csv"), "former\n").unwrap();
    fs::write(folder.path("A.csv"), "two\n").unwrap();
    assert_eq!(folder.multiply(&[]).status.code(), Some(2));
    let c = || fs::read_to_string(folder.path("C.csv")).unwrap();
    assert_eq!(c(), "former\n");
    fs::write(folder.path("A.csv"), "2\n").unwrap();
    assert!(folder.multiply(&[]).status.success());
    assert_eq!(c(), "6\n");
    assert_eq!(folder.names(), ["A.csv", "B.csv", "C.csv"]);
}

#[cfg(unix)]
#[test]
fn the_product_has_the_permissions_of_an_ordinary_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("2\n", "3\n");
    assert!(folder.multiply(&[]).status.success());
    let mode = |name| {
        fs::metadata(folder.path(name))
            .unwrap()
            .permissions()
            .mode()
    };
    assert_eq!(mode("C.csv"), mode("A.csv"));
}

#[test]
fn a_missing_file_is_named() {
    let folder = Folder::new("1\n", "1\n");
    let args = ["--a", "A.csv", "--b", "nowhere.csv", "--out", "C.csv"];
    refused(&folder, &folder.run(&args), "nowhere.csv: ");
}

#[test]
fn a_ragged_file_is_refused_with_the_place() {
    let folder = Folder::new("1,2\n3\n", "1\n1\n");
    let message = "A.csv: row 2, column 2: nothing here; this row is 1 long, row 1 is 2";
    refused(&folder, &folder.multiply(&[]), message);
}

#[test]
fn a_word_is_refused_with_the_place() {
    let folder = Folder::new("1,2\n", "1\nzwei\n");
    let message = "B.csv: row 2, column 1: \"zwei\" is not a finite number";
    refused(&folder, &folder.multiply(&[]), message);
}

#[test]
fn an_empty_matrix_is_refused() {
    let folder = Folder::new("", "1\n");
    refused(&folder, &folder.multiply(&[]), "A.csv: the matrix is empty");
    let message = "a matrix is not empty";
    refused(
        &folder,
        &folder.run(&["--n", "0", "--out", "C.csv"]),
        message,
    );
}

#[test]
fn shapes_that_do_not_fit_are_refused_with_both_named() {
    let folder = Folder::new("1,2,3\n", "1\n2\n");
    let message = "the shapes do not fit: A is 1 x 3, B is 2 x 1";
    refused(&folder, &folder.multiply(&[]), message);
}

#[test]
fn no_workers_are_refused() {
    let folder = Folder::new("1\n", "1\n");
    let output = folder.multiply(&["--workers", "0"]);
    refused(&folder, &output, "at least 1 is needed");
}

#[test]
fn one_factor_alone_is_refused() {
    let folder = Folder::new("1\n", "1\n");
    refused(&folder, &folder.run(&["--a", "A.csv"]), "--b <B.csv>");
    let both = folder.multiply(&["--n", "3"]);
    refused(&folder, &both, "cannot be used with");
}

#[test]
fn a_product_that_cannot_be_written_leaves_nothing() {
    let folder = Folder::new("1\n", "1\n");
    let to = |out| {
        let args = ["--a", "A.csv", "--b", "B.csv", "--out", out];
        folder.run(&[&args[..], &["--repeat", "1"]].concat())
    };
    let output = to("nowhere/C.csv");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("nowhere/C.csv: "));
    // A folder of that name: the complete temporary file cannot take it.
    fs::create_dir(folder.path("taken")).unwrap();
    assert_eq!(to("taken").status.code(), Some(2));
    assert_eq!(folder.names(), ["A.csv", "B.csv", "taken"]);
}

#[test]
fn json_has_a_line_for_each_program_and_job_size() {
    let folder = Folder::new("1,2\n", "3\n4\n");
    let output = folder.multiply(&["--json", "--workers", "3"]);
    let lines = lines(&output);
    let names: Vec<_> = lines.iter().map(|line| &line["name"]).collect();
    let programs = ["plain", "sequential", "coro", "threads"];
    assert_eq!(names, [programs, programs].concat());
    for (i, line) in lines.iter().enumerate() {
        assert_eq!(line["jobs"], if i < 4 { "element" } else { "row" });
        assert_eq!(
            (&line["n"], &line["inner"], &line["columns"]),
            (&1.into(), &2.into(), &1.into())
        );
        assert_eq!(line["checked"], true);
        let (ms, base) = (&line["ms"], &lines[i / 4 * 4 + 1]["ms"]);
        let ratio = ms.as_f64().unwrap() / base.as_f64().unwrap();
        assert!((line["ratio"].as_f64().unwrap() / ratio - 1.0).abs() < 1e-9);
    }
    let of = |name, field: &str| named(&lines, name)[field].as_u64().unwrap();
    assert_eq!((of("coro", "workers"), of("coro", "threads")), (3, 1));
    assert_eq!((of("threads", "workers"), of("threads", "threads")), (3, 5));
    assert_eq!(
        (of("sequential", "workers"), of("plain", "threads")),
        (1, 1)
    );
}

#[test]
fn coros_on_several_os_threads_take_part_if_asked_for() {
    let folder = Folder::new("1,2\n", "3\n4\n");
    let lines = lines(&folder.multiply(&["--json", "--workers", "3", "--threads", "2"]));
    let ours: Vec<_> = lines
        .iter()
        .filter(|l| l["name"] == "coro-threads")
        .collect();
    assert_eq!(ours.len(), 2);
    for line in ours {
        assert_eq!((&line["workers"], &line["threads"]), (&3.into(), &2.into()));
        assert_eq!(line["checked"], true);
    }
    assert_eq!(named(&lines, "coro")["threads"], 1);
    let output = folder.multiply(&["--jobs", "row", "--threads", "2"]);
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(table.contains("coros on 2 OS threads"), "{table}");
    assert_eq!(fs::read_to_string(folder.path("C.csv")).unwrap(), "11\n");
    let output = folder.multiply(&["--jobs", "row"]);
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(!table.contains("coros on"), "{table}");
}

#[test]
fn no_os_threads_are_refused() {
    let folder = Folder::new("1\n", "1\n");
    let output = folder.multiply(&["--threads", "0"]);
    refused(&folder, &output, "at least 1 is needed");
}

#[test]
fn too_many_os_threads_are_reported_and_the_coros_run_all_the_same() {
    let folder = Folder::new("1,2\n", "3\n4\n");
    let lines = lines(&folder.multiply(&["--json", "--workers", "1025"]));
    let threads = named(&lines, "threads");
    assert_eq!(
        threads["error"],
        "failed: not tried with more than 1024 workers"
    );
    assert!(threads["ms"].is_null());
    assert_eq!(named(&lines, "coro")["checked"], true);
}

#[test]
fn the_table_names_every_program() {
    let folder = Folder::new("1,2\n", "3\n4\n");
    let output = folder.multiply(&["--jobs", "row"]);
    let table = String::from_utf8(output.stdout).unwrap();
    for text in [
        "plain triple loop",
        "sequential",
        "coros",
        "OS threads",
        "equal",
        "1x2 2x1",
    ] {
        assert!(table.contains(text), "{text}: {table}");
    }
    assert!(
        !table.contains("element") && !table.contains("WRONG"),
        "{table}"
    );
}

#[test]
fn a_larger_product_brings_the_smaller_one_for_ithreads() {
    let folder = Folder::new("", "");
    let output = folder.run(&["--n", "65", "--json", "--jobs", "row", "--repeat", "1"]);
    let lines = lines(&output);
    let with = |n: u64| lines.iter().filter(move |line| line["n"] == n);
    assert!(with(65).all(|line| line["name"] != "perl-ithreads"));
    // What perl is there, if any, is not for a test to say; but if it computes, then right.
    assert!(
        lines
            .iter()
            .all(|line| line["ms"].is_null() || line["checked"] == true)
    );
    for name in ["sequential", "coro", "perl-coro", "perl-ithreads"] {
        assert!(with(64).any(|line| line["name"] == name), "{name}");
    }
}

/// Runs with a folder as the only one in PATH.
#[track_caller]
fn with_path(folder: &Folder, path: &Path) -> Vec<Value> {
    let args = ["--n", "2", "--json", "--jobs", "element", "--repeat", "1"];
    lines(&folder.command(&args).env("PATH", path).output().unwrap())
}

#[test]
fn without_perl_the_programs_in_perl_are_reported_missing() {
    let folder = Folder::new("", "");
    let lines = with_path(&folder, folder.0.path());
    for name in ["perl-sequential", "perl-coro", "perl-ithreads"] {
        let line = named(&lines, name);
        assert_eq!(line["error"], "missing: no perl in PATH");
        assert!(line["ms"].is_null() && line["ratio"].is_null());
        assert_eq!(line["checked"], false);
    }
    assert_eq!(named(&lines, "coro")["checked"], true);
}

/// A `perl` that is a shell script of ours.
#[cfg(unix)]
#[track_caller]
fn with_false_perl(script: &str) -> Value {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("", "");
    let perl = folder.path("perl");
    fs::write(&perl, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&perl, fs::Permissions::from_mode(0o755)).unwrap();
    let lines = with_path(&folder, folder.0.path());
    named(&lines, "perl-coro").clone()
}

#[cfg(unix)]
#[test]
fn a_peer_that_fails_is_reported_with_its_own_words() {
    let line = with_false_perl("echo 'no way' >&2; exit 3");
    assert_eq!(line["error"], "failed: exit status: 3: no way");
    let line = with_false_perl("echo \"Can't locate Coro.pm in @INC (...)\" >&2; exit 2");
    assert_eq!(line["error"], "missing: no Coro.pm");
    let line = with_false_perl("echo '  This Perl not built to support threads' >&2; exit 2");
    assert_eq!(line["error"], "missing: this perl has no ithreads");
    let line = with_false_perl("kill -ALRM $$");
    assert_eq!(line["error"], "failed: no answer in 120 s");
    let line = with_false_perl("echo half an answer");
    let error = line["error"].as_str().unwrap();
    assert!(error.starts_with("failed: 15 bytes of answer"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_peer_with_a_wrong_product_is_reported_unchecked() {
    // 0 seconds and a product of zeros: 40 bytes of nothing.
    let line = with_false_perl(
        r"printf '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'",
    );
    assert_eq!(line["ms"], 0.0);
    assert_eq!(line["checked"], false);
}
