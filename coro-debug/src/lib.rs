//! Sees what coros did: as a picture, as columns, for trace viewers, and the last of it before a panic.
//!
//! ```
//! use std::cell::Cell;
//! use std::rc::Rc;
//!
//! use coro_sync::Semaphore;
//!
//! struct Account {
//!     balance: Cell<u32>,
//!     lock: Semaphore,
//! }
//!
//! impl Account {
//!     /// Adds `amount`, and asks the bank in between, which takes a while.
//!     fn deposit(&self, amount: u32) {
//!         let _guard = self.lock.acquire();
//!         let old = self.balance.get();
//!         coro::note(format_args!("reads {old}"));
//!         ask_the_bank();
//!         self.balance.set(old + amount);
//!         coro::note(format_args!("writes {}", old + amount));
//!     }
//! }
//!
//! /// Others run while it waits.
//! fn ask_the_bank() {
//!     coro::cede();
//! }
//!
//! let ((), trace) = coro_debug::trace::record(|| {
//!     let account = Rc::new(Account {
//!         balance: Cell::new(0),
//!         lock: Semaphore::new(1),
//!     });
//!     let deposits = [("ann", 10), ("bob", 5)].map(|(name, amount)| {
//!         let account = account.clone();
//!         let deposit = move || account.deposit(amount);
//!         coro::Builder::new().desc(name).spawn(deposit)
//!     });
//!     for deposit in deposits {
//!         deposit.join().expect("nobody cancels it");
//!     }
//!     assert_eq!(account.balance.get(), 15);
//! });
//! println!("{trace}"); // the steps in columns
//! let picture = trace.to_svg();
//! assert!(picture.contains("#2 bob is blocked: semaphore"));
//! ```
//!
//! That is *A lost update* of the guide (the crate `coro-guide`), whose pictures are all made in this way.
//!
//! [`record`](trace::record) is for a part of a program, a [`Recorder`](trace::Recorder) for what begins
//! here and ends there, and a [`FlightRecorder`](trace::FlightRecorder) for what nobody expects. What a
//! program has to say itself it says by [`coro::note`].
//!
//! The programs of this crate are `be-the-scheduler`, a game in which the player schedules, and `timeline`,
//! which shows what happens in a program of the guide.
#![forbid(unsafe_code)]

pub mod trace;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
