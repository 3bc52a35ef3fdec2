//! A stack that is too small: it must hit the guard and nothing else, and be named: NEEDS H10.
//!
//! The arguments say whose stack. Prints the number of the coro and the place of its spawn, and
//! what must not happen.

use std::cell::RefCell;
use std::hint::black_box;
use std::panic::{self, Location};
use std::process;
use std::ptr;
use std::thread;

use coro::{Builder, JoinHandle, cede, schedule, spawn};

/// Far beyond the smallest stack and the guard below it, and not beyond the stack below that.
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

/// Calls itself until there is no stack left.
fn overflow() {
    deeper(0);
    println!("BAD: it came back");
}

/// Overflows when it is dropped.
struct Overflows;

impl Drop for Overflows {
    fn drop(&mut self) {
        overflow();
    }
}

/// Spawns a coro and says what the message must say of it.
#[track_caller]
fn start(builder: Builder, f: impl FnOnce() + 'static) -> JoinHandle<()> {
    let c = builder.spawn(f);
    println!("{} {}", c.coro().id(), Location::caller());
    c
}

fn of_size(size: &str) -> Builder {
    Builder::new().stack_size(size.parse().expect("a size in bytes"))
}

/// Beside the coro stands one whose stack comes right below, full of a pattern that must stay.
fn between_neighbours() {
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

/// Runs `f` on an OS thread that has a kernel with coros.
fn on_a_thread(f: impl FnOnce() + Send + 'static) {
    let with_coros = || {
        spawn(cede).join().expect("it just returns");
        f();
    };
    let thread = thread::Builder::new()
        .name("worker".into())
        .spawn(with_coros);
    drop(thread.expect("there are OS threads").join());
}

thread_local! {
    static AT_EXIT: RefCell<Option<Overflows>> = const { RefCell::new(None) };
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => between_neighbours(),
        ["size", size] => drop(start(of_size(size), overflow).join()),
        ["desc", desc] => drop(start(Builder::new().desc(desc), overflow).join()),
        ["redescribed", desc] => {
            let c = start(Builder::new().desc("another"), overflow);
            c.coro().set_desc(desc);
            drop(c.join());
        }
        // The tops of stacks have colours, which change from one to the next.
        ["after", count] => {
            let count: usize = count.parse().expect("a number of coros");
            let parked: Vec<_> = (0..count).map(|_| spawn(schedule)).collect();
            cede();
            drop(start(Builder::new(), overflow).join());
            drop(parked);
        }
        ["resumed"] => {
            let c = start(Builder::new(), || {
                for _ in 0..10 {
                    cede();
                }
                overflow();
            });
            let other = spawn(|| (0..5).for_each(|_| cede()));
            drop((c.join(), other.join()));
        }
        ["cancel"] => {
            let c = start(Builder::new(), || {
                let _local = Overflows;
                schedule();
            });
            cede();
            c.cancel();
        }
        ["panic"] => {
            let f = || {
                let _local = Overflows;
                // No panic hook, no message of it.
                panic::resume_unwind(Box::new("of a panic"))
            };
            drop(start(Builder::new(), f).join());
        }
        ["main"] => {
            spawn(cede).join().expect("it just returns");
            overflow();
        }
        // The root stands in for a coro while the last one's stack is given back.
        ["main after a coro"] => {
            spawn(|| deeper(here() - DEPTH)).join().expect("it fits");
            overflow();
        }
        ["thread"] => on_a_thread(overflow),
        ["coro of a thread"] => on_a_thread(|| drop(start(Builder::new(), overflow).join())),
        ["coro beside a thread"] => {
            on_a_thread(|| ());
            drop(start(Builder::new(), overflow).join());
        }
        ["exit"] => {
            AT_EXIT.set(Some(Overflows));
            let c = spawn(|| process::exit(0));
            drop(c.join());
        }
        _ => panic!("unknown arguments"),
    }
    println!("BAD: it went on");
}
