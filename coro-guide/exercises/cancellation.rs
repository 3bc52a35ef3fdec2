//! A counter at which people are served in the order in which they came. One who is cancelled stays
//! in the line for ever.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use coro_sync::Signal;

/// A counter with a line in front of it.
#[derive(Default)]
pub struct Counter {
    /// How many numbers have been drawn.
    drawn: Cell<u32>,
    /// The numbers of those who are here. The first one is served.
    line: RefCell<VecDeque<u32>>,
    moved: Signal,
}

impl Counter {
    /// Returns a counter at which nobody is.
    pub fn new() -> Counter {
        Counter::default()
    }

    /// Blocks until all who came before have gone, and calls `f`, which lets others run.
    ///
    /// One is served at a time, in the order of their calls. Who is cancelled goes at once, while it
    /// waits as well as while it is served, and the others move on as if it had never come.
    pub fn serve<R>(&self, f: impl FnOnce() -> R) -> R {
        let number = self.drawn.get();
        self.drawn.set(number + 1);
        self.line.borrow_mut().push_back(number);
        self.moved
            .wait_until(|| self.line.borrow().front() == Some(&number));
        let result = f();
        self.line.borrow_mut().pop_front();
        self.moved.broadcast();
        result
    }
}
