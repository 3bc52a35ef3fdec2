//! A coro that needs more stack than there is: it must hit the guard, and nothing else.
//!
//! Beside it stands a coro whose stack comes right below, full of a pattern that must stay.

use std::hint::black_box;

use coro::{Builder, cede};

#[inline(never)]
fn deeper(depth: usize) -> usize {
    let frame = black_box([depth; 32]);
    if depth == usize::MAX {
        return 0;
    }
    deeper(black_box(depth + 1)) + frame[depth % 32]
}

fn main() {
    let small = || Builder::new().stack_size(64 * 1024);
    let neighbours: Vec<_> = (0..4)
        .map(|_| {
            small().spawn(|| {
                let pattern = black_box([0x5a_u8; 16 * 1024]);
                cede();
                assert!(pattern.iter().all(|b| *b == 0x5a), "overwritten");
            })
        })
        .collect();
    cede();
    println!("before");
    let deep = small().spawn(|| deeper(0));
    println!("{:?}", deep.join());
    println!("BAD: it came back");
    drop(neighbours);
}
