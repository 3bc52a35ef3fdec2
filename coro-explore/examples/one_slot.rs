//! A buffer of one slot whose consumers look once and then wait once: what the explorer prints.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use coro::Coro;
use coro_explore::{Builder, note};

#[derive(Default)]
struct Buffer {
    slot: Cell<Option<u32>>,
    waiters: RefCell<VecDeque<Coro>>,
}

impl Buffer {
    fn get(&self) -> u32 {
        if self.slot.get().is_none() {
            self.waiters.borrow_mut().push_back(coro::current());
            coro::schedule();
        }
        self.slot.take().expect("somebody has put something")
    }

    fn put(&self, item: u32) {
        note(format!("puts {item}"));
        self.slot.set(Some(item));
        let waiter = self.waiters.borrow_mut().pop_front();
        if let Some(waiter) = waiter {
            waiter.ready();
        }
    }
}

fn main() {
    let result = Builder::new().name("one_slot").spurious(0).run(|| {
        let buffer = Rc::new(Buffer::default());
        for name in ["ann", "bob"] {
            let buffer = buffer.clone();
            coro::Builder::new().desc(name).spawn(move || buffer.get());
        }
        let producer = coro::Builder::new().desc("producer").spawn(move || {
            for item in 0..2 {
                buffer.put(item);
                coro::cede();
            }
        });
        producer.join().expect("nobody cancels it");
    });
    match result {
        Ok(report) => println!("{report}"),
        Err(failure) => println!("{failure}"),
    }
}
