//! Two coros meet, and each waits before it tells the other.

use std::cell::Cell;
use std::rc::Rc;

use coro_sync::Semaphore;

struct Station {
    arrived: Cell<u32>,
    ann_is_there: Semaphore,
    bob_is_there: Semaphore,
}

/// Waits for the other one, and tells the other one.
fn meet(mine: &Semaphore, others: &Semaphore) {
    others.down();
    mine.up();
}

/// Others run while one walks.
fn walk(streets: u32) {
    (0..streets).for_each(|_| coro::cede());
}

fn travel(station: &Station, streets: u32, mine: &Semaphore, others: &Semaphore) {
    walk(streets);
    coro::note("is there");
    station.arrived.set(station.arrived.get() + 1);
    meet(mine, others);
    coro::note("boards");
    assert_eq!(station.arrived.get(), 2, "nobody boards alone");
}

pub(crate) fn main() {
    let station = Rc::new(Station {
        arrived: Cell::new(0),
        ann_is_there: Semaphore::new(0),
        bob_is_there: Semaphore::new(0),
    });
    let s = station.clone();
    let ann = move || travel(&s, 1, &s.ann_is_there, &s.bob_is_there);
    let s = station.clone();
    let bob = move || travel(&s, 3, &s.bob_is_there, &s.ann_is_there);
    let ann = coro::Builder::new().desc("ann").spawn(ann);
    let bob = coro::Builder::new().desc("bob").spawn(bob);
    ann.join().expect("nobody cancels her");
    bob.join().expect("nobody cancels him");
}
