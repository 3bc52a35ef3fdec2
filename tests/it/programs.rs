//! Runs programs and tests in processes of their own: what ends, crashes or fills a process.

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};

/// What a process said, and how it ended.
pub(crate) struct Ran {
    pub(crate) said: String,
    pub(crate) complained: String,
    pub(crate) code: Option<i32>,
    pub(crate) signal: Option<i32>,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            said: String::from_utf8_lossy(&output.stdout).into_owned(),
            complained: String::from_utf8_lossy(&output.stderr).into_owned(),
            code: output.status.code(),
            signal: output.status.signal(),
        }
    }
}

impl Ran {
    /// Asserts that the process ended by itself, with this exit status.
    #[track_caller]
    pub(crate) fn exited_with(self, code: i32) -> Self {
        assert_eq!(
            (self.code, self.signal),
            (Some(code), None),
            "{}\n{}",
            self.said,
            self.complained
        );
        self
    }

    /// Asserts that the process was ended by this signal.
    #[track_caller]
    pub(crate) fn killed_by(self, signal: i32) -> Self {
        assert_eq!(
            self.signal,
            Some(signal),
            "{}\n{}",
            self.said,
            self.complained
        );
        self
    }
}

/// The signal of `abort`.
pub(crate) const ABORTED: i32 = 6;
/// The signal of an access that the memory's owner refuses.
pub(crate) const FAULTED: i32 = 11;

/// Runs a program of `tests/programs/`.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Ran {
    run_with(program, arguments, &[])
}

/// As [`run`], with more variables in its environment.
pub(crate) fn run_with(program: &str, arguments: &[&str], env: &[(&str, &str)]) -> Ran {
    let mut command = Command::new(program);
    command.args(arguments).envs(env.iter().copied());
    command
        .output()
        .expect("cargo has built the program")
        .into()
}

/// As [`run`], under valgrind, which turns an invalid access into the exit status 9. `None` if
/// valgrind is not installed.
pub(crate) fn run_under_valgrind(program: &str, arguments: &[&str]) -> Option<Ran> {
    let mut command = Command::new("valgrind");
    command
        .args(["-q", "--error-exitcode=9", program])
        .args(arguments);
    // Symbolizing a backtrace under valgrind takes seconds, and a panic is expected here.
    command.env("RUST_BACKTRACE", "0");
    match command.output() {
        Ok(output) => Some(output.into()),
        Err(_) => {
            eprintln!("skipped: valgrind is not installed");
            None
        }
    }
}

/// Runs a test in a process of its own, which must abort; returns what it complained of. `name` is
/// the test's path below the crate.
#[track_caller]
pub(crate) fn aborts(name: &str, test: impl FnOnce()) -> String {
    const MARK: &str = "CORO_TEST_ABORTS";
    if std::env::var_os(MARK).is_some() {
        test();
        // An end without an abort must not look like the parent's success.
        println!("did not abort");
        std::process::exit(0);
    }
    let binary = std::env::current_exe().expect("the test binary has a path");
    let ran: Ran = Command::new(binary)
        .args(["--exact", name, "--nocapture"])
        .env(MARK, "1")
        .output()
        .expect("the test binary can be run")
        .into();
    ran.killed_by(ABORTED).complained
}
