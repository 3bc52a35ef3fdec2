//! Workloads of channels, and of a oneshot.

use std::cell::Cell;
use std::rc::Rc;

use coro::spawn;
use coro_channel::{Channel, oneshot};

use crate::workload::{Took, Workload, clock, deep, pair, repeat, sum_below};

/// The workloads; those of a group follow each other.
pub const ALL: &[Workload] = &[
    Workload::new(
        "channel/ping_pong",
        "channel ping-pong, each message",
        ping_pong::<false, false>,
    )
    .aim(13.0),
    Workload::new(
        "channel/ping_pong_deep",
        "the same, two frames deep",
        ping_pong::<false, true>,
    ),
    Workload::new(
        "channel/ping_pong_fair",
        "the same, fair",
        ping_pong::<true, false>,
    ),
    Workload::new(
        "channel/stream_128",
        "channel stream, capacity 128",
        flow::<1, false>,
    )
    .ops(1_000_000)
    .aim(3.2),
    Workload::new("channel/stream_128_fair", "the same, fair", flow::<1, true>).ops(1_000_000),
    Workload::new(
        "channel/mpmc_8x8_128",
        "channel 8 × 8, capacity 128",
        flow::<8, false>,
    )
    .ops(1_000_000)
    .aim(4.0),
    Workload::new(
        "channel/mpmc_8x8_128_fair",
        "the same, fair",
        flow::<8, true>,
    )
    .ops(1_000_000),
    Workload::new("oneshot/uncontended", "oneshot: make, send, get", once).ops(1_000_000),
];

fn channel<const FAIR: bool>(capacity: usize) -> Channel<u64> {
    if FAIR {
        Channel::fair(capacity)
    } else {
        Channel::bounded(capacity)
    }
}

#[inline(always)]
fn get<const DEEP: bool>(channel: &Channel<u64>) -> Option<u64> {
    if DEEP {
        deep(|| channel.get())
    } else {
        channel.get()
    }
}

/// Two coros send a number to and fro through two channels of capacity 1.
fn ping_pong<const FAIR: bool, const DEEP: bool>(ops: u64) -> Took {
    let turns = ops.div_ceil(2);
    let (there, back) = pair(|| channel::<FAIR>(1));
    let (their_there, their_back) = (there.clone(), back.clone());
    let one = move || {
        while let Some(number) = get::<DEEP>(&their_there) {
            their_back.put(number);
        }
    };
    let other = move || {
        let mut sum = 0;
        for number in 0..turns {
            there.put(number);
            sum += get::<DEEP>(&back).unwrap_or_default();
        }
        assert_eq!(sum, sum_below(turns));
        there.shutdown();
    };
    clock(2 * turns, [spawn(one), spawn(other)])
}

/// As many coros put into one channel as get out of it.
fn flow<const EACH: u64, const FAIR: bool>(ops: u64) -> Took {
    let numbers = ops.div_ceil(EACH);
    let channel = Rc::new(channel::<FAIR>(128));
    let producing = Rc::new(Cell::new(EACH));
    let total = Rc::new(Cell::new(0));
    let consumers = (0..EACH).map(|_| {
        let (channel, total) = (channel.clone(), total.clone());
        spawn(move || {
            let mut sum = 0;
            while let Some(number) = channel.get() {
                sum += number;
            }
            total.set(total.get() + sum);
        })
    });
    let producers = (0..EACH).map(|_| {
        let (channel, producing) = (channel.clone(), producing.clone());
        spawn(move || {
            for number in 0..numbers {
                channel.put(number);
            }
            producing.set(producing.get() - 1);
            if producing.get() == 0 {
                channel.shutdown();
            }
        })
    });
    let took = clock(EACH * numbers, consumers.chain(producers));
    assert_eq!(total.get(), EACH * sum_below(numbers));
    took
}

fn once(ops: u64) -> Took {
    let (took, sum) = repeat(ops, || {
        let (sender, receiver) = oneshot();
        sender.send(1).map_or(0, |()| receiver.get().unwrap_or(0))
    });
    assert_eq!(sum, ops);
    took
}
