//! A mutex over data for coros, and a condition variable to wait with.
//!
//! ```
//! use coro_mutex::{Condvar, Mutex};
//! use std::rc::Rc;
//!
//! let jobs = Rc::new((Mutex::new(Vec::new()), Condvar::new()));
//! let theirs = jobs.clone();
//! let worker = coro::spawn(move || {
//!     let (list, more) = &*theirs;
//!     let mut list = more.wait_while(list.lock(), |list| list.is_empty());
//!     list.pop()
//! });
//! coro::cede(); // the worker waits
//! jobs.0.lock().push(7);
//! jobs.1.notify_one();
//! assert_eq!(worker.join().unwrap(), Some(7));
//! ```
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
