//! Nothing ready: CORO-SEMANTICS §1.4 as DESIGN §3.6 changes it (the deadlock is raised in main); HISTORY-BUGS 31, 36.

use std::rc::Rc;

use coro::{Builder, cede, current, rouse, schedule, shield, spawn};
use coro_channel::Channel;

use crate::support::{Log, caught, fresh, semaphore, text};

/// Makes a blocking call of main that nobody can end, and returns the message of the deadlock.
#[track_caller]
fn deadlock<R>(call: impl FnOnce() -> R) -> String {
    match caught(call) {
        Ok(_) => panic!("the call returned"),
        Err(payload) => {
            let message = text(&*payload).to_owned();
            assert!(message.starts_with("deadlock"), "{message}");
            message
        }
    }
}

/// Checks that spawn, cede, join and semaphores work.
#[track_caller]
fn goes_on() {
    let sem = semaphore(0);
    let c = spawn({
        let sem = Rc::clone(&sem);
        move || {
            cede();
            sem.up();
            5
        }
    });
    sem.down();
    assert_eq!(c.join().ok(), Some(5));
}

#[test]
fn main_catches_the_deadlock_of_its_schedule_and_goes_on() {
    fresh(|| {
        deadlock(schedule);
        goes_on();
    });
}

#[test]
fn main_catches_the_deadlock_of_its_down_and_takes_nothing() {
    fresh(|| {
        let sem = semaphore(0);
        deadlock(|| sem.down());
        assert_eq!((sem.count(), sem.waiters()), (0, 0));
        sem.up();
        assert_eq!(sem.count(), 1);
        sem.down();
        goes_on();
    });
}

#[test]
fn main_catches_the_deadlock_of_its_get() {
    fresh(|| {
        let channel = Channel::<i32>::unbounded();
        deadlock(|| channel.get());
        channel.put(1);
        assert_eq!(channel.get(), Some(1));
        goes_on();
    });
}

#[test]
fn main_catches_the_deadlock_of_its_join() {
    fresh(|| {
        let c = spawn(|| {
            schedule();
            3
        });
        deadlock(|| c.coro().join());
        assert!(!c.is_finished());
        c.ready();
        assert_eq!(c.join().ok(), Some(3));
        goes_on();
    });
}

#[test]
fn main_catches_the_deadlock_of_its_rouse() {
    fresh(|| {
        let (callback, answer) = rouse::<i32>();
        deadlock(|| answer.wait());
        callback.call(1);
        goes_on();
    });
}

#[test]
fn joining_oneself_blocks_for_ever() {
    fresh(|| {
        deadlock(|| current().join());
        goes_on();
    });
}

#[test]
fn the_blocked_coros_survive_a_deadlock() {
    fresh(|| {
        let log = Log::new();
        let sem = semaphore(0);
        for name in ["a", "b"] {
            spawn({
                let sem = Rc::clone(&sem);
                move || {
                    sem.down();
                    log.say(name);
                }
            });
        }
        deadlock(schedule);
        log.expect([]);
        assert_eq!(sem.waiters(), 2);
        sem.adjust(2);
        cede();
        log.expect(["a", "b"]);
    });
}

#[test]
fn the_message_lists_all_coros() {
    fresh(|| {
        let sem = semaphore(0);
        let stuck: Vec<_> = ["fetch", "parse"]
            .into_iter()
            .map(|name| {
                let sem = Rc::clone(&sem);
                Builder::new().desc(name).spawn(move || sem.down())
            })
            .collect();
        let _new = Builder::new().desc("not started").build(|| ());
        let message = deadlock(schedule);
        for name in ["fetch", "parse", "not started"] {
            assert!(message.contains(name), "{message}");
        }
        for c in &stuck {
            assert!(message.contains(&c.id().to_string()), "{message}");
        }
    });
}

#[test]
fn a_deadlock_can_happen_again() {
    fresh(|| {
        for _ in 0..3 {
            deadlock(schedule);
            goes_on();
        }
    });
}

#[test]
fn a_deadlock_is_raised_even_if_main_is_shielded() {
    fresh(|| {
        deadlock(|| shield(schedule));
        goes_on();
    });
}

#[test]
fn a_deadlock_of_a_coro_that_main_waits_for_is_raised_in_main_alone() {
    fresh(|| {
        let log = Log::new();
        let c = spawn(move || {
            let _mark = log.mark("unwound");
            if caught(schedule).is_err() {
                log.say("raised in the coro");
            }
        });
        deadlock(|| c.coro().join());
        log.expect([]);
        c.ready();
        cede();
        log.expect(["unwound"]);
    });
}

#[test]
fn coros_that_are_only_suspended_do_not_keep_main_waiting() {
    fresh(|| {
        let log = Log::new();
        let c = spawn(move || log.say("ran"));
        c.suspend();
        deadlock(schedule);
        log.expect([]);
        c.resume();
        c.ready();
        cede();
        log.expect(["ran"]);
    });
}

#[test]
fn a_new_coro_that_nobody_readied_does_not_keep_main_waiting() {
    fresh(|| {
        let _new = Builder::new().build(|| ());
        deadlock(schedule);
        goes_on();
    });
}

#[test]
fn nothing_ready_is_no_deadlock_while_a_lower_priority_is() {
    fresh(|| {
        let main = current();
        Builder::new()
            .prio(coro::Prio::MIN)
            .spawn(move || main.ready());
        schedule();
        goes_on();
    });
}

#[test]
fn a_waker_in_another_os_thread_keeps_main_waiting() {
    fresh(|| {
        let waker = current().waker();
        let other = std::thread::spawn(move || waker.wake());
        schedule();
        assert!(other.join().is_ok());
        goes_on();
    });
}

#[test]
fn a_waker_that_is_dropped_uncalled_leaves_a_deadlock() {
    fresh(|| {
        let waker = current().waker();
        let other = std::thread::spawn(move || drop(waker));
        deadlock(schedule);
        assert!(other.join().is_ok());
        goes_on();
    });
}

#[test]
fn a_deadlock_unwinds_main_down_to_its_catch() {
    fresh(|| {
        let log = Log::new();
        deadlock(|| {
            let _outer = log.mark("outer");
            let _inner = log.mark("inner");
            schedule();
        });
        log.expect(["inner", "outer"]);
        goes_on();
    });
}
