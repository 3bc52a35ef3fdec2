//! So many blocked coros that the system runs out of mappings; `CORO_STACK_GUARD=mprotect` is set.
//!
//! Prints how many ran, how many found no stack, and what the first of those was told.

use std::cell::Cell;
use std::rc::Rc;

use coro::{Builder, JoinHandle, cede, schedule};

fn main() {
    let count: usize = match std::env::args().nth(1).map(|n| n.parse()) {
        Some(Ok(count)) => count,
        _ => panic!("argument: the number of coros"),
    };
    let ran = Rc::new(Cell::new(0_usize));
    let coros: Vec<JoinHandle<usize>> = (0..count)
        .map(|i| {
            let ran = Rc::clone(&ran);
            Builder::new().stack_size(16 * 1024).spawn(move || {
                ran.set(ran.get() + 1);
                schedule();
                i
            })
        })
        .collect();
    cede();
    let blocked = ran.get();
    // The process is at its limit now. Everybody who runs goes on, and gives its result.
    for c in &coros {
        c.ready();
    }
    let (mut finished, mut without) = (0, 0);
    let mut told = None;
    for (i, c) in coros.into_iter().enumerate() {
        match c.join() {
            Ok(number) => {
                assert_eq!(number, i, "the result of another");
                finished += 1;
            }
            Err(error) => {
                assert!(error.is_no_stack(), "{error}");
                without += 1;
                told.get_or_insert(error.to_string());
            }
        }
    }
    // The stacks that there are serve others now.
    let again = Builder::new().stack_size(16 * 1024).spawn(|| 7).join();
    println!("{blocked} {finished} {without} {again:?}");
    println!("{}", told.unwrap_or_default());
}
