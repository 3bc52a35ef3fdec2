//! A worker waits for the permit that main holds, then adds: may's coroutines.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use may::go;
use may::sync::Semphore;

fn main() {
    let (semaphore, sum) = (Arc::new(Semphore::new(1)), Arc::new(AtomicU32::new(0)));
    semaphore.wait();
    let (their_semaphore, their_sum) = (semaphore.clone(), sum.clone());
    let worker = go!(move || {
        their_semaphore.wait();
        their_sum.fetch_add(1, Ordering::Relaxed);
        their_semaphore.post();
    });
    assert_eq!(sum.load(Ordering::Relaxed), 0);
    semaphore.post();
    worker.join().unwrap();
    assert_eq!(sum.load(Ordering::Relaxed), 1);
}
