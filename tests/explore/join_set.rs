//! Join sets: each result is taken once, in the order of the ends, and no coro outlives its set.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use coro::JoinHandle;
use coro_channel::{Arm, JoinSet, Select};
use coro_explore::{Builder, finally};

/// Explores all within the budgets.
#[track_caller]
fn explore(name: &str, builder: &Builder, body: impl Fn() + Send + Sync + 'static) {
    let builder = builder.clone().name(name).max_executions(1_000_000);
    let report = builder.check(body);
    println!("join set, {name}: {report}");
    assert!(report.is_exhaustive());
}

/// Strikes coros of this name; then wakes any of them for nothing.
#[track_caller]
fn explore_strikes<F>(name: &str, builder: &Builder, victim: &str, body: F)
where
    F: Fn() + Clone + Send + Sync + 'static,
{
    explore(name, &builder.clone().victims([victim]), body.clone());
    let spurious = Builder::new().spurious(2);
    explore(&format!("{name}, spurious"), &spurious, body);
}

fn faults() -> Builder {
    Builder::new().spurious(2).throws(1).cancels(1)
}

fn named<T: 'static>(desc: &str, f: impl FnOnce() -> T + 'static) -> JoinHandle<T> {
    coro::Builder::new().desc(desc).spawn(f)
}

fn member<T: 'static>(set: &JoinSet<T>, f: impl FnOnce() -> T + 'static) -> coro::Coro {
    set.spawn_with(coro::Builder::new().desc("member"), f)
}

/// Counts those who are in.
struct Inside(Rc<Cell<i32>>);

impl Inside {
    fn new(count: &Rc<Cell<i32>>) -> Inside {
        count.set(count.get() + 1);
        Inside(count.clone())
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

// A coro and the body, which nothing strikes, take the results of two. Hazards: who was woken ends;
// the last result is taken while others wait; a member is struck.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn each_result_is_taken_once() {
    explore("take", &faults().spurious(1), || {
        let set = Rc::new(JoinSet::new());
        let taken = Rc::new(Cell::new(0));
        for n in [1, 2] {
            member(&set, move || {
                coro::cede();
                n
            });
        }
        let (theirs, seen) = (set.clone(), taken.clone());
        let joiner = named("joiner", move || {
            while theirs.join_next().is_some() {
                seen.set(seen.get() + 1);
            }
        });
        while set.join_next().is_some() {
            taken.set(taken.get() + 1);
        }
        _ = joiner.join();
        assert_eq!((taken.get(), set.len()), (2, 0));
    });
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn each_result_is_taken_once_by_arms() {
    explore("arms", &faults().spurious(1), || {
        let set = Rc::new(JoinSet::new());
        let taken = Rc::new(Cell::new(0));
        member(&set, coro::cede);
        let joiners = [1, 2].map(|_| {
            let (set, taken) = (set.clone(), taken.clone());
            named("joiner", move || {
                let arm = set.join_next_arm();
                Select::new(&[&arm]).wait();
                taken.set(taken.get() + usize::from(arm.take().is_some()));
            })
        });
        // One that is struck leaves the result to the other; if both are, it is still there.
        joiners.into_iter().for_each(|c| _ = c.join());
        assert_eq!(taken.get() + set.len(), 1);
    });
}

// Two wait, and one member ends. Hazard: the joiner that was woken ends, and the other waits on.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_joiner_that_ends_passes_its_wake_up_on() {
    let builder = faults().spurious(1);
    explore_strikes("pass on", &builder, "joiner", || {
        let set = Rc::new(JoinSet::new());
        let lasting = set.spawn(coro::schedule);
        member(&set, coro::cede);
        let joiners = [1, 2].map(|_| {
            let (set, lasting) = (set.clone(), lasting.clone());
            named("joiner", move || {
                assert!(set.join_next().is_some());
                // That is for the other one, if it still waits.
                lasting.safe_cancel()
            })
        });
        joiners.into_iter().for_each(|c| _ = c.join());
        lasting.cancel();
    });
}

// In production order or not: whoever ends first is the first to be joined.
#[test]
fn results_come_in_the_order_of_the_ends() {
    explore("order", &Builder::new().spurious(2), || {
        let set = JoinSet::new();
        let ends = Rc::new(RefCell::new(vec![]));
        for n in [1, 2, 3] {
            let ends = ends.clone();
            member(&set, move || {
                coro::cede();
                ends.borrow_mut().push(n);
                n
            });
        }
        let mut joined = vec![];
        while let Some(result) = set.join_next() {
            joined.push(result.unwrap());
        }
        assert_eq!(joined, *ends.borrow());
    });
}

// Hazards: a member that never ran, that waits, that is ready, that has ended, that shields itself.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn no_member_outlives_the_drop_of_its_set() {
    explore("drop", &faults().spurious(1), || {
        let count = Rc::new(Cell::new(0));
        let set = JoinSet::new();
        let inside = Inside::new(&count);
        member(&set, move || {
            let _inside = inside;
            loop {
                coro::schedule();
            }
        });
        let is_dropped = Rc::new(Cell::new(false));
        let (inside, gone) = (Inside::new(&count), is_dropped.clone());
        member(&set, move || {
            let _inside = inside;
            coro::shield(coro::cede);
            coro::cede();
            assert!(!gone.get(), "it was shielded, and went on");
        });
        let left = count.clone();
        let owner = named("owner", move || {
            coro::cede();
            drop(set);
            is_dropped.set(true);
        });
        _ = owner.join();
        finally(move || assert_eq!(left.get(), 0));
    });
}

// The members end, each with a result, although who cancels them is struck meanwhile.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn all_members_are_cancelled_together() {
    explore("cancel all", &faults(), || {
        let set = Rc::new(JoinSet::new());
        let count = Rc::new(Cell::new(0));
        for _ in 0..2 {
            let count = count.clone();
            member(&set, move || {
                let _inside = Inside::new(&count);
                loop {
                    coro::schedule();
                }
            });
        }
        let theirs = set.clone();
        let canceller = named("canceller", move || {
            coro::cede();
            theirs.cancel_all();
        });
        _ = canceller.join();
        set.cancel_all();
        let results = [set.join_next(), set.join_next()];
        for result in results {
            let error = result.unwrap().unwrap_err();
            assert!(error.is_cancelled() || error.is_thrown());
        }
        assert_eq!((set.len(), count.get()), (0, 0));
    });
}

// Hazards: somebody waits in the set that is emptied; a member has ended, and is still held.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn detached_members_go_on_and_the_joiners_are_released() {
    let builder = faults().spurious(1);
    explore_strikes("detach", &builder, "joiner", || {
        let set = Rc::new(JoinSet::new());
        let has_ended = Rc::new(Cell::new(false));
        let seen = has_ended.clone();
        member(&set, move || {
            coro::cede();
            has_ended.set(true);
        });
        let joiners = [1, 2].map(|_| {
            let set = set.clone();
            named("joiner", move || while set.join_next().is_some() {})
        });
        coro::cede();
        set.detach_all();
        joiners.into_iter().for_each(|c| _ = c.join());
        finally(move || assert!(seen.get()));
    });
}

// Hazards: the limit is over when a member has ended; who gives up was woken, or stays in the queue.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn limits_lose_no_result() {
    let builder = faults().spurious(1).timers(2);
    explore_strikes("limits", &builder, "joiner", || {
        let set = Rc::new(JoinSet::new());
        member(&set, || coro_time::sleep(Duration::from_millis(1)));
        let taken = Rc::new(Cell::new(0));
        let joiners = [1, 2].map(|limit| {
            let (set, taken) = (set.clone(), taken.clone());
            named("joiner", move || {
                let result = set.join_next_timeout(Duration::from_millis(limit));
                taken.set(taken.get() + usize::from(matches!(result, Ok(Some(_)))));
            })
        });
        joiners.into_iter().for_each(|c| _ = c.join());
        while set.join_next().is_some() {
            taken.set(taken.get() + 1);
        }
        assert_eq!(taken.get(), 1);
    });
}
