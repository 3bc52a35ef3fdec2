//! Section C: cancel, and the end of coros and of the process.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use coro::{
    Builder, Coro, JoinHandle, all, cede, current, killall, ready_count, report, rouse, schedule,
    spawn, terminate, unblock_fn,
};
use coro_channel::Channel;
use coro_specific::Specific;

use super::{INTERRUPTIONS, settle};
use crate::programs::run;
use crate::support::{Log, counted, defer, die, fresh, outcome, semaphore};

const TEARDOWN: &str = env!("CARGO_BIN_EXE_teardown");

#[test]
fn bug_44_coros_that_cancel_each_other_in_destructors_end_once_each() {
    fresh(|| {
        for n in 2..5 {
            for blocks in [false, true] {
                let handles = Rc::new(RefCell::new(Vec::<Coro>::new()));
                let mut counters = Vec::new();
                for i in 0..n {
                    let (value, drops) = counted();
                    counters.push(drops);
                    let others = Rc::clone(&handles);
                    let c = spawn(move || {
                        let _value = value;
                        let _cancels = defer(move || {
                            let next = others.borrow()[(i + 1) % n].clone();
                            if blocks {
                                cede();
                            }
                            next.cancel();
                        });
                        schedule();
                    });
                    handles.borrow_mut().push(c.coro().clone());
                }
                settle();
                let all = handles.borrow().clone();
                all[0].cancel();
                settle();
                assert!(all.iter().all(Coro::is_finished), "{n}, blocks: {blocks}");
                assert!(counters.iter().all(|drops| drops.get() == 1));
            }
        }
    });
}

#[test]
fn bug_45_a_destroy_handler_may_end_its_coro_again_and_drop_the_last_handle() {
    fresh(|| {
        let endings: [fn(&Coro); 4] = [
            |c| c.cancel(),
            |c| assert!(c.safe_cancel().is_ok()),
            |c| drop(c.throw("ex")),
            |c| assert!(!c.ready() || c.is_finished()),
        ];
        for end in endings {
            for cancelled in [false, true] {
                let log = Log::new();
                let (value, drops) = counted();
                let slot = Rc::new(RefCell::new(None::<JoinHandle<()>>));
                let c = spawn(move || {
                    let _value = value;
                    schedule();
                });
                c.on_destroy(move || log.say("oldest"));
                let (me, last) = (c.coro().clone(), Rc::clone(&slot));
                c.on_destroy(move || {
                    end(&me);
                    drop(me);
                    let handle = last.borrow_mut().take();
                    drop(handle);
                    log.say("newest");
                });
                settle();
                let coro = c.coro().clone();
                *slot.borrow_mut() = Some(c);
                if cancelled {
                    coro.cancel();
                } else {
                    coro.ready();
                }
                drop(coro);
                settle();
                log.expect(["newest", "oldest"]);
                assert_eq!(drops.get(), 1);
                assert_eq!(all().len(), 1);
            }
        }
    });
}

#[test]
fn bug_46_a_destructor_may_block_during_a_cancel_and_the_scheduler_goes_on() {
    fresh(|| {
        let log = Log::new();
        let sem = semaphore(0);
        let c = spawn({
            let sem = Rc::clone(&sem);
            move || {
                let _blocks = defer(move || {
                    log.say("blocks");
                    sem.down();
                    log.say("goes on");
                });
                schedule();
            }
        });
        settle();
        c.cancel();
        log.say("the canceller has returned");
        assert!(!c.is_finished());
        let joiner = spawn({
            let c = c.coro().clone();
            move || c.join()
        });
        settle();
        assert!(!joiner.is_finished());
        sem.up();
        joiner.join().unwrap();
        assert!(c.join().is_err_and(|error| error.is_cancelled()));
        log.expect(["blocks", "the canceller has returned", "goes on"]);
    });
}

#[test]
fn bug_47_a_panicking_destroy_handler_costs_nobody_his_call_or_his_wake_up() {
    fresh(|| {
        let log = Log::new();
        for cancelled in [true, false] {
            let c = spawn(schedule);
            let joiner = |name: &'static str| {
                let c = c.coro().clone();
                let joiner = spawn(move || {
                    c.join();
                    log.say(name);
                });
                settle();
                joiner
            };
            c.on_destroy(move || log.say("handler 1"));
            let first = joiner("joiner 1");
            c.on_destroy(|| die("panicking handler"));
            let second = joiner("joiner 2");
            c.on_destroy(move || log.say("handler 2"));
            if cancelled {
                c.cancel();
            } else {
                c.ready();
            }
            settle();
            assert!(c.is_finished() && first.is_finished() && second.is_finished());
            log.expect(["handler 2", "handler 1", "joiner 2", "joiner 1"]);
        }
    });
}

#[test]
fn bug_52_the_cancel_of_a_dead_coro_does_nothing() {
    fresh(|| {
        let (value, drops) = counted();
        let c = spawn(move || value);
        let calls = Rc::new(Cell::new(0));
        let count = Rc::clone(&calls);
        c.on_destroy(move || count.set(count.get() + 1));
        settle();
        for _ in 0..3 {
            coro::no_switch(|| {
                c.cancel();
                assert!(c.safe_cancel().is_ok());
            });
            settle();
        }
        assert_eq!((calls.get(), c.use_count()), (1, 1));
        let value = c.join().unwrap();
        assert_eq!(drops.get(), 0);
        drop(value);
        let (late, lates) = counted();
        let ended = spawn(|| counted().0);
        settle();
        ended.cancel_with(late);
        assert_eq!(lates.get(), 1);
        assert!(ended.join().is_ok());
    });
}

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

#[test]
fn bug_59_a_process_that_ends_with_live_coros_leaves_them_alone() {
    for (end, code) in [("return", 0), ("exit", 3), ("exit-in-a-coro", 3)] {
        let ran = run(TEARDOWN, &["main", end, "entering", "before"]).exited_with(code);
        // The program says BAD when a coro is resumed or unwound.
        assert!(
            ran.said.contains("tried\n") && !ran.said.contains("BAD"),
            "{}",
            ran.said
        );
    }
}

#[test]
fn bug_60_exit_in_a_coro_is_the_exit_of_the_process_with_its_destructors_and_status() {
    let in_main = run(TEARDOWN, &["main", "exit", "entering", "before"]).exited_with(3);
    let in_a_coro = run(TEARDOWN, &["main", "exit-in-a-coro", "entering", "before"]).exited_with(3);
    // The destructor of a thread-local is what runs at the exit.
    assert!(in_main.said.contains("tried\n"), "{}", in_main.said);
    assert_eq!(in_main.said, in_a_coro.said);
}

#[test]
fn bug_61_a_coro_may_cancel_itself_and_unwinds() {
    fresh(|| {
        let log = Log::new();
        let c = spawn(move || {
            let _outer = log.mark("outer");
            let again = || {
                let _inner = log.mark("inner");
                current().cancel();
                log.say("not reached");
            };
            again();
        });
        c.on_destroy(move || log.say("handler"));
        settle();
        log.expect(["inner", "outer", "handler"]);
        assert!(c.join().is_err_and(|error| error.is_cancelled()));
        assert!(outcome(|| current().cancel()).starts_with("cannot cancel main"));
    });
}

#[test]
fn bug_62_killall_leaves_the_runtime_working() {
    fresh(|| {
        let log = Log::new();
        let job = unblock_fn(move |n: i32| log.say(n));
        let by = spawn(|| {
            let victims: Vec<_> = (0..5).map(|_| spawn(schedule)).collect();
            cede();
            killall();
            assert!(victims.iter().all(|c| c.is_finished()));
            current()
        });
        let other = spawn(schedule);
        job(1);
        assert!(by.join().is_ok_and(|coro| coro.is_finished()));
        assert!(other.is_finished() && !coro::main().is_finished());
        killall();
        // Ends, jobs, locks, callbacks, scopes, other OS threads, and the idle step.
        job(2);
        let sem = semaphore(0);
        let up = Rc::clone(&sem);
        let c = spawn(move || {
            cede();
            up.up();
            if true {
                terminate(5);
            }
            0
        });
        sem.down();
        assert_eq!(c.join().unwrap(), 5);
        let (callback, answer) = rouse();
        let _c = spawn(move || callback.call(6));
        assert_eq!(answer.wait(), Some(6));
        assert_eq!(coro::scope(|s| s.spawn(|| 7).join().unwrap()), 7);
        let waker = current().waker();
        let thread = std::thread::spawn(move || waker.wake());
        schedule();
        thread.join().unwrap();
        assert!(outcome(schedule).starts_with("deadlock"));
        log.expect(["1", "2"]);
    });
}
