//! A semaphore by hand. Ann and Bob wait for a table; one is left, and Ann is called away.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use coro::{Builder, Coro};

#[derive(Default)]
struct Semaphore {
    permits: Cell<u32>,
    waiters: RefCell<VecDeque<Coro>>,
}

impl Semaphore {
    fn down(&self) {
        let me = Waiter(self, coro::current());
        while self.permits.get() == 0 {
            if !self.waiters.borrow().contains(&me.1) {
                self.waiters.borrow_mut().push_back(me.1.clone());
            }
            coro::schedule();
        }
        self.permits.set(self.permits.get() - 1);
    }

    fn up(&self) {
        self.permits.set(self.permits.get() + 1);
        self.wake();
    }

    fn wake(&self) {
        if self.permits.get() > 0 {
            _ = self.waiters.borrow_mut().pop_front().map(|it| it.ready());
        }
    }
}

struct Waiter<'a>(&'a Semaphore, Coro); // dropped on every way out of `down`

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.0.waiters.borrow_mut().retain(|it| *it != self.1);
        self.0.wake();
    }
}

pub(crate) fn main() {
    let tables = Rc::new(Semaphore::default()); // all are taken
    let [ann, bob] = ["ann", "bob"].map(|name| {
        let tables = tables.clone();
        Builder::new().desc(name).spawn(move || tables.down())
    });
    let called = ann.coro().clone();
    Builder::new().desc("phone").spawn(move || called.cancel());
    coro::cede();
    tables.up(); // somebody leaves
    _ = ann.join().map(|()| tables.up()); // if she had it, she leaves it
    bob.join().expect("nobody cancels him");
}
