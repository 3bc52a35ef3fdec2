//! Fair channels: nobody comes by, and what is lent or given is passed on.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use coro_explore::{Builder, invariant};

use super::{Closer, Fair, Watched, exchange, explore, explore_strikes, faults, named};

#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn no_value_is_lost_or_doubled() {
    for (capacity, putters, each) in [(0, 1, 2), (0, 2, 1), (1, 2, 1), (1, 1, 3), (2, 1, 3)] {
        let name = format!("fair {capacity}, {putters} put {each}");
        let body = move || exchange(Fair(capacity), putters, each);
        explore(&name, &faults(), body);
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_putter_that_ends_passes_its_slot_on() {
    // The slot is that of a value, or that of a getter who waits.
    for capacity in [0, 1] {
        let form = Fair(capacity);
        explore_strikes(&format!("slot, {form:?}"), &faults(), "putter", move || {
            let watched = Watched::new(form);
            (0..capacity).for_each(|_| watched.put(9));
            let putters = [1, 2].map(|n| {
                let watched = watched.clone();
                named("putter", move || watched.put(n))
            });
            let closer = Closer(watched.clone());
            // Before the shutdown, both have put or were struck.
            let end = named("end", move || {
                putters.into_iter().for_each(|c| _ = c.join());
                drop(closer);
            });
            coro::cede();
            while watched.get().is_some() {}
            _ = end.join();
        });
    }
}

// A slot is lent to one, another one comes and waits, although there is a second slot. Hazard: nobody
// lends it on.
#[test]
fn who_waits_behind_a_lent_slot_is_served() {
    explore("lent", &faults(), || {
        let watched = Watched::new(Fair(2));
        (8..10).for_each(|n| watched.put(n));
        let putters = [1, 2].map(|n| {
            let watched = watched.clone();
            named("putter", move || watched.put(n))
        });
        coro::cede();
        assert_eq!((watched.get(), watched.get()), (Some(8), Some(9)));
        putters.into_iter().for_each(|c| _ = c.join());
    });
}

#[test]
fn who_came_first_puts_first() {
    explore("first put", &Builder::new().spurious(2), || {
        let watched = Watched::new(Fair(0));
        let arrivals = Rc::new(RefCell::new(vec![]));
        let putters = [1, 2].map(|n| {
            let (watched, arrivals) = (watched.clone(), arrivals.clone());
            named("putter", move || {
                arrivals.borrow_mut().push(n);
                watched.put(n);
            })
        });
        // One slot at a time: two who are woken at once may run in any order.
        let got = [watched.get().unwrap(), watched.get().unwrap()];
        assert_eq!(got[..], arrivals.borrow()[..]);
        putters.into_iter().for_each(|c| c.join().unwrap());
    });
}

// Hazard: who need not wait takes what was given to somebody who has not run yet.
#[test]
fn nobody_comes_by() {
    explore("get by", &Builder::new().spurious(2), || {
        let watched = Watched::new(Fair(1));
        let waits = Rc::new(Cell::new(false));
        let (theirs, waiting) = (watched.clone(), waits.clone());
        let getter = named("getter", move || {
            waiting.set(true);
            theirs.get();
            waiting.set(false);
        });
        let newcomer = watched.clone();
        let newcomer = named("newcomer", move || {
            if let Some(value) = newcomer.channel.try_get() {
                newcomer.got.borrow_mut().push(value);
                assert!(!waits.get(), "it was the getter's");
            }
        });
        coro::cede();
        watched.put(1);
        newcomer.join().unwrap();
        watched.channel.shutdown();
        getter.join().unwrap();
    });
    explore("put by", &Builder::new().spurious(2), || {
        let watched = Watched::new(Fair(1));
        watched.put(9);
        let waits = Rc::new(Cell::new(false));
        let (theirs, waiting) = (watched.clone(), waits.clone());
        let putter = named("putter", move || {
            waiting.set(true);
            theirs.put(1);
            waiting.set(false);
        });
        let newcomer = watched.clone();
        let newcomer = named("newcomer", move || {
            if newcomer.channel.try_put(2).is_ok() {
                newcomer.put.borrow_mut().push(2);
                assert!(!waits.get(), "it was the putter's");
            }
        });
        coro::cede();
        watched.get();
        newcomer.join().unwrap();
        watched.get();
        putter.join().unwrap();
    });
}

#[test]
fn no_put_stores_above_the_capacity() {
    explore("capacity", &Builder::new().spurious(1), || {
        let watched = Watched::new(Fair(1));
        let seen = watched.clone();
        invariant("at most one value is stored", move || {
            seen.channel.len() <= 1
        });
        let putters = [1, 2].map(|n| {
            let watched = watched.clone();
            named("putter", move || watched.put(n))
        });
        coro::cede();
        assert!(watched.get().is_some());
        assert!(watched.get().is_some());
        putters.into_iter().for_each(|c| c.join().unwrap());
    });
}
