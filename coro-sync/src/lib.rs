//! What coros wait with, in one crate: it re-exports the crates in its subfolders and `coro-time`,
//! and each of these can be had alone.
//!
//! ```
//! use coro_sync::{Mutex, Signal};
//! use std::rc::Rc;
//!
//! let basket = Rc::new(Mutex::new(Vec::new()));
//! let filled = Rc::new(Signal::new());
//! let (theirs, tell) = (basket.clone(), filled.clone());
//! coro::spawn(move || {
//!     theirs.lock().push("apple");
//!     tell.send();
//! });
//! filled.wait();
//! assert_eq!(*basket.lock(), ["apple"]);
//! ```
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
