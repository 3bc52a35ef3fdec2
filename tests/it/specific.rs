//! Coro-local variables: a value a coro, when it is made, and when it goes.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use coro::{Builder, LocalSlot, cede, current, no_switch, schedule, spawn};
use coro_specific::{Inherited, Specific, coro_local};

use crate::support::{Counted, Log, caught, counted, defer, die, outcome};

mod inherited;
mod initialisers;
mod local_key;
mod slots;
mod threads;

/// A value that runs a closure when it is dropped.
type Deferred = Box<dyn std::any::Any>;

fn deferred(f: impl FnOnce() + 'static) -> Deferred {
    Box::new(defer(f))
}

fn variable<T: 'static>() -> (Rc<Specific<T>>, Rc<Specific<T>>) {
    let variable = Rc::new(Specific::new());
    (variable.clone(), variable)
}

/// The name of the current coro.
fn me() -> String {
    current().desc().as_deref().unwrap_or("nobody").to_owned()
}

// When values go.

#[test]
fn main_has_a_value_of_its_own_and_keeps_it() {
    let (ours, theirs) = variable();
    let (value, drops) = counted();
    ours.set((1, value));
    spawn(move || assert!(theirs.take().is_none()))
        .join()
        .unwrap();
    assert_eq!((ours.with(|value| value.unwrap().0), drops.get()), (1, 0));
    drop(ours.take());
    assert_eq!((ours.with(|value| value.is_none()), drops.get()), (true, 1));
}

#[test]
fn a_zombie_has_no_values() {
    let (ours, theirs) = variable();
    let (value, drops) = counted();
    let zombie = spawn(move || theirs.set(value));
    zombie.coro().join();
    assert!(zombie.is_finished());
    assert_eq!(drops.get(), 1);
    drop(ours);
    assert_eq!(drops.get(), 1);
}

#[test]
fn values_go_after_the_locals_and_before_the_handlers() {
    let log = Log::new();
    let (_ours, theirs) = variable();
    let c = spawn(move || {
        let _local = log.mark("local");
        theirs.set(deferred(move || log.say("value")));
    });
    c.on_destroy(move || log.say("handler"));
    c.join().unwrap();
    log.expect(["local", "value", "handler"]);
}

#[test]
fn a_destructor_at_the_end_may_block_and_cede() {
    let log = Log::new();
    let (_ours, theirs) = variable();
    let c = Builder::new().desc("c").spawn(move || {
        theirs.set(deferred(move || {
            log.say(format!("{} cedes", me()));
            cede();
            log.say(format!("{} blocks", me()));
            schedule();
            log.say(format!("{} goes", me()));
        }));
    });
    cede();
    log.expect(["c cedes"]);
    cede();
    assert!(!c.is_finished());
    log.expect(["c blocks"]);
    c.ready();
    c.join().unwrap();
    log.expect(["c goes"]);
}

#[test]
fn what_destructors_put_in_is_dropped_too() {
    fn again(variable: Rc<Specific<Deferred>>, left: u32, log: Log) -> Deferred {
        deferred(move || {
            log.say(format!("{left} in {}", me()));
            if let Some(left) = left.checked_sub(1) {
                let next = again(variable.clone(), left, log);
                variable.set(next);
            }
        })
    }
    let log = Log::new();
    let (ours, theirs) = variable();
    let c = Builder::new().desc("c").spawn(move || {
        let first = again(theirs.clone(), 5, log);
        theirs.set(first);
    });
    c.join().unwrap();
    log.expect(["5 in c", "4 in c", "3 in c", "2 in c", "1 in c", "0 in c"]);
    assert_eq!(Rc::strong_count(&ours), 1);
}

#[test]
fn a_destructor_still_reads_the_values_that_go_after_it() {
    let log = Log::new();
    let (_first, first) = variable();
    let (_second, second) = variable();
    spawn(move || {
        second.set("still here");
        let reads = second.clone();
        first.set(deferred(move || log.say(reads.get().unwrap_or("gone"))));
    })
    .join()
    .unwrap();
    log.expect(["still here"]);
}

#[test]
fn a_destructor_may_drop_its_own_variable() {
    let log = Log::new();
    let (ours, theirs) = variable();
    let other = ours.clone();
    let c = spawn(move || {
        let last = theirs.clone();
        theirs.set(deferred(move || {
            drop(last);
            log.say("the variable is gone");
            assert!(Specific::<u8>::new().get().is_none());
        }));
        drop(theirs);
        cede();
    });
    let holder = spawn(move || {
        other.set(deferred(move || log.say("and the other value")));
        drop(other);
        schedule();
    });
    cede();
    drop(ours);
    log.expect([]);
    c.join().unwrap();
    log.expect(["and the other value", "the variable is gone"]);
    holder.cancel();
    log.expect([]);
}

#[test]
fn a_destructors_panic_costs_no_other_value() {
    let log = Log::new();
    let variables: Vec<_> = (0..3).map(|_| Rc::new(Specific::new())).collect();
    let theirs = variables.clone();
    let c = spawn(move || {
        theirs[0].set(deferred(|| die("first")));
        theirs[1].set(deferred(|| die("second")));
        theirs[2].set(deferred(move || log.say("third")));
        7
    });
    assert_eq!(c.join().unwrap(), 7);
    log.expect(["third"]);
}

// When variables go.

#[test]
fn a_variable_takes_the_values_of_all_coros_with_it_panics_or_not() {
    let log = Log::new();
    let (ours, _) = variable();
    let coros = ["a", "b", "c", "d"].map(|name| {
        let theirs = ours.clone();
        spawn(move || {
            theirs.set(deferred(move || {
                log.say(name);
                if name != "a" {
                    die(name);
                }
            }));
            drop(theirs);
            schedule();
        })
    });
    cede();
    // The newest coro's value goes first, so that is the panic which goes on.
    assert_eq!(outcome(move || drop(ours)), "d");
    assert_eq!(log.sorted(), ["a", "b", "c", "d"]);
    let next = Specific::<u8>::new();
    assert_eq!(next.get(), None);
    coros.iter().for_each(|c| c.cancel());
    log.expect([]);
}

#[test]
fn destructors_that_run_with_the_variable_may_do_anything() {
    let log = Log::new();
    let (ours, theirs) = variable();
    let victim = spawn({
        let theirs = ours.clone();
        move || {
            theirs.set(deferred(move || log.say("the victim's value")));
            drop(theirs);
            let _local = log.mark("the victim's local");
            schedule();
        }
    });
    let target = victim.coro().clone();
    let actor = spawn(move || {
        theirs.set(deferred(move || {
            let fresh: Vec<_> = (0..10_u8)
                .map(|i| {
                    let fresh = Specific::new();
                    assert_eq!(fresh.replace(i), None);
                    fresh
                })
                .collect();
            target.cancel();
            cede();
            let values: Vec<_> = fresh.iter().map(|fresh| fresh.get().unwrap()).collect();
            assert_eq!(values, (0..10).collect::<Vec<_>>());
            log.say(format!("dropped in {}", me()));
        }));
        drop(theirs);
        schedule();
    });
    cede();
    drop(ours);
    assert!(victim.is_finished() && !actor.is_finished());
    log.expect([
        "the victim's local",
        "dropped in main",
        "the victim's value",
    ]);
}

// Changes, and switches.

#[test]
fn a_change_inside_with_is_refused_and_nothing_has_changed() {
    let (ours, theirs) = variable();
    ours.set(1);
    ours.with(|value| {
        let what = caught(|| ours.set(2)).unwrap_err();
        let text = what.downcast_ref::<&str>().expect("a literal");
        assert_eq!(
            *text,
            "cannot change a coro-local variable inside its `with`"
        );
        spawn(move || theirs.set(3)).join().unwrap();
        assert_eq!((value, ours.get()), (Some(&1), Some(1)));
    });
    assert_eq!(ours.take(), Some(1));
}

#[test]
fn what_never_switches_does_not() {
    no_switch(|| {
        let slot = LocalSlot::inherited();
        assert_eq!(slot.note(), None);
        assert!(slot.put(Rc::new(1), 2).is_none());
        assert_eq!((slot.note(), slot.get().is_some()), (Some(2), true));
        drop(spawn(|| ()));
        assert!(slot.replace(None).is_some());
        let variable = Inherited::new();
        variable.set(1);
        assert_eq!(variable.with(|value| value.copied()), Some(1));
        assert_eq!(variable.replace(2).as_deref(), Some(&1));
        assert_eq!(variable.take().as_deref(), Some(&2));
        let variable = Specific::with_init(|| 1);
        assert_eq!((variable.get(), variable.replace(2)), (Some(1), Some(1)));
        variable.set(3);
        assert_eq!(variable.take(), Some(3));
        REVIVED.set(1);
        assert_eq!(
            (REVIVED.get(), REVIVED.replace(2), REVIVED.take()),
            (1, 1, 2)
        );
        KEPT.set(Vec::new());
        assert!(KEPT.with_borrow(Vec::is_empty) && KEPT.take().is_empty());
    });
}

coro_local! {
    static KEPT: RefCell<Vec<Counted>> = RefCell::new(Vec::new());
    static REVIVED: Cell<u32> = Cell::new(0);
}
