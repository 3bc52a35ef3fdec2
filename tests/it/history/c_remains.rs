//! Section C: what a coro leaves when it ends: what can be asked of it, and what is dropped.

use std::cell::Cell;
use std::rc::Rc;

use coro::{
    Builder, Coro, all, cede, current, killall, ready_count, report, schedule, spawn, terminate,
    unblock_fn,
};
use coro_channel::Channel;
use coro_specific::Specific;

use super::{INTERRUPTIONS, settle};
use crate::support::{Log, counted, defer, die, fresh, outcome, semaphore};

/// Asks everything that can be asked of a coro.
fn inspect(c: &Coro) -> String {
    let states = [
        c.is_new(),
        c.is_ready(),
        c.is_running(),
        c.is_suspended(),
        c.is_finished(),
    ];
    let listed = all().contains(c);
    let row = report().to_string().contains(&format!("\n{:>5} ", c.id()));
    assert_eq!(listed, row);
    format!(
        "{c} {c:?} {} {:?} {:?} {} {states:?} {listed}",
        c.id(),
        c.desc(),
        c.prio(),
        c.use_count()
    )
}

#[test]
fn bug_54_everything_may_be_asked_of_new_dying_and_dead_coros() {
    fresh(|| {
        let new = Builder::new().desc("fresh").build(|| ());
        assert!(inspect(&new).contains("[true, false, false, false, false] true"));
        let dead = |c: &Coro| {
            let said = inspect(c);
            assert!(
                said.contains("[false, false, false, false, true] false"),
                "{said}"
            );
        };
        for (_, interrupt) in INTERRUPTIONS {
            let asked = Rc::new(Cell::new(0));
            let c = spawn({
                let asked = Rc::clone(&asked);
                move || {
                    let me = current();
                    let _asks = defer(move || {
                        assert!(inspect(&me).contains("[false, false, true, false, false] true"));
                        asked.set(asked.get() + 1);
                    });
                    schedule();
                }
            });
            let (me, count) = (c.coro().clone(), Rc::clone(&asked));
            c.on_destroy(move || {
                inspect(&me);
                count.set(count.get() + 1);
            });
            settle();
            interrupt(&c);
            settle();
            assert_eq!(asked.get(), 2);
            dead(&c);
        }
        new.cancel();
        dead(&new);
    });
}

#[test]
fn bug_55_a_coro_that_is_being_destroyed_is_found_no_more_and_cannot_be_woken() {
    fresh(|| {
        let c = spawn(schedule);
        settle();
        // There are no weak handles; a list and a waker are what finds a coro that one does not hold.
        let (waker, id) = (c.waker(), c.id());
        let late = waker.clone();
        c.on_destroy(move || {
            assert!(all().iter().all(|coro| coro.id() != id));
            late.wake();
            cede();
        });
        c.cancel();
        settle();
        waker.wake();
        assert_eq!(ready_count(), 0);
        settle();
        assert!(!c.ready());
        let uses = c.use_count();
        settle();
        assert_eq!(c.use_count(), uses);
    });
}

#[test]
fn bug_56_dropping_the_last_handle_of_a_blocked_coro_runs_its_destructors() {
    fresh(|| {
        let waits: [fn(); 4] = [
            schedule,
            || drop(outcome(|| semaphore(0).down())),
            || _ = Channel::<u8>::unbounded().get(),
            || {
                let sleeper = spawn(schedule);
                sleeper.coro().join();
            },
        ];
        for (i, wait) in waits.into_iter().enumerate() {
            let (value, drops) = counted();
            let c = spawn(move || {
                let _value = value;
                wait();
            });
            settle();
            assert_eq!(drops.get(), 0);
            drop(c);
            cede();
            if i > 0 {
                // What it waits for holds it, and is on its stack: a cycle that others must break.
                assert_eq!(drops.get(), 0, "wait {i}");
                killall();
            }
            assert_eq!(drops.get(), 1, "wait {i}");
            assert_eq!(all().len(), 1, "wait {i}");
        }
        // Whoever is unheld before it blocks.
        let (value, drops) = counted();
        drop(spawn(move || {
            let _value = value;
            schedule();
        }));
        settle();
        assert_eq!(drops.get(), 1);
    });
}

#[test]
fn bug_57_the_closure_and_its_captures_are_dropped_when_the_body_ends() {
    fresh(|| {
        let ends: [fn(); 4] = [
            || (),
            || terminate(()),
            || die("panic"),
            || {
                current().cancel();
            },
        ];
        for end in ends {
            let (captured, captures) = counted();
            let (local, locals) = counted();
            let specific = Rc::new(Specific::new());
            let c = spawn(move || {
                let _captured = captured;
                specific.set(local);
                cede();
                end();
            });
            cede();
            assert_eq!((captures.get(), locals.get()), (0, 0));
            settle();
            // The handle lives on, and keeps nothing of it.
            assert!(c.is_finished());
            assert_eq!((captures.get(), locals.get()), (1, 1));
        }
        let (captured, captures) = counted();
        let new = Builder::new().build(move || drop(captured));
        new.cancel();
        assert_eq!(captures.get(), 1);
        // And a result that nobody can take any more, though the coro is still held.
        let (result, results) = counted();
        let c = spawn(move || result);
        let coro = c.coro().clone();
        drop(c);
        settle();
        assert!(coro.is_finished());
        assert_eq!(results.get(), 1);
    });
}

#[test]
fn bug_58_a_job_that_panics_or_terminates_drops_its_captures_once_and_the_next_runs() {
    fresh(|| {
        let log = Log::new();
        let (shared, drops) = counted();
        let job = unblock_fn(move |(name, end): (&'static str, fn())| {
            let _shared = &shared;
            log.say(name);
            cede();
            end();
        });
        let (argument, arguments) = counted();
        let takes = unblock_fn(move |_argument| die("with its argument"));
        takes(argument);
        job(("returns", || ()));
        job(("panics", || die("job")));
        job(("terminates", || terminate(())));
        job(("cancels itself", || current().cancel()));
        job(("returns too", || ()));
        settle();
        assert_eq!((arguments.get(), drops.get()), (1, 0));
        drop(job);
        assert_eq!(drops.get(), 1);
        log.expect([
            "returns",
            "panics",
            "terminates",
            "cancels itself",
            "returns too",
        ]);
        assert_eq!(all().len(), 1);
    });
}
