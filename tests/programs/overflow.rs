//! A coro that needs more stack than there is: it must hit the guard, and nothing else.
//!
//! Beside it stands a coro whose stack comes right below, full of a pattern that must stay.

use std::hint::black_box;
use std::ptr;

use coro::{Builder, cede};

/// How far it goes: beyond its own stack of 64 KiB, and not beyond the one below.
const DEPTH: usize = 90 * 1024;

/// Returns the address of a local, so about the stack pointer.
#[inline(never)]
fn here() -> usize {
    let local = 0_u8;
    ptr::from_ref(black_box(&local)).addr()
}

#[inline(never)]
fn deeper(to: usize) -> usize {
    let frame = black_box([1_u8; 256]);
    let lowest = if here() > to { deeper(to) } else { here() };
    // The frame is still needed, so that this is no tail call.
    black_box(frame);
    lowest
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
    let deep = small().spawn(|| deeper(here() - DEPTH));
    println!("BAD: it came back: {:?}", deep.join());
    for c in neighbours {
        c.join().expect("its pattern is there");
    }
}
