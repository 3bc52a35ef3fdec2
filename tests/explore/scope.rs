//! Scopes: children that end, panic and are struck, owners that are struck while they wait.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::thread;

use coro::JoinHandle;
use coro_explore::Builder;

/// Explores all, and says how much that was.
#[track_caller]
fn prove(builder: &Builder, body: impl Fn() + Send + Sync + 'static) {
    let report = builder.clone().max_executions(300_000).check(body);
    let thread = thread::current();
    println!("{}: {report}", thread.name().unwrap_or_default());
    assert!(report.is_exhaustive(), "{report}");
}

fn faults() -> Builder {
    Builder::new().delays(3).spurious(2).throws(1).cancels(1)
}

fn named<T: 'static>(name: &str, f: impl FnOnce() -> T + 'static) -> JoinHandle<T> {
    coro::Builder::new().desc(name).spawn(f)
}

/// Joins a coro that may have been struck, and passes on a panic of its own.
fn join<T>(handle: JoinHandle<T>) -> Option<T> {
    match handle.join() {
        Ok(value) => Some(value),
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => None,
    }
}

/// How many children have begun and not ended. (They own it: those that outlive their scope shall
/// not take freed memory with them.)
#[derive(Clone, Default)]
struct Alive(Rc<Cell<u32>>);

impl Alive {
    fn enter(&self) -> impl Drop + use<> {
        self.0.set(self.0.get() + 1);
        Inside(self.clone())
    }
}

struct Inside(Alive);

impl Drop for Inside {
    fn drop(&mut self) {
        let alive = &self.0.0;
        alive.set(alive.get() - 1);
    }
}

/// Calls a scope, and looks whether its children have ended when it is over, however it ends.
fn outlived<R>(alive: &Alive, scope: impl FnOnce() -> R) -> thread::Result<R> {
    let result = catch_unwind(AssertUnwindSafe(scope));
    assert_eq!(alive.0.get(), 0, "a child outlives its scope");
    // A cancel that was caught goes on.
    coro::check();
    result
}

// Hazards: the owner is interrupted or readied while it waits, and goes on although children run.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn children_have_ended_when_a_scope_returns() {
    prove(&faults().spurious(1).safe_cancels(1), || {
        let owner = named("owner", || {
            let alive = Alive::default();
            let result = outlived(&alive, || {
                coro::scope(|s| {
                    for _ in 0..2 {
                        let alive = alive.clone();
                        s.spawn(move || {
                            let _inside = alive.enter();
                            coro::cede();
                        });
                    }
                });
            });
            _ = result;
        });
        join(owner);
    });
}

// Hazard: what a child returned is lost when the handle's join was interrupted or the child struck.
#[test]
fn a_child_that_is_joined_hands_over_its_result() {
    prove(&faults(), || {
        let owner = named("owner", || {
            let mut number = 41;
            let result = coro::catch(|| {
                coro::scope(|s| {
                    let child = s.spawn(|| {
                        coro::cede();
                        number += 1;
                        number
                    });
                    child.join().map_err(|_| ())
                })
            });
            assert!(!matches!(result, Ok(Ok(other)) if other != 42));
            assert!(number == 42 || !matches!(result, Ok(Ok(_))));
        });
        join(owner);
    });
}

// Hazard: what is thrown at an owner that waits is lost when its children have ended.
#[test]
fn what_is_thrown_at_the_owner_is_raised_after_its_children_have_ended() {
    prove(&Builder::new().delays(4).spurious(2), || {
        let owner = named("owner", || {
            let alive = Alive::default();
            let result = outlived(&alive, || {
                coro::scope(|s| {
                    let alive = alive.clone();
                    s.spawn(move || {
                        let _inside = alive.enter();
                        coro::cede();
                    });
                });
            });
            // It may come when the scope is over.
            result.is_err() || coro::catch(coro::cede).is_err()
        });
        coro::cede();
        let is_in_time = !owner.is_finished() && !owner.coro().is_new();
        owner.throw(0_u8);
        assert!(join(owner).is_none_or(|raised| raised || !is_in_time));
    });
}

// Hazard: a panic of a child that nobody joined is forgotten, or does not wait for the others.
#[test]
fn a_panic_of_a_child_is_the_scopes_after_all_have_ended() {
    prove(&faults().panics(), || {
        let owner = named("owner", || {
            let alive = Alive::default();
            let panicked = Rc::new(Cell::new(false));
            let result = outlived(&alive, || {
                coro::scope(|s| {
                    let (panics, other) = (panicked.clone(), alive.clone());
                    s.spawn(move || {
                        coro::cede();
                        panics.set(true);
                        panic!("a child's");
                    });
                    s.spawn(move || {
                        let _inside = other.enter();
                        coro::cede();
                    });
                });
            });
            assert!(result.is_err() || !panicked.get(), "nobody was told");
        });
        join(owner);
    });
}

// Hazard: the owner takes a child whose cleanup blocks for one that has ended.
#[test]
fn the_owner_waits_for_cleanups_that_block() {
    prove(&faults(), || {
        let owner = named("owner", || {
            let alive = Alive::default();
            let result = outlived(&alive, || {
                coro::scope(|s| {
                    let inside = alive.clone();
                    s.spawn(move || {
                        let inside = inside.enter();
                        coro::defer(move || {
                            coro::cede();
                            drop(inside);
                        });
                        coro::cede();
                    });
                    coro::cede();
                });
            });
            _ = result;
        });
        join(owner);
    });
}

/// Blocks when it is dropped.
struct Blocks;

impl Drop for Blocks {
    fn drop(&mut self) {
        coro::cede();
    }
}

// Hazard: a child that blocks in the middle of its unwinding is unwound a second time, or not
// waited for.
#[test]
fn the_owner_waits_for_destructors_that_block() {
    let faults = faults();
    prove(&faults, || {
        let owner = named("owner", || {
            let alive = Alive::default();
            let result = outlived(&alive, || {
                coro::scope(|s| {
                    let inside = alive.clone();
                    let child = s.spawn(move || {
                        let _inside = inside.enter();
                        let _blocks = Blocks;
                        coro::cede();
                    });
                    child.coro().set_desc("child");
                    coro::cede();
                });
            });
            _ = result;
        });
        join(owner);
    });
}

// Hazard: a closing scope waits for a child that swallowed its cancel and blocks for good.
#[test]
fn who_swallows_a_cancel_is_cancelled_again() {
    prove(&faults(), || {
        let owner = named("owner", || {
            let alive = Alive::default();
            let result = outlived(&alive, || {
                coro::scope(|s| {
                    let inside = alive.clone();
                    s.spawn(move || {
                        let _inside = inside.enter();
                        _ = catch_unwind(coro::schedule);
                        coro::schedule();
                    });
                    coro::cede();
                    panic!("the owner's");
                });
            });
            assert!(result.is_err());
        });
        join(owner);
    });
}

// Hazard: who is spawned while the scope is closing is neither cancelled nor waited for.
#[test]
fn who_is_spawned_by_a_sibling_is_waited_for_too() {
    prove(&faults(), || {
        let owner = named("owner", || {
            let alive = Alive::default();
            let result = outlived(&alive, || {
                coro::scope(|s| {
                    let first = alive.clone();
                    s.spawn(move || {
                        let _inside = first.enter();
                        let second = first.clone();
                        coro::cede();
                        s.spawn(move || {
                            let _inside = second.enter();
                            coro::cede();
                        });
                    });
                });
            });
            _ = result;
        });
        join(owner);
    });
}

// Hazard: the inner owner, cancelled by the outer one, leaves its own children behind.
#[test]
fn a_scope_in_a_scope_closes_from_the_inside_out() {
    prove(&faults().throws(1), || {
        let owner = named("owner", || {
            let alive = Alive::default();
            let result = outlived(&alive, || {
                coro::scope(|outer| {
                    let here = alive.clone();
                    outer.spawn(move || {
                        let _inside = here.enter();
                        _ = coro::catch(|| {
                            coro::scope(|inner| {
                                inner.spawn(|| {
                                    let _inside = here.enter();
                                    coro::cede();
                                });
                            });
                        });
                    });
                });
            });
            _ = result;
        });
        join(owner);
    });
}

// Hazard: a child that is shielded is not waited for, or is cut after all.
#[test]
fn a_shielded_child_ends_its_work_before_the_scope_is_over() {
    prove(&faults(), || {
        let owner = named("owner", || {
            let alive = Alive::default();
            let (begun, done) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
            let result = outlived(&alive, || {
                coro::scope(|s| {
                    let (inside, begun, done) = (alive.clone(), begun.clone(), done.clone());
                    s.spawn(move || {
                        let _inside = inside.enter();
                        coro::shield(|| {
                            begun.set(1);
                            coro::cede();
                            coro::cede();
                            done.set(1);
                        });
                    });
                    coro::cede();
                    panic!("the owner's");
                });
            });
            assert!(result.is_err() && begun.get() == done.get());
        });
        join(owner);
    });
}
