//! Coro-local variables whose values a new coro has from its maker.

use std::rc::Rc;

use coro::{Builder, cede, schedule, scope, spawn};
use coro_specific::Inherited;

use crate::specific::{deferred, me, variable};
use crate::support::{Log, counted};

fn inherited<T: 'static>() -> (Rc<Inherited<T>>, Rc<Inherited<T>>) {
    let variable = Rc::new(Inherited::new());
    (variable.clone(), variable)
}

#[test]
fn a_new_coro_starts_with_what_its_maker_has_at_that_moment() {
    let (ours, theirs) = inherited();
    let reads = move || theirs.get().as_deref().copied();
    ours.set(1);
    let spawned = spawn(reads.clone());
    let built = Builder::new().build(reads.clone());
    let ready = Builder::new().spawn(reads.clone());
    ours.set(2);
    built.ready();
    scope(|s| {
        let child = s.spawn(|| ours.get().as_deref().copied());
        ours.set(3);
        assert_eq!(child.join().unwrap(), Some(2));
    });
    let _ = ours.take();
    let none = spawn(reads);
    for (coro, value) in [
        (spawned, Some(1)),
        (built, Some(1)),
        (ready, Some(1)),
        (none, None),
    ] {
        assert_eq!(coro.join().unwrap(), value);
    }
}

#[test]
fn neither_sees_what_the_other_sets() {
    let (ours, theirs) = inherited();
    ours.set("parent's");
    let c = spawn(move || {
        assert_eq!(*theirs.replace("child's").unwrap(), "parent's");
        cede();
        *theirs.get().unwrap()
    });
    cede();
    assert_eq!(*ours.get().unwrap(), "parent's");
    ours.set("parent's new");
    assert_eq!(c.join().unwrap(), "child's");
    assert_eq!(*ours.get().unwrap(), "parent's new");
}

#[test]
fn an_inherited_value_survives_its_first_coro_and_goes_with_the_last() {
    let log = Log::new();
    let (ours, theirs) = inherited();
    let parent = Builder::new().desc("parent").spawn(move || {
        theirs.set(deferred(move || log.say(format!("dropped in {}", me()))));
        Builder::new().desc("child").spawn(|| {
            schedule();
            Builder::new().desc("grandchild").spawn(schedule)
        })
    });
    let child = parent.join().unwrap();
    assert!(ours.get().is_none());
    child.ready();
    let grandchild = child.join().unwrap();
    cede();
    log.expect([]);
    grandchild.ready();
    grandchild.join().unwrap();
    log.expect(["dropped in grandchild"]);
}

#[test]
fn a_coro_that_never_ran_gives_up_what_it_inherited() {
    let (ours, _) = inherited();
    let (value, drops) = counted();
    ours.set(value);
    let cancelled = Builder::new().build(|| ());
    let forgotten = Builder::new().build(|| ());
    drop(ours.take());
    cancelled.cancel();
    assert_eq!(drops.get(), 0);
    drop(forgotten);
    cede();
    assert_eq!(drops.get(), 1);
}

#[test]
fn inherited_values_go_with_their_variable() {
    let (value, drops) = counted();
    let variable = Inherited::new();
    variable.set(value);
    let c = spawn(schedule);
    cede();
    drop(variable.take());
    assert_eq!(drops.get(), 0);
    drop(variable);
    assert_eq!((drops.get(), c.is_finished()), (1, false));
    c.cancel();
    assert_eq!(drops.get(), 1);
}

#[test]
fn with_lends_the_value_that_was_there() {
    let variable = Inherited::new();
    variable.set(1);
    variable.with(|value| {
        variable.set(2);
        assert_eq!(value, Some(&1));
    });
    assert_eq!(variable.get().as_deref(), Some(&2));
}

#[test]
fn plain_values_are_not_inherited() {
    let (ours, theirs) = variable();
    let other = Inherited::new();
    ours.set(1);
    other.set(1);
    spawn(move || assert_eq!(theirs.get(), None))
        .join()
        .unwrap();
    drop(other);
}
