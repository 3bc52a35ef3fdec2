//! A worker waits for what main holds, then adds: a std mutex, and an OS thread.

use std::sync::{Arc, Mutex};
use std::thread;

fn main() {
    let sum = Arc::new(Mutex::new(0));
    let held = sum.lock().unwrap();
    let theirs = sum.clone();
    let worker = thread::spawn(move || *theirs.lock().unwrap() += 1);
    assert_eq!(*held, 0);
    drop(held);
    worker.join().unwrap();
    assert_eq!(*sum.lock().unwrap(), 1);
}
