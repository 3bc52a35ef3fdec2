//! A signal that coros wait for, and what is built in the same way: a barrier, a wait group, and a
//! cell whose value is made once.
//!
//! ```
//! use coro_signal::Signal;
//! use std::rc::Rc;
//!
//! let signal = Rc::new(Signal::new());
//! let theirs = signal.clone();
//! let c = coro::spawn(move || theirs.wait());
//! coro::cede();
//! assert_eq!(signal.awaited(), 1);
//! signal.send();
//! c.join().unwrap();
//!
//! signal.send(); // nobody waits: it is remembered …
//! signal.wait(); // … and this does not block
//! ```
//!
//! # Which one
//!
//! | to wait | take |
//! |---|---|
//! | for a thing that happens now and then | [`Signal`] |
//! | until a condition is true that others change | [`Signal::wait_until`] |
//! | until `n` coros have come as far | [`Barrier`] |
//! | until all jobs are done, however many there are | [`WaitGroup`] |
//! | until a value was made, by whoever needs it first | [`Once`] |
#![forbid(unsafe_code)]

mod arm;
mod barrier;
mod once;
mod signal;
mod wait_group;

pub use crate::arm::WaitArm;
pub use crate::barrier::{Barrier, BarrierWaitResult};
pub use crate::once::Once;
pub use crate::signal::Signal;
pub use crate::wait_group::{WaitGroup, WaitGroupToken};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
