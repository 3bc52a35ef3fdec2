//! The programs of the Coro manual, `Coro::Intro` and the life cycle chapter of `Coro` 6.57: what each prints.

use std::cell::Cell;
use std::rc::Rc;

use coro::{cede, current, rouse, schedule, spawn, terminate};
use coro_channel::Channel;
use coro_semaphore::Semaphore;

use crate::support::{Log, caught, die, fresh, semaphore, text};

#[test]
fn hello_is_not_printed_if_main_never_gives_up_the_cpu() {
    let log = Log::new();
    spawn(move || log.say("hello"));
    log.expect([]);
}

#[test]
fn hello_is_printed_after_one_cede() {
    let log = Log::new();
    spawn(move || log.say("hello"));
    cede();
    log.expect(["hello"]);
}

#[test]
fn main_and_async_take_turns() {
    let log = Log::new();
    spawn(move || {
        log.say("async 1");
        cede();
        log.say("async 2");
    });
    log.say("main 1");
    cede();
    log.say("main 2");
    cede();
    log.expect(["main 1", "async 1", "main 2", "async 2"]);
}

#[test]
fn synopsis_counts_to_four() {
    let log = Log::new();
    spawn(move || {
        log.say("2");
        cede();
        log.say("4");
    });
    log.say("1");
    cede();
    log.say("3");
    cede();
    log.expect(["1", "2", "3", "4"]);
}

#[test]
fn cede_is_ready_and_schedule() {
    fn my_cede() {
        current().ready();
        schedule();
    }
    let log = Log::new();
    spawn(move || {
        log.say("async 1");
        my_cede();
        log.say("async 2");
    });
    log.say("main 1");
    my_cede();
    log.say("main 2");
    my_cede();
    log.expect(["main 1", "async 1", "main 2", "async 2"]);
}

#[test]
fn schedule_sleeps_until_somebody_calls_ready() {
    let log = Log::new();
    let wakeme = current();
    spawn(move || {
        log.say("async");
        wakeme.ready();
    });
    schedule();
    log.say("main");
    log.expect(["async", "main"]);
}

#[test]
fn schedule_that_nobody_ends_is_a_deadlock() {
    fresh(|| {
        let log = Log::new();
        spawn(move || log.say("async does not wake main"));
        let payload = caught(schedule).expect_err("nobody can wake main");
        log.expect(["async does not wake main"]);
        assert!(
            text(&*payload).starts_with("deadlock"),
            "{}",
            text(&*payload)
        );
    });
}

#[test]
fn main_waits_for_the_semaphore() {
    let log = Log::new();
    let sem = semaphore(0);
    spawn({
        let sem = Rc::clone(&sem);
        move || {
            log.say("unlocking semaphore");
            sem.up();
        }
    });
    log.say("trying to lock semaphore");
    sem.down();
    log.say("we got it!");
    log.expect([
        "trying to lock semaphore",
        "unlocking semaphore",
        "we got it!",
    ]);
}

/// Runs twelve coros through a costly function under `lock`, and returns how many were in it at most.
fn crowd_in_costly_function(lock: Semaphore) -> usize {
    let lock = Rc::new(lock);
    let inside = Rc::new(Cell::new(0));
    let most = Rc::new(Cell::new(0));
    let callers: Vec<_> = (0..12)
        .map(|_| {
            let (lock, inside, most) = (Rc::clone(&lock), Rc::clone(&inside), Rc::clone(&most));
            spawn(move || {
                lock.down();
                inside.set(inside.get() + 1);
                most.set(most.get().max(inside.get()));
                cede();
                inside.set(inside.get() - 1);
                lock.up();
            })
        })
        .collect();
    for caller in callers {
        assert!(caller.join().is_ok());
    }
    assert_eq!(inside.get(), 0);
    most.get()
}

#[test]
fn only_one_runs_the_costly_function() {
    assert_eq!(crowd_in_costly_function(Semaphore::new(1)), 1);
}

#[test]
fn five_run_the_costly_function_if_the_count_is_five() {
    assert_eq!(crowd_in_costly_function(Semaphore::new(5)), 5);
}

#[test]
fn an_exception_between_down_and_up_leaves_the_semaphore_locked() {
    let lock = semaphore(1);
    let failed = caught(|| {
        lock.down();
        die("in the costly operation");
    });
    assert!(failed.is_err());
    assert_eq!(lock.count(), 0);
}

#[test]
fn a_guard_is_released_by_return_and_by_exception() {
    let lock = semaphore(1);
    {
        let _guard = lock.acquire();
        assert_eq!(lock.count(), 0);
    }
    assert_eq!(lock.count(), 1);
    let failed = caught(|| {
        let _guard = lock.acquire();
        die("in the costly operation");
    });
    assert!(failed.is_err());
    assert_eq!(lock.count(), 1);
}

#[test]
fn a_guard_is_released_when_its_coro_is_cancelled() {
    let lock = semaphore(1);
    let costly = spawn({
        let lock = Rc::clone(&lock);
        move || {
            let _guard = lock.acquire();
            schedule();
        }
    });
    cede();
    assert_eq!(lock.count(), 0);
    costly.cancel();
    assert_eq!(lock.count(), 1);
}

#[test]
fn the_squaring_coro_answers_through_channels() {
    let log = Log::new();
    let calculate = Rc::new(Channel::<u32>::unbounded());
    let result = Rc::new(Channel::<u32>::unbounded());
    let worker = spawn({
        let (calculate, result) = (Rc::clone(&calculate), Rc::clone(&result));
        move || {
            while let Some(number) = calculate.get() {
                log.say(format!("squaring {number}"));
                result.put(number * number);
                log.say("still running");
            }
        }
    });
    for number in [1, 2, 5, 10, 77] {
        calculate.put(number);
        let square = result.get().expect("the channel is not shut down");
        log.say(format!("{number} ** 2 = {square}"));
    }
    // "It will still continue to run, as waking up other threads just puts them into the ready queue."
    log.expect([
        "squaring 1",
        "still running",
        "1 ** 2 = 1",
        "squaring 2",
        "still running",
        "2 ** 2 = 4",
        "squaring 5",
        "still running",
        "5 ** 2 = 25",
        "squaring 10",
        "still running",
        "10 ** 2 = 100",
        "squaring 77",
        "still running",
        "77 ** 2 = 5929",
    ]);
    worker.cancel();
}

#[test]
fn locals_belong_to_the_coro() {
    let log = Log::new();
    let print = move |string: &'static str| {
        cede();
        log.say(string);
    };
    spawn(move || print("Hello, "));
    spawn(move || print("World!"));
    cede();
    cede();
    log.expect(["Hello, ", "World!"]);
}

#[test]
fn the_listing_shows_the_description_a_coro_gave_itself() {
    fresh(|| {
        let cruncher = spawn(|| {
            current().set_desc("cruncher");
            schedule();
        });
        cede();
        assert!(coro::report().to_string().contains("cruncher"));
        cruncher.cancel();
        assert!(!coro::report().to_string().contains("cruncher"));
    });
}

#[test]
fn join_waits_in_whatever_order_they_finish() {
    let log = Log::new();
    let finger = move |user: &'static str, turns: usize| {
        spawn(move || {
            for _ in 0..turns {
                cede();
            }
            log.say(format!("{user}: done"));
            user
        })
    };
    for account in [finger("abc", 5), finger("sebbo", 2), finger("trouble", 0)] {
        let user = account.join().expect("it returns");
        log.say(format!("joined {user}"));
    }
    log.expect([
        "trouble: done",
        "sebbo: done",
        "abc: done",
        "joined abc",
        "joined sebbo",
        "joined trouble",
    ]);
}

#[test]
fn rouse_inverts_control() {
    let log = Log::new();
    // A library that answers through a callback, at some later time.
    let http_get = move |url: &'static str, callback: Box<dyn FnOnce(String)>| {
        spawn(move || {
            log.say("the answer is there");
            callback(format!("page {url}"));
        });
    };
    let (callback, answer) = rouse::<String>();
    http_get("example.org", Box::new(move |page| callback.call(page)));
    log.say("we stay in control");
    let page = answer.wait().expect("it is called");
    log.say(page);
    log.expect([
        "we stay in control",
        "the answer is there",
        "page example.org",
    ]);
}

#[test]
fn values_returned_from_a_coro_are_recovered_with_join() {
    let c = spawn(|| "hello, world");
    assert_eq!(c.join().ok(), Some("hello, world"));
}

#[test]
fn terminate_ends_a_coro_at_any_nesting_level() {
    fn deep(level: usize) {
        if level == 0 {
            terminate(("return value 1", "return value 2"));
        }
        deep(level - 1);
    }
    let c = spawn(|| {
        deep(5);
        ("not", "reached")
    });
    assert_eq!(c.join().ok(), Some(("return value 1", "return value 2")));
}

#[test]
fn an_unreferenced_coro_that_blocks_is_destroyed() {
    let log = Log::new();
    drop(spawn(move || {
        let _guard = log.mark("destroyed");
        loop {
            schedule();
        }
    }));
    log.expect([]);
    cede();
    log.expect(["destroyed"]);
}

#[test]
fn a_finished_coro_can_be_joined_as_often_as_one_wishes() {
    let log = Log::new();
    let c = spawn(move || {
        log.say("hi");
        1
    });
    let c = c.shared();
    assert_eq!(c.join().ok(), Some(1));
    assert_eq!(c.join().ok(), Some(1));
    log.expect(["hi"]);
}
