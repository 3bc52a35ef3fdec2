//! The set of semaphores: each key is a semaphore of its own, and leaves nothing behind.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use coro::JoinHandle;
use coro_explore::{Builder, invariant};
use coro_sync::SemaphoreSet;
use coro_sync::time::sleep;

const SECOND: Duration = Duration::from_secs(1);

/// Explores all, and says how much that was: with an interruption of each kind and a spurious wake-up
/// at any points, and with two spurious wake-ups.
fn prove(body: impl Fn() + Send + Sync + Clone + 'static) {
    let twice = Builder::new().spurious(2).throws(1).cancels(1);
    let all = Builder::new()
        .throws(1)
        .cancels(1)
        .safe_cancels(1)
        .timeouts(1);
    explore([("twice", twice), ("all", all)], body);
}

fn explore<const N: usize>(
    budgets: [(&str, Builder); N],
    body: impl Fn() + Send + Sync + Clone + 'static,
) {
    let thread = std::thread::current();
    for (kind, builder) in budgets {
        let name = format!("{}_{kind}", thread.name().unwrap_or_default());
        let report = builder
            .name(&name)
            .max_executions(1_000_000)
            .check(body.clone());
        println!("{name}: {report}");
        assert!(report.is_exhaustive(), "{name}: {report}");
    }
}

fn spawn(name: &str, f: impl FnOnce() + 'static) -> JoinHandle<()> {
    coro::Builder::new().desc(name).spawn(f)
}

fn join(all: impl IntoIterator<Item = JoinHandle<()>>) {
    all.into_iter().for_each(|coro| _ = coro.join());
}

/// Counts those who are between two points, however they leave.
struct Inside(Rc<Cell<usize>>);

impl Inside {
    fn enter(count: &Rc<Cell<usize>>) -> Inside {
        count.set(count.get() + 1);
        Inside(count.clone())
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// A permit of a key that is given to a waiter that is then interrupted must reach the other one.
/// All the time there is one entry for the key, and none when nobody uses it.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_permit_of_a_key_goes_to_the_next_and_leaves_no_entry() {
    prove(|| {
        let set = Rc::new(SemaphoreSet::new(1));
        let (inside, seen) = (Rc::new(Cell::new(0)), set.clone());
        let counted = inside.clone();
        invariant("one at a time, in one entry", move || {
            counted.get() <= 1 && seen.len() <= 1
        });
        let permit = set.acquire("key");
        let all = ["a", "b"].map(|name| {
            let (set, inside) = (set.clone(), inside.clone());
            spawn(name, move || {
                let _permit = set.acquire("key");
                let _inside = Inside::enter(&inside);
                coro::cede();
            })
        });
        coro::cede();
        drop(permit);
        join(all);
        assert!(set.is_empty(), "{set:?}");
    });
}

/// Keys do not know of each other: who has the permit of one waits for that of the other.
#[test]
fn a_key_is_not_held_up_by_another() {
    prove(|| {
        let set = Rc::new(SemaphoreSet::new(1));
        let theirs = set.clone();
        let both = spawn("both", move || {
            let _outer = theirs.acquire(1);
            coro::cede();
            drop(theirs.acquire(2));
        });
        let theirs = set.clone();
        let two = spawn("two", move || {
            let _permit = theirs.acquire(2);
            coro::cede();
        });
        let theirs = set.clone();
        let seen = set.clone();
        invariant("an entry for each key", move || seen.len() <= 2);
        drop(theirs.acquire(1));
        join([both, two]);
        assert!(set.is_empty(), "{set:?}");
    });
}

/// Without guards: what was not taken stays in the count, and with it the entry, until it is taken.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn permits_of_a_key_are_neither_lost_nor_doubled() {
    prove(|| {
        let set = Rc::new(SemaphoreSet::new(0));
        let taken = Rc::new(Cell::new(0));
        let all = ["a", "b"].map(|name| {
            let (set, taken) = (set.clone(), taken.clone());
            spawn(name, move || {
                set.down("key");
                taken.set(taken.get() + 1);
            })
        });
        coro::cede();
        set.up("key");
        coro::cede();
        set.up("key");
        join(all);
        assert_eq!(
            (set.count(&"key"), set.waiters(&"key")),
            (2 - taken.get(), 0)
        );
        while set.try_down("key") {
            taken.set(taken.get() + 1);
        }
        assert!(taken.get() == 2 && set.is_empty(), "{set:?}");
    });
}

/// Who waits for a permit to be there keeps the entry until it is, and takes none; with an entry that
/// is held, though its count is as at first.
#[test]
fn who_waits_for_a_key_sees_its_permit() {
    prove(|| {
        let set = Rc::new(SemaphoreSet::new(0));
        let all = ["a", "b"].map(|name| {
            let set = set.clone();
            spawn(name, move || set.wait(&"key"))
        });
        let entry = set.sem("key");
        coro::cede();
        entry.up();
        drop(entry);
        join(all);
        assert_eq!((set.count(&"key"), set.waiters(&"key")), (1, 0));
        set.down("key");
        assert!(set.is_empty(), "{set:?}");
    });
}

/// Somebody comes by who does not wait: neither entry nor permit is left of either.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn who_comes_by_a_key_keeps_nobody_waiting() {
    prove(|| {
        let set = Rc::new(SemaphoreSet::new(1));
        let permit = set.acquire("key");
        let theirs = set.clone();
        let waiter = spawn("waiter", move || drop(theirs.acquire("key")));
        let theirs = set.clone();
        let thief = spawn("thief", move || {
            let permit = theirs.try_acquire("key");
            coro::cede();
            drop(permit);
        });
        coro::cede();
        drop(permit);
        join([waiter, thief]);
        assert!(set.is_empty(), "{set:?}");
    });
}

/// Limits end when the permit comes back: neither entry nor permit is left of any.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_limit_that_ends_leaves_no_entry() {
    prove(|| {
        let set = Rc::new(SemaphoreSet::new(1));
        let permit = set.acquire("key");
        let theirs = set.clone();
        let hasty = spawn("hasty", move || drop(theirs.acquire_timeout("key", SECOND)));
        let theirs = set.clone();
        let patient = spawn("patient", move || {
            if theirs.down_timeout("key", 2 * SECOND).is_ok() {
                theirs.up("key");
            }
        });
        sleep(SECOND);
        drop(permit);
        join([hasty, patient]);
        assert!(set.is_empty(), "{set:?}");
    });
}

/// The same for who only waits for the permit to be there.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_limit_that_ends_keeps_nobody_else_waiting() {
    prove(|| {
        let set = Rc::new(SemaphoreSet::new(1));
        let permit = set.acquire("key");
        let theirs = set.clone();
        let looker = spawn("looker", move || _ = theirs.wait_timeout(&"key", SECOND));
        let theirs = set.clone();
        let taker = spawn("taker", move || drop(theirs.acquire("key")));
        sleep(SECOND);
        drop(permit);
        join([looker, taker]);
        assert!(set.is_empty(), "{set:?}");
    });
}
