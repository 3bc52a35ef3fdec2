//! Coros that end in the middle, by a throw or a cancel, and waits that end by a timer.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use coro::Coro;
use coro_explore::{Builder, Verdict, finally, note};
use coro_sync::Semaphore;
use coro_sync::time::{Timer, sleep};

use super::{join, right, spawn, wrong};

const SECOND: Duration = Duration::from_secs(1);

/// A permit without a guard: who is interrupted between `down` and `up` keeps it. One
/// cancel.
#[test]
fn a_permit_dies_with_its_owner() {
    fn share(with_permit: fn(&Semaphore)) {
        let permits = Rc::new(Semaphore::new(1));
        let all = ["ann", "bob"].map(|name| {
            let permits = permits.clone();
            spawn(name, move || with_permit(&permits))
        });
        join(all);
        assert_eq!(permits.count(), 1);
    }
    let explorer = Builder::new().cancels(1);
    wrong("permit_without_guard", &explorer, Verdict::Deadlock, || {
        share(|permits| {
            permits.down();
            coro::cede();
            permits.up();
        });
    });
    right("permit_without_guard", &explorer, 373, || {
        share(|permits| {
            let _permit = permits.acquire();
            coro::cede();
        });
    });
}

/// Hands items over to those who wait, one by one.
#[derive(Default)]
struct Counter {
    items: RefCell<VecDeque<u32>>,
    takers: RefCell<VecDeque<Rc<Taker>>>,
}

struct Taker {
    coro: Coro,
    hand: Cell<Option<u32>>,
}

impl Counter {
    fn put(&self, item: u32) {
        let taker = self.takers.borrow_mut().pop_front();
        match taker {
            Some(taker) => {
                taker.hand.set(Some(item));
                taker.coro.ready();
            }
            None => self.items.borrow_mut().push_back(item),
        }
    }

    fn get(&self, limit: Duration, is_over: fn(&Taker, &Timer) -> bool) -> Option<u32> {
        let item = self.items.borrow_mut().pop_front();
        if item.is_some() {
            return item;
        }
        let timer = Timer::after(limit);
        let taker = Rc::new(Taker {
            coro: coro::current(),
            hand: Cell::new(None),
        });
        self.takers.borrow_mut().push_back(taker.clone());
        while !is_over(&taker, &timer) {
            if let Some(item) = taker.hand.take() {
                return Some(item);
            }
            coro::schedule();
        }
        self.takers
            .borrow_mut()
            .retain(|other| !Rc::ptr_eq(other, &taker));
        None
    }
}

/// A wait with a limit asks for the time before it looks into its hand: the item that came in the
/// last moment is lost. One early timer.
#[test]
fn a_timeout_loses_an_item() {
    fn serve(is_over: fn(&Taker, &Timer) -> bool) {
        let counter = Rc::new(Counter::default());
        let got = Rc::new(Cell::new(None));
        let (theirs, result) = (counter.clone(), got.clone());
        let getter = spawn("getter", move || {
            result.set(theirs.get(SECOND, is_over));
            note(format!("has {:?}", result.get()));
        });
        let theirs = counter.clone();
        let putter = spawn("putter", move || {
            note("puts 7");
            theirs.put(7);
        });
        finally(move || {
            let left = counter.items.borrow().front().copied();
            assert_eq!(got.get().or(left), Some(7), "the item is somewhere");
        });
        join([getter, putter]);
    }
    let explorer = Builder::new();
    wrong("timeout_loses_item", &explorer, Verdict::Panic, || {
        serve(|_, timer| timer.is_due());
    });
    right("timeout_loses_item", &explorer, 57, || {
        serve(|taker, timer| {
            let item = taker.hand.take();
            taker.hand.set(item); // only looked at
            item.is_none() && timer.is_due()
        });
    });
}

thread_local! {
    /// As the queue of something that all of the OS thread share: it outlives the coros.
    static WAITERS: RefCell<VecDeque<Coro>> = const { RefCell::new(VecDeque::new()) };
}

/// Leaves the queue, however the wait ends.
struct Place(Coro);

impl Drop for Place {
    fn drop(&mut self) {
        WAITERS.with_borrow_mut(|all| all.retain(|coro| *coro != self.0));
    }
}

/// A waiter that is thrown into does not leave its queue, which keeps it for ever. One throw, and one
/// delay: it ends before somebody takes its entry out.
#[test]
fn an_entry_is_forgotten() {
    fn wake_one() {
        let first = WAITERS.with_borrow_mut(VecDeque::pop_front);
        first.inspect(|coro| _ = coro.ready());
    }
    fn meet(wait: fn(&Cell<bool>)) {
        let is_there = Rc::new(Cell::new(false));
        let theirs = is_there.clone();
        let waiter = spawn("waiter", move || {
            while !theirs.get() {
                wait(&theirs);
            }
        });
        coro::cede();
        is_there.set(true);
        if !waiter.is_finished() {
            wake_one();
        }
        join([waiter]);
    }
    let explorer = Builder::new().throws(1);
    wrong("forgotten_entry", &explorer, Verdict::Leak, || {
        meet(|is_there| {
            WAITERS.with_borrow_mut(|all| all.push_back(coro::current()));
            while !is_there.get() {
                coro::schedule();
            }
        });
    });
    right("forgotten_entry", &explorer, 24, || {
        meet(|is_there| {
            let place = Place(coro::current());
            WAITERS.with_borrow_mut(|all| all.push_back(place.0.clone()));
            while !is_there.get() {
                coro::schedule();
            }
        });
    });
}

/// An item is taken out, and held in a local variable while others run: who is interrupted there takes
/// it along. One timeout.
#[test]
fn an_item_in_the_hand_is_lost() {
    type Cart = RefCell<Vec<u32>>;
    fn carry(take: fn(&Cart, &Cart)) {
        let carts = Rc::new((Cart::new(vec![7]), Cart::default()));
        let (theirs, seen) = (carts.clone(), carts.clone());
        finally(move || {
            let left = seen.0.borrow().len() + seen.1.borrow().len();
            assert_eq!(left, 1, "the item is in one of the carts");
        });
        join([spawn("porter", move || take(&theirs.0, &theirs.1))]);
    }
    let explorer = Builder::new().timeouts(1);
    wrong("item_in_hand", &explorer, Verdict::Panic, || {
        carry(|from, to| {
            let item = from.borrow_mut().pop();
            sleep(SECOND); // walks
            to.borrow_mut().extend(item);
        });
    });
    right("item_in_hand", &explorer, 40, || {
        carry(|from, to| {
            sleep(SECOND); // nothing is taken out yet
            let item = from.borrow_mut().pop();
            to.borrow_mut().extend(item);
        });
    });
}
