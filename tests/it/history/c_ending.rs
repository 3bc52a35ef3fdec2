//! Section C: cancel, and the end of coros and of the process.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use coro::{
    Coro, JoinHandle, all, cede, current, killall, rouse, schedule, spawn, terminate, unblock_fn,
};

use super::settle;
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
