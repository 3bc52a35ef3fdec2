//! The condition variable: who is woken, and what a notification that is given to an interrupted waiter does.

use std::cell::Cell;
use std::rc::Rc;

use coro::{JoinHandle, Prio, cede, no_switch, spawn};
use coro_sync::{Condvar, Mutex};

use crate::mutex::{INTERRUPTIONS, settle};
use crate::rwlock::model::numbers;
use crate::support::{Log, defer, die, outcome};

/// Spawns a coro that waits for a notification, says what came of it, and ends.
fn wait_on(log: Log, name: &'static str, on: &Rc<(Mutex<u8>, Condvar)>) -> JoinHandle<()> {
    let on = Rc::clone(on);
    let c = spawn(move || {
        let result = outcome(|| drop(on.1.wait(on.0.lock())));
        log.say(format!("{name}: {result}"));
    });
    cede();
    c
}

fn condvars() -> [Rc<(Mutex<u8>, Condvar)>; 2] {
    [Mutex::new(0), Mutex::fair(0)].map(|mutex| Rc::new((mutex, Condvar::new())))
}

#[test]
fn a_wait_unlocks_the_mutex_and_has_it_again_when_it_returns() {
    for on in condvars() {
        let theirs = on.clone();
        let c = spawn(move || {
            let guard = theirs.1.wait(theirs.0.lock());
            assert!(theirs.0.is_locked());
            cede();
            *guard
        });
        cede();
        *on.0.try_lock().expect("the waiter has unlocked it") = 4;
        assert!(on.1.notify_one());
        cede();
        assert!(on.0.try_lock().is_none());
        assert_eq!(c.join().expect("it reads"), 4);
        assert!(!on.0.is_locked());
    }
}

#[test]
fn notify_one_wakes_the_oldest_and_notify_all_the_others_in_order() {
    for on in condvars() {
        let log = Log::new();
        for name in ["a", "b", "c"] {
            wait_on(log, name, &on);
        }
        assert_eq!(on.1.waiters(), 3);
        assert!(on.1.notify_one());
        settle();
        log.expect(["a: returned"]);
        assert_eq!(on.1.notify_all(), 2);
        settle();
        log.expect(["b: returned", "c: returned"]);
        assert!(!on.1.notify_one() && on.1.notify_all() == 0);
    }
}

#[test]
fn a_notification_that_finds_nobody_is_not_remembered() {
    let log = Log::new();
    let [on, _] = condvars();
    on.1.notify_one();
    on.1.notify_all();
    wait_on(log, "a", &on);
    settle();
    log.expect([]);
    assert_eq!(on.1.waiters(), 1);
}

#[test]
fn a_spurious_wake_up_ends_no_wait_and_costs_no_place() {
    for on in condvars() {
        let log = Log::new();
        let a = wait_on(log, "a", &on);
        wait_on(log, "b", &on);
        for _ in 0..3 {
            a.ready();
            cede();
        }
        log.expect([]);
        assert_eq!(on.1.waiters(), 2);
        on.1.notify_one();
        settle();
        log.expect(["a: returned"]);
    }
}

#[test]
fn an_interrupted_wait_leaves_the_mutex_alone() {
    for interrupt in INTERRUPTIONS {
        for on in condvars() {
            let log = Log::new();
            let a = wait_on(log, "a", &on);
            let guard = on.0.lock();
            interrupt(&a);
            settle();
            // It has unwound without the mutex, which main holds.
            assert!(a.is_finished());
            assert_eq!((on.1.waiters(), on.0.waiters()), (0, 0));
            drop(guard);
            assert!(!on.0.is_locked());
        }
    }
}

#[test]
fn a_notification_given_to_an_interrupted_waiter_passes_on() {
    for interrupt in INTERRUPTIONS {
        for woken in [false, true] {
            for on in condvars() {
                let log = Log::new();
                let a = wait_on(log, "a", &on);
                wait_on(log, "b", &on);
                wait_on(log, "c", &on);
                if woken {
                    on.1.notify_one();
                }
                interrupt(&a);
                settle();
                if !woken {
                    on.1.notify_one();
                    settle();
                }
                let said = log.sorted();
                assert!(said.contains(&"b: returned".to_owned()), "{said:?}");
                assert!(!said.contains(&"c: returned".to_owned()), "{said:?}");
                assert_eq!(on.1.waiters(), 1);
            }
        }
    }
}

#[test]
fn a_notification_passes_on_also_from_a_waiter_that_waits_for_the_mutex() {
    for interrupt in INTERRUPTIONS {
        for on in condvars() {
            let log = Log::new();
            let a = wait_on(log, "a", &on);
            wait_on(log, "b", &on);
            let guard = on.0.lock();
            on.1.notify_one();
            settle();
            assert_eq!((on.1.waiters(), on.0.waiters()), (1, 1));
            interrupt(&a);
            settle();
            drop(guard);
            settle();
            assert!(log.sorted().contains(&"b: returned".to_owned()));
            assert_eq!((on.1.waiters(), on.0.is_locked()), (0, false));
        }
    }
}

#[test]
fn notify_all_leaves_nobody_out_so_nothing_passes_on() {
    for interrupt in INTERRUPTIONS {
        for on in condvars() {
            let log = Log::new();
            let a = wait_on(log, "a", &on);
            // So that the late one enters before it runs.
            a.set_prio(Prio::LOW);
            on.1.notify_all();
            let theirs = on.clone();
            let late = spawn(move || drop(theirs.1.wait(theirs.0.lock())));
            cede();
            assert_eq!((a.is_finished(), on.1.waiters()), (false, 1));
            interrupt(&a);
            a.coro().join();
            settle();
            assert_eq!((late.is_finished(), on.1.waiters()), (false, 1));
        }
    }
}

#[test]
fn wait_while_waits_until_the_condition_is_over() {
    for on in condvars() {
        let theirs = on.clone();
        let c = spawn(move || *theirs.1.wait_while(theirs.0.lock(), |data| *data < 2));
        cede();
        for data in [1, 2] {
            assert!(!c.is_finished());
            *on.0.lock() = data;
            on.1.notify_one();
            settle();
        }
        assert_eq!(c.join().expect("it returns"), 2);
        no_switch(|| assert_eq!(*on.1.wait_while(on.0.lock(), |data| *data < 2), 2));
        let panics = outcome(|| drop(on.1.wait_while(on.0.lock(), |_| die("condition"))));
        assert_eq!((panics.as_str(), on.0.is_locked()), ("condition", false));
    }
}

#[test]
fn a_wait_where_nothing_may_switch_panics_and_unlocks_the_mutex() {
    for on in condvars() {
        let result = outcome(|| no_switch(|| drop(on.1.wait(on.0.lock()))));
        assert_ne!(result, "returned");
        assert_eq!((on.1.waiters(), on.0.is_locked()), (0, false));
        assert_eq!(format!("{:?}", on.1), "Condvar { waiters: [] }");
    }
}

#[test]
fn what_never_switches_does_not() {
    for on in condvars() {
        let log = Log::new();
        wait_on(log, "a", &on);
        wait_on(log, "b", &on);
        let guard = on.0.lock();
        no_switch(|| {
            assert!(on.0.try_lock().is_none());
            assert!(on.1.notify_one() && on.1.notify_all() == 1);
            drop(guard);
            drop((
                on.0.lock(),
                on.0.is_locked(),
                on.0.waiters(),
                on.1.waiters(),
            ));
            drop(on.0.try_lock());
        });
        log.expect([]);
        settle();
        log.expect(["a: returned", "b: returned"]);
    }
}

/// A queue of bounded length, the textbook way: takers and givers that are interrupted at random.
#[test]
fn a_monitor_loses_nobody_and_nothing_whatever_is_interrupted() {
    struct Store {
        items: Mutex<Vec<usize>>,
        more: Condvar,
        fewer: Condvar,
        inside: Cell<usize>,
        given: Cell<usize>,
        taken: Cell<usize>,
    }
    fn alone(store: &Store) -> impl Sized + use<'_> {
        assert_eq!(store.inside.replace(1), 0);
        defer(|| store.inside.set(0))
    }
    fn give(store: &Store) {
        let mut items = store
            .fewer
            .wait_while(store.items.lock(), |items| items.len() == 2);
        let alone = alone(store);
        cede();
        items.push(1);
        store.given.set(store.given.get() + 1);
        drop(alone);
        store.more.notify_one();
    }
    fn take(store: &Store) {
        let mut items = store
            .more
            .wait_while(store.items.lock(), |items| items.is_empty());
        let alone = alone(store);
        cede();
        assert!(items.pop().is_some());
        store.taken.set(store.taken.get() + 1);
        drop(alone);
        store.fewer.notify_one();
    }
    for seed in 0..40 {
        for items in [Mutex::new(Vec::new()), Mutex::fair(Vec::new())] {
            let store = Rc::new(Store {
                items,
                more: Condvar::new(),
                fewer: Condvar::new(),
                inside: Cell::new(0),
                given: Cell::new(0),
                taken: Cell::new(0),
            });
            let mut random = numbers(seed);
            let mut all = Vec::new();
            for _ in 0..200 {
                let theirs = store.clone();
                let what = [give, take][random(2)];
                all.push(spawn(move || what(&theirs)));
                let one = random(all.len());
                match random(12) {
                    0 => drop(all[one].throw("ex")),
                    1 => all[one].cancel(),
                    2 => drop(all[one].safe_cancel()),
                    3 => drop(all[one].ready()),
                    _ => cede(),
                }
            }
            settle();
            // Nobody waits for what is there.
            let count = store.items.lock().len();
            assert_eq!(store.given.get() - store.taken.get(), count);
            assert!(store.more.waiters() == 0 || count == 0);
            assert!(store.fewer.waiters() == 0 || count == 2);
            assert_eq!(store.items.waiters(), 0);
            assert!(store.taken.get() > 20);
            for c in all {
                c.cancel();
                assert!(!c.join().is_err_and(|end| end.is_panic()), "a breach");
            }
        }
    }
}

#[test]
fn a_condition_that_panics_when_it_is_dropped_unlocks_the_mutex() {
    for on in condvars() {
        let captured = defer(|| die("captured"));
        let result = outcome(|| {
            drop(on.1.wait_while(on.0.lock(), move |_| {
                let _ = &captured;
                false
            }));
        });
        assert_eq!((result.as_str(), on.0.is_locked()), ("captured", false));
        drop(on.0.try_lock().expect("nobody holds it"));
    }
}
