//! A desk hands out numbers, and writes into a log what it does.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

#[derive(Default)]
struct Desk {
    next: Cell<u32>,
    log: RefCell<Vec<u32>>,
}

impl Desk {
    /// Hands out the next number.
    fn take(&self) -> u32 {
        let number = self.next.get();
        coro::note(format_args!("looks at {number}"));
        self.next.set(number + 1); // nobody else has run since it was looked at
        self.write_log(number);
        coro::note(format_args!("has {number}"));
        number
    }

    /// Writes a line. Every second time this takes a while, as the log is brought to the disk.
    fn write_log(&self, number: u32) {
        self.log.borrow_mut().push(number);
        if self.log.borrow().len() == 2 {
            self.log.borrow_mut().clear();
            coro::cede(); // others run while the disk is busy
        }
    }
}

pub(crate) fn main() {
    let desk = Rc::new(Desk::default());
    let visits = [("ann", 1), ("bob", 2)].map(|(name, count)| {
        let desk = desk.clone();
        let visit = move || (0..count).map(|_| desk.take()).collect::<Vec<_>>();
        coro::Builder::new().desc(name).spawn(visit)
    });
    let visits = visits.map(|visit| visit.join().expect("nobody cancels it"));
    let mut numbers = visits.concat();
    numbers.sort_unstable();
    assert_eq!(numbers, [0, 1, 2]);
}
