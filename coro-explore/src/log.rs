//! What happened in an execution.

use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use coro::End;

use crate::choice::{Deviation, Number};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Entry {
    /// The execution departs from what production would do.
    Deviated(Deviation),
    /// These would have been before the coro that is switched to.
    PassedOver(Vec<Number>),
    /// A coro is switched to.
    In {
        coro: Number,
        step: u32,
    },
    /// A coro is switched away from.
    Out {
        coro: Number,
        place: &'static Location<'static>,
        wait: Option<&'static str>,
        /// It goes on by itself.
        ready: bool,
    },
    /// The coro that runs, or the explorer, has made or readied one.
    Spawned {
        coro: Number,
        desc: Option<Arc<str>>,
    },
    Readied(Number),
    Ended {
        coro: Number,
        how: End,
    },
    /// Nobody was ready, or a timer was early: so much time has passed.
    Passed(Duration),
    /// What the body says itself.
    Note(Arc<str>),
}

impl Entry {
    /// What tells it from others, without its place: that moves when a line is added above it.
    fn key(&self) -> [u64; 3] {
        match self {
            Entry::Deviated(_) | Entry::PassedOver(_) => [0, 0, 0],
            Entry::In { coro, step } => [1, u64::from(*coro), u64::from(*step)],
            Entry::Out { coro, wait, .. } => {
                let wait = wait.map_or(0, |wait| hash(0, wait.bytes().map(u64::from)));
                [2, u64::from(*coro), wait]
            }
            Entry::Spawned { coro, .. } => [3, u64::from(*coro), 0],
            Entry::Readied(coro) => [4, u64::from(*coro), 0],
            Entry::Ended { coro, how } => [5, u64::from(*coro), *how as u64],
            Entry::Passed(time) => [6, time.as_nanos() as u64, 0],
            Entry::Note(text) => [7, hash(0, text.bytes().map(u64::from)), 0],
        }
    }
}

/// FNV-1a, a word at a time.
fn hash(seed: u64, words: impl Iterator<Item = u64>) -> u64 {
    words.fold(seed ^ 0xcbf2_9ce4_8422_2325, |hash, word| {
        (hash ^ word).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Sixteen bits that stand for what happened, wherever in the sources.
pub(crate) fn fingerprint(past: &[Entry]) -> u16 {
    let whole = past
        .iter()
        .fold(0, |sum, entry| hash(sum, entry.key().into_iter()));
    (whole ^ (whole >> 16) ^ (whole >> 32) ^ (whole >> 48)) as u16
}
