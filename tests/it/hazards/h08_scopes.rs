//! H8: what a scoped coro borrows outlives it, whatever is forgotten, dropped, thrown or cancelled.
//!
//! After the published proofs of unsoundness against corosensei (issues 27, 28, 58, 59, 60) and
//! generator-rs (14, 27, 49, 59): a scoped coroutine that is leaked, or that is resumed or dropped
//! after the frame it borrows from.

use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;
use std::rc::Rc;

use coro::{Builder, Coro, JoinHandle, ScopedJoinHandle, cede, current, schedule, scope, spawn};

use crate::programs::aborts;
use crate::support::{Log, caught, counted, defer, die, fresh, in_a_process, semaphore, text};

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

/// The name of a way to end a coro, and the way.
type Ending = (&'static str, fn(&Coro));

/// How an owner is ended while its child is still there.
fn endings() -> [Ending; 4] {
    [
        ("cancel", |owner| owner.cancel()),
        // The second one is refused: the owner is shielded while its scope closes.
        ("safe_cancel", |owner| _ = owner.safe_cancel()),
        ("throw", |owner| drop(owner.throw("thrown"))),
        ("killall", |_| coro::killall()),
    ]
}

/// Starts an owner whose child waits for the semaphore in its destructor.
fn owner(log: Log, sem: &Rc<coro_semaphore::Semaphore>) -> JoinHandle<()> {
    let sem = Rc::clone(sem);
    let owner = spawn(move || {
        let _gone = log.mark("the owner's frame goes");
        let lent = Lent::new();
        scope(|s| {
            s.spawn(|| {
                let _user = lent.user("end ");
                let _block = defer(|| {
                    log.say("child cleans up");
                    sem.down();
                    log.say("child is done");
                });
                schedule();
            });
        });
        log.say("never");
    });
    cede();
    cede();
    owner
}

#[test]
fn an_ended_owner_waits_for_its_childs_destructor() {
    for (name, end) in endings() {
        let log = Log::new();
        let sem = semaphore(0);
        let c = owner(log, &sem);
        end(&c);
        for _ in 0..5 {
            cede();
        }
        assert!(!c.is_finished(), "{name}");
        // Again, while it waits: its frame must stay.
        end(&c);
        cede();
        c.ready();
        cede();
        assert!(!c.is_finished(), "{name}");
        sem.up();
        assert!(c.join().is_err());
        log.expect(["child cleans up", "child is done", "the owner's frame goes"]);
    }
}

#[test]
fn an_owner_that_nobody_holds_keeps_its_frame_until_its_child_has_ended() {
    fresh(|| {
        let log = Log::new();
        let sem = semaphore(0);
        drop(owner(log, &sem));
        for _ in 0..5 {
            cede();
        }
        // The child and its owner are held by nobody but each other.
        sem.up();
        let left = coro::shutdown();
        assert!(left.is_empty(), "{left:?}");
        log.expect(["child cleans up", "child is done", "the owner's frame goes"]);
    });
}

#[test]
fn a_suspended_child_is_ended_all_the_same() {
    let lent = Lent::new();
    let payload = caught(|| {
        scope(|s| {
            let child = s.spawn(|| {
                let _user = lent.user("end ");
                schedule();
            });
            cede();
            child.coro().suspend();
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

/// A result that uses what it borrows when it is dropped.
struct Result<'a>(&'a Lent);

impl Drop for Result<'_> {
    fn drop(&mut self) {
        self.0.use_by("result ");
    }
}

#[test]
fn a_result_is_dropped_in_the_scope_even_if_a_handle_outlives_it() {
    let mut kept = Vec::new();
    let text = {
        let lent = Lent::new();
        scope(|s| {
            kept.push(s.spawn(|| Result(&lent)).coro().clone());
            let forgotten = ManuallyDrop::new(s.spawn(|| Result(&lent)));
            kept.push(forgotten.coro().clone());
        });
        lent.text.take()
    };
    assert_eq!(text, "result result ");
    assert!(kept.iter().all(Coro::is_finished));
    drop(kept);
}

#[test]
fn a_joined_result_is_dropped_once_by_whoever_took_it() {
    let lent = Lent::new();
    scope(|s| {
        let result = s.spawn(|| Result(&lent)).join().unwrap();
        assert_eq!(*lent.text.borrow(), "");
        drop(result);
        assert_eq!(*lent.text.borrow(), "result ");
    });
    assert_eq!(*lent.text.borrow(), "result ");
}

#[test]
fn handles_got_by_all_do_nothing_after_the_scope() {
    let mut kept = Vec::new();
    {
        let lent = Lent::new();
        scope(|s| {
            for _ in 0..40 {
                s.spawn(|| {
                    let _user = lent.user(".");
                    cede();
                });
            }
            kept = coro::all();
            kept.retain(|c| *c != current());
        });
        assert_eq!(lent.text.borrow().len(), 40);
    }
    for c in &kept {
        assert!(c.is_finished());
        c.cancel();
        c.safe_cancel().unwrap();
        drop(c.throw("late"));
        assert!(!c.ready());
        assert!(c.schedule_to().is_err());
        c.join();
        c.resume();
    }
    cede();
    assert_eq!(coro::ready_count(), 0);
}

#[test]
fn a_child_held_by_another_coro_ends_with_its_scope() {
    let holder = {
        let lent = Lent::new();
        let held = Rc::new(RefCell::new(None::<Coro>));
        let hold = Rc::clone(&held);
        let holder = spawn(move || {
            schedule();
            let held = hold.take();
            held.is_some_and(|c: Coro| c.is_finished() && !c.ready())
        });
        cede();
        _ = caught(|| {
            scope(|s| {
                let child = s.spawn(|| {
                    let _user = lent.user("end ");
                    schedule();
                });
                *held.borrow_mut() = Some(child.coro().clone());
                cede();
                die("in the closure");
            });
        });
        holder
    };
    holder.ready();
    assert!(holder.join().unwrap());
}

#[test]
fn destroy_handlers_of_a_child_begin_before_the_scope_is_left_and_need_not_end() {
    // They borrow nothing, and a coro has ended for its joiners when they run.
    let log = Log::new();
    scope(|s| {
        s.spawn(cede).coro().on_destroy(move || {
            log.say("handler");
            cede();
            log.say("handler ends");
        });
    });
    log.say("scope left");
    cede();
    log.expect(["handler", "scope left", "handler ends"]);
}

#[test]
fn a_child_that_was_thrown_at_keeps_its_payload_until_the_scope_is_left() {
    let (value, drops) = counted();
    let payload = caught(|| {
        scope(|s| {
            let child = s.spawn(schedule);
            cede();
            drop(child.coro().throw(value));
        });
    });
    assert_eq!(text(&*payload.unwrap_err()), "a scoped coro panicked");
    assert_eq!(drops.get(), 1);
}

#[test]
fn a_child_that_swallows_some_cancels_is_waited_for() {
    let lent = Lent::new();
    let payload = caught(|| {
        scope(|s| {
            s.spawn(|| {
                let _user = lent.user("end");
                for _ in 0..500 {
                    _ = caught(schedule);
                }
            });
            cede();
            die("in the closure");
        });
    });
    assert!(payload.is_err());
    assert_eq!(*lent.text.borrow(), "end");
}

#[test]
fn a_child_that_swallows_every_cancel_ends_the_process_and_is_named() {
    let complaint = aborts(
        "hazards::h08_scopes::a_child_that_swallows_every_cancel_ends_the_process_and_is_named",
        || {
            scope(|s| {
                let child = s.spawn(|| {
                    loop {
                        _ = caught(schedule);
                    }
                });
                child.coro().set_desc("deaf");
                cede();
                die("in the closure");
            })
        },
    );
    assert!(complaint.contains("\"deaf\""), "{complaint}");
    assert!(complaint.contains("h08_scopes.rs"), "{complaint}");
    assert!(complaint.contains("swallows every cancel"), "{complaint}");
}

#[test]
fn a_child_whose_destructor_waits_for_ever_ends_the_process_and_is_named() {
    let complaint = aborts(
        "hazards::h08_scopes::a_child_whose_destructor_waits_for_ever_ends_the_process_and_is_named",
        || {
            scope(|s| {
                let child = s.spawn(|| {
                    let _block = defer(|| {
                        loop {
                            schedule();
                        }
                    });
                    schedule();
                });
                child.coro().set_desc("stuck");
                cede();
                die("in the closure");
            })
        },
    );
    assert!(complaint.contains("\"stuck\""), "{complaint}");
    assert!(
        complaint.contains("a deadlock keeps it from its end"),
        "{complaint}"
    );
}

#[test]
fn a_shielded_child_that_waits_for_ever_ends_the_process_and_is_named() {
    let complaint = aborts(
        "hazards::h08_scopes::a_shielded_child_that_waits_for_ever_ends_the_process_and_is_named",
        || {
            scope(|s| {
                let child = s.spawn(|| coro::shield(schedule));
                child.coro().set_desc("shielded");
                cede();
                die("in the closure");
            })
        },
    );
    assert!(complaint.contains("\"shielded\""), "{complaint}");
}

#[test]
fn a_scope_where_nothing_may_switch_drops_its_children_uncalled_and_panics() {
    let lent = Lent::new();
    let lent = &lent;
    let payload = caught(|| {
        coro::no_switch(|| {
            scope(|s| {
                let unused = lent.user("dropped ");
                s.spawn(move || {
                    let _unused = unused;
                    lent.use_by("never ");
                });
            });
        });
    });
    assert!(text(&*payload.unwrap_err()).starts_with("cannot switch inside no_switch"));
    assert_eq!(*lent.text.borrow(), "dropped ");
}

#[test]
fn a_deadlock_in_main_ends_the_children_before_it_is_raised() {
    in_a_process(
        "hazards::h08_scopes::a_deadlock_in_main_ends_the_children_before_it_is_raised",
        || {
            fresh(|| {
                let lent = Lent::new();
                let payload = caught(|| {
                    scope(|s| {
                        let child = s.spawn(|| {
                            let _user = lent.user("end ");
                            schedule();
                        });
                        child.coro().suspend();
                    })
                });
                assert!(text(&*payload.unwrap_err()).starts_with("deadlock"));
            });
        },
    );
}

#[test]
fn scopes_may_be_left_by_a_return_value_that_borrows_from_outside() {
    let words = [String::from("a"), String::from("b")];
    let last = scope(|s| s.spawn(|| words.last()).join().unwrap());
    assert_eq!(last.map(String::as_str), Some("b"));
}
