//! A result that nobody takes is dropped in its coro's own context, before the coro has ended,
//! whatever drops the handle: then that destructor may block and panic as any other code.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use coro::{Coro, JoinHandle, LocalSlot, cede, current, main, schedule, spawn, terminate};
use coro_semaphore::Semaphore;

use crate::support::{Log, defer, die, fresh, in_a_process};

/// Runs a test in a process and on an OS thread of its own: where it fails, the kernel is broken.
fn survives(name: &str, test: fn()) {
    in_a_process(&format!("hazards::late_results::{name}"), || fresh(test));
}

/// Returns a value that says where it is dropped, and does something then.
fn says_where(log: Log, what: &'static str, then: impl FnOnce() + 'static) -> impl Sized + 'static {
    defer(move || {
        let c = current();
        let ended = if c.is_finished() {
            "an ended"
        } else {
            "a living"
        };
        let whose = c.desc().unwrap_or_else(|| "no desc".into());
        log.say(format!("{what}: {ended} coro, {whose}"));
        then();
    })
}

/// Spawns a coro with a coro-local and a result; it is at the coro-local's destructor then, or has
/// ended.
fn spawn_with_local<L: 'static, R: 'static>(local: L, result: R) -> JoinHandle<R> {
    let slot = Rc::new(LocalSlot::new());
    let c = spawn(move || {
        slot.replace(Some(Rc::new((local, Rc::clone(&slot)))));
        result
    });
    c.set_desc("its own");
    cede();
    c
}

/// Spawns a coro whose handle goes while the destructor of a coro-local blocks, and lets that go
/// on.
fn drop_handle_at_the_end<R: 'static>(result: R) -> Coro {
    let c = spawn_with_local(defer(schedule), result);
    let handle = c.coro().clone();
    assert!(!handle.is_finished() && !handle.is_ready());
    drop(c);
    handle.ready();
    cede();
    handle
}

/// Asserts that main blocks, is woken, and is listed as ever.
#[track_caller]
fn main_goes_on() {
    let sem = Rc::new(Semaphore::fair(0));
    let theirs = Rc::clone(&sem);
    let c = spawn(move || theirs.up());
    sem.down();
    assert!(c.is_finished());
    assert!(main().is_running() && current() == main());
    let report = coro::report().to_string();
    assert!(report.contains("main"), "{report}");
}

#[test]
fn a_result_whose_handle_goes_during_the_end_may_block() {
    survives(
        "a_result_whose_handle_goes_during_the_end_may_block",
        || {
            let log = Log::new();
            let sem = Rc::new(Semaphore::new(0));
            let theirs = Rc::clone(&sem);
            let c = drop_handle_at_the_end(says_where(log, "result", move || {
                theirs.down();
                log.say("and it is back");
            }));
            log.expect(["result: a living coro, its own"]);
            assert_eq!((c.is_finished(), sem.waiters()), (false, 1));
            main_goes_on();
            sem.up();
            cede();
            log.expect(["and it is back"]);
            assert_eq!((c.is_finished(), sem.count()), (true, 0));
            main_goes_on();
        },
    );
}

#[test]
fn a_result_whose_handle_goes_during_the_end_may_panic() {
    survives(
        "a_result_whose_handle_goes_during_the_end_may_panic",
        || {
            let log = Log::new();
            let c = drop_handle_at_the_end(says_where(log, "result", || die("the result")));
            log.expect(["result: a living coro, its own"]);
            assert!(c.is_finished());
            main_goes_on();
        },
    );
}

#[test]
fn a_result_whose_last_handle_goes_while_main_blocks_is_not_mains() {
    survives(
        "a_result_whose_last_handle_goes_while_main_blocks_is_not_mains",
        || {
            let log = Log::new();
            let c = spawn_with_local(
                defer(schedule),
                says_where(log, "result", move || {
                    schedule();
                    log.say("not reached");
                }),
            );
            let handle = c.coro().clone();
            drop(c);
            handle.ready();
            // Nobody but the kernel holds the coro when it ends, and main does not run.
            drop(handle);
            main_goes_on();
            cede();
            log.expect(["result: a living coro, its own"]);
            main_goes_on();
        },
    );
}

#[test]
fn a_result_whose_handle_is_in_a_coro_local_of_its_coro_is_dropped_there() {
    survives(
        "a_result_whose_handle_is_in_a_coro_local_of_its_coro_is_dropped_there",
        || {
            let log = Log::new();
            let own = Rc::new(RefCell::new(None));
            let result = says_where(log, "result", move || {
                cede();
                log.say("and it is back");
            });
            let (theirs, slot) = (Rc::clone(&own), Rc::new(LocalSlot::new()));
            let c = spawn(move || {
                let handle: Option<JoinHandle<_>> = theirs.take();
                slot.replace(Some(Rc::new((handle, Rc::clone(&slot)))));
                result
            });
            c.set_desc("its own");
            let handle = c.coro().clone();
            *own.borrow_mut() = Some(c);
            cede();
            log.expect(["result: a living coro, its own"]);
            cede();
            log.expect(["and it is back"]);
            assert!(handle.is_finished());
            main_goes_on();
        },
    );
}

#[test]
fn a_result_of_a_coro_local_that_terminates_is_dropped_there() {
    survives(
        "a_result_of_a_coro_local_that_terminates_is_dropped_there",
        || {
            // Both results are of one type.
            fn result(log: Log, what: &'static str) -> Box<dyn Any> {
                Box::new(says_where(log, what, cede))
            }
            let log = Log::new();
            // Nobody has a handle when the coro runs.
            let slot = Rc::new(LocalSlot::new());
            let c = spawn(move || {
                let local = defer(move || terminate(result(log, "second")));
                slot.replace(Some(Rc::new((local, Rc::clone(&slot)))));
                result(log, "first")
            });
            c.set_desc("its own");
            let handle = c.coro().clone();
            drop(c);
            (0..3).for_each(|_| cede());
            let expected = [
                "first: a living coro, its own",
                "second: a living coro, its own",
            ];
            log.expect(expected);
            assert!(handle.is_finished());
            main_goes_on();
        },
    );
}
