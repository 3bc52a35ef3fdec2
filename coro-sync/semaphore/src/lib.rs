//! A counting semaphore for coros, with a guard.
//!
//! ```
//! use std::num::ParseIntError;
//! use std::rc::Rc;
//!
//! use coro_semaphore::Semaphore;
//!
//! /// Prints so many copies while nobody else prints, and returns how many these were.
//! fn print(printer: &Semaphore, copies: &str) -> Result<u32, ParseIntError> {
//!     let _guard = printer.acquire();
//!     coro::note("has the printer");
//!     coro::cede(); // it warms up, and others run
//!     let copies = copies.parse()?;
//!     Ok(copies)
//! } // however it gets here, the guard gives the printer back
//!
//! let printer = Rc::new(Semaphore::new(1));
//! let [ann, bob] = [("ann", "2"), ("bob", "two")].map(|(name, copies)| {
//!     let printer = printer.clone();
//!     let order = move || print(&printer, copies);
//!     coro::Builder::new().desc(name).spawn(order)
//! });
//! assert_eq!(ann.join().expect("nobody cancels it"), Ok(2));
//! assert!(bob.join().expect("nobody cancels it").is_err());
//! ```
//!
//! That is *The forgotten up* of the guide (the crate `coro-guide`), which has a picture of this run, and shows
//! what becomes of it with `down` and `up` in place of the guard.
//!
//! # Who is next
//!
//! | | [`new`](Semaphore::new) | [`fair`](Semaphore::fair) |
//! |---|---|---|
//! | `up` while coros wait | readies the oldest, which looks again when it runs | gives the permit to the oldest: the count does not show it |
//! | a coro comes by before the woken one runs | may take the permit; the woken one waits again, at the end | finds no permit, and waits at the end |
//! | two `up`s in a row | may ready one waiter too many, which waits again, at the end | serve two |
//! | a waiter for many permits is the oldest | is readied when there are enough; others may come by and take them | collects them; nobody behind it is served before |
//! | `loop { down(); cede(); up() }` | keeps the permit from all others | takes turns |
//!
//! In both forms waiters are served in the order of their arrival, whatever their priorities, and
//! `up` does not yield: the caller goes on. The default form is Coro's. It costs less, and its
//! waiters do not stand in a convoy behind one that runs late; take the fair one where a loop could
//! starve the others.
//!
//! # Not for ever
//!
//! With the feature `time`, each call that blocks has a form that ends in `_timeout`, takes a limit,
//! and returns `coro_time::Elapsed` if there were no permits in time. Nothing is unwound then.
#![forbid(unsafe_code)]

mod arm;
mod guard;
mod semaphore;
#[cfg(feature = "time")]
mod timeout;
mod waiting;

pub use crate::arm::{AcquireArm, DownArm};
pub use crate::guard::{SemaphoreGuard, SemaphoreGuardRc};
pub use crate::semaphore::Semaphore;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
