//! Bounded buffers under a mutex, with condition variables.

use std::collections::VecDeque;
use std::rc::Rc;

use coro_explore::{Builder, Verdict};
use coro_sync::{Condvar, Mutex};

use super::{join, right, spawn, wrong};

/// A buffer of one slot.
#[derive(Default)]
struct Buffer {
    items: Mutex<VecDeque<u32>>,
    /// For getters, and for putters if they have no other.
    filled: Condvar,
    taken: Condvar,
}

impl Buffer {
    fn put(&self, item: u32) {
        let mut items = self.items.lock();
        while !items.is_empty() {
            items = self.taken.wait(items);
        }
        items.push_back(item);
        self.filled.notify_one();
    }

    fn get(&self) -> u32 {
        let mut items = self.items.lock();
        while items.is_empty() {
            items = self.filled.wait(items);
        }
        let item = items.pop_front().expect("it is not empty");
        self.taken.notify_one();
        item
    }

    fn get_once_notified(&self) -> u32 {
        let mut items = self.items.lock();
        if items.is_empty() {
            items = self.filled.wait(items);
        }
        let item = items.pop_front().expect("it is not empty");
        self.taken.notify_one();
        item
    }

    fn put_for_all(&self, item: u32) {
        let mut items = self.items.lock();
        while !items.is_empty() {
            items = self.filled.wait(items);
        }
        items.push_back(item);
        self.filled.notify_one();
    }

    fn get_for_all(&self) -> u32 {
        let mut items = self.items.lock();
        while items.is_empty() {
            items = self.filled.wait(items);
        }
        let item = items.pop_front().expect("it is not empty");
        self.filled.notify_one();
        item
    }
}

/// Two getters, and one who puts an item for each.
fn trade(put: fn(&Buffer, u32), get: fn(&Buffer) -> u32) {
    let buffer = Rc::new(Buffer::default());
    let getters = ["ann", "bob"].map(|name| {
        let buffer = buffer.clone();
        spawn(name, move || _ = get(&buffer))
    });
    let putter = spawn("putter", move || (0..2).for_each(|item| put(&buffer, item)));
    join(getters.into_iter().chain([putter]));
}

/// `if` in the place of `while`: a getter that was notified thinks that the item is still there when
/// it has the mutex again. One delay is enough: the other getter comes between.
#[test]
fn a_getter_looks_once() {
    let explorer = Builder::new();
    wrong("if_for_while", &explorer, Verdict::Panic, || {
        trade(Buffer::put, Buffer::get_once_notified);
    });
    right("if_for_while", &explorer, 663, || {
        trade(Buffer::put, Buffer::get);
    });
}

/// One condition variable for getters and putters, and `notify_one`: who is notified may be of the
/// same kind, has no use for it, and keeps it. No deviation is needed.
#[test]
fn a_notification_goes_to_the_wrong_one() {
    let explorer = Builder::new();
    wrong("one_condvar_for_two", &explorer, Verdict::Deadlock, || {
        trade(Buffer::put_for_all, Buffer::get_for_all);
    });
    right("one_condvar_for_two", &explorer, 663, || {
        trade(Buffer::put, Buffer::get);
    });
}
