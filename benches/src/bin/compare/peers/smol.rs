//! smol: a `LocalExecutor` and what async-lock, async-channel and event-listener have.
//!
//! It has no task-local variables.

use std::future::Future;

use async_executor::{LocalExecutor, Task};
use async_lock::{RwLockReadGuard, RwLockWriteGuard, SemaphoreGuard};
use coro_benches::workload::Run;
use event_listener::listener;
use futures_lite::future;

use super::executor::{self, Channel, Event, Executor, Library, RwLock, Semaphore};
use super::{Program, executor::block};
use crate::workload::Workload as W;

pub(super) const PROGRAM: Program = Program {
    run,
    block: Some(block::<Smol>),
};

struct Smol;

impl Library for Smol {
    type Executor = Local;
    type Semaphore = async_lock::Semaphore;
    type RwLock = async_lock::RwLock<u64>;
    type Event = event_listener::Event;
    type Channel = AsyncChannel;
    type Mpmc<T: 'static> = AsyncChannel;
}

fn run(workload: W) -> Option<Run> {
    match workload {
        W::SharedPingpong => Some(executor::shared_ping_pong::<Local, AsyncChannel>),
        W::SharedStream => Some(executor::shared_stream::<Local, AsyncChannel>),
        _ => executor::run::<Smol>(workload),
    }
}

thread_local! {
    static EXECUTOR: LocalExecutor<'static> = const { LocalExecutor::new() };
}

#[derive(Default)]
struct Local;

impl Executor for Local {
    type Handle = Task<()>;

    fn block_on<T: 'static>(&self, task: impl Future<Output = T> + 'static) -> T {
        EXECUTOR.with(|executor| future::block_on(executor.run(executor.spawn(task))))
    }

    fn spawn(task: impl Future<Output = ()> + 'static) -> Task<()> {
        EXECUTOR.with(|executor| executor.spawn(task))
    }

    async fn join(task: Task<()>) {
        task.await;
    }

    fn yield_now() -> impl Future<Output = ()> {
        future::yield_now()
    }
}

impl Semaphore for async_lock::Semaphore {
    type Guard<'a> = SemaphoreGuard<'a>;

    fn new(permits: usize) -> Self {
        Self::new(permits)
    }

    fn acquire(&self) -> impl Future<Output = SemaphoreGuard<'_>> {
        self.acquire()
    }

    fn forget(guard: SemaphoreGuard<'_>) {
        guard.forget();
    }

    fn add_permits(&self, permits: usize) {
        self.add_permits(permits);
    }

    fn permits(&self) -> usize {
        self.available_permits()
    }
}

impl RwLock for async_lock::RwLock<u64> {
    type Read<'a> = RwLockReadGuard<'a, u64>;
    type Write<'a> = RwLockWriteGuard<'a, u64>;

    fn new(value: u64) -> Self {
        Self::new(value)
    }

    fn read(&self) -> impl Future<Output = Self::Read<'_>> {
        self.read()
    }

    fn write(&self) -> impl Future<Output = Self::Write<'_>> {
        self.write()
    }

    fn seen(&self, guard: &Self::Read<'_>) -> u64 {
        **guard
    }

    fn get(&self, guard: &Self::Write<'_>) -> u64 {
        **guard
    }

    fn set(&self, guard: &mut Self::Write<'_>, value: u64) {
        **guard = value;
    }
}

impl Event for event_listener::Event {
    async fn wait(&self) {
        listener!(self => listener);
        listener.await;
    }

    fn broadcast(&self) {
        self.notify(usize::MAX);
    }
}

/// async-channel, for any number of senders and receivers.
pub(super) struct AsyncChannel;

impl<T: 'static> Channel<T> for AsyncChannel {
    type Sender = async_channel::Sender<T>;
    type Receiver = async_channel::Receiver<T>;

    fn bounded(capacity: usize) -> (Self::Sender, Self::Receiver) {
        async_channel::bounded(capacity)
    }

    async fn send(sender: &mut Self::Sender, value: T) {
        let sent = sender.send(value).await;
        sent.expect("a receiver is there until the senders are gone");
    }

    async fn recv(receiver: &mut Self::Receiver) -> Option<T> {
        receiver.recv().await.ok()
    }
}
