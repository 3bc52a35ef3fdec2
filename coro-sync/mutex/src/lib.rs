//! A mutex over data for coros, and a condition variable to wait with.
//!
//! ```
//! use std::collections::VecDeque;
//! use std::rc::Rc;
//!
//! use coro_mutex::{Condvar, Mutex};
//!
//! const PLACES: usize = 1;
//!
//! #[derive(Default)]
//! struct Shelf {
//!     loaves: Mutex<VecDeque<u32>>,
//!     filled: Condvar,
//!     emptied: Condvar,
//! }
//!
//! impl Shelf {
//!     fn put(&self, loaf: u32) {
//!         let loaves = self.loaves.lock();
//!         let mut loaves = self.emptied.wait_while(loaves, |all| all.len() == PLACES);
//!         loaves.push_back(loaf);
//!         coro::note(format_args!("puts {loaf}"));
//!         self.filled.notify_one();
//!     }
//!
//!     fn take(&self) -> u32 {
//!         let loaves = self.loaves.lock();
//!         let mut loaves = self.filled.wait_while(loaves, |all| all.is_empty());
//!         let loaf = loaves.pop_front().expect("it is not empty");
//!         coro::note(format_args!("takes {loaf}"));
//!         self.emptied.notify_one();
//!         loaf
//!     }
//! }
//!
//! let shelf = Rc::new(Shelf::default());
//! let theirs = shelf.clone();
//! let bake = move || (1..=3).for_each(|loaf| theirs.put(loaf));
//! let baker = coro::Builder::new().desc("baker").spawn(bake);
//! let customers = [("ann", 1), ("bob", 2)].map(|(name, wants)| {
//!     let shelf = shelf.clone();
//!     let buy = move || (0..wants).map(|_| shelf.take()).sum::<u32>();
//!     coro::Builder::new().desc(name).spawn(buy)
//! });
//! baker.join().expect("nobody cancels it");
//! let taken = customers.map(|customer| customer.join().expect("nobody cancels it"));
//! assert_eq!(taken.iter().sum::<u32>(), 6, "each loaf is sold once");
//! ```
//!
//! That is *A bounded buffer* of the guide (the crate `coro-guide`), which has a picture of this run, and shows
//! how one condition variable for both is not enough.
//!
//! # Who runs next
//!
//! | when | [`Mutex::new`] | [`Mutex::fair`] |
//! |---|---|---|
//! | the mutex is unlocked, and coros wait | the oldest waiter is woken | the oldest waiter has the mutex |
//! | somebody comes before the woken one has run | it gets the mutex; the woken one waits again, at the end | it waits |
//! | a waiter is readied by others | it keeps its place; if the mutex is free at that moment, it takes it | it keeps its place |
//! | a waiter in the queue is interrupted | it leaves | it leaves |
//! | a woken waiter is interrupted | if the mutex is free, the next is woken | the next has the mutex |
//!
//! The mutex is never free while somebody waits and nobody is woken.
//!
//! # Not for ever
//!
//! With the feature `time` there are `Mutex::lock_timeout`, `Condvar::wait_timeout` and
//! `Condvar::wait_while_timeout`. They take a limit, and return or tell `coro_time::Elapsed` if they
//! did not get what they waited for in time. A condvar gives the guard back in any case.
#![forbid(unsafe_code)]

mod condvar;
mod guard;
mod mutex;
mod raw;
#[cfg(feature = "time")]
mod timeout;

pub use crate::condvar::Condvar;
pub use crate::guard::MutexGuard;
pub use crate::mutex::Mutex;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
