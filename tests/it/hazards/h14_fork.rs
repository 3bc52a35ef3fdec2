//! H14: a process forks. The child has the coros of the OS thread that forked, and nobody else.

use crate::programs::run;

const FORK: &str = env!("CARGO_BIN_EXE_fork");

#[test]
fn parent_and_child_go_on_with_their_coros_wherever_it_forks() {
    for place in ["main", "coro"] {
        run(FORK, &[place]).exited_with(3);
    }
}

/// What no fork can keep: the other OS threads. The alarm ends the child, which sleeps.
#[test]
fn a_child_that_waits_for_an_os_thread_of_its_parent_sleeps() {
    const ALARM: i32 = 14;
    run(FORK, &["waker"]).exited_with(128 + ALARM);
}
