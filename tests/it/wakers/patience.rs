//! What is said, and when, if nothing but wakers held outside can make anything ready.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};

use crate::programs::run;

const PATIENCE: &str = env!("CARGO_BIN_EXE_patience");

#[test]
fn a_wait_for_wakers_alone_is_reported_once() {
    let mut child = Command::new(PATIENCE)
        .arg("told")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut complaints = BufReader::new(child.stderr.take().unwrap());
    let mut first = String::new();
    complaints.read_line(&mut first).unwrap();
    assert_eq!(
        first,
        "coro: nothing has been ready for 1ms; only the wakers held outside (1) can \
         change that, and if nobody uses them, this is a deadlock\n"
    );
    // Only now is the waker used.
    child.stdin.take().unwrap().write_all(b"!").unwrap();
    let mut rest = String::new();
    complaints.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("the patient one"), "{rest}");
    assert!(!rest.contains("nothing has been ready"), "{rest}");
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(output.stdout, b"woken\nwoken again\n");
}

#[test]
fn a_wait_that_is_known_to_be_one_is_not_reported() {
    for mode in ["for ever", "driver", "hook", "deadline"] {
        let ran = run(PATIENCE, &[mode]).exited_with(0);
        assert_eq!((&*ran.complained, &*ran.said), ("", "woken\n"), "{mode}");
    }
}
