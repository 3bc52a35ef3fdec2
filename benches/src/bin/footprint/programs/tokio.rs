//! A worker waits for the permit that main holds, then adds: tokio, on one OS thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::runtime::Builder;
use tokio::sync::Semaphore;
use tokio::task;

fn main() {
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let (semaphore, sum) = (Arc::new(Semaphore::new(1)), Arc::new(AtomicU32::new(0)));
        let held = semaphore.acquire().await.unwrap();
        let (their_semaphore, their_sum) = (semaphore.clone(), sum.clone());
        let worker = task::spawn(async move {
            let _permit = their_semaphore.acquire().await.unwrap();
            their_sum.fetch_add(1, Ordering::Relaxed);
        });
        task::yield_now().await;
        assert_eq!(sum.load(Ordering::Relaxed), 0);
        drop(held);
        worker.await.unwrap();
        assert_eq!(sum.load(Ordering::Relaxed), 1);
    });
}
