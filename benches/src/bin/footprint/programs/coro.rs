//! A worker waits for the permit that main holds, then adds: a semaphore of coros.

use std::cell::Cell;
use std::rc::Rc;

use coro::{cede, spawn};
use coro_semaphore::Semaphore;

fn main() {
    let (semaphore, sum) = (Rc::new(Semaphore::new(1)), Rc::new(Cell::new(0)));
    let held = semaphore.acquire();
    let (their_semaphore, their_sum) = (semaphore.clone(), sum.clone());
    let worker = spawn(move || {
        let _permit = their_semaphore.acquire();
        their_sum.set(their_sum.get() + 1);
    });
    cede();
    assert_eq!(sum.get(), 0);
    drop(held);
    worker.join().unwrap();
    assert_eq!(sum.get(), 1);
}
