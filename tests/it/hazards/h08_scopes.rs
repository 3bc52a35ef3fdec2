//! H8: what a scoped coro borrows outlives it, whatever is forgotten, dropped, thrown or cancelled.
//!
//! After the published proofs of unsoundness against corosensei (issues 27, 28, 58, 59, 60) and
//! generator-rs (14, 27, 49, 59): a scoped coroutine that is leaked, or that is resumed or dropped
//! after the frame it borrows from.

use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;
use std::rc::Rc;

use coro::{Builder, Coro, ScopedJoinHandle, cede, schedule, scope, spawn};

use crate::support::{Log, caught, defer, die, semaphore, text};

mod left;
mod owner;
mod stubborn;

/// Something on the owner's frame; it knows whether it is still there.
struct Lent {
    text: RefCell<String>,
    there: Rc<Cell<bool>>,
}

impl Lent {
    fn new() -> Self {
        Self {
            text: RefCell::default(),
            there: Rc::new(Cell::new(true)),
        }
    }

    /// Returns a guard that uses what is lent when it goes.
    fn user<'a>(&'a self, name: &'a str) -> impl Sized + 'a {
        defer(move || self.use_by(name))
    }

    #[track_caller]
    fn use_by(&self, name: &str) {
        // In bad faith this reads freed memory, which valgrind would tell, too.
        assert!(self.there.get(), "{name} uses what is gone");
        self.text.borrow_mut().push_str(name);
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.there.set(false);
    }
}

#[test]
fn a_forgotten_handle_does_not_free_the_child_from_its_scope() {
    let lent = Lent::new();
    scope(|s| {
        let child = s.spawn(|| {
            let _user = lent.user("end ");
            cede();
            lent.use_by("middle ");
        });
        let _ = ManuallyDrop::new(child);
    });
    assert_eq!(*lent.text.borrow(), "middle end ");
}

/// A cycle: it is never dropped, and neither is the handle in it.
struct Cycle<'scope> {
    this: RefCell<Option<Rc<Cycle<'scope>>>>,
    handle: RefCell<Option<ScopedJoinHandle<'scope, ()>>>,
}

impl Cycle<'_> {
    fn new() -> Rc<Self> {
        let cycle = Rc::new(Cycle {
            this: RefCell::default(),
            handle: RefCell::default(),
        });
        *cycle.this.borrow_mut() = Some(Rc::clone(&cycle));
        cycle
    }
}

#[test]
fn a_handle_leaked_in_a_cycle_does_not_free_the_child_from_its_scope() {
    let lent = Lent::new();
    scope(|s| {
        let cycle = Cycle::new();
        *cycle.handle.borrow_mut() = Some(s.spawn(|| {
            let _user = lent.user("end ");
            cede();
        }));
    });
    assert_eq!(*lent.text.borrow(), "end ");
}

#[test]
fn a_child_that_leaks_its_own_handle_and_itself_is_ended_too() {
    let lent = Lent::new();
    let lent = &lent;
    scope(|s| {
        let cycle = Cycle::new();
        let inside = Rc::clone(&cycle);
        let child = s.spawn(move || {
            let _user = lent.user("end ");
            let _inside = inside;
            cede();
        });
        *cycle.handle.borrow_mut() = Some(child);
    });
    assert_eq!(*lent.text.borrow(), "end ");
}

#[test]
fn a_boxed_forgotten_handle_whose_closure_panics_does_no_harm() {
    let lent = Lent::new();
    let payload = caught(|| {
        scope(|s| {
            let child = Box::new(s.spawn(|| {
                let _user = lent.user("end ");
                cede();
                schedule();
            }));
            Box::leak(child);
            cede();
            die("in the closure");
        });
    });
    assert_eq!(text(&*payload.unwrap_err()), "in the closure");
    assert_eq!(*lent.text.borrow(), "end ");
}

#[test]
fn a_new_child_of_a_failing_scope_is_dropped_uncalled() {
    let lent = Lent::new();
    let lent = &lent;
    let payload = caught(|| {
        scope(|s| {
            let unused = lent.user("dropped ");
            s.spawn(move || {
                let _unused = unused;
                lent.use_by("never ");
            });
            die("in the closure");
        });
    });
    assert!(payload.is_err());
    assert_eq!(*lent.text.borrow(), "dropped ");
}

#[test]
fn scopes_nest_and_end_inside_out() {
    let log = Log::new();
    let c = spawn(move || {
        let outer = Lent::new();
        let outer = &outer;
        let _outer_goes = log.mark("outer frame");
        scope(|s| {
            s.spawn(move || {
                let _user = outer.user("child ");
                let inner = Lent::new();
                let inner = &inner;
                let _inner_goes = log.mark("inner frame");
                scope(|t| {
                    for _ in 0..3 {
                        t.spawn(move || {
                            let _grandchild = log.mark("grandchild");
                            let _users = (outer.user("grandchild "), inner.user("grandchild "));
                            let _block = defer(cede);
                            schedule();
                        });
                    }
                });
            });
        });
    });
    cede();
    cede();
    cede();
    c.cancel();
    assert!(c.join().unwrap_err().is_cancelled());
    log.expect([
        "grandchild",
        "grandchild",
        "grandchild",
        "inner frame",
        "outer frame",
    ]);
}

#[test]
fn siblings_spawned_while_the_scope_closes_are_gone_when_it_is_left() {
    let lent = Lent::new();
    let lent = &lent;
    let payload = caught(|| {
        scope(|s| {
            s.spawn(move || {
                let _spawns = defer(move || {
                    for _ in 0..2 {
                        let unused = lent.user("gone ");
                        s.spawn(move || {
                            let _unused = unused;
                            schedule();
                        });
                    }
                });
                schedule();
            });
            cede();
            die("in the closure");
        });
    });
    assert_eq!(text(&*payload.unwrap_err()), "in the closure");
    assert_eq!(*lent.text.borrow(), "gone gone ");
}

#[test]
fn a_new_child_cancelled_by_a_stranger_keeps_the_scope_until_its_closure_is_gone() {
    let log = Log::new();
    let sem = semaphore(0);
    let child = Rc::new(RefCell::new(None::<Coro>));
    let stranger = {
        let child = Rc::clone(&child);
        Builder::new().build(move || {
            let child = child.take();
            child.unwrap().cancel();
            log.say("the stranger goes on");
        })
    };
    let owner = {
        let sem = Rc::clone(&sem);
        spawn(move || {
            let _gone = log.mark("the owner's frame goes");
            let lent = Lent::new();
            let lent = &lent;
            scope(|s| {
                let block = defer(move || {
                    // In the stranger's context, as the child has none.
                    sem.down();
                    lent.use_by("closure ");
                    log.say("the closure is gone");
                });
                let c = s.spawn(move || {
                    let _block = block;
                    log.say("never");
                });
                *child.borrow_mut() = Some(c.coro().clone());
                // Before the child.
                stranger.set_prio(coro::Prio::HIGH);
                stranger.ready();
                // The stranger is in the middle of it when the scope closes.
                cede();
                die("in the closure");
            });
        })
    };
    for _ in 0..10 {
        cede();
    }
    assert!(!owner.is_finished());
    sem.up();
    assert!(owner.join().unwrap_err().is_panic());
    cede();
    log.expect([
        "the closure is gone",
        "the stranger goes on",
        "the owner's frame goes",
    ]);
}

#[test]
fn scopes_may_be_left_by_a_return_value_that_borrows_from_outside() {
    let words = [String::from("a"), String::from("b")];
    let last = scope(|s| s.spawn(|| words.last()).join().unwrap());
    assert_eq!(last.map(String::as_str), Some("b"));
}
