//! Runs every schedule of code that is made of coros, and shows the one that fails.
//!
//! On one OS thread, the only thing that differs from one run to the next is who runs when. So the
//! explorer runs a body over and over, each time in another order, and lets happen what may happen:
//! spurious wake-ups, early timers, throws, cancels. The code is what it is in production: no types
//! are exchanged, no feature is set.
//!
//! ```
//! use std::cell::Cell;
//! use std::rc::Rc;
//!
//! struct Account {
//!     balance: Cell<u32>,
//! }
//!
//! impl Account {
//!     /// Adds `amount`, and asks the bank in between, which takes a while.
//!     fn deposit(&self, amount: u32) {
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
//! let failure = coro_explore::Builder::new().run(|| {
//!     let account = Rc::new(Account {
//!         balance: Cell::new(0),
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
//! let failure = failure.unwrap_err();
//! assert_eq!(failure.verdict(), coro_explore::Verdict::Panic);
//! println!("{failure}"); // the steps in columns, and how to run them again
//! ```
//!
//! That is the wrong version of *A lost update* of the guide (the crate `coro-guide`): each of its pages has one,
//! and what the explorer says of it.
//!
//! # What is run
//!
//! First *production order*, the one in which the kernel would run the coros; then all executions
//! that depart from it once, then twice, and so on, each once. So the first failure that is found
//! has as few departures as can be. A [`Report`] says whether all were run.
//!
//! | departure | [`Builder`] | in a schedule |
//! |---|---|---|
//! | one that is ready behind others, of the same priority, runs before them | [`delays`](Builder::delays) | `5+1` |
//! | another outcome of [`coro::choose`], as in a select | `delays` | `5=2` |
//! | a blocked coro wakes up for nothing | [`spurious`](Builder::spurious) | `5s3` |
//! | the earliest timer goes off although coros are ready | [`timers`](Builder::timers) | `5t` |
//! | a coro is thrown into | [`throws`](Builder::throws) | `5x3` |
//! | a coro is cancelled | [`cancels`](Builder::cancels), [`safe_cancels`](Builder::safe_cancels) | `5c3`, `5a3` |
//! | a coro is overdue | [`timeouts`](Builder::timeouts) | `5o3` |
//!
//! Time is virtual: when nobody is ready, the earliest timer is due.
//!
//! # What is wrong
//!
//! A panic that no coro catches, an [`invariant`] that does not hold at a switch, an assertion of
//! [`finally`]; and, without being asked: deadlocks, lost wake-ups, livelocks, coros that something
//! still holds when all is over, and bodies that are not deterministic. See [`Verdict`].
//!
//! # What a body must be
//!
//! The same each time: no randomness but [`coro::choose`], no time but [`coro::now`], no statics that
//! keep anything, no hash maps whose order counts, no [`coro::Coro::id`], which goes on counting; every
//! so often an execution is done twice, and must be the same. It may neither install hooks of the
//! kernel's nor wait for other OS threads, nor poll [`coro::now`] or [`coro::cede_notself`] while nobody
//! else is ready: that moves no time. (To poll by [`coro::cede`] while a timer is armed ends, but each turn is a step:
//! that is slow, unless [`Builder::max_steps`] is low.) All its coros must end. What makes a
//! `wait_until`'s predicate true must send before it blocks, and the predicate shall only look.
//!
//! What is not explored is that of which the kernel knows nothing: other OS threads, the OS, and memory
//! orders, which have no meaning here. A coro may be struck by a throw, a cancel or a timeout while it
//! does not run, at any step; what it does between two switches is its own.
//!
//! An execution that fails stays where it was, and is leaked with its body: some tens of kilobytes.
#![forbid(unsafe_code)]

mod budget;
mod builder;
mod checks;
mod choice;
mod choosing;
mod columns;
mod failure;
mod fault;
mod frontier;
mod hand;
mod hook;
mod log;
mod panics;
mod play;
mod replay;
mod report;
mod run;
mod scene;
mod schedule;
mod search;
mod settings;
mod shrink;
mod strategy;
mod verdict;
mod world;

pub use crate::builder::Builder;
pub use crate::checks::{finally, invariant};
pub use crate::failure::Failure;
pub use crate::fault::Thrown;
pub use crate::play::{Move, Position, Standing, State};
pub use crate::report::Report;
pub use crate::run::Run;
pub use crate::verdict::Verdict;
pub use coro::note;

/// Explores `body` with the budgets of [`Builder::new`], and panics if an execution fails.
///
/// # Switches
///
/// Never: the coros of `body` run on OS threads of their own.
///
/// # Panics
///
/// If an execution fails: with the whole [`Failure`].
///
/// # Examples
///
/// ```
/// coro_explore::check(|| {
///     let c = coro::spawn(|| 42);
///     assert_eq!(c.join().unwrap(), 42);
/// });
/// ```
#[track_caller]
pub fn check(body: impl Fn() + Send + Sync + 'static) -> Report {
    Builder::new().check(body)
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
