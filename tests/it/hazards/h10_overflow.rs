//! H10: the overflow of a coro's stack names the coro and ends the process, and nothing else that
//! happens to memory is taken for one: every other fault goes to who handled it before.

use crate::programs::{ABORTED, FAULTED, Ran, run, run_with};

const OVERFLOW: &str = env!("CARGO_BIN_EXE_overflow");
const FAULTS: &str = env!("CARGO_BIN_EXE_faults");
const PROTECT: (&str, &str) = ("CORO_STACK_GUARD", "mprotect");
/// The signal of an access to memory that a file no longer backs.
const BUS: i32 = 7;
/// With which the handlers of others leave.
const HANDLED: i32 = 7;
const STD: &str = "fatal runtime error: stack overflow, aborting\n";

/// The process was aborted with the message for the coro that its first line names; `desc` is as
/// the message shows it. Returns what it said after that line.
#[track_caller]
fn named(ran: Ran, desc: &str, kib: usize) -> String {
    let ran = ran.killed_by(ABORTED);
    let (first, rest) = ran.said.split_once('\n').expect("it names its coro");
    let (id, place) = first.split_once(' ').expect("the number and the place");
    assert_eq!(
        ran.complained,
        format!(
            "\ncoro #{id}{desc} has overflowed its stack of {kib} KiB (spawned at {place})\n{STD}"
        )
    );
    rest.to_owned()
}

/// As [`named`], and it said nothing more.
#[track_caller]
fn just_named(ran: Ran, desc: &str, kib: usize) {
    assert_eq!(named(ran, desc, kib), "");
}

/// The process ended by this signal, and nobody said why. Returns what it said but for the line
/// that names its coro.
#[track_caller]
fn untold(ran: Ran, signal: i32) -> String {
    let ran = ran.killed_by(signal);
    assert_eq!(ran.complained, "");
    after_the_first_line(&ran)
}

/// A handler of others has ended the process. Returns what it said.
#[track_caller]
fn handled(ran: Ran) -> String {
    let ran = ran.exited_with(HANDLED);
    assert_eq!(ran.complained, "");
    after_the_first_line(&ran)
}

fn after_the_first_line(ran: &Ran) -> String {
    let (_, rest) = ran.said.split_once('\n').unwrap_or_default();
    rest.to_owned()
}

/// std has told that an OS thread of this name overflowed.
#[track_caller]
fn told_by_std(ran: Ran, name: &str) {
    let ran = ran.killed_by(ABORTED);
    assert!(!ran.said.contains("BAD"), "{}", ran.said);
    let number = ran
        .complained
        .strip_prefix(&format!("\nthread '{name}' ("))
        .and_then(|s| s.strip_suffix(&format!(") has overflowed its stack\n{STD}")));
    let is_number = number.is_some_and(|n| n.parse::<u32>().is_ok());
    assert!(is_number, "{}", ran.complained);
}

#[test]
fn an_overflow_names_the_coro_its_stack_and_its_spawn_place() {
    just_named(run(OVERFLOW, &["desc", "fetch"]), " \"fetch\"", 256);
}

#[test]
fn a_coro_without_a_description_is_named_by_its_number() {
    just_named(run(OVERFLOW, &["size", "262144"]), "", 256);
}

#[test]
fn the_message_shows_the_description_of_the_day() {
    just_named(run(OVERFLOW, &["redescribed", "now"]), " \"now\"", 256);
}

#[test]
fn a_description_is_shown_as_elsewhere_whatever_it_is() {
    let odd = "a\n\"b\" 'c' \u{7}\u{e9}";
    just_named(run(OVERFLOW, &["desc", odd]), &format!(" {odd:?}"), 256);
    // Longer than any buffer that is kept for it.
    let long = "long ".repeat(5_000);
    just_named(run(OVERFLOW, &["desc", &long]), &format!(" {long:?}"), 256);
}

#[test]
fn stacks_of_every_size_are_told() {
    for kib in [16, 64, 256, 1 << 10, 1 << 14, 1 << 16] {
        let size = (kib << 10).to_string();
        just_named(run(OVERFLOW, &["size", &size]), "", kib);
    }
}

#[test]
fn stacks_of_every_colour_are_told() {
    for count in 0..32_usize {
        just_named(run(OVERFLOW, &["after", &count.to_string()]), "", 256);
    }
}

#[test]
fn an_overflow_after_many_switches_is_told() {
    just_named(run(OVERFLOW, &["resumed"]), "", 256);
}

#[test]
fn guards_by_mprotect_are_told_too() {
    just_named(
        run_with(OVERFLOW, &["desc", "fetch"], &[PROTECT]),
        " \"fetch\"",
        256,
    );
    just_named(run_with(OVERFLOW, &["size", "16384"], &[PROTECT]), "", 16);
}

#[test]
fn an_overflow_in_a_destructor_during_an_unwinding_is_told() {
    just_named(run(OVERFLOW, &["cancel"]), "", 256);
    just_named(run(OVERFLOW, &["panic"]), "", 256);
}

#[test]
fn an_overflow_of_the_main_stack_is_for_std_to_tell() {
    told_by_std(run(OVERFLOW, &["main"]), "main");
    told_by_std(run(OVERFLOW, &["main after a coro"]), "main");
}

#[test]
fn an_overflow_on_another_os_thread_names_who_it_was() {
    just_named(run(OVERFLOW, &["coro of a thread"]), "", 256);
    just_named(run(OVERFLOW, &["coro beside a thread"]), "", 256);
    told_by_std(run(OVERFLOW, &["thread"]), "worker");
}

#[test]
fn an_overflow_is_told_on_an_os_thread_that_c_has_made() {
    just_named(run(FAULTS, &["pthread", "overflow"]), "", 64);
}

#[test]
fn the_own_stack_of_an_os_thread_that_c_has_made_is_nobodys() {
    assert_eq!(untold(run(FAULTS, &["pthread", "own stack"]), FAULTED), "");
}

#[test]
fn an_overflow_is_told_where_the_alternate_stack_was_taken_away() {
    just_named(run(FAULTS, &["none", "overflow"]), "", 64);
}

#[test]
fn an_os_thread_without_an_alternate_stack_gets_one_and_others_keep_theirs() {
    let look = |place| run(FAULTS, &["altstack", place]).exited_with(0).said;
    assert_eq!(look("main"), "same: true, there: true\n");
    // Ours goes with the OS thread, but not one that has taken its place.
    assert_eq!(
        look("pthread"),
        "same: false, there: true\nat the end: false\n"
    );
    assert_eq!(look("replaced"), "at the end: true\n");
}

#[test]
fn the_alternate_stacks_of_ten_thousand_ended_threads_go_back() {
    let ran = run(FAULTS, &["pthreads", "10000"]).exited_with(0);
    let numbers =
        |line: &str| -> Vec<usize> { line.split(' ').filter_map(|n| n.parse().ok()).collect() };
    let lines: Vec<_> = ran.said.lines().map(numbers).collect();
    let [early, late] = &lines[..] else {
        panic!("{}", ran.said);
    };
    // Some pages of slack for the allocator of the C library.
    assert!(late[0] <= early[0] + 64, "resident: {early:?} {late:?}");
    assert!(late[1] <= early[1] + 64, "mapped: {early:?} {late:?}");
    assert!(late[2] <= early[2] + 2, "mappings: {early:?} {late:?}");
}

#[test]
fn other_faults_in_a_coro_end_the_process_as_ever() {
    assert_eq!(untold(run(FAULTS, &["before", "std", "null"]), FAULTED), "");
    assert_eq!(untold(run(FAULTS, &["before", "std", "bus"]), BUS), "");
    // Nor is it the depth of the stack that counts.
    let deep = run(FAULTS, &["before", "std", "null, deep"]);
    assert_eq!(untold(deep, FAULTED), "");
    assert_eq!(untold(run(FAULTS, &["pthread", "null"]), FAULTED), "");
    // Nor is a fault of the root told.
    let ran = run(FAULTS, &["after", "std", "null in main"]);
    assert_eq!(untold(ran, FAULTED), "");
}

#[test]
fn a_wild_pointer_to_a_guard_page_is_no_overflow() {
    for what in ["guard, high above", "guard of another"] {
        assert_eq!(untold(run(FAULTS, &["before", "std", what]), FAULTED), "");
    }
}

#[test]
#[cfg(target_arch = "x86_64")]
fn code_without_probes_is_believed_for_frames_up_to_the_size_of_the_stack() {
    just_named(run(FAULTS, &["before", "std", "jump"]), "", 64);
    let ran = run(FAULTS, &["before", "std", "long jump"]);
    assert_eq!(untold(ran, FAULTED), "");
}

#[test]
fn handlers_from_before_get_the_faults_of_others() {
    let faults = |handler, what| handled(run(FAULTS, &["before", handler, what]));
    assert_eq!(faults("plain", "null"), "SIGSEGV plainly\n");
    assert_eq!(faults("plain", "bus"), "SIGBUS plainly\n");
    assert_eq!(faults("informed", "null"), "SIGSEGV there, masked\n");
    assert_eq!(faults("informed", "bus"), "SIGBUS there, masked\n");
    // A second kernel changes nothing.
    assert_eq!(
        faults("informed", "null on another thread"),
        "SIGSEGV there, masked\n"
    );
    assert_eq!(faults("off the stack", "null"), "SIGSEGV there, masked\n");
    assert_eq!(
        faults("informed", "guard, high above"),
        "SIGSEGV there, masked\n"
    );
}

#[test]
fn each_signal_has_its_own_handler_from_before() {
    let fault = |what| run(FAULTS, &["before", "plain for SIGBUS", what]);
    assert_eq!(handled(fault("bus")), "SIGBUS plainly\n");
    assert_eq!(untold(fault("null"), FAULTED), "");
}

#[test]
fn an_overflow_that_comes_as_the_other_signal_is_told_too() {
    just_named(run(FAULTS, &["before", "std", "bus at the guard"]), "", 64);
}

#[test]
fn handlers_from_before_do_not_get_overflows() {
    for handler in ["plain", "informed", "off the stack", "default", "ignore"] {
        just_named(run(FAULTS, &["before", handler, "overflow"]), "", 64);
    }
}

#[test]
fn without_a_handler_from_before_a_fault_ends_the_process() {
    // Nor can a fault be ignored.
    for handler in ["default", "ignore"] {
        let fault = |what| run(FAULTS, &["before", handler, what]);
        assert_eq!(untold(fault("null"), FAULTED), "");
        assert_eq!(untold(fault("bus"), BUS), "");
    }
}

#[test]
fn a_signal_that_is_sent_is_no_fault() {
    for what in ["sent", "forged"] {
        let sent = |handler| run(FAULTS, &["before", handler, what]);
        assert_eq!(untold(sent("default"), FAULTED), "");
        let ran = sent("ignore").exited_with(0);
        assert_eq!(ran.complained, "");
        assert_eq!(after_the_first_line(&ran), "alive\n");
    }
}

#[test]
fn a_handler_from_before_that_wants_one_call_gets_one() {
    let ran = run(FAULTS, &["before", "once", "null"]);
    assert_eq!(untold(ran, FAULTED), "once\n");
}

#[test]
fn a_handler_from_before_may_be_interrupted_if_it_asked_for_that() {
    let ran = run(FAULTS, &["before", "nested", "null"]);
    assert_eq!(handled(ran), "nested\n");
}

#[test]
fn after_a_fault_that_a_handler_from_before_has_mended_overflows_are_still_told() {
    let ran = run(FAULTS, &["before", "repairing", "repairable, overflow"]).killed_by(ABORTED);
    let (repaired, rest) = ran.said.split_once('\n').expect("two lines");
    assert_eq!(repaired, "repaired");
    let said = rest.to_owned();
    just_named(Ran { said, ..ran }, "", 64);
}

#[test]
fn a_handler_from_afterwards_that_hands_on_takes_nothing_away() {
    let overflow = run(FAULTS, &["after", "handing on", "overflow"]);
    assert_eq!(named(overflow, "", 64), "handed on\n");
    let null = run(FAULTS, &["after", "handing on", "null"]);
    // Once by the fault; then std has restored the default, for all.
    assert_eq!(untold(null, FAULTED), "handed on\n");
}
