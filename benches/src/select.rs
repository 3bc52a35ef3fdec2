//! Workloads of `select!`, with two arms.

use coro::spawn;
use coro_channel::{Channel, select};

use crate::workload::{Took, Workload, clock, in_coro, pair, repeat, sum_below};

/// The workloads; those of a group follow each other.
pub const ALL: &[Workload] = &[
    Workload::new(
        "select/ready_2",
        "put, select of two channels",
        ready::<false>,
    )
    .ops(1_000_000),
    Workload::new("select/ready_2_biased", "the same, biased", ready::<true>).ops(1_000_000),
    Workload::new(
        "select/ping_pong_2",
        "channel ping-pong, each a select of two",
        ping_pong,
    ),
];

/// Puts into one of two channels in turn, and selects over both.
fn ready<const BIASED: bool>(ops: u64) -> Took {
    in_coro(move || {
        let channels = [Channel::unbounded(), Channel::unbounded()];
        let [one, other] = &channels;
        let mut number = 0;
        let (took, sum) = repeat(ops, || {
            channels[number as usize % 2].put(number);
            number += 1;
            let got = if BIASED {
                select! {
                    biased;
                    got = one.get_arm() => got,
                    got = other.get_arm() => got,
                }
            } else {
                first(one, other)
            };
            got.unwrap_or_default()
        });
        assert_eq!(sum, sum_below(ops));
        took
    })
}

/// As the ping-pong of channels, but each end waits for a channel too that nobody puts into.
fn ping_pong(ops: u64) -> Took {
    let turns = ops.div_ceil(2);
    let (there, back) = pair(|| Channel::bounded(1));
    let (their_there, their_back) = (there.clone(), back.clone());
    let one = move || {
        let quiet = Channel::bounded(1);
        while let Some(number) = first(&quiet, &their_there) {
            their_back.put(number);
        }
    };
    let other = move || {
        let quiet = Channel::bounded(1);
        let mut sum = 0;
        for number in 0..turns {
            there.put(number);
            sum += first(&quiet, &back).unwrap_or_default();
        }
        assert_eq!(sum, sum_below(turns));
        there.shutdown();
    };
    clock(2 * turns, [spawn(one), spawn(other)])
}

#[inline(always)]
fn first(one: &Channel<u64>, other: &Channel<u64>) -> Option<u64> {
    select! {
        got = one.get_arm() => got,
        got = other.get_arm() => got,
    }
}
