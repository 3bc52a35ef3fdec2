//! `timeout` cuts a body off: where, when, and what is left of it.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use coro::{cede, current, schedule, shield, spawn};
use coro_channel::Channel;
use coro_sync::{Mutex, RwLock, Signal};
use coro_time::{Elapsed, VirtualClock, armed, sleep, timeout, timeout_at};

use super::{begin, secs};
use crate::support::{Log, caught, defer, die, semaphore, text};

/// Nothing is left of any timeout of the current coro.
#[track_caller]
fn clean() {
    assert_eq!((armed(), current().overdue()), (0, None));
    coro::check();
    cede();
}

#[test]
fn a_body_in_time_has_its_value() {
    let clock = VirtualClock::install();
    assert_eq!(timeout(secs(1), || 5), Ok(5));
    clean();
    let slept = timeout(secs(3), || {
        sleep(secs(2));
        "slept"
    });
    assert_eq!(slept, Ok("slept"));
    clean();
    sleep(secs(5));
    assert_eq!(clock.elapsed(), secs(7));
}

#[test]
fn a_body_that_blocks_too_long_is_unwound_at_the_deadline() {
    let clock = VirtualClock::install();
    let log = Log::new();
    let cut = timeout(secs(2), || {
        let _outer = log.mark("outer");
        let _inner = log.mark("inner");
        sleep(secs(3));
        log.say("not reached");
    });
    assert_eq!(cut, Err(Elapsed));
    assert_eq!(clock.elapsed(), secs(2));
    log.expect(["inner", "outer"]);
    clean();
    sleep(secs(4));
    assert_eq!(clock.elapsed(), secs(6));
}

#[test]
fn a_deadline_may_be_shared_and_may_be_past() {
    let clock = VirtualClock::install();
    let deadline = clock.now() + secs(3);
    assert!(timeout_at(deadline, || sleep(secs(2))).is_ok());
    assert!(timeout_at(deadline, || sleep(secs(2))).is_err());
    assert_eq!(clock.elapsed(), secs(3));
    clock.advance(secs(1));
    assert!(timeout_at(deadline, || sleep(secs(2))).is_err());
    // What need not block is not cut off.
    assert_eq!(timeout_at(deadline, || semaphore(1).down()), Ok(()));
    assert_eq!(clock.elapsed(), secs(4));
    clean();
}

#[test]
fn one_that_never_comes_cuts_nothing_off() {
    let clock = VirtualClock::install();
    let body = || {
        sleep(secs(1_000_000));
        armed()
    };
    assert_eq!(timeout(Duration::MAX, body), Ok(0));
    assert_eq!(clock.elapsed(), secs(1_000_000));
    let passes = caught(|| timeout(Duration::MAX, || die("a panic")));
    assert_eq!(text(&*passes.unwrap_err()), "a panic");
    clean();
}

#[test]
fn who_gets_it_at_the_very_moment_has_it() {
    let _clock = VirtualClock::install();
    assert!(timeout(secs(2), || sleep(secs(2))).is_ok());
    clean();
    let sem = semaphore(0);
    let ups = Rc::clone(&sem);
    let _c = begin(move || {
        sleep(secs(2));
        ups.up();
    });
    assert!(timeout(secs(2), || sem.down()).is_ok());
    assert_eq!(sem.count(), 0);
    clean();
}

#[test]
fn what_comes_when_it_is_too_late_stays() {
    let _clock = VirtualClock::install();
    let sem = semaphore(0);
    let ups = Rc::clone(&sem);
    let c = spawn(move || {
        sleep(secs(2));
        ups.up();
    });
    // Armed before the other one sleeps, so it looks, and leaves, before that.
    assert!(timeout(secs(2), || sem.down()).is_err());
    assert_eq!((sem.count(), sem.waiters()), (0, 0));
    c.join().unwrap();
    assert_eq!(sem.count(), 1);
    clean();
}

#[test]
fn all_that_blocks_is_cut_off_and_leaves_its_queue() {
    let clock = VirtualClock::install();
    let cut = |f: &dyn Fn()| {
        let before = clock.elapsed();
        assert_eq!(timeout(secs(1), f), Err(Elapsed));
        assert_eq!(clock.elapsed() - before, secs(1));
        clean();
    };
    let (sem, fair) = (semaphore(0), coro_semaphore::Semaphore::fair(0));
    cut(&|| sem.down());
    cut(&|| drop(sem.acquire()));
    cut(&|| sem.down_many(3));
    cut(&|| sem.wait());
    cut(&|| fair.down());
    assert_eq!((sem.waiters(), fair.waiters()), (0, 0));
    let (empty, full) = (Channel::<u8>::fair(1), Channel::fair(1));
    full.put(1);
    cut(&|| _ = empty.get());
    cut(&|| full.put(2));
    assert_eq!((full.len(), full.get()), (1, Some(1)));
    let signal = Signal::new();
    cut(&|| signal.wait());
    let (mutex, lock) = (Rc::new(Mutex::new(())), Rc::new(RwLock::new(())));
    let (theirs, write) = (mutex.clone(), lock.clone());
    let holder = begin(move || {
        let _guards = (theirs.lock(), write.write());
        schedule();
    });
    cut(&|| drop(mutex.lock()));
    cut(&|| drop(lock.read()));
    cut(&|| drop(lock.write()));
    cut(&|| holder.coro().join());
    cut(&|| {
        let (_callback, answer) = coro::rouse::<u8>();
        answer.wait();
    });
    cut(&|| coro_time::after(secs(9)).wait());
    cut(&|| _ = coro_channel::Select::new(&[&signal.wait_arm()]).wait());
    cut(&|| {
        let mut interval = coro_time::interval(secs(9));
        interval.tick();
        interval.tick();
    });
    cut(&|| _ = coro_time::join_timeout(holder.coro(), secs(9)));
    cut(&|| {
        loop {
            schedule();
        }
    });
    holder.cancel();
    assert!(mutex.try_lock().is_some());
}

#[test]
fn a_body_that_swallows_it_gets_it_again() {
    let clock = VirtualClock::install();
    let swallowed = Cell::new(0);
    let cut = timeout(secs(1), || {
        for _ in 0..5 {
            let payload = caught(|| sleep(secs(1) + secs(1))).unwrap_err();
            assert!(coro::overdue_key(&*payload).is_some());
            swallowed.set(swallowed.get() + 1);
        }
        sleep(secs(0));
    });
    assert_eq!(cut, Err(Elapsed));
    assert_eq!((swallowed.get(), clock.elapsed()), (5, secs(1)));
    clean();
    // If it ends without blocking again, its value stands.
    let value = timeout(secs(1), || caught(|| sleep(secs(2))).is_err());
    assert_eq!(value, Ok(true));
    clean();
}

#[test]
fn a_value_that_comes_late_stands() {
    let clock = VirtualClock::install();
    let value = timeout(secs(1), || {
        shield(|| sleep(secs(3)));
        7
    });
    assert_eq!(value, Ok(7));
    assert_eq!(clock.elapsed(), secs(3));
    clean();
}

#[test]
fn inside_a_shield_it_waits() {
    let clock = VirtualClock::install();
    let log = Log::new();
    let cut = timeout(secs(1), || {
        shield(|| {
            sleep(secs(2));
            sleep(secs(2));
        });
        log.say(clock.elapsed().as_secs());
        sleep(secs(1));
        log.say("not reached");
    });
    assert_eq!(cut, Err(Elapsed));
    assert_eq!(clock.elapsed(), secs(4));
    log.expect(["4"]);
    clean();
}

#[test]
fn in_destructors_of_an_unwinding_it_waits() {
    let clock = VirtualClock::install();
    let log = Log::new();
    let cut = timeout(secs(1), || {
        let caught = caught(|| {
            let _slow = defer(|| {
                sleep(secs(3));
                // A timeout of the destructor's own can cut nothing off either.
                assert!(timeout(secs(1), || sleep(secs(2))).is_ok());
                log.say(clock.elapsed().as_secs());
            });
            die("a panic");
        });
        log.say(text(&*caught.unwrap_err()));
        schedule();
    });
    assert_eq!(cut, Err(Elapsed));
    assert_eq!(clock.elapsed(), secs(5));
    log.expect(["5", "a panic"]);
    clean();
}

#[test]
fn a_body_that_is_cut_off_may_block_in_its_destructors() {
    let clock = VirtualClock::install();
    let cut = timeout(secs(1), || {
        let _slow = defer(|| sleep(secs(3)));
        sleep(secs(9));
    });
    assert_eq!(cut, Err(Elapsed));
    assert_eq!(clock.elapsed(), secs(4));
    clean();
}

#[test]
fn a_panic_of_the_body_passes_through() {
    let _clock = VirtualClock::install();
    let payload = caught(|| timeout(secs(1), || die("a panic")));
    assert_eq!(text(&*payload.unwrap_err()), "a panic");
    clean();
    // When the time is over too.
    let late = caught(|| {
        timeout(secs(1), || {
            shield(|| sleep(secs(2)));
            die("late")
        })
    });
    assert_eq!(text(&*late.unwrap_err()), "late");
    clean();
}

#[test]
fn children_of_a_scope_are_cancelled_when_it_is_cut_off() {
    let clock = VirtualClock::install();
    let log = Log::new();
    let cut = timeout(secs(1), || {
        coro::scope(|s| {
            s.spawn(|| {
                let _mark = log.mark("child");
                let _slow = defer(|| sleep(secs(1)));
                sleep(secs(5));
            });
            log.say("begun");
        });
    });
    assert_eq!(cut, Err(Elapsed));
    assert_eq!(clock.elapsed(), secs(2));
    log.expect(["begun", "child"]);
    clean();
}

#[test]
fn a_payload_that_was_kept_is_only_a_panic_later() {
    let _clock = VirtualClock::install();
    let kept = timeout(secs(1), || caught(schedule).and_then(|()| caught(schedule)));
    let payload = kept.unwrap().unwrap_err();
    clean();
    let again = caught(|| timeout(secs(1), || std::panic::resume_unwind(payload)));
    assert!(coro::overdue_key(&*again.unwrap_err()).is_some());
    clean();
}

#[test]
fn timeouts_of_many_coros_end_in_the_order_of_their_deadlines() {
    let _clock = VirtualClock::install();
    let log = Log::new();
    let all = [5, 2, 9, 2, 7].into_iter().enumerate();
    let all: Vec<_> = all
        .map(|(nth, time)| {
            spawn(move || {
                timeout(secs(time), || sleep(secs(10))).unwrap_err();
                log.say(format!("{time}s, call {nth}"));
            })
        })
        .collect();
    all.into_iter().for_each(|c| c.join().unwrap());
    log.expect([
        "2s, call 1",
        "2s, call 3",
        "5s, call 0",
        "7s, call 4",
        "9s, call 2",
    ]);
    clean();
}

#[test]
fn a_timeout_cuts_itself_off_when_its_body_moves_the_clock() {
    let clock = VirtualClock::install();
    let log = Log::new();
    let cut = timeout(secs(1), || {
        clock.advance(secs(2));
        log.say("advanced");
        coro::check();
        log.say("not reached");
    });
    assert_eq!(cut, Err(Elapsed));
    log.expect(["advanced"]);
    clean();
}

#[test]
fn two_hundred_thousand_bodies_in_time_leave_nothing() {
    let _clock = VirtualClock::install();
    let patient = begin(|| sleep(secs(1)));
    for _ in 0..200_000 {
        assert_eq!(timeout(secs(1), armed), Ok(2));
    }
    assert_eq!(armed(), 1);
    patient.cancel();
}

#[test]
fn an_elapsed_is_an_error_that_says_so() {
    let error: Box<dyn std::error::Error + Send + Sync> = Elapsed.into();
    assert_eq!(error.to_string(), "the time is over");
    let error = std::io::Error::from(Elapsed);
    assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
}
