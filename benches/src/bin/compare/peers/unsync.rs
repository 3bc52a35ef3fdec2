//! unsync, on the better of two executors, for each workload.
//!
//! Its channel is for one sender and one receiver: where there are many, the channel is a queue and
//! two of its semaphores. Its readers-writer lock is a semaphore, of which a writer takes all
//! permits; to wake all is to wake one after the other of its list of waiters. It has no task-local
//! variables, and nothing for two OS threads.

use std::future::Future;
use std::marker::PhantomData;

use coro_benches::workload::Run;
use unsync::semaphore::{self, Permit};
use unsync::spsc;
use unsync::wait_list::WaitList;

use super::executor::{
    self, AsyncLocal, Channel, ComposedRwLock, Event, Executor, Library, Many, Mini, Mpmc,
    Semaphore,
};
use super::{Program, executor::block};
use crate::workload::Workload as W;

pub(super) const PROGRAM: Program = Program {
    run,
    block: Some(block::<Unsync<Mini>>),
};

struct Unsync<E>(PhantomData<E>);

impl<E: Executor> Library for Unsync<E> {
    type Executor = E;
    type Semaphore = semaphore::Semaphore;
    type RwLock = ComposedRwLock<semaphore::Semaphore>;
    type Event = WaitList<(), ()>;
    type Channel = Spsc;
    type Mpmc<T: 'static> = Mpmc<semaphore::Semaphore>;
}

fn run(workload: W) -> Option<Run> {
    match workload {
        W::SpawnBatch | W::ChanStream => executor::run::<Unsync<Mini>>(workload),
        _ => executor::run::<Unsync<AsyncLocal>>(workload),
    }
}

impl Semaphore for semaphore::Semaphore {
    type Guard<'a> = Permit<'a>;

    fn new(permits: usize) -> Self {
        Self::new(permits)
    }

    fn acquire(&self) -> impl Future<Output = Permit<'_>> {
        self.acquire(1)
    }

    fn forget(guard: Permit<'_>) {
        guard.leak();
    }

    fn add_permits(&self, permits: usize) {
        self.add_permits(permits);
    }

    fn permits(&self) -> usize {
        self.available_permits()
    }
}

impl Many for semaphore::Semaphore {
    fn acquire_many(&self, permits: usize) -> impl Future<Output = Permit<'_>> {
        self.acquire(permits)
    }
}

impl Event for WaitList<(), ()> {
    async fn wait(&self) {
        self.wait(()).await;
    }

    fn broadcast(&self) {
        let mut waiters = self.borrow();
        while waiters.wake_one(()).is_ok() {}
    }
}

struct Spsc;

impl Channel<u64> for Spsc {
    type Sender = spsc::Sender<u64>;
    type Receiver = spsc::Receiver<u64>;

    fn bounded(capacity: usize) -> (Self::Sender, Self::Receiver) {
        spsc::channel(capacity)
    }

    async fn send(sender: &mut Self::Sender, value: u64) {
        let sent = sender.send(value).await;
        sent.expect("the receiver is there until the sender is gone");
    }

    fn recv(receiver: &mut Self::Receiver) -> impl Future<Output = Option<u64>> {
        receiver.recv()
    }
}
