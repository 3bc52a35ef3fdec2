//! A readers-writer lock for coros: raw, as Coro has it, and over data, as std has it.
//!
//! ```
//! use std::rc::Rc;
//!
//! use coro_rwlock::RwLock;
//!
//! /// Looks at the board until there is news; does something else in between.
//! fn look(board: &RwLock<bool>) {
//!     loop {
//!         let is_news = board.read();
//!         coro::note("reads");
//!         coro::cede();
//!         coro::cede();
//!         if *is_news {
//!             return;
//!         }
//!         drop(is_news);
//!         coro::note("leaves");
//!         coro::cede();
//!         coro::cede();
//!     }
//! }
//!
//! let board = Rc::new(RwLock::fair(false));
//! let readers = ["ann", "bob"].map(|name| {
//!     let board = board.clone();
//!     coro::Builder::new().desc(name).spawn(move || look(&board))
//! });
//! let writer = coro::Builder::new().desc("ed").spawn(move || {
//!     *board.write() = true;
//!     coro::note("writes");
//! });
//! for coro in readers.into_iter().chain([writer]) {
//!     coro.join().expect("nobody cancels it");
//! }
//! ```
//!
//! That is *Readers and writers* of the guide (the crate `coro-guide`), which has a picture of this run, and
//! the order in which the writer starves.
//!
//! # Who runs next
//!
//! The default form lets whoever runs have what can be had; a wake-up is a hint to look again. It
//! is fast, and a stream of readers that overlap keeps a writer waiting for ever. The fair form
//! gives the lock out in the order of arrival; there, a coro that reads already and reads again
//! may block behind a writer that waits for it.
//!
//! | when | default | fair |
//! |---|---|---|
//! | a reader comes while others read and a writer waits | it reads at once | it waits, behind the writer |
//! | a writer comes while somebody reads or writes | it waits | it waits |
//! | one of several readers unlocks | nobody is woken | nobody is woken |
//! | the lock becomes free, and writers and readers wait | the oldest writer is woken, whoever came first, and nobody else | who came first has the lock, and if it reads, so have the readers directly behind it |
//! | the lock becomes free, and only readers wait | all of them are woken, in the order of their arrival | all of them have the lock, and run in that order |
//! | somebody comes before a woken waiter has run | it gets the lock; the woken one waits again, at the end of its queue | the woken one has the lock already: readers and writers come in only as if it ran |
//! | a waiter is readied by others | it keeps its place; if the lock can be had at that moment, it takes it | it keeps its place |
//! | a waiter in the queue is interrupted | it leaves; nobody is woken | it leaves; those behind it who may share the lock with its holders have it now |
//! | a woken waiter is interrupted | if the lock is free, the next are woken, as by an unlock | its hold is given back, as by an unlock |
//! | a writer downgrades | all readers that wait are woken, no writer | the readers at the head of the queue have the lock |
//!
//! The lock is never free while somebody waits and nobody is woken.
//!
//! # Not for ever
//!
//! With the feature `time` there are `read_timeout` and `write_timeout`, `rdlock_timeout` and
//! `wrlock_timeout`. They take a limit, and return `coro_time::Elapsed` if they did not get the lock in
//! time. A writer that leaves a fair queue lets the readers behind it in, if readers hold the lock.
#![forbid(unsafe_code)]

mod guard;
mod lock;
mod raw;
#[cfg(feature = "time")]
mod timeout;
mod turn;
mod view;

pub use crate::guard::{MappedRwLockWriteGuard, RwLockReadGuard, RwLockWriteGuard};
pub use crate::lock::RwLock;
pub use crate::raw::RawRwLock;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
