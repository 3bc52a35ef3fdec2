//! What coros wait with, in one crate: it re-exports the crates in its subfolders, and each of
//! these can be had alone.
//!
//! ```
//! use coro_sync::Semaphore;
//! let lock = Semaphore::new(1);
//! let _guard = lock.acquire();
//! assert!(lock.try_acquire().is_none());
//! ```
#![forbid(unsafe_code)]

pub use coro_mutex::{Condvar, Mutex, MutexGuard};
pub use coro_rwlock::{
    MappedRwLockWriteGuard, RawRwLock, RwLock, RwLockReadGuard, RwLockWriteGuard,
};
pub use coro_semaphore::{Semaphore, SemaphoreGuard};
pub use coro_semaphore_set::{SemaphoreSet, SemaphoreSetEntry, SemaphoreSetGuard};
pub use coro_signal::{
    Barrier, BarrierWaitResult, Once, Signal, WaitArm, WaitGroup, WaitGroupToken,
};
pub use coro_wait_queue as wait_queue;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
