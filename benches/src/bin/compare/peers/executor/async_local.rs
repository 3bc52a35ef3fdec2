//! async-local-executor, driven by what it has for an event loop.
//!
//! A hand-over costs it less than [`Mini`](super::Mini), a task that is blocked more memory. It
//! queues a task as often as it is woken, so a stream costs it more. When it meets a task in the
//! queue that has ended, it stops, and its `block_on` then parks for good: the channels of unsync
//! and async-unsync bring it there. So the loop here goes on until the first task has ended, and a
//! deadlock is a loop without end.

use std::cell::RefCell;
use std::future::Future;

use async_local_executor::{self as library, JoinHandle, run_ready_tasks, spawn_local};
use futures_lite::future;

use super::Executor;

/// The executor of whoever calls its `block_on`.
pub(crate) struct AsyncLocal(RefCell<library::Executor>);

impl Default for AsyncLocal {
    fn default() -> Self {
        let no_other_thread_wakes = || ();
        Self(RefCell::new(library::Executor::new(no_other_thread_wakes)))
    }
}

impl Executor for AsyncLocal {
    type Handle = JoinHandle<()>;

    fn block_on<T: 'static>(&self, task: impl Future<Output = T> + 'static) -> T {
        self.0.borrow_mut().run_in(|| {
            let task = spawn_local(task);
            loop {
                run_ready_tasks();
                if let Some(result) = task.result() {
                    return result;
                }
            }
        })
    }

    fn spawn(task: impl Future<Output = ()> + 'static) -> JoinHandle<()> {
        spawn_local(task)
    }

    async fn join(task: JoinHandle<()>) {
        task.await;
    }

    fn yield_now() -> impl Future<Output = ()> {
        future::yield_now()
    }
}
