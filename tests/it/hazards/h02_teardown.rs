//! H2: at the end of an OS thread nothing is resumed or unwound any more, for a parked coro may
//! borrow a thread-local that is gone; and the memory of the thread goes back.

use crate::programs::{Ran, run, run_under_valgrind};

const TEARDOWN: &str = env!("CARGO_BIN_EXE_teardown");
const LATE_KERNEL: &str = env!("CARGO_BIN_EXE_late_kernel");
const THREADS: &str = env!("CARGO_BIN_EXE_threads");

const ENTRANCES: [&str; 10] = [
    "cede",
    "schedule",
    "cede_notself",
    "schedule_to",
    "cede_to",
    "join",
    "cancel",
    "killall",
    "spawn and join",
    "scope",
];

/// The thread-local whose destructor enters the scheduler, and the one that the parked coro
/// borrows: either may be destroyed first. And the kernel may be there before, between, after.
const ORDERS: [[&str; 2]; 6] = [
    ["borrowed", "before"],
    ["borrowed", "between"],
    ["borrowed", "after"],
    ["entering", "before"],
    ["entering", "between"],
    ["entering", "after"],
];

/// Every entrance was refused, the destructor went on to its end, and the coro was left alone.
#[track_caller]
fn refused_everywhere(ran: &Ran) {
    for entrance in ENTRANCES {
        let line = format!("{entrance}: cannot switch: this OS thread is ending");
        assert!(
            ran.said.contains(&line),
            "{entrance}\n{}\n{}",
            ran.said,
            ran.complained
        );
    }
    assert!(ran.said.contains("tried\n"), "{}", ran.said);
    assert!(!ran.said.contains("BAD"), "{}", ran.said);
}

fn in_every_order(place: &str, end: &str, code: i32) {
    for [first, kernel] in ORDERS {
        refused_everywhere(&run(TEARDOWN, &[place, end, first, kernel]).exited_with(code));
    }
    // Two of the six suffice to see that nothing that is gone is read: valgrind is slow.
    for [first, kernel] in [ORDERS[1], ORDERS[3]] {
        if let Some(ran) = run_under_valgrind(TEARDOWN, &[place, end, first, kernel]) {
            refused_everywhere(&ran.exited_with(code));
        }
    }
}

#[test]
fn the_end_of_a_thread_resumes_nobody() {
    in_every_order("thread", "return", 0);
}

#[test]
fn keys_that_are_younger_than_everything_of_the_kernel_make_no_difference() {
    // Their destructors run before those of the kernel's own thread-locals. (With `process::exit`
    // this is what the kernel cannot see: its docs say so.)
    for place in ["thread", "main"] {
        for first in ["borrowed", "entering"] {
            refused_everywhere(&run(TEARDOWN, &[place, "return", first, "lazily"]).exited_with(0));
        }
        if let Some(ran) = run_under_valgrind(TEARDOWN, &[place, "return", "entering", "lazily"]) {
            refused_everywhere(&ran.exited_with(0));
        }
    }
}

#[test]
fn the_return_of_main_resumes_nobody() {
    in_every_order("main", "return", 0);
}

#[test]
fn exit_called_in_main_resumes_nobody_and_gives_its_status() {
    in_every_order("main", "exit", 3);
}

#[test]
fn exit_called_in_a_coro_resumes_nobody_and_gives_its_status() {
    in_every_order("main", "exit-in-a-coro", 3);
}

#[test]
fn exit_called_on_another_thread_resumes_nobody_and_gives_its_status() {
    in_every_order("thread", "exit", 3);
    in_every_order("thread", "exit-in-a-coro", 3);
}

#[test]
fn a_kernel_made_while_thread_locals_are_destroyed_resumes_nobody_later() {
    let unharmed = |ran: Ran| {
        let ran = ran.exited_with(0);
        assert!(
            ran.said.contains("kernel in a destructor: "),
            "{}",
            ran.said
        );
        assert!(!ran.said.contains("BAD"), "{}", ran.said);
    };
    unharmed(run(LATE_KERNEL, &[]));
    if let Some(ran) = run_under_valgrind(LATE_KERNEL, &[]) {
        unharmed(ran);
    }
}

/// Runs so many threads, of which so many leave a coro; returns resident pages, mapped pages and
/// mappings after a tenth, and the same at the end.
fn memory(threads: usize, leaving: usize) -> [[usize; 3]; 2] {
    let ran = run(THREADS, &[&threads.to_string(), &leaving.to_string()]).exited_with(0);
    let numbers =
        |line: &str| -> Vec<usize> { line.split(' ').filter_map(|n| n.parse().ok()).collect() };
    let lines: Vec<_> = ran.said.lines().map(numbers).collect();
    match &lines[..] {
        [early, late] => [
            early[..].try_into().expect("three numbers"),
            late[..].try_into().expect("three numbers"),
        ],
        _ => panic!("{}", ran.said),
    }
}

#[test]
fn the_memory_of_ten_thousand_ended_threads_goes_back() {
    let [early, late] = memory(10_000, 0);
    // Some pages of slack for the allocator of the C library.
    assert!(
        late[0] <= early[0] + 64,
        "resident pages: {early:?} {late:?}"
    );
    assert!(late[1] <= early[1] + 64, "mapped pages: {early:?} {late:?}");
    assert!(late[2] <= early[2] + 2, "mappings: {early:?} {late:?}");
}

#[test]
fn a_coro_left_alive_leaks_its_own_stack_alone() {
    let [early, late] = memory(2_000, 200);
    let left = 180;
    // Its stack has 64 pages of address space, slabs are made ahead by at most as many again; of
    // those it has touched a few.
    assert!(
        late[1] - early[1] <= left * 64 * 2 + 1024,
        "mapped pages: {early:?} {late:?}"
    );
    assert!(
        late[0] - early[0] <= left * 6 + 256,
        "resident pages: {early:?} {late:?}"
    );
    assert!(late[2] <= early[2] + 16, "mappings: {early:?} {late:?}");
}
