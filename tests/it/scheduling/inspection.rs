//! What can be asked of coros and of the scheduler: CORO-SEMANTICS §1.1, §1.3; HISTORY-BUGS 54.

use std::collections::HashSet;

use coro::{Builder, cede, cede_notself, current, ready_count, schedule, spawn};

use crate::support::{Log, fresh};

#[test]
fn a_fresh_coro_reports_only_new() {
    let c = Builder::new().build(|| ());
    assert!(c.is_new());
    assert!(!c.is_ready() && !c.is_running() && !c.is_suspended() && !c.is_finished());
}

#[test]
fn a_spawned_coro_is_new_and_ready() {
    let c = spawn(|| ());
    assert!(c.is_new() && c.is_ready());
    assert!(!c.is_running() && !c.is_suspended() && !c.is_finished());
}

#[test]
fn only_the_current_coro_is_running() {
    assert!(current().is_running());
    let c = spawn(|| {
        let me = current();
        let flags = (
            me.is_running(),
            me.is_new(),
            me.is_finished(),
            me.is_suspended(),
        );
        (flags, coro::main().is_running())
    });
    cede();
    assert!(!c.is_running());
    assert_eq!(c.join().ok(), Some(((true, false, false, false), false)));
}

#[test]
fn a_blocked_coro_has_no_flag() {
    let c = spawn(schedule);
    cede();
    assert!(!c.is_new() && !c.is_ready() && !c.is_running());
    assert!(!c.is_suspended() && !c.is_finished());
    c.ready();
    assert!(c.is_ready() && !c.is_new());
}

#[test]
fn a_finished_coro_is_neither_new_nor_running() {
    let c = spawn(|| ());
    cede();
    assert!(c.is_finished());
    assert!(!c.is_new() && !c.is_running() && !c.is_suspended());
}

#[test]
fn ready_count_counts_the_ready_but_not_the_current() {
    fresh(|| {
        assert_eq!(ready_count(), 0);
        let a = spawn(schedule);
        let _b = spawn(|| ());
        let _new = Builder::new().build(|| ());
        assert_eq!(ready_count(), 2);
        let seen = spawn(ready_count);
        assert_eq!(ready_count(), 3);
        cede();
        // While `seen` ran, only main was ready.
        assert_eq!(seen.join().ok(), Some(1));
        assert_eq!(ready_count(), 0);
        a.ready();
        assert_eq!(ready_count(), 1);
    });
}

#[test]
fn cancel_of_a_ready_coro_lowers_ready_count_by_one() {
    fresh(|| {
        let log = Log::new();
        let a = spawn(move || log.say("a"));
        let _b = spawn(move || log.say("b"));
        let woken = spawn(schedule);
        cede();
        log.expect(["a", "b"]);
        assert!(a.is_finished());
        woken.ready();
        let c = spawn(move || log.say("c"));
        assert_eq!(ready_count(), 2);
        woken.cancel();
        assert_eq!(ready_count(), 1);
        c.cancel();
        assert_eq!(ready_count(), 0);
        // Nothing is ready: no turn is given, and nobody dead is switched to.
        cede_notself();
        log.expect([]);
    });
}

#[test]
fn use_count_is_the_number_of_times_switched_to() {
    let c = spawn(|| {
        cede();
        schedule();
    });
    assert_eq!(c.use_count(), 0);
    cede();
    assert_eq!(c.use_count(), 1);
    cede();
    assert_eq!(c.use_count(), 2);
    cede();
    assert_eq!(c.use_count(), 2);
    c.ready();
    cede();
    assert_eq!(c.use_count(), 3);
    assert!(c.is_finished());
}

#[test]
fn use_count_of_main_counts_the_switches_back_to_it() {
    let before = current().use_count();
    cede();
    assert_eq!(current().use_count(), before);
    spawn(|| ());
    cede();
    assert_eq!(current().use_count(), before + 1);
}

#[test]
fn a_call_that_returns_at_once_is_no_use() {
    fresh(|| {
        let c = spawn(|| {
            let before = current().use_count();
            cede();
            cede_notself();
            current().ready();
            schedule();
            current().use_count() - before
        });
        assert_eq!(c.join().ok(), Some(0));
    });
}

#[test]
fn all_lists_the_living_newest_first_and_main_last() {
    fresh(|| {
        let main = coro::main();
        assert_eq!(coro::all().len(), 1);
        let a = Builder::new().build(|| ());
        let b = spawn(|| ());
        let c = spawn(schedule);
        let list = [
            c.coro().clone(),
            b.coro().clone(),
            a.coro().clone(),
            main.clone(),
        ];
        assert_eq!(coro::all(), list);
        cede();
        let list = [c.coro().clone(), a.coro().clone(), main.clone()];
        assert_eq!(coro::all(), list);
        c.cancel();
        assert_eq!(coro::all(), [a.coro().clone(), main]);
    });
}

#[test]
fn desc_is_a_free_string() {
    let c = Builder::new().desc("cruncher").spawn(schedule);
    assert_eq!(c.desc().as_deref(), Some("cruncher"));
    c.set_desc(String::from("idle"));
    assert_eq!(c.desc().as_deref(), Some("idle"));
    c.cancel();
    c.set_desc("gone");
    assert_eq!(c.desc().as_deref(), Some("gone"));
    assert_eq!(spawn(|| ()).desc(), None);
}

#[test]
fn ids_are_never_reused() {
    let mut seen = HashSet::new();
    assert!(seen.insert(current().id()));
    for _ in 0..100 {
        let c = spawn(|| ());
        assert!(seen.insert(c.id()));
        cede();
        assert!(c.is_finished());
    }
}

#[test]
fn handles_are_equal_if_they_mean_the_same_coro() {
    assert_eq!(current(), coro::main());
    let c = spawn(current);
    let d = spawn(current);
    let (handle, other) = (c.coro().clone(), d.coro().clone());
    assert_eq!(handle, handle.clone());
    assert_ne!(handle, other);
    let set = HashSet::from([handle.clone(), other, handle.clone()]);
    assert_eq!(set.len(), 2);
    assert_eq!(c.join().ok(), Some(handle.clone()));
    assert_ne!(handle, coro::main());
}

#[test]
fn main_is_the_same_seen_from_a_coro() {
    let main = current();
    let seen = spawn(|| (coro::main(), current()));
    let id = seen.id();
    let (from_coro, itself) = seen.join().expect("it returns");
    assert_eq!(from_coro, main);
    assert_eq!(itself.id(), id);
}

#[test]
fn inspection_is_safe_on_new_and_finished_coros() {
    let check = |c: &coro::Coro| {
        let _ = (c.id(), c.desc(), c.prio(), c.use_count());
        let _ = (
            c.is_new(),
            c.is_ready(),
            c.is_running(),
            c.is_suspended(),
            c.is_finished(),
        );
        assert!(!format!("{c:?}").is_empty());
        assert!(!coro::report().to_string().is_empty());
    };
    let new = Builder::new().build(|| ());
    check(&new);
    new.cancel();
    check(&new);
    let done = spawn(|| ());
    cede();
    check(&done);
}
