//! Interruptions: cancels, throws, suspensions and shields, by other coros and by the explorer.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::thread;

use coro::JoinHandle;
use coro_explore::{Builder, finally, invariant};

/// Explores all, and says how much that was.
#[track_caller]
fn prove(builder: &Builder, body: impl Fn() + Send + Sync + 'static) {
    let report = builder.clone().max_executions(300_000).check(body);
    let thread = thread::current();
    println!("{}: {report}", thread.name().unwrap_or_default());
    assert!(report.is_exhaustive(), "{report}");
}

fn faults() -> Builder {
    let builder = Builder::new().spurious(2).throws(1);
    builder.cancels(1).safe_cancels(1)
}

fn named<T: 'static>(name: &str, f: impl FnOnce() -> T + 'static) -> JoinHandle<T> {
    coro::Builder::new().desc(name).spawn(f)
}

/// How often something was begun, and how often it was ended.
#[derive(Clone, Default)]
struct Count(Rc<(Cell<u32>, Cell<u32>)>);

impl Count {
    fn begin(&self) -> Count {
        self.0.0.set(self.0.0.get() + 1);
        self.clone()
    }

    fn end(&self) {
        self.0.1.set(self.0.1.get() + 1);
    }

    fn both(&self) -> (u32, u32) {
        (self.0.0.get(), self.0.1.get())
    }
}

/// Ends its count when it is dropped.
struct Ends(Count);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.end();
    }
}

// Hazard: a cancel, a throw and an end meet, and a destructor runs twice or not at all.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn destructors_and_deferred_calls_run_once() {
    prove(&faults().spurious(1).delays(3).timeouts(1), || {
        let (dropped, deferred) = (Count::default(), Count::default());
        let (drops, defers) = (dropped.clone(), deferred.clone());
        let worker = named("worker", move || {
            let _ends = Ends(drops.begin());
            let last = defers.begin();
            coro::defer(move || {
                coro::cede(); // it is not interrupted here
                last.end();
            });
            coro::cede();
        });
        let target = worker.coro().clone();
        let canceller = named("canceller", move || {
            coro::cede();
            target.cancel();
        });
        _ = (canceller.join(), worker.join());
        finally(move || {
            for count in [dropped, deferred] {
                let (begun, ended) = count.both();
                assert_eq!(begun, ended);
            }
        });
    });
}

// Hazard: the region is left half-way, or the interruption is forgotten when it is over.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_shield_is_never_cut_and_what_came_is_raised_after_it() {
    prove(&faults().spurious(1).delays(3).timeouts(1), || {
        let (inside, after) = (Count::default(), Rc::new(Cell::new(false)));
        let (counts, reached) = (inside.clone(), after.clone());
        let worker = named("worker", move || {
            coro::shield(|| {
                let count = counts.begin();
                coro::shield(coro::cede);
                coro::cede();
                count.end();
            });
            coro::check();
            reached.set(true);
        });
        let target = worker.coro().clone();
        let canceller = named("canceller", move || {
            coro::cede();
            let is_in_time = !target.is_finished();
            target.cancel();
            assert!(!is_in_time || target.is_finished() || inside.both() == (1, 0));
            inside
        });
        let inside = canceller.join();
        let ended = worker.join();
        if let Ok(inside) = inside {
            let (begun, ended) = inside.both();
            assert_eq!(begun, ended);
        }
        assert!(ended.is_err() || after.get());
    });
}

/// What is thrown.
struct Ball;

// Hazard: a throw is raised at two entries, or goes with a wake-up.
#[test]
fn a_throw_is_delivered_once() {
    prove(&Builder::new().spurious(2), || {
        let caught = Rc::new(Cell::new(0));
        let count = caught.clone();
        let catcher = named("catcher", move || {
            let round = || {
                let result = coro::catch(coro::cede);
                if result.is_err_and(|payload| payload.is::<Ball>()) {
                    count.set(count.get() + 1);
                }
            };
            for _ in 0..4 {
                round();
            }
        });
        let target = catcher.coro().clone();
        let thrower = named("thrower", move || {
            coro::cede();
            let is_in_time = !target.is_new() && !target.is_finished();
            target.throw(Ball);
            is_in_time
        });
        let is_in_time = thrower.join().unwrap();
        let end = catcher.join();
        match end {
            Ok(()) => assert_eq!(caught.get(), u32::from(is_in_time)),
            // It had not begun.
            Err(error) => assert!(error.is_thrown() && !is_in_time && caught.get() == 0),
        }
    });
}

// Hazard: a throw that was taken back is raised all the same, or one that was raised is taken back.
#[test]
fn a_throw_that_was_taken_back_is_not_raised() {
    prove(&Builder::new().spurious(2), || {
        let caught = Rc::new(Cell::new(false));
        let seen = caught.clone();
        let catcher = named("catcher", move || {
            for _ in 0..2 {
                if coro::catch(coro::cede).is_err() {
                    seen.set(true);
                }
            }
        });
        let target = catcher.coro().clone();
        coro::cede();
        let thrower = named("thrower", move || {
            let is_late = target.is_finished();
            let ticket = target.throw(Ball);
            coro::cede();
            ticket.retract() || is_late
        });
        let is_taken_back = thrower.join().unwrap();
        // One that has not begun ends.
        let is_thrown = catcher.join().is_err();
        assert_eq!(caught.get() || is_thrown, !is_taken_back);
    });
}

// Hazard: two coros throw, the later replaces the earlier, and the ticket of that takes it back.
#[test]
fn a_ticket_takes_back_its_own_throw_only() {
    prove(&Builder::new().spurious(1), || {
        let caught = Rc::new(Cell::new(0));
        let seen = caught.clone();
        let catcher = named("catcher", move || {
            for _ in 0..3 {
                if let Err(payload) = coro::catch(coro::cede) {
                    seen.set(seen.get() + payload.downcast_ref::<u32>().unwrap());
                }
            }
        });
        let target = catcher.coro().clone();
        coro::cede();
        let last = Rc::new(Cell::new(0));
        let throwers = [1_u32, 2].map(|bit| {
            let (target, last) = (target.clone(), last.clone());
            named("thrower", move || {
                let is_in_time = !target.is_finished() && !target.is_new();
                let ticket = target.throw(bit);
                if is_in_time {
                    last.set(bit);
                }
                coro::cede();
                // Only the first one takes its throw back.
                bit == 1 && ticket.retract()
            })
        });
        let [is_taken_back, _] = throwers.map(|thrower| thrower.join().unwrap());
        let end = catcher.join();
        if is_taken_back {
            assert_eq!(caught.get() & 1, 0, "it was taken back");
        }
        if last.get() == 2 && end.is_ok() {
            assert_eq!(caught.get() & 2, 2, "nobody took it back");
        }
    });
}

// Hazard: a coro that is refused to be cancelled has changed all the same.
#[test]
fn a_safe_cancel_is_refused_in_a_shield_and_changes_nothing() {
    prove(&Builder::new().spurious(2), || {
        let shielded = Rc::new(Cell::new(false));
        let is_shielded = shielded.clone();
        let worker = named("worker", move || {
            coro::shield(|| {
                is_shielded.set(true);
                coro::cede();
                is_shielded.set(false);
            });
            coro::cede();
            coro::cede();
        });
        let target = worker.coro().clone();
        let canceller = named("canceller", move || {
            coro::cede();
            let was_finished = target.is_finished();
            let result = target.safe_cancel();
            assert_eq!(result.is_err(), shielded.get());
            (result.is_ok() && !was_finished, target.clone())
        });
        let (is_cancelled, _) = canceller.join().unwrap();
        assert_eq!(worker.join().is_err(), is_cancelled);
    });
}

// Hazard: a suspended coro runs, or does not when it is resumed, or cannot be cancelled.
#[test]
fn a_suspended_coro_does_not_run() {
    prove(&faults().delays(4).victims(["keeper"]), || {
        let (steps, frozen) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(None)));
        let (taken, frozen_at) = (steps.clone(), frozen.clone());
        let stands_at = steps.clone();
        invariant("a suspended coro stands still", move || {
            frozen_at.get().is_none_or(|at| at == taken.get())
        });
        let worker = named("worker", move || {
            for _ in 0..3 {
                steps.set(steps.get() + 1);
                coro::cede();
            }
            steps
        });
        let target = worker.coro().clone();
        let keeper = named("keeper", move || {
            let _thaw = Thaw(target.clone(), frozen.clone());
            target.suspend();
            frozen.set(Some(stands_at.get()));
            coro::cede();
            target.ready();
            coro::cede();
        });
        // The keeper is struck, or not: the worker is resumed.
        _ = keeper.join();
        worker.coro().ready();
        assert_eq!(worker.join().unwrap().get(), 3);
    });
}

// Hazard: one that is suspended, or is when its cancel comes, never unwinds.
#[test]
fn a_suspended_coro_is_resumed_to_die() {
    prove(&Builder::new().spurious(2), || {
        let dropped = Count::default();
        let drops = dropped.clone();
        let worker = named("worker", move || {
            let _ends = Ends(drops.begin());
            coro::cede();
            coro::schedule();
        });
        let target = worker.coro().clone();
        let keeper = named("keeper", move || {
            target.suspend();
            coro::cede();
            target.cancel();
            assert!(target.is_finished());
        });
        keeper.join().unwrap();
        _ = worker.join();
        let (begun, ended) = dropped.both();
        assert_eq!(begun, ended);
    });
}

/// Resumes a coro when it is dropped.
struct Thaw(coro::Coro, Rc<Cell<Option<u32>>>);

impl Drop for Thaw {
    fn drop(&mut self) {
        self.1.set(None);
        self.0.resume();
        self.0.ready();
    }
}

// Hazard: an interruption leaves by a way on which the blocks do not run.
#[test]
fn blocks_run_at_every_passage() {
    prove(&faults().delays(3), || {
        let inside = Rc::new(Cell::new(0));
        let (seen, other) = (inside.clone(), inside.clone());
        invariant("nobody is inside at a switch", move || seen.get() == 0);
        let worker = named("worker", move || {
            let (enters, leaves) = (inside.clone(), inside.clone());
            let _enter = coro::on_enter(move || enters.set(enters.get() + 1));
            let _leave = coro::on_leave(move || leaves.set(leaves.get() - 1));
            for _ in 0..2 {
                assert_eq!(inside.get(), 1);
                _ = catch_unwind(AssertUnwindSafe(coro::cede));
            }
            assert_eq!(inside.get(), 1);
        });
        let looks = named("looks", move || {
            for _ in 0..2 {
                assert_eq!(other.get(), 0);
                coro::cede();
            }
        });
        _ = (worker.join(), looks.join());
    });
}

// Hazard: a cancel that is swallowed is over, or `catch` swallows one.
#[test]
fn a_cancel_cannot_be_swallowed() {
    prove(&faults().throws(0).spurious(2).victims(["worker"]), || {
        let worker = named("worker", || {
            _ = catch_unwind(coro::cede);
            _ = coro::catch(coro::cede);
            coro::cede();
        });
        let target = worker.coro().clone();
        let canceller = named("canceller", move || {
            coro::cede();
            let is_in_time = !target.is_finished();
            target.cancel();
            is_in_time
        });
        let is_in_time = canceller.join().unwrap();
        let result = worker.join();
        assert!(result.is_err() || !is_in_time);
        assert!(result.is_ok() || result.is_err_and(|error| error.is_cancelled()));
    });
}

// Hazard: the value of a cancel is lost, or comes with the end of another kind.
#[test]
fn a_cancel_with_a_value_hands_it_over_or_drops_it() {
    prove(&faults().delays(4), || {
        let value = Rc::new(());
        let worker = named("worker", || {
            coro::cede();
            coro::cede();
            Rc::new(())
        });
        let worker = Rc::new(Cell::new(Some(worker)));
        let (given, theirs) = (value.clone(), worker.clone());
        let canceller = named("canceller", move || {
            coro::cede();
            let Some(handle) = theirs.take() else { return };
            handle.cancel_with(given);
            _ = handle.join();
        });
        _ = canceller.join();
        if let Some(worker) = worker.take() {
            _ = worker.join();
        }
        finally(move || assert_eq!(Rc::strong_count(&value), 1));
    });
}

/// Blocks when it is dropped, as a destructor may.
struct Blocks;

impl Drop for Blocks {
    fn drop(&mut self) {
        coro::cede();
    }
}

// Hazard: while one coro blocks in its unwinding, a throw into another is lost, or raised in both.
#[test]
fn who_does_not_unwind_is_interrupted_although_another_does() {
    prove(&Builder::new().spurious(1).panics(), || {
        let unwinds = named("unwinds", || {
            let _blocks = Blocks;
            coro::cede();
            panic!("so that it unwinds");
        });
        let catcher = named("catcher", || {
            // It blocks again as long as it cannot be known whether it unwinds.
            while coro::catch(coro::schedule).is_ok() {}
        });
        coro::cede();
        let is_in_time = !catcher.coro().is_new();
        catcher.throw(Ball);
        assert_eq!(catcher.join().is_ok(), is_in_time);
        assert!(unwinds.join().is_err_and(|error| error.is_panic()));
    });
}
