//! Coro-local variables: a value a coro, when it is made, when it goes, and who inherits it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Mutex;

use coro::{Builder, LocalSlot, cede, current, no_switch, schedule, scope, spawn};
use coro_specific::{Inherited, Specific, coro_local};

use crate::support::{Counted, Log, caught, counted, defer, die, fresh, in_a_process, outcome};

/// A value that runs a closure when it is dropped.
type Deferred = Box<dyn std::any::Any>;

fn deferred(f: impl FnOnce() + 'static) -> Deferred {
    Box::new(defer(f))
}

fn variable<T: 'static>() -> (Rc<Specific<T>>, Rc<Specific<T>>) {
    let variable = Rc::new(Specific::new());
    (variable.clone(), variable)
}

fn inherited<T: 'static>() -> (Rc<Inherited<T>>, Rc<Inherited<T>>) {
    let variable = Rc::new(Inherited::new());
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

// Places are used again.

#[test]
fn a_place_is_used_again_and_what_an_older_slot_left_is_not_seen() {
    let (value, drops) = counted();
    let old = Rc::new(LocalSlot::new());
    let new = Rc::new(RefCell::new(None::<LocalSlot>));
    let (theirs, later) = (old.clone(), new.clone());
    let seen = Rc::new(Cell::new(None));
    let tells = seen.clone();
    let c = spawn(|| ());
    c.on_destroy(move || {
        theirs.put(Rc::new(value), 7);
        drop(theirs);
        schedule();
        let slot = later.borrow();
        let slot = slot.as_ref().expect("it was made meanwhile");
        let before = (slot.get().is_none(), slot.note());
        assert!(slot.replace(Some(Rc::new("new"))).is_none());
        tells.set(Some((before, slot.note())));
    });
    cede();
    let place = format!("{old:?}");
    drop(old);
    *new.borrow_mut() = Some(LocalSlot::new());
    assert_eq!(place, format!("{:?}", new.borrow().as_ref().unwrap()));
    assert_eq!(drops.get(), 0);
    c.ready();
    cede();
    assert_eq!(seen.get(), Some(((true, None), Some(0))));
    assert_eq!(drops.get(), 1);
}

#[test]
fn a_thousand_variables_one_after_another_use_one_place() {
    let place = format!("{:?}", LocalSlot::new());
    for _ in 0..1_000 {
        assert_eq!(format!("{:?}", LocalSlot::new()), place);
    }
}

#[test]
fn many_variables_in_many_coros_agree_with_a_table() {
    const VARIABLES: usize = 40;
    const COROS: usize = 30;
    let variables: Rc<RefCell<Vec<Rc<Specific<u64>>>>> = Rc::new(RefCell::new(
        (0..VARIABLES).map(|_| Rc::new(Specific::new())).collect(),
    ));
    // What each coro's value of each variable is; a new variable clears its column.
    let table = Rc::new(RefCell::new(vec![[None; VARIABLES]; COROS]));
    let state = Rc::new(Cell::new(1_u64));
    let random = move |below: usize| {
        state.set(
            state
                .get()
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(99),
        );
        (state.get() >> 33) as usize % below
    };
    scope(|s| {
        for row in 0..COROS {
            let (variables, table, random) = (variables.clone(), table.clone(), random.clone());
            s.spawn(move || {
                for _ in 0..300 {
                    let column = random(VARIABLES);
                    let variable = variables.borrow()[column].clone();
                    let expected = table.borrow()[row][column];
                    assert_eq!(variable.get(), expected, "row {row}, column {column}");
                    let new = match random(8) {
                        0 => {
                            assert_eq!(variable.take(), expected);
                            drop(variable);
                            None
                        }
                        1 => {
                            drop(variable);
                            table
                                .borrow_mut()
                                .iter_mut()
                                .for_each(|row| row[column] = None);
                            let old = std::mem::replace(
                                &mut variables.borrow_mut()[column],
                                Rc::new(Specific::new()),
                            );
                            assert_eq!(Rc::strong_count(&old), 1);
                            drop(old);
                            None
                        }
                        _ => {
                            let value = random(1_000) as u64;
                            assert_eq!(variable.replace(value), expected);
                            drop(variable);
                            Some(value)
                        }
                    };
                    table.borrow_mut()[row][column] = new;
                    cede();
                }
            });
        }
    });
    let variables = variables.borrow();
    assert!(variables.iter().all(|variable| variable.get().is_none()));
}

// Initialisers.

#[test]
fn an_initialiser_runs_once_in_each_coro_in_its_context_and_may_switch() {
    let log = Log::new();
    let ours = Rc::new(Specific::with_init(move || {
        log.say(format!("{} begins", me()));
        cede();
        log.say(format!("{} ends", me()));
        me()
    }));
    let [a, b] = ["a", "b"].map(|name| {
        let theirs = ours.clone();
        Builder::new().desc(name).spawn(move || {
            assert_eq!(theirs.with(|value| value.map(String::len)), Some(1));
            theirs.get()
        })
    });
    assert_eq!(a.join().unwrap().as_deref(), Some("a"));
    assert_eq!(b.join().unwrap().as_deref(), Some("b"));
    log.expect(["a begins", "b begins", "a ends", "b ends"]);
    let untouched = spawn(move || assert_eq!(ours.replace("set".into()), None));
    untouched.join().unwrap();
    log.expect([]);
}

#[test]
fn a_value_that_is_taken_is_made_again() {
    let made = Rc::new(Cell::new(0));
    let count = made.clone();
    let variable = Specific::with_init(move || count.replace(count.get() + 1));
    assert_eq!((variable.get(), variable.get()), (Some(0), Some(0)));
    assert_eq!((variable.take(), variable.take()), (Some(0), None));
    assert_eq!((variable.get(), made.get()), (Some(1), 2));
    assert_eq!(format!("{:?}", Specific::with_init(|| 1)), "Specific(None)");
}

#[test]
fn an_initialiser_that_panics_or_is_thrown_at_is_tried_again() {
    let tries = Rc::new(Cell::new(0));
    let count = tries.clone();
    let ours = Rc::new(Specific::with_init(move || {
        count.set(count.get() + 1);
        match count.get() {
            1 => die("at first"),
            2 => schedule(),
            _ => {}
        }
        count.get()
    }));
    let c = spawn(move || {
        let outcomes = [(); 2].map(|()| outcome(|| ours.get()));
        assert_eq!(outcomes, ["at first", "thrown"]);
        ours.get()
    });
    cede();
    c.throw("thrown");
    assert_eq!(c.join().unwrap(), Some(3));
}

thread_local! {
    static ITSELF: Cell<Option<&'static Specific<u8>>> = const { Cell::new(None) };
}

fn itself() -> &'static Specific<u8> {
    ITSELF.get().expect("it was set")
}

#[test]
fn an_initialiser_that_asks_for_its_value_panics_at_its_line() {
    static BLAMED: Mutex<Option<(String, u32)>> = Mutex::new(None);
    static ASKED: Mutex<u32> = Mutex::new(0);
    in_a_process(
        "specific::an_initialiser_that_asks_for_its_value_panics_at_its_line",
        || {
            std::panic::set_hook(Box::new(|info| {
                let at = info.location().expect("panics have places");
                *BLAMED.lock().unwrap() = Some((at.file().to_owned(), at.line()));
            }));
            let variable = Specific::with_init(|| {
                *ASKED.lock().unwrap() = line!() + 1;
                itself().get().unwrap_or(0)
            });
            ITSELF.set(Some(Box::leak(Box::new(variable))));
            let payload = caught(|| itself().get()).unwrap_err();
            let text = payload.downcast_ref::<&str>().expect("a literal");
            assert!(text.contains("asks for the value that it is to make"));
            let blamed = BLAMED.lock().unwrap().take().expect("it panicked");
            let _ = std::panic::take_hook();
            assert_eq!(blamed, (file!().to_owned(), *ASKED.lock().unwrap()));
            // It is tried again, with the same end.
            assert!(caught(|| itself().get()).is_err());
        },
    );
}

#[test]
fn an_initialiser_may_set_and_its_value_replaces_that() {
    let (value, drops) = counted();
    let first = Cell::new(Some(value));
    let (value, others) = counted();
    let second = Cell::new(Some(value));
    let itself: Rc<std::cell::OnceCell<&'static Specific<Counted>>> = Rc::default();
    let own = itself.clone();
    let variable = Specific::with_init(move || {
        own.get().unwrap().set(first.take().expect("it runs once"));
        second.take().expect("it runs once")
    });
    itself.set(Box::leak(Box::new(variable))).unwrap();
    assert!(itself.get().unwrap().with(|value| value.is_some()));
    assert_eq!((drops.get(), others.get()), (1, 0));
}

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

// Inheritance.

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

// Statics.

mod statics {
    use super::{Cell, RefCell, coro_local, current};

    coro_local! {
        /// A comment is an attribute.
        #[cfg(any())]
        pub(super) static COUNT: no_such::Type = no_such_value;
        pub(super) static COUNT: Cell<u32> = Cell::new(1);
        #[allow(dead_code, reason = "an attribute")]
        static HIDDEN: u8 = 0;
        pub(super) static WORDS: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
        pub static OWNER: u64 = current().id()
    }
}

#[test]
fn a_static_has_a_value_in_each_coro() {
    use statics::{COUNT, OWNER, WORDS};
    coro_local! {
        static CELL: Cell<u8> = panic!("set does not ask for it");
        static REF_CELL: RefCell<u8> = panic!("set does not ask for it");
    }
    CELL.set(1);
    REF_CELL.set(2);
    assert_eq!((CELL.get(), REF_CELL.take()), (1, 2));
    let c = spawn(|| {
        assert_eq!((COUNT.replace(5), COUNT.take(), COUNT.get()), (1, 5, 0));
        WORDS.with_borrow_mut(|words| words.push("c"));
        cede();
        COUNT.set(6);
        assert_eq!(WORDS.with_borrow(Vec::len), 1);
        (
            COUNT.get(),
            WORDS.replace(vec![]),
            OWNER.with(|owner| *owner),
        )
    });
    cede();
    assert_eq!(COUNT.get(), 1);
    WORDS.set(vec!["main", "too"]);
    let id = c.id();
    assert_eq!(c.join().unwrap(), (6, vec!["c"], id));
    assert_eq!(WORDS.take(), ["main", "too"]);
    assert!(WORDS.take().is_empty());
    assert_eq!(OWNER.with(|owner| *owner), current().id());
}

coro_local! {
    static KEPT: RefCell<Vec<Counted>> = RefCell::new(Vec::new());
    static REVIVED: Cell<u32> = Cell::new(0);
}

#[test]
fn a_statics_value_goes_with_its_coro_and_a_destructor_gets_a_new_one() {
    struct Asks(Log);
    impl Drop for Asks {
        fn drop(&mut self) {
            self.0.say(format!("{} in {}", REVIVED.replace(9), me()));
        }
    }
    coro_local!(static ASKS: RefCell<Option<Asks>> = RefCell::new(None));
    let log = Log::new();
    let (value, drops) = counted();
    let c = Builder::new().desc("c").spawn(move || {
        REVIVED.set(4);
        KEPT.with_borrow_mut(|kept| kept.push(value));
        ASKS.set(Some(Asks(log)));
        ASKS.with_borrow(|asks| assert!(asks.is_some()));
    });
    c.join().unwrap();
    assert_eq!(drops.get(), 1);
    log.expect(["0 in c"]);
}

#[test]
fn os_threads_have_values_of_their_own() {
    coro_local!(static SHARED: Cell<u32> = Cell::new(0));
    SHARED.set(1);
    let threads = [2, 3].map(|n| {
        std::thread::spawn(move || {
            assert_eq!(SHARED.replace(n), 0);
            let c = spawn(move || SHARED.replace(10 * n));
            assert_eq!((c.join().unwrap(), SHARED.get()), (0, n));
        })
    });
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(SHARED.get(), 1);
}

// The end of an OS thread.

thread_local! {
    static FIRST: RefCell<Option<Specific<Counted>>> = const { RefCell::new(None) };
    static HEIR: RefCell<Option<Inherited<Counted>>> = const { RefCell::new(None) };
}

#[test]
fn the_end_of_an_os_thread_drops_no_value() {
    let (values, drops): (Vec<_>, Vec<_>) = (0..6).map(|_| counted()).unzip();
    fresh(move || {
        let mut values = values.into_iter();
        let mut value = move || values.next().expect("six");
        // These variables are older than the kernel, so their keys are destroyed after its.
        FIRST.with_borrow_mut(|first| assert!(first.is_none()));
        HEIR.with_borrow_mut(|heir| assert!(heir.is_none()));
        FIRST.set(Some(Specific::new()));
        HEIR.set(Some(Inherited::new()));
        let (a, b, c) = (value(), value(), value());
        let parked = spawn(move || {
            FIRST.with_borrow(|first| first.as_ref().unwrap().set(a));
            HEIR.with_borrow(|heir| heir.as_ref().unwrap().set(b));
            KEPT.with_borrow_mut(|kept| kept.push(c));
            schedule();
        });
        cede();
        FIRST.with_borrow(|first| first.as_ref().unwrap().set(value()));
        HEIR.with_borrow(|heir| heir.as_ref().unwrap().set(value()));
        KEPT.with_borrow_mut(|kept| kept.push(value()));
        assert!(!parked.is_finished());
        KEPT.with_borrow(|kept| assert_eq!(kept.len(), 1));
        // Held, so that it is not reaped.
        Box::leak(Box::new(parked));
    });
    let drops: Vec<_> = drops.iter().map(crate::support::Drops::get).collect();
    assert_eq!(drops, [0; 6]);
}

#[test]
fn variables_that_go_before_the_end_of_their_os_thread_drop_their_values() {
    let (value, drops) = counted();
    fresh(move || {
        let variable = Specific::new();
        variable.set(value);
    });
    assert_eq!(drops.get(), 1);
}

/// Reads and writes statics when it is destroyed with the thread-locals.
struct Late;

impl Drop for Late {
    fn drop(&mut self) {
        let variable = Specific::new();
        variable.set(3);
        let saw = [REVIVED.replace(2), variable.take().unwrap_or(0)];
        LATE_SAW.lock().expect("nobody panics").extend(saw);
    }
}

static LATE_SAW: Mutex<Vec<u32>> = Mutex::new(Vec::new());

#[test]
fn thread_local_destructors_may_use_variables() {
    thread_local!(static LATE: Late = const { Late });
    fresh(|| {
        REVIVED.set(1);
        LATE.with(|_| ());
    });
    assert_eq!(*LATE_SAW.lock().unwrap(), [1, 3]);
    // This one outlives the kernel, and main with it: it finds a new main.
    fresh(|| LATE.with(|_| REVIVED.set(1)));
    assert_eq!(*LATE_SAW.lock().unwrap(), [1, 3, 0, 3]);
}
