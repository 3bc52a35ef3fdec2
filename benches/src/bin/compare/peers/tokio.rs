//! tokio: a current-thread runtime and a `LocalSet`, and what `tokio::sync` has.
//!
//! It has no channel for many receivers: where there are many, the channel is one of async-channel.

use std::cell::Cell;
use std::future::Future;
use std::time::Instant;

use coro_benches::workload::{Run, Took};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{self, AcquireError, Notify, SemaphorePermit, mpsc};
use tokio::task::{self, JoinHandle, LocalSet};

use super::executor::{self, Channel, Event, Executor, Library, RwLock, Semaphore};
use super::smol::AsyncChannel;
use super::{Program, executor::block};
use crate::workload::Workload as W;

pub(super) const PROGRAM: Program = Program {
    run,
    block: Some(block::<Tokio>),
};

struct Tokio;

impl Library for Tokio {
    type Executor = Local;
    type Semaphore = sync::Semaphore;
    type RwLock = sync::RwLock<u64>;
    type Event = Notify;
    type Channel = Mpsc;
    type Mpmc<T: 'static> = AsyncChannel;
}

fn run(workload: W) -> Option<Run> {
    match workload {
        W::LocalGet => Some(local_get),
        W::SharedPingpong => Some(executor::shared_ping_pong::<Local, Mpsc>),
        W::SharedStream => Some(executor::shared_stream::<Local, Mpsc>),
        _ => executor::run::<Tokio>(workload),
    }
}

struct Local {
    runtime: Runtime,
    tasks: LocalSet,
}

impl Default for Local {
    fn default() -> Self {
        let runtime = Builder::new_current_thread().build();
        Self {
            runtime: runtime.expect("a runtime without drivers takes nothing from the system"),
            tasks: LocalSet::new(),
        }
    }
}

impl Executor for Local {
    type Handle = JoinHandle<()>;

    fn block_on<T: 'static>(&self, task: impl Future<Output = T> + 'static) -> T {
        let task = async { task::spawn_local(task).await.expect("no task panics") };
        self.tasks.block_on(&self.runtime, task)
    }

    fn spawn(task: impl Future<Output = ()> + 'static) -> JoinHandle<()> {
        task::spawn_local(task)
    }

    async fn join(task: JoinHandle<()>) {
        task.await.expect("no task panics");
    }

    fn yield_now() -> impl Future<Output = ()> {
        task::yield_now()
    }
}

impl Semaphore for sync::Semaphore {
    type Guard<'a> = Result<SemaphorePermit<'a>, AcquireError>;

    fn new(permits: usize) -> Self {
        Self::new(permits)
    }

    fn acquire(&self) -> impl Future<Output = Self::Guard<'_>> {
        self.acquire()
    }

    fn forget(guard: Self::Guard<'_>) {
        guard.expect("nobody closes it").forget();
    }

    fn add_permits(&self, permits: usize) {
        self.add_permits(permits);
    }

    fn permits(&self) -> usize {
        self.available_permits()
    }
}

impl RwLock for sync::RwLock<u64> {
    type Read<'a> = sync::RwLockReadGuard<'a, u64>;
    type Write<'a> = sync::RwLockWriteGuard<'a, u64>;

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

impl Event for Notify {
    async fn wait(&self) {
        self.notified().await;
    }

    fn broadcast(&self) {
        self.notify_waiters();
    }
}

struct Mpsc;

impl Channel<u64> for Mpsc {
    type Sender = mpsc::Sender<u64>;
    type Receiver = mpsc::Receiver<u64>;

    fn bounded(capacity: usize) -> (Self::Sender, Self::Receiver) {
        mpsc::channel(capacity)
    }

    async fn send(sender: &mut Self::Sender, value: u64) {
        let sent = sender.send(value).await;
        sent.expect("the receiver is there until the senders are gone");
    }

    fn recv(receiver: &mut Self::Receiver) -> impl Future<Output = Option<u64>> {
        receiver.recv()
    }
}

tokio::task_local! {
    static ONE: Cell<u32>;
}

fn local_get(ops: u64) -> Took {
    Local::default().block_on(ONE.scope(Cell::new(1), async move {
        let mut sum = 0;
        let start = Instant::now();
        for _ in 0..ops {
            sum += u64::from(ONE.with(Cell::get));
            // What was read from memory may not be remembered for the next time.
            std::hint::black_box(());
        }
        let time = start.elapsed();
        assert_eq!(sum, ops);
        Took { ops, time }
    }))
}
