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
//!
//! # Not for ever
//!
//! With the feature `time` there are `Signal::wait_timeout`, `Signal::wait_until_timeout` and
//! `WaitGroup::wait_timeout`. They take a limit, and return `coro_time::Elapsed` if what they wait for
//! did not come in time.
//!
//! A [`Barrier`] has no such form: a barrier that one coro leaves is broken for all others, who would
//! wait for it for ever. Nor has [`Once`]: it may be the caller's own initialiser that takes long, and
//! to end that, `coro_time::timeout` has to unwind it.
#![forbid(unsafe_code)]

mod arm;
mod barrier;
mod once;
mod signal;
#[cfg(feature = "time")]
mod timeout;
mod wait_group;

pub use crate::arm::WaitArm;
pub use crate::barrier::{Barrier, BarrierWaitResult};
pub use crate::once::Once;
pub use crate::signal::Signal;
pub use crate::wait_group::{WaitGroup, WaitGroupToken};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
