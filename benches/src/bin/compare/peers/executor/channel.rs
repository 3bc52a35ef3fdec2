//! Channels, in one OS thread and between two.

use std::cell::Cell;
use std::hint::black_box;
use std::rc::Rc;
use std::thread;
use std::time::Instant;

use coro_benches::workload::Took;

use super::{Channel, Executor, Library, clock, sum_below};

async fn outer<C: Channel<u64>>(receiver: &mut C::Receiver) -> Option<u64> {
    black_box(inner::<C>(receiver).await)
}

async fn inner<C: Channel<u64>>(receiver: &mut C::Receiver) -> Option<u64> {
    black_box(C::recv(receiver).await)
}

/// Returns what calls `turns` times, and what answers.
fn pair<C: Channel<u64>, const DEEP: bool>(
    turns: u64,
    (mut call, mut calls): (C::Sender, C::Receiver),
    (mut answer, mut answers): (C::Sender, C::Receiver),
) -> (impl Future<Output = ()>, impl Future<Output = ()>) {
    let one = async move {
        loop {
            let called = if DEEP {
                outer::<C>(&mut calls).await
            } else {
                C::recv(&mut calls).await
            };
            let Some(number) = called else { break };
            C::send(&mut answer, number).await;
        }
    };
    let other = async move {
        let mut sum = 0;
        for number in 0..turns {
            C::send(&mut call, number).await;
            let answered = if DEEP {
                outer::<C>(&mut answers).await
            } else {
                C::recv(&mut answers).await
            };
            sum += answered.unwrap_or_default();
        }
        assert_eq!(sum, sum_below(turns));
    };
    (one, other)
}

/// Two tasks send a number to and fro through two channels of capacity 1.
pub(super) fn ping_pong<L: Library, const DEEP: bool>(ops: u64) -> Took {
    let turns = ops.div_ceil(2);
    L::Executor::default().block_on(async move {
        let (there, back) = (L::Channel::bounded(1), L::Channel::bounded(1));
        let (one, other) = pair::<L::Channel, DEEP>(turns, there, back);
        let tasks = [L::Executor::spawn(one), L::Executor::spawn(other)];
        clock::<L::Executor>(2 * turns, tasks).await
    })
}

/// Puts the numbers below this one into a channel.
async fn produce<C: Channel<u64>>(mut sender: C::Sender, numbers: u64) {
    for number in 0..numbers {
        C::send(&mut sender, number).await;
    }
}

/// Adds up what comes out of a channel.
async fn consume<C: Channel<u64>>(mut receiver: C::Receiver, total: Rc<Cell<u64>>) {
    let mut sum = 0;
    while let Some(number) = C::recv(&mut receiver).await {
        sum += number;
    }
    total.set(total.get() + sum);
}

pub(super) fn stream<L: Library>(ops: u64) -> Took {
    L::Executor::default().block_on(async move {
        let (sender, receiver) = L::Channel::bounded(128);
        let total = Rc::new(Cell::new(0));
        let tasks = [
            L::Executor::spawn(consume::<L::Channel>(receiver, total.clone())),
            L::Executor::spawn(produce::<L::Channel>(sender, ops)),
        ];
        let took = clock::<L::Executor>(ops, tasks).await;
        assert_eq!(total.get(), sum_below(ops));
        took
    })
}

pub(super) fn mpmc<L: Library>(ops: u64) -> Took {
    const EACH: u64 = 8;
    let numbers = ops.div_ceil(EACH);
    L::Executor::default().block_on(async move {
        let (sender, receiver) = L::Mpmc::bounded(128);
        let total = Rc::new(Cell::new(0));
        let mut tasks = Vec::new();
        for _ in 0..EACH {
            let task = consume::<L::Mpmc<u64>>(receiver.clone(), total.clone());
            tasks.push(L::Executor::spawn(task));
        }
        for _ in 0..EACH {
            let task = produce::<L::Mpmc<u64>>(sender.clone(), numbers);
            tasks.push(L::Executor::spawn(task));
        }
        drop(sender);
        let took = clock::<L::Executor>(EACH * numbers, tasks).await;
        assert_eq!(total.get(), EACH * sum_below(numbers));
        took
    })
}

/// Two OS threads, each with an executor of its own, send a number to and fro.
pub(crate) fn shared_ping_pong<E, C>(ops: u64) -> Took
where
    E: Executor,
    C: Channel<u64, Sender: Send, Receiver: Send>,
{
    let turns = ops.div_ceil(2);
    let ((mut call, mut calls), (mut answer, mut answers)) = (C::bounded(1), C::bounded(1));
    let start = Instant::now();
    let other = thread::spawn(move || {
        E::default().block_on(async move {
            while let Some(number) = C::recv(&mut calls).await {
                C::send(&mut answer, number).await;
            }
        });
    });
    E::default().block_on(async move {
        let mut sum = 0;
        for number in 0..turns {
            C::send(&mut call, number).await;
            sum += C::recv(&mut answers).await.unwrap_or_default();
        }
        assert_eq!(sum, sum_below(turns));
    });
    other.join().expect("a workload does not fail");
    let time = start.elapsed();
    Took {
        ops: 2 * turns,
        time,
    }
}

/// An OS thread sends to another, each with an executor of its own.
pub(crate) fn shared_stream<E, C>(ops: u64) -> Took
where
    E: Executor,
    C: Channel<u64, Sender: Send, Receiver: Send>,
{
    let (sender, receiver) = C::bounded(128);
    let start = Instant::now();
    let other = thread::spawn(move || {
        let total = Rc::new(Cell::new(0));
        E::default().block_on(consume::<C>(receiver, total.clone()));
        total.get()
    });
    E::default().block_on(produce::<C>(sender, ops));
    let total = other.join().expect("a workload does not fail");
    let time = start.elapsed();
    assert_eq!(total, sum_below(ops));
    Took { ops, time }
}
