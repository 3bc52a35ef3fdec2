//! A worker waits for the permit that main holds, then adds: smol's crates, on one OS thread.

use std::cell::Cell;
use std::rc::Rc;

use async_executor::LocalExecutor;
use async_lock::Semaphore;
use futures_lite::future;

fn main() {
    let executor = LocalExecutor::new();
    future::block_on(executor.run(async {
        let (semaphore, sum) = (Rc::new(Semaphore::new(1)), Rc::new(Cell::new(0)));
        let held = semaphore.acquire().await;
        let (their_semaphore, their_sum) = (semaphore.clone(), sum.clone());
        let worker = executor.spawn(async move {
            let _permit = their_semaphore.acquire().await;
            their_sum.set(their_sum.get() + 1);
        });
        future::yield_now().await;
        assert_eq!(sum.get(), 0);
        drop(held);
        worker.await;
        assert_eq!(sum.get(), 1);
    }));
}
