//! R9: another coroutine library inside coros. A coro is switched out of on its own stack alone,
//! and a scope is opened there alone; then safe code cannot continue a coro where none expects it.

use crate::programs::{Ran, run, run_under_valgrind};

const FOREIGN: &str = env!("CARGO_BIN_EXE_foreign");
const REFUSAL: &str = "cannot switch on a foreign stack: coro #";

/// Asserts that it came to its end, that valgrind saw nothing amiss, and what it said.
#[track_caller]
fn said(attack: &str, check: impl Fn(&Ran)) {
    check(&run(FOREIGN, &[attack]).exited_with(0));
    if let Some(ran) = run_under_valgrind(FOREIGN, &[attack]) {
        check(&ran.exited_with(0));
    }
}

/// Asserts that an attack is refused in the coro, whose panic says why.
#[track_caller]
fn refused(attack: &str) {
    said(attack, |ran| {
        let line = format!("coro panicked: {REFUSAL}1 (spawned at tests/programs/foreign.rs:");
        assert!(ran.said.starts_with(&line), "{}", ran.said);
        assert!(ran.said.ends_with("done\n"), "{}", ran.said);
    });
}

#[test]
fn a_coro_does_not_switch_on_a_foreign_stack() {
    refused("cede");
}

#[test]
fn main_does_not_switch_on_a_foreign_stack() {
    said("cede in main", |ran| {
        let line = format!("{REFUSAL}0 \"main\" (spawned at");
        assert!(ran.complained.contains(&line), "{}", ran.complained);
        assert!(ran.said.starts_with("refused: "), "{}", ran.said);
    });
}

#[test]
fn a_child_of_a_scope_cannot_leave_the_stack_of_its_owner() {
    refused("scope");
}

#[test]
fn a_child_of_a_scope_cannot_go_to_where_its_owner_was() {
    refused("scope left");
}

#[test]
fn a_wait_cannot_lend_the_stack_of_who_waits() {
    refused("wait");
}

#[test]
fn a_no_switch_that_is_never_left_lets_no_hook_switch() {
    said("no_switch", |ran| {
        let line = "refused: cannot switch inside no_switch, which began at";
        assert!(ran.said.contains(line), "{}", ran.said);
        assert!(!ran.said.contains("switched\n"), "{}", ran.said);
    });
}

#[test]
fn a_foreign_stack_that_is_left_before_the_next_switch_is_nobodys_business() {
    said("nested", |ran| assert_eq!(ran.said, "6\nreturned\ndone\n"));
}
