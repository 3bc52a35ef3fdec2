//! H5: `std::thread::panicking` speaks of the OS thread. A coro that is parked in mid-unwind makes it
//! true for everybody; the kernel must neither raise a second unwinding in one that unwinds, nor
//! keep an interruption for ever from one that does not.

use std::any::Any;
use std::cell::Cell;
use std::panic::resume_unwind;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use coro::{Coro, JoinHandle, cede, check, schedule, spawn, unwinding};
use coro_semaphore::Semaphore;

use crate::support::{Log, caught, counted, defer, die, fresh, semaphore};

/// Spawns a coro that panics and whose destructor then waits for the semaphore.
fn parked_in_a_panic(log: Log, name: &'static str, sem: &Rc<Semaphore>) -> JoinHandle<()> {
    let sem = Rc::clone(sem);
    let c = spawn(move || {
        let _block = defer(move || {
            sem.down();
            log.say(name);
            cede();
            check();
        });
        die(name)
    });
    cede();
    assert!(!c.is_finished());
    c
}

#[test]
fn nothing_is_raised_in_a_coro_that_unwinds_from_a_panic() {
    let log = Log::new();
    let sem = semaphore(0);
    let c = parked_in_a_panic(log, "the panic", &sem);
    // Raised inside the destructor, either would end the process.
    drop(c.throw("late"));
    c.cancel();
    c.safe_cancel().unwrap();
    cede();
    assert!(!c.is_finished());
    sem.up();
    let payload = c.join().unwrap_err().into_panic();
    assert_eq!(*payload.downcast::<&str>().unwrap(), "the panic");
    log.expect(["the panic"]);
}

#[test]
fn what_comes_during_an_unwinding_that_is_caught_is_raised_after_it() {
    let sem = semaphore(0);
    let log = Log::new();
    let c = {
        let sem = Rc::clone(&sem);
        spawn(move || {
            let caught = coro::catch(|| {
                let _block = defer(move || {
                    sem.down();
                    log.say("cleaned up");
                });
                die("first");
            });
            assert!(caught.is_err());
            log.say("caught");
            let second = coro::catch(check).unwrap_err();
            log.say(second.downcast_ref::<&str>().unwrap());
            schedule();
            log.say("never");
        })
    };
    cede();
    drop(c.throw("second"));
    cede();
    sem.up();
    cede();
    log.expect(["cleaned up", "caught", "second"]);
    c.cancel();
    assert!(c.join().unwrap_err().is_cancelled());
}

#[test]
fn others_are_thrown_at_and_cancelled_when_the_unwinding_is_over_at_the_latest() {
    let log = Log::new();
    let sem = semaphore(0);
    let sleeper = |name: &'static str| {
        let c = spawn(move || {
            let _gone = log.mark(name);
            schedule();
        });
        cede();
        c
    };
    let before = sleeper("cancelled, blocked before");
    let thrown = sleeper("thrown at");
    let parked = parked_in_a_panic(log, "the panic", &sem);
    let after = sleeper("cancelled, blocked during it");
    before.cancel();
    drop(thrown.throw("up"));
    after.cancel();
    cede();
    // Those two are known not to unwind: they were switched out before anybody did.
    assert!(before.is_finished() && thrown.is_finished());
    sem.up();
    assert!(parked.join().unwrap_err().is_panic());
    for _ in 0..3 {
        cede();
    }
    assert!(after.is_finished());
    assert!(after.join().unwrap_err().is_cancelled());
    assert_eq!(
        log.sorted(),
        [
            "cancelled, blocked before",
            "cancelled, blocked during it",
            "the panic",
            "thrown at"
        ]
    );
}

#[test]
fn a_coro_that_comes_into_doubt_while_it_unwinds_is_left_in_peace() {
    // Two are parked in mid-unwind, so of the second the kernel cannot know that it unwinds.
    let log = Log::new();
    let sems = [semaphore(0), semaphore(0)];
    let first = parked_in_a_panic(log, "first", &sems[0]);
    let second = parked_in_a_panic(log, "second", &sems[1]);
    for c in [&first, &second] {
        drop(c.throw("late"));
        c.cancel();
        cede();
        assert!(!c.is_finished());
    }
    sems[1].up();
    assert!(second.join().unwrap_err().is_panic());
    sems[0].up();
    assert!(first.join().unwrap_err().is_panic());
    log.expect(["second", "first"]);
    nobody_is_marked();
}

/// After all of it, interruptions and `unwinding` work as ever.
#[track_caller]
fn nobody_is_marked() {
    cede();
    assert_eq!(unwinding(), Some(false));
    let c = spawn(|| {
        assert_eq!(unwinding(), Some(false));
        schedule();
    });
    cede();
    c.cancel();
    assert!(c.is_finished());
    assert!(c.join().is_err_and(|error| error.is_cancelled()));
}

#[test]
fn coros_parked_in_mid_unwind_may_go_on_in_any_order() {
    for order in [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ] {
        let log = Log::new();
        let names = ["zero", "one", "two"];
        let sems: Vec<_> = names.iter().map(|_| semaphore(0)).collect();
        let mut coros: Vec<_> = (0..3)
            .map(|i| Some(parked_in_a_panic(log, names[i], &sems[i])))
            .collect();
        for i in order {
            sems[i].up();
            let error = coros[i].take().unwrap().join().unwrap_err();
            assert_eq!(*error.into_panic().downcast::<&str>().unwrap(), names[i]);
        }
        log.expect([names[order[0]], names[order[1]], names[order[2]]]);
        nobody_is_marked();
    }
}

#[test]
fn panics_and_cancels_parked_in_mid_unwind_do_not_mix_up() {
    let log = Log::new();
    let sems = [semaphore(0), semaphore(0)];
    let panics = parked_in_a_panic(log, "panics", &sems[0]);
    let cancelled = {
        let sem = Rc::clone(&sems[1]);
        spawn(move || {
            let _block = defer(move || {
                sem.down();
                log.say("cancelled");
            });
            schedule();
        })
    };
    cede();
    cancelled.cancel();
    // It was switched out during the panic of the other: in doubt, so it dies late.
    sems[0].up();
    assert!(panics.join().unwrap_err().is_panic());
    cede();
    sems[1].up();
    assert!(cancelled.join().unwrap_err().is_cancelled());
    log.expect(["panics", "cancelled"]);
    nobody_is_marked();
}

#[test]
fn a_payload_dropped_on_another_os_thread_does_not_leave_the_coro_marked() {
    let (value, drops) = counted();
    let c = spawn(move || {
        let _switches = defer(cede);
        resume_unwind(Box::new(value))
    });
    let payload = c
        .join()
        .map(|()| unreachable!("it panicked"))
        .unwrap_err()
        .into_panic();
    std::thread::spawn(move || drop(payload)).join().unwrap();
    assert_eq!(drops.get(), 1);
    nobody_is_marked();
}

#[test]
fn a_coro_that_caught_its_panic_on_the_way_is_interrupted_as_any_other() {
    fresh(|| {
        let payload: Rc<Cell<Option<Box<dyn Any + Send>>>> = Rc::default();
        let out = Rc::clone(&payload);
        let c = spawn(move || {
            let caught = caught(|| {
                let _switches = defer(cede);
                die("caught");
            });
            // The payload lives on: only the kernel of the other OS thread sees its end.
            out.set(Some(caught.unwrap_err()));
            schedule();
        });
        cede();
        cede();
        let sent = payload.take().unwrap();
        std::thread::spawn(move || drop(sent)).join().unwrap();
        assert_eq!(unwinding(), Some(false));
        c.cancel();
        assert!(c.is_finished());
        nobody_is_marked();
    });
}

#[test]
fn unwinding_tells_the_truth_or_nothing() {
    let log = Log::new();
    let say = move |who: &str| {
        log.say(format!("{who} {:?}", unwinding()));
    };
    let c = spawn(move || {
        let _block = defer(move || {
            say("in a destructor");
            cede();
            say("after a switch");
        });
        die("on purpose");
    });
    let other = spawn(move || {
        say("another");
        cede();
        say("another later");
    });
    assert_eq!(unwinding(), Some(false));
    cede();
    // Whoever has not switched out since, or was never marked, is known.
    assert_ne!(unwinding(), Some(true));
    assert!(c.join().unwrap_err().is_panic());
    other.join().unwrap();
    let said = log.sorted();
    assert!(
        !said
            .iter()
            .any(|line| line.starts_with("another Some(true)")),
        "{said:?}"
    );
    assert!(
        said.contains(&"in a destructor Some(true)".into()),
        "{said:?}"
    );
    assert!(
        !said.contains(&"after a switch Some(false)".into()),
        "{said:?}"
    );
    assert_eq!(unwinding(), Some(false));
}

#[test]
fn a_throw_that_is_parked_in_mid_unwind_is_no_reason_to_lose_another() {
    let log = Log::new();
    let sem = semaphore(0);
    let target = {
        let sem = Rc::clone(&sem);
        spawn(move || {
            let caught = coro::catch(|| {
                let _block = defer(move || sem.down());
                schedule();
            });
            log.say(caught.unwrap_err().downcast_ref::<&str>().unwrap());
            let caught = coro::catch(schedule);
            log.say(caught.unwrap_err().downcast_ref::<&str>().unwrap());
        })
    };
    cede();
    drop(target.throw("one"));
    cede();
    drop(target.throw("two"));
    cede();
    sem.up();
    target.join().unwrap();
    log.expect(["one", "two"]);
}

#[test]
fn a_mutex_of_std_is_poisoned_falsely_and_that_is_stds() {
    // A guard asks `thread::panicking` when it goes. The docs say so and advise our own mutex.
    let log = Log::new();
    let sem = semaphore(0);
    let shared = Arc::new(Mutex::new(0));
    let inner = Arc::clone(&shared);
    let healthy = spawn(move || {
        let guard = inner.lock().unwrap();
        schedule();
        drop(guard);
    });
    cede();
    let parked = parked_in_a_panic(log, "the panic", &sem);
    healthy.ready();
    cede();
    healthy.join().unwrap();
    assert!(shared.is_poisoned());
    sem.up();
    assert!(parked.join().unwrap_err().is_panic());
}

#[test]
fn one_parked_for_ever_in_mid_unwind_does_not_make_the_living_immortal() {
    // Only who is switched out while somebody unwinds is in doubt, and it is deferred, not lost.
    let log = Log::new();
    let sem = semaphore(0);
    let stuck = parked_in_a_panic(log, "stuck", &sem);
    let fresh: Vec<Coro> = (0..10).map(|_| spawn(schedule).coro().clone()).collect();
    for c in &fresh {
        // New ones have no frames: they go at once.
        c.cancel();
        assert!(c.is_finished());
    }
    sem.up();
    assert!(stuck.join().unwrap_err().is_panic());
    nobody_is_marked();
}

#[test]
fn the_doubt_is_over_when_the_unwinding_is() {
    let log = Log::new();
    let sem = semaphore(0);
    let parked = parked_in_a_panic(log, "the panic", &sem);
    // Switched out while another one unwinds.
    let doubtful = spawn(schedule);
    cede();
    sem.up();
    assert!(parked.join().unwrap_err().is_panic());
    cede();
    doubtful.cancel();
    assert!(doubtful.is_finished());
}
