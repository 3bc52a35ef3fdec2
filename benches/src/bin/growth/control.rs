//! What memory alone costs: a walk over as many blocks as there would be coros.
//!
//! Each block is of the size of a control block, and names the next, at random. So a step of the
//! walk is one access that misses whatever caches such a number of coros does not fit into, the
//! translation of its address included.

use crate::measure::{Cost, Row, sizes};
use crate::workload::{Group, time};

/// What a block has room for: 256 bytes.
const WORDS: usize = 32;
const STEPS: u64 = 100_000;
const SAMPLES: u32 = 5;

/// Measures a step at each size up to `most`.
pub(crate) fn measure(most: u64) -> Row {
    let mut row = Row {
        name: "control: a step of a random walk",
        group: Group::Coros,
        costs: Vec::new(),
    };
    for size in sizes(most) {
        let blocks = blocks(size);
        let ns = (0..SAMPLES)
            .map(|_| step(&blocks))
            .fold(f64::INFINITY, f64::min);
        row.costs.push(Cost { size, ns });
    }
    row
}

/// Returns blocks that form one ring.
fn blocks(size: u64) -> Vec<[u64; WORDS]> {
    // A linear congruence has the full period if its factor less one is divisible by 4 and by all
    // prime factors of the size, which is a power of ten.
    let next = |at: u64| (at * 61_541_141 + 7_654_321) % size;
    let mut blocks = vec![[0; WORDS]; size as usize];
    for (block, at) in blocks.iter_mut().zip(0..) {
        block[0] = next(at);
    }
    blocks
}

/// Returns what a step takes, in nanoseconds.
fn step(blocks: &[[u64; WORDS]]) -> f64 {
    let mut at = 0;
    let took = time(STEPS, || {
        for _ in 0..STEPS {
            at = blocks[at as usize][0];
        }
    });
    assert!(at < blocks.len() as u64);
    took.time.as_nanos() as f64 / STEPS as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_comes_to_each_block_once() {
        for size in [1, 10, 100, 10_000] {
            let blocks = blocks(size);
            let mut at = 0;
            let mut seen = vec![false; size as usize];
            for _ in 0..size {
                at = blocks[at][0] as usize;
                assert!(!std::mem::replace(&mut seen[at], true));
            }
            assert_eq!(at, 0);
        }
    }
}
