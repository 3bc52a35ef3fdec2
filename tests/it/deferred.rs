//! `coro::defer`: what a coro does at its very end.

use std::panic::resume_unwind;
use std::rc::Rc;

use coro::{cede, defer, schedule, spawn};
use coro_specific::Specific;

use crate::support::{Log, counted, semaphore};

#[test]
fn the_newest_is_called_first_after_the_body_and_before_the_joiners() {
    let log = Log::new();
    let c = spawn(move || {
        let _local = log.mark("local");
        defer(move || log.say("first"));
        defer(move || log.say("second"));
        log.say("body");
    });
    c.on_destroy(move || log.say("on_destroy"));
    c.join().unwrap();
    log.expect(["body", "local", "second", "first", "on_destroy"]);
}

#[test]
fn it_may_block_while_nobody_seems_to_unwind_and_join_waits_for_it() {
    let log = Log::new();
    let sem = semaphore(0);
    let theirs = sem.clone();
    let c = spawn(move || {
        defer(move || {
            assert_eq!(coro::unwinding(), Some(false));
            theirs.down();
            log.say("clean");
        });
        resume_unwind(Box::new(1));
    });
    cede();
    assert!(!c.is_finished());
    // Of the OS thread: nobody seems to unwind.
    assert_eq!(coro::unwinding(), Some(false));
    sem.up();
    assert!(c.join().unwrap_err().is_panic());
    log.expect(["clean"]);
}

#[test]
fn a_cancel_is_not_raised_in_it_again() {
    let log = Log::new();
    let c = spawn(move || {
        defer(move || {
            cede();
            coro::check();
            log.say("not interrupted");
        });
        schedule();
    });
    cede();
    c.cancel();
    c.cancel();
    assert!(c.safe_cancel().is_err(), "it is shielded");
    c.throw("late");
    c.coro().join();
    log.expect(["not interrupted"]);
    assert!(c.join().unwrap_err().is_cancelled());
}

#[test]
fn it_may_defer_more_and_use_coro_locals() {
    let log = Log::new();
    let slot = Rc::new(Specific::new());
    let c = spawn(move || {
        slot.set(5);
        let inner = slot.clone();
        defer(move || {
            log.say(format!("local {:?}", slot.get()));
            defer(move || log.say(format!("more {:?}", inner.get())));
        });
        defer(move || log.say("newest"));
    });
    c.join().unwrap();
    log.expect(["newest", "local Some(5)", "more Some(5)"]);
}

#[test]
fn a_panic_of_one_costs_no_other_its_call_nor_the_coro_its_result() {
    let log = Log::new();
    let c = spawn(move || {
        defer(move || log.say("still called"));
        defer(|| resume_unwind(Box::new("no harm")));
        7
    });
    assert_eq!(c.join().unwrap(), 7);
    log.expect(["still called"]);
}

#[test]
fn what_is_never_called_is_dropped() {
    let (made, alive) = counted();
    let c = spawn(move || {
        defer(move || drop(made));
        schedule();
    });
    assert_eq!(alive.get(), 0);
    c.cancel();
    assert_eq!(alive.get(), 1, "with the closure of a coro that never ran");
}

#[test]
#[should_panic(expected = "cannot defer in main")]
fn main_has_no_such_end() {
    defer(|| ());
}

#[test]
fn a_coro_that_has_ended_defers_no_more() {
    let c = spawn(|| ());
    let refused = Rc::new(std::cell::Cell::new(false));
    let seen = refused.clone();
    c.on_destroy(move || {
        let panicked = std::panic::catch_unwind(|| defer(|| ())).unwrap_err();
        let text = panicked.downcast_ref::<String>().cloned();
        seen.set(text.is_some_and(|text| text.contains("it has ended")));
    });
    c.join().unwrap();
    assert!(refused.get());
}

#[test]
fn what_a_result_defers_that_nobody_takes_is_shielded_too() {
    let log = Log::new();
    struct Defers(Log);
    impl Drop for Defers {
        fn drop(&mut self) {
            let log = self.0;
            defer(move || {
                log.say("begun");
                schedule();
                log.say("done");
            });
        }
    }
    let c = spawn(move || Defers(log));
    let coro = c.coro().clone();
    drop(c);
    cede();
    coro.cancel();
    assert!(!coro.is_finished());
    coro.ready();
    coro.join();
    log.expect(["begun", "done"]);
}
