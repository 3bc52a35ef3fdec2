//! async-unsync, on the better of two executors, for each workload.
//!
//! Its channel is for many senders and one receiver: where there are many of both, the channel is a
//! queue and two of its semaphores. Its readers-writer lock is a semaphore, of which a writer takes
//! all permits; to wake all is to give a semaphore that has none a permit for each who waits. It has
//! no task-local variables, and nothing for two OS threads.

use std::future::Future;
use std::marker::PhantomData;

use async_unsync::bounded;
use async_unsync::semaphore::{self, AcquireError, Permit};
use coro_benches::workload::Run;

use super::executor::{
    self, AsyncLocal, Channel, ComposedRwLock, Event, Executor, Library, Many, Mini, Mpmc,
    Semaphore,
};
use super::{Program, executor::block};
use crate::workload::Workload as W;

pub(super) const PROGRAM: Program = Program {
    run,
    block: Some(block::<AsyncUnsync<Mini>>),
};

struct AsyncUnsync<E>(PhantomData<E>);

impl<E: Executor> Library for AsyncUnsync<E> {
    type Executor = E;
    type Semaphore = semaphore::Semaphore;
    type RwLock = ComposedRwLock<semaphore::Semaphore>;
    type Event = Permits;
    type Channel = Mpsc;
    type Mpmc<T: 'static> = Mpmc<semaphore::Semaphore>;
}

fn run(workload: W) -> Option<Run> {
    match workload {
        W::SpawnBatch | W::ChanStream => executor::run::<AsyncUnsync<Mini>>(workload),
        // One who waits for many permits waits for good, which only this executor tells.
        W::RwContended => executor::run::<AsyncUnsync<Mini>>(workload),
        _ => executor::run::<AsyncUnsync<AsyncLocal>>(workload),
    }
}

impl Semaphore for semaphore::Semaphore {
    type Guard<'a> = Result<Permit<'a>, AcquireError>;

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

impl Many for semaphore::Semaphore {
    fn acquire_many(&self, permits: usize) -> impl Future<Output = Self::Guard<'_>> {
        self.acquire_many(permits)
    }
}

/// A semaphore that has a permit only for those who wait.
struct Permits(semaphore::Semaphore);

impl Default for Permits {
    fn default() -> Self {
        Self(semaphore::Semaphore::new(0))
    }
}

impl Event for Permits {
    async fn wait(&self) {
        let permit = self.0.acquire().await;
        permit.expect("nobody closes it").forget();
    }

    fn broadcast(&self) {
        self.0.add_permits(self.0.waiters());
    }
}

struct Mpsc;

impl Channel<u64> for Mpsc {
    type Sender = bounded::Sender<u64>;
    type Receiver = bounded::Receiver<u64>;

    fn bounded(capacity: usize) -> (Self::Sender, Self::Receiver) {
        bounded::channel(capacity).into_split()
    }

    async fn send(sender: &mut Self::Sender, value: u64) {
        let sent = sender.send(value).await;
        sent.expect("the receiver is there until the senders are gone");
    }

    fn recv(receiver: &mut Self::Receiver) -> impl Future<Output = Option<u64>> {
        receiver.recv()
    }
}
