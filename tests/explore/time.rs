//! Time: sleeps, timers and timeouts that are early, late and at the very moment.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::thread;
use std::time::{Duration, Instant};

use coro::JoinHandle;
use coro_explore::{Builder, finally};
use coro_sync::Semaphore;
use coro_time::{Timer, sleep, timeout};

// With its path, as this file is the root of a test program too.
#[path = "time/forms.rs"]
mod forms;

const SECOND: Duration = Duration::from_secs(1);

/// Explores all, and says how much that was.
#[track_caller]
fn prove(builder: &Builder, body: impl Fn() + Send + Sync + 'static) {
    let report = builder.clone().max_executions(300_000).check(body);
    let thread = thread::current();
    println!("{}: {report}", thread.name().unwrap_or_default());
    assert!(report.is_exhaustive(), "{report}");
}

fn faults() -> Builder {
    let builder = Builder::new().delays(2).timers(1);
    builder.spurious(2).throws(1).cancels(1)
}

fn named<T: 'static>(name: &str, f: impl FnOnce() -> T + 'static) -> JoinHandle<T> {
    coro::Builder::new().desc(name).spawn(f)
}

/// Asks that no timer is armed when all is over, and that each goes off at its very time.
fn no_timer_is_left() {
    coro_time::set_slack(Duration::ZERO);
    finally(|| assert_eq!(coro_time::armed(), 0));
}

// Hazard: a wake-up for nothing, or an early timer of another, passes for the end of the sleep.
#[test]
fn a_sleep_is_never_shorter() {
    prove(&faults().spurious(1).delays(3).safe_cancels(1), || {
        no_timer_is_left();
        let sleepers = [1, 2].map(|n| {
            named("sleeper", move || {
                let begin = coro::now();
                sleep(n * SECOND);
                assert!(coro::now() >= begin + n * SECOND);
            })
        });
        for sleeper in sleepers {
            _ = sleeper.join();
        }
    });
}

// Hazard: a heap that others left, or a sleeper that was readied, serves the later one first.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn sleepers_go_on_in_the_order_of_their_deadlines() {
    let faults = faults().delays(0).spurious(0).cancels(0);
    prove(&faults.safe_cancels(1), || {
        no_timer_is_left();
        let log = Rc::new(RefCell::new(Vec::new()));
        let calls = Rc::new(Cell::new(0));
        let sleepers = [2, 1, 4, 2].map(|n| {
            let (log, calls) = (log.clone(), calls.clone());
            named("sleeper", move || {
                let call = calls.replace(calls.get() + 1);
                let deadline = coro::now() + n * SECOND;
                sleep(n * SECOND);
                log.borrow_mut().push((deadline, call));
            })
        });
        for sleeper in sleepers {
            _ = sleeper.join();
        }
        finally(move || assert!(log.borrow().is_sorted(), "{log:?}"));
    });
}

// Hazard: an interrupted tick is consumed, or a late one moves those after it.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn ticks_do_not_drift_and_none_is_lost() {
    prove(&faults().spurious(1), || {
        no_timer_is_left();
        let ticker = named("ticker", || {
            let mut interval = coro_time::interval(SECOND);
            let start = coro::now();
            let mut served = 0;
            while served < 3 {
                let tick = coro::catch(|| interval.tick());
                if let Ok(tick) = tick {
                    assert_eq!(tick, start + served * SECOND);
                    assert!(coro::now() >= tick);
                    served += 1;
                }
            }
        });
        let other = named("other", || sleep(SECOND));
        _ = ticker.join();
        _ = other.join();
    });
}

// Hazard: who leaves a timer that several wait for takes the others' entries along, or stays in.
#[test]
fn a_timer_readies_all_who_wait_for_it() {
    prove(&faults(), || {
        no_timer_is_left();
        let timer = Rc::new(Timer::after(SECOND));
        let waiters = ["a", "b"].map(|name| {
            let timer = timer.clone();
            named(name, move || {
                let me = coro::current();
                let before = me.handle_count();
                let waited = catch_unwind(AssertUnwindSafe(|| timer.wait()));
                assert_eq!(me.handle_count(), before, "an entry was left");
                assert!(waited.is_err() || timer.is_due());
            })
        });
        for waiter in waiters {
            _ = waiter.join();
        }
    });
}

// Hazards: a mark that is not taken back cuts what comes after; the inner timeout takes the outer
// one's for its own.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn nested_timeouts_cut_what_is_theirs() {
    for (outer, inner) in [(1, 2), (2, 1), (1, 1)] {
        let builder = faults()
            .spurious(1)
            .timers(2)
            .name(&format!("nested {outer} {inner}"));
        prove(&builder, move || {
            no_timer_is_left();
            let worker = named("worker", move || {
                let begin = coro::now();
                let result = timeout(outer * SECOND, || {
                    let result = timeout(inner * SECOND, || sleep(3 * SECOND));
                    let by = if result.is_ok() { 3 } else { inner };
                    assert!(coro::now() >= begin + by * SECOND);
                    sleep(SECOND / 2);
                });
                assert!(result.is_ok() || coro::now() >= begin + outer * SECOND);
                assert_eq!(coro::current().overdue(), None);
                coro::cede();
            });
            let other = named("other", || sleep(SECOND));
            _ = (worker.join(), other.join());
        });
    }
}

// Hazard: a wake-up for nothing, or a shorter timeout inside, makes one late or forgets it.
#[test]
fn nested_timeouts_cut_at_their_time() {
    for (outer, inner, end) in [(1, 2, 2), (2, 1, 3), (1, 1, 2)] {
        let builder = Builder::new().timers(0).spurious(2);
        prove(
            &builder.name(&format!("exact {outer} {inner}")),
            move || {
                no_timer_is_left();
                let begin = coro::now();
                let worker = named("worker", move || {
                    let result = timeout(outer * SECOND, || {
                        _ = timeout(inner * SECOND, || sleep(3 * SECOND));
                        sleep(SECOND / 2);
                    });
                    assert_eq!(result.is_ok(), outer > inner);
                });
                let other = named("other", || sleep(SECOND));
                worker.join().unwrap();
                assert_eq!(coro::now(), begin + end * SECOND / 2);
                other.join().unwrap();
            },
        );
    }
}

// Hazard: what is shielded is cut when the time is over, or never after that.
#[test]
fn a_timeout_does_not_cut_a_shield() {
    prove(&faults().delays(3).spurious(2), || {
        no_timer_is_left();
        let worker = named("worker", || {
            let done = Cell::new(0);
            let result = timeout(SECOND, || {
                coro::shield(|| {
                    done.set(1);
                    sleep(2 * SECOND);
                    done.set(2);
                });
                sleep(SECOND);
                done.set(3);
            });
            assert!(result.is_err() && done.get() == 2);
        });
        _ = worker.join();
    });
}

// Hazard: the time is over when the coro was given what it waits for, and has not run.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn who_is_given_it_in_time_has_it() {
    for fair in [false, true] {
        for cut in [false, true] {
            let builder = Builder::new().spurious(2).timers(2);
            prove(&builder.name(&format!("in time {fair} {cut}")), move || {
                no_timer_is_left();
                let semaphore = Rc::new(if fair {
                    Semaphore::fair(0)
                } else {
                    Semaphore::new(0)
                });
                let deadline = Rc::new(Cell::new(None::<Instant>));
                let (theirs, until) = (semaphore.clone(), deadline.clone());
                let waiter = named("waiter", move || {
                    until.set(Some(coro::now() + SECOND));
                    if cut {
                        timeout(SECOND, || theirs.down()).is_ok()
                    } else {
                        theirs.down_timeout(SECOND).is_ok()
                    }
                });
                let giver = named("giver", move || {
                    coro::cede();
                    sleep(SECOND / 2);
                    let in_time = deadline.get().is_none_or(|at| coro::now() < at);
                    semaphore.up();
                    in_time
                });
                let (got, in_time) = (waiter.join().unwrap(), giver.join().unwrap());
                assert!(got || !in_time);
            });
        }
    }
}
