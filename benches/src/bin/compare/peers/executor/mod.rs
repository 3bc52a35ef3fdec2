//! What the asynchronous peers have in common: each workload once, for any executor and any
//! primitives, and the two executors of those peers that bring none.
//!
//! A peer implements the traits by what its library has, without a layer of its own where the
//! library's call does as it is. Each task is a future that the executor owns, the one that
//! measures included, as a program for one OS thread would have it. `*_deep` are two `async fn`s,
//! one in the other, between the loop and the call that waits.

mod async_local;
mod channel;
mod composed;
mod lock;
mod matmul;
mod mini;
mod switch;

use std::future::Future;
use std::time::Instant;

use coro_benches::workload::{Run, Took, sum_below};

pub(super) use self::async_local::AsyncLocal;
pub(super) use self::channel::{shared_ping_pong, shared_stream};
pub(super) use self::composed::{Mpmc, RwLock as ComposedRwLock};
pub(super) use self::mini::Mini;
use crate::product::{Elem, Row};
use crate::workload::Workload as W;

/// Runs tasks in one OS thread.
pub(super) trait Executor: Default + 'static {
    /// Waits for a task.
    type Handle;

    /// Runs a task and all others until this one has ended.
    fn block_on<T: 'static>(&self, task: impl Future<Output = T> + 'static) -> T;

    /// Makes a task of the executor that runs.
    fn spawn(task: impl Future<Output = ()> + 'static) -> Self::Handle;

    /// Waits for the end of a task.
    async fn join(handle: Self::Handle);

    /// Lets the others run.
    fn yield_now() -> impl Future<Output = ()>;
}

/// A semaphore, by the guard that it has.
pub(super) trait Semaphore: 'static {
    /// Gives its permits back when it is dropped.
    type Guard<'a>;

    fn new(permits: usize) -> Self;

    fn acquire(&self) -> impl Future<Output = Self::Guard<'_>>;

    /// Keeps what was acquired.
    fn forget(guard: Self::Guard<'_>);

    fn add_permits(&self, permits: usize);

    fn permits(&self) -> usize;
}

/// A semaphore of which more than one permit can be had at once.
pub(super) trait Many: Semaphore {
    fn acquire_many(&self, permits: usize) -> impl Future<Output = Self::Guard<'_>>;
}

/// A channel, which ends when its senders are gone. It need not have more than one.
pub(super) trait Channel<T>: 'static {
    type Sender: 'static;
    type Receiver: 'static;

    fn bounded(capacity: usize) -> (Self::Sender, Self::Receiver);

    async fn send(sender: &mut Self::Sender, value: T);

    fn recv(receiver: &mut Self::Receiver) -> impl Future<Output = Option<T>>;
}

/// A readers-writer lock of a number.
pub(super) trait RwLock: 'static {
    type Read<'a>;
    type Write<'a>;

    fn new(value: u64) -> Self;

    fn read(&self) -> impl Future<Output = Self::Read<'_>>;

    fn write(&self) -> impl Future<Output = Self::Write<'_>>;

    fn seen(&self, guard: &Self::Read<'_>) -> u64;

    fn get(&self, guard: &Self::Write<'_>) -> u64;

    fn set(&self, guard: &mut Self::Write<'_>, value: u64);
}

/// Wakes all that wait for it.
pub(super) trait Event: Default + 'static {
    async fn wait(&self);

    fn broadcast(&self);
}

/// What a peer has.
pub(super) trait Library: 'static {
    type Executor: Executor;
    type Semaphore: Semaphore;
    type RwLock: RwLock;
    type Event: Event;
    /// For one sender and one receiver.
    type Channel: Channel<u64>;
    /// For many of both.
    type Mpmc<T: 'static>: Channel<T, Sender: Clone, Receiver: Clone>;
}

/// Does what any library with its executor can do.
pub(super) fn run<L: Library>(workload: W) -> Option<Run> {
    Some(match workload {
        W::Yield2 => switch::yields::<L::Executor, 2, false>,
        W::Yield2Deep => switch::yields::<L::Executor, 2, true>,
        W::Yield1000 => switch::yields::<L::Executor, 1000, false>,
        W::Yield100k => switch::yields::<L::Executor, 100_000, false>,
        W::SpawnJoin => switch::spawn_join::<L::Executor>,
        W::SpawnBatch => switch::spawn_batch::<L::Executor>,
        W::SemUncontended => lock::uncontended::<L>,
        W::SemPingpong => lock::ping_pong::<L, false>,
        W::SemPingpongDeep => lock::ping_pong::<L, true>,
        W::SemContended => lock::contended::<L>,
        W::ChanPingpong => channel::ping_pong::<L, false>,
        W::ChanPingpongDeep => channel::ping_pong::<L, true>,
        W::ChanStream => channel::stream::<L>,
        W::ChanMpmc => channel::mpmc::<L>,
        W::RwReadUncontended => lock::read_uncontended::<L>,
        W::RwContended => lock::rw_contended::<L>,
        W::NotifyBroadcast => lock::broadcast::<L>,
        W::MatmulElem => matmul::matmul::<L, Elem>,
        W::MatmulRow => matmul::matmul::<L, Row>,
        W::LocalGet | W::MemBlocked | W::SharedPingpong | W::SharedStream => return None,
    })
}

/// Blocks so many tasks on a semaphore.
pub(super) fn block<L: Library>(count: usize, pause: &mut dyn FnMut()) {
    lock::block::<L>(count, pause);
}

/// Measures from here to the end of these tasks, none of which has run yet.
async fn clock<E: Executor>(ops: u64, tasks: impl IntoIterator<Item = E::Handle>) -> Took {
    let tasks: Vec<_> = tasks.into_iter().collect();
    let start = Instant::now();
    for task in tasks {
        E::join(task).await;
    }
    let time = start.elapsed();
    Took { ops, time }
}
