//! A minimal executor for one OS thread: tasks of `async-task`, and a queue of those that are ready.
//!
//! It has no timers, no input or output, and no other thread can wake its tasks.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;

use async_task::{Runnable, Task};
use futures_lite::future;

use super::Executor;

thread_local! {
    static READY: RefCell<VecDeque<Runnable>> = const { RefCell::new(VecDeque::new()) };
}

/// The executor of this OS thread.
#[derive(Default)]
pub(crate) struct Mini;

fn spawn<T: 'static>(task: impl Future<Output = T> + 'static) -> Task<T> {
    let schedule = |runnable| READY.with_borrow_mut(|ready| ready.push_back(runnable));
    let (runnable, task) = async_task::spawn_local(task, schedule);
    runnable.schedule();
    task
}

impl Executor for Mini {
    type Handle = Task<()>;

    fn block_on<T: 'static>(&self, task: impl Future<Output = T> + 'static) -> T {
        let task = spawn(task);
        while let Some(runnable) = READY.with_borrow_mut(VecDeque::pop_front) {
            runnable.run();
        }
        if !task.is_finished() {
            task.detach(); // what all wait for is to stay, so that nobody is woken by its end
            panic!("a deadlock: no task is ready, and the first has not ended");
        }
        future::block_on(task)
    }

    fn spawn(task: impl Future<Output = ()> + 'static) -> Task<()> {
        spawn(task)
    }

    async fn join(task: Task<()>) {
        task.await;
    }

    fn yield_now() -> impl Future<Output = ()> {
        future::yield_now()
    }
}
