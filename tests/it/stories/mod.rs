//! Short programs, one for each subject that the tests of Coro's own distribution have.
//!
//! Where a comment says "as in Coro", the same program was run on Coro 6.57, and the lines are in the
//! order in which it said them.

mod callbacks;
mod channels;
mod endings;
mod locks;
mod process;
mod semaphores;
mod signals;

use std::process::Command;

use coro::{JoinHandle, cede};

use crate::programs::Ran;

/// Waits for all, in their order.
fn join_all<T>(coros: impl IntoIterator<Item = JoinHandle<T>>) -> Vec<T> {
    let join = |c: JoinHandle<T>| c.join().expect("nobody interrupts it");
    coros.into_iter().map(join).collect()
}

/// Cedes so many times.
fn cede_times(times: usize) {
    (0..times).for_each(|_| cede());
}

/// Runs a test in a process of its own, whatever its end. `name` is the test's path below the crate.
/// Returns what the process said, and how it ended; `None` in that process itself.
fn in_a_process_that_ends(name: &str, test: impl FnOnce()) -> Option<Ran> {
    const MARK: &str = "CORO_TEST_ENDS";
    if std::env::var_os(MARK).is_some() {
        test();
        return None;
    }
    let binary = std::env::current_exe().expect("the test binary has a path");
    let output = Command::new(binary)
        .args(["--exact", name, "--nocapture"])
        .env(MARK, "1")
        .output()
        .expect("the test binary can be run");
    Some(output.into())
}
