//! A worker waits for the permit that main holds, then adds: async-unsync, and the smallest executor.

use std::cell::Cell;
use std::future::{self, Future};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use async_unsync::semaphore::Semaphore;

type Task<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Polls all in turn, until all are done.
fn run(mut tasks: Vec<Task<'_>>) {
    let mut context = Context::from_waker(Waker::noop());
    while !tasks.is_empty() {
        tasks.retain_mut(|task| task.as_mut().poll(&mut context).is_pending());
    }
}

/// Lets the others have a turn.
async fn give_way() {
    let mut waited = false;
    future::poll_fn(|_| match std::mem::replace(&mut waited, true) {
        false => Poll::Pending,
        true => Poll::Ready(()),
    })
    .await;
}

fn main() {
    let (semaphore, sum) = (Semaphore::new(1), Cell::new(0));
    let main = async {
        let held = semaphore.acquire().await.unwrap();
        give_way().await;
        assert_eq!(sum.get(), 0);
        drop(held);
    };
    let worker = async {
        let _permit = semaphore.acquire().await.unwrap();
        sum.set(sum.get() + 1);
    };
    run(vec![Box::pin(main), Box::pin(worker)]);
    assert_eq!(sum.get(), 1);
}
