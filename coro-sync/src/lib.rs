//! What coros wait with, in one crate: it re-exports the crates in its subfolders and `coro-time`,
//! and each of these can be had alone.
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
//! let account = Rc::new(Account {
//!     balance: Cell::new(0),
//!     lock: Semaphore::new(1),
//! });
//! let deposits = [("ann", 10), ("bob", 5)].map(|(name, amount)| {
//!     let account = account.clone();
//!     let deposit = move || account.deposit(amount);
//!     coro::Builder::new().desc(name).spawn(deposit)
//! });
//! for deposit in deposits {
//!     deposit.join().expect("nobody cancels it");
//! }
//! assert_eq!(account.balance.get(), 15);
//! ```
//!
//! That is *A lost update* of the guide (the crate `coro-guide`), where a picture shows who is blocked when,
//! and what becomes of the sum without the lock.
//!
//! | to | take |
//! |---|---|
//! | let one coro at a time, or n | [`Semaphore`]; with data behind it, [`Mutex`] |
//! | the same for each key | [`SemaphoreSet`] |
//! | let many read or one write | [`RwLock`]; without data, [`RawRwLock`] |
//! | wait for an event | [`Signal`]; under a mutex, [`Condvar`] |
//! | wait for each other | [`Barrier`], [`WaitGroup`] |
//! | make a value once | [`Once`] |
//! | let time pass, or not wait for ever | the crate `coro-time`, with the feature `time` also as the module `time` |
//! | hand values over | the crate `coro-channel` |
//! | write a primitive of your own | [`wait_queue`] |
//!
//! With the feature `time`, the calls that block have forms that end in `_timeout`: they take a limit,
//! and return `coro_time::Elapsed` if it is over. The crate of each primitive has this feature, and needs
//! `coro-time` only with it.
//!
//! All of them survive spurious wake-ups, throws and cancels at every call that blocks: whoever is
//! interrupted leaves nothing behind, and what it was given passes on.
#![forbid(unsafe_code)]

pub use coro_mutex::{Condvar, Mutex, MutexGuard};
pub use coro_rwlock::{
    MappedRwLockWriteGuard, RawRwLock, RwLock, RwLockReadGuard, RwLockWriteGuard,
};
pub use coro_semaphore::{AcquireArm, DownArm, Semaphore, SemaphoreGuard, SemaphoreGuardRc};
pub use coro_semaphore_set::{SemaphoreSet, SemaphoreSetEntry, SemaphoreSetGuard};
pub use coro_signal::{
    Barrier, BarrierWaitResult, Once, Signal, WaitArm, WaitGroup, WaitGroupToken,
};
#[cfg(feature = "time")]
pub use coro_time as time;
pub use coro_wait_queue as wait_queue;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
