//! H4 and H9: std's locks and cells know OS threads, and nothing of coros. What happens when one is
//! held across a switch, and what the family offers in their place.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Mutex, TryLockError};

use coro::{cede, no_switch, schedule, spawn};
use coro_sync::{Once, RwLock};

use crate::programs::run;
use crate::support::{Log, caught, text};

const HELD: &str = env!("CARGO_BIN_EXE_held");

#[test]
fn a_lock_of_std_held_across_a_switch_stalls_the_os_thread() {
    // A documented limit. If std ever learns better, the documentation has to follow.
    for what in ["mutex", "rwlock", "once lock", "lazy lock"] {
        let said = run(HELD, &[what]).exited_with(0).said;
        assert_eq!(said, "stalls\n", "{what}");
    }
}

#[test]
fn a_cell_of_std_held_across_a_switch_panics_and_stalls_nobody() {
    let said = run(HELD, &["ref cell"]).exited_with(0).said;
    assert!(said.starts_with("goes on: coro panicked:"), "{said}");
    assert!(said.contains("already"), "{said}");
    let said = run(HELD, &["once cell"]).exited_with(0).said;
    assert!(said.starts_with("goes on: asker Some(2), "), "{said}");
    assert!(said.contains("holder coro panicked: reentrant"), "{said}");
    // Its lock is reentrant, so the second coro gets in.
    let said = run(HELD, &["stdout"]).exited_with(0).said;
    assert_eq!(said, "goes on: got it\n");
}

/// Asserts that `f` is refused a switch, and that both places are named.
#[track_caller]
fn refused(f: impl FnOnce()) {
    let payload = caught(f).expect_err("it must panic");
    let said = text(&*payload);
    assert!(
        said.starts_with("cannot switch inside no_switch, which began at tests/it/hazards"),
        "{said}"
    );
}

#[test]
fn no_switch_keeps_a_lock_of_std_from_being_held_across_a_switch() {
    let lock = Rc::new(Mutex::new(1));
    refused(|| {
        no_switch(|| {
            let _guard = lock.lock();
            cede();
        });
    });
    // Poisoned, as by any panic, and free.
    assert!(matches!(lock.try_lock(), Err(TryLockError::Poisoned(_))));
    let cell = Rc::new(RefCell::new(1));
    refused(|| {
        no_switch(|| {
            let _borrowed = cell.borrow_mut();
            schedule();
        });
    });
    assert!(cell.try_borrow_mut().is_ok());
}

#[test]
fn the_mutex_of_the_family_is_held_across_switches_and_the_waiter_blocks_alone() {
    let log = Log::new();
    let lock = Rc::new(coro_sync::Mutex::new(0));
    let theirs = Rc::clone(&lock);
    let holder = spawn(move || {
        let mut guard = theirs.lock();
        for _ in 0..3 {
            cede();
            *guard += 1;
        }
        log.say("holder");
    });
    let waiter = spawn(move || {
        let guard = lock.lock();
        log.say(format!("waiter got {guard}"));
    });
    let other = spawn(move || log.say("other"));
    for c in [holder, waiter, other] {
        c.join().unwrap();
    }
    log.expect(["other", "holder", "waiter got 3"]);
}

#[test]
fn the_rwlock_and_the_once_of_the_family_are_held_across_switches() {
    let lock = Rc::new(RwLock::new(0));
    let theirs = Rc::clone(&lock);
    let writer = spawn(move || {
        let mut guard = theirs.write();
        cede();
        *guard = 1;
    });
    let reader = spawn(move || *lock.read());
    assert_eq!(reader.join().unwrap(), 1);
    writer.join().unwrap();

    let once = Rc::new(Once::new());
    let theirs = Rc::clone(&once);
    let first = spawn(move || {
        *theirs.get_or_init(|| {
            cede();
            1
        })
    });
    let second = spawn(move || *once.get_or_init(|| 2));
    assert_eq!((first.join().unwrap(), second.join().unwrap()), (1, 1));
}
