//! A signal that coros wait for, and what is built in the same way: a barrier, a wait group, and a
//! cell whose value is made once.
//!
//! ```
//! use std::cell::Cell;
//! use std::rc::Rc;
//!
//! use coro_signal::Signal;
//!
//! struct Barrier {
//!     parties: u32,
//!     arrived: Cell<u32>,
//!     /// How often it has opened.
//!     round: Cell<u32>,
//!     opened: Signal,
//! }
//!
//! impl Barrier {
//!     fn wait(&self) {
//!         let round = self.round.get();
//!         self.arrived.set(self.arrived.get() + 1);
//!         if self.arrived.get() == self.parties {
//!             self.arrived.set(0);
//!             self.round.set(round + 1);
//!             self.opened.broadcast();
//!         }
//!         self.opened.wait_until(|| self.round.get() > round);
//!     }
//! }
//!
//! let barrier = Rc::new(Barrier {
//!     parties: 3,
//!     arrived: Cell::new(0),
//!     round: Cell::new(0),
//!     opened: Signal::new(),
//! });
//! let ended = Rc::new([const { Cell::new(0) }; 2]);
//! let riders = ["ann", "bob", "cy"].map(|name| {
//!     let (barrier, ended) = (barrier.clone(), ended.clone());
//!     coro::Builder::new().desc(name).spawn(move || {
//!         for stage in 0..2 {
//!             coro::cede(); // rides
//!             coro::note(format_args!("ends {stage}"));
//!             ended[stage].set(ended[stage].get() + 1);
//!             barrier.wait();
//!             assert_eq!(ended[stage].get(), 3, "somebody still rides");
//!         }
//!     })
//! });
//! for rider in riders {
//!     rider.join().expect("nobody cancels it");
//! }
//! ```
//!
//! That is *A barrier* of the guide (the crate `coro-guide`), which has a picture of this run, and shows what a
//! door that is open or shut does in place of the number. [`Barrier`] is one that is ready made.
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
