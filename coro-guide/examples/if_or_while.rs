//! Ann and Bob eat an apple each. Who finds none waits until one is brought.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use coro::{Builder, Coro};

#[derive(Default)]
struct Basket {
    apples: Cell<u32>,
    waiters: RefCell<Vec<Coro>>,
}

impl Basket {
    /// Puts an apple in, and readies all who wait.
    fn put(&self) {
        self.apples.set(self.apples.get() + 1);
        coro::note("brings one");
        for waiter in self.waiters.take() {
            waiter.ready();
        }
    }

    /// Takes an apple out; blocks until there is one.
    fn take(&self) {
        while self.apples.get() == 0 {
            coro::note("finds none");
            self.waiters.borrow_mut().push(coro::current());
            coro::schedule(); // until somebody readies us, for whatever reason
        }
        let rest = self.apples.get().checked_sub(1);
        self.apples.set(rest.expect("there is an apple"));
        coro::note("eats");
    }
}

pub(crate) fn main() {
    let basket = Rc::new(Basket::default());
    let theirs = basket.clone();
    let ann = Builder::new().desc("ann").spawn(move || theirs.take());
    let theirs = basket.clone();
    let bring = move || {
        theirs.put();
        coro::cede(); // goes for another
        theirs.put();
    };
    let cook = Builder::new().desc("cook").spawn(bring);
    let theirs = basket.clone();
    let come_late = move || {
        coro::cede();
        theirs.take();
    };
    let bob = Builder::new().desc("bob").spawn(come_late);
    for coro in [ann, cook, bob] {
        coro.join().expect("nobody cancels it");
    }
}
