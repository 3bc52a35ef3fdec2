//! A semaphore for each key, made on demand and gone when it is of no more use.
//!
//! ```
//! use std::cell::Cell;
//! use std::collections::HashMap;
//! use std::rc::Rc;
//!
//! use coro_semaphore_set::SemaphoreSet;
//!
//! struct Bank {
//!     accounts: HashMap<&'static str, [Cell<u32>; 2]>,
//!     locks: SemaphoreSet<&'static str>,
//! }
//!
//! impl Bank {
//!     /// Moves money from the customer's first account to the second.
//!     fn transfer(&self, customer: &'static str, amount: u32) {
//!         let _guard = self.locks.acquire(customer);
//!         let [from, to] = &self.accounts[customer];
//!         from.set(from.get() - amount);
//!         coro::note("has taken it");
//!         coro::cede(); // the money is on its way: others run, and it is in neither account
//!         to.set(to.get() + amount);
//!         coro::note("has brought it");
//!     }
//!
//!     /// Returns how much the customer has in both.
//!     fn audit(&self, customer: &'static str) -> u32 {
//!         let _guard = self.locks.acquire(customer);
//!         coro::note(format_args!("adds up {customer}'s"));
//!         self.accounts[customer].iter().map(Cell::get).sum()
//!     }
//! }
//!
//! let account = |balances: [u32; 2]| balances.map(Cell::new);
//! let bank = Rc::new(Bank {
//!     accounts: [("ann", account([10, 0])), ("bob", account([5, 5]))].into(),
//!     locks: SemaphoreSet::new(1), // for each customer, one at a time
//! });
//! let theirs = bank.clone();
//! let audit = move || ["ann", "bob"].map(|customer| theirs.audit(customer));
//! let audit = coro::Builder::new().desc("audit").spawn(audit);
//! let transfers = [("rent", 4), ("gift", 3)].map(|(name, amount)| {
//!     let bank = bank.clone();
//!     let transfer = move || bank.transfer("ann", amount);
//!     coro::Builder::new().desc(name).spawn(transfer)
//! });
//! for transfer in transfers {
//!     transfer.join().expect("nobody cancels it");
//! }
//! assert_eq!(audit.join().expect("nobody cancels it"), [10, 10]);
//! ```
//!
//! That is *When a lock is needed* of the guide (the crate `coro-guide`), which has a picture of this run, and
//! shows why the audit asks for the lock too.
//!
//! # When there is an entry
//!
//! A key has an entry while its count is not the initial one, while somebody waits for it, and
//! while a guard or a handle of it lives. Every call that uses an entry looks, when it ends, whether
//! it can go; however the call ends, so cancelled and thrown-at waiters leave nothing behind. The
//! memory is in proportion to the entries there are, whatever keys were used before.
//!
//! # Keys
//!
//! The set runs `Hash`, `Eq` and `Drop` of keys when nothing of its own is half done, so these may
//! use the set, or switch. Only an `Eq` that changes which entries there are while a new one is to
//! be made gets a panic that says so; the set is as good as before.
//!
//! # Not for ever
//!
//! With the feature `time`, each call that blocks has a form that ends in `_timeout`, takes a limit,
//! and returns `coro_time::Elapsed` if there was no permit in time. Nothing is unwound then.
#![forbid(unsafe_code)]

mod entry;
mod guard;
mod table;
#[cfg(feature = "time")]
mod timeout;

use std::fmt;
use std::hash::Hash;

use crate::table::{Lease, Table};

pub use crate::entry::SemaphoreSetEntry;
pub use crate::guard::SemaphoreSetGuard;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// A semaphore for each key, all with the same initial count.
///
/// # Examples
///
/// See [the crate's page](crate).
///
/// # Source
///
/// Coro 6.57, `Coro::SemaphoreSet`; there, entries stay behind after cancels and failed tries.
#[doc(alias = "KeyedMutex")]
#[doc(alias = "LockMap")]
pub struct SemaphoreSet<K> {
    table: Table<K>,
}

impl<K> SemaphoreSet<K> {
    /// Returns a set in which each semaphore has this count at first, which may be zero or
    /// negative.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(coro_semaphore_set::SemaphoreSet::<u32>::new(1).is_empty());
    /// ```
    #[must_use]
    pub fn new(initial: isize) -> SemaphoreSet<K> {
        SemaphoreSet {
            table: Table::new(initial),
        }
    }

    /// Returns how many entries there are.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let set = coro_semaphore_set::SemaphoreSet::new(1);
    /// let guard = set.acquire("key");
    /// assert_eq!(set.len(), 1);
    /// drop(guard);
    /// assert_eq!(set.len(), 0);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Returns `true` if there are no entries.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(coro_semaphore_set::SemaphoreSet::<u32>::new(1).is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.table.len() == 0
    }
}

/// None of these switches, but where it says so, unless `Hash`, `Eq` or `Drop` of the key do.
impl<K: Hash + Eq> SemaphoreSet<K> {
    /// Lowers the count of this key by one; blocks while it is zero or less.
    ///
    /// # Switches
    ///
    /// If the count is zero or less.
    ///
    /// # Cancel safety
    ///
    /// An interrupted coro has lowered nothing. If it had been woken, the wake-up passes on.
    ///
    /// # Panics
    ///
    /// If it has to block where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// let set = coro_semaphore_set::SemaphoreSet::new(2);
    /// set.down("key");
    /// assert_eq!(set.count(&"key"), 1);
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `down`.
    #[doc(alias = "P")]
    #[inline(always)]
    #[track_caller]
    pub fn down(&self, key: K) {
        let lease = self.table.lease(key);
        lease.semaphore().down();
    }

    /// Raises the count of this key by one. A key without an entry gets one: its count is above the
    /// initial one then.
    ///
    /// # Switches
    ///
    /// Never. Readies waiters.
    ///
    /// # Panics
    ///
    /// If the count overflows.
    ///
    /// # Examples
    ///
    /// ```
    /// let set = coro_semaphore_set::SemaphoreSet::new(0);
    /// set.up("key");
    /// assert_eq!(set.count(&"key"), 1);
    /// set.down("key");
    /// assert!(set.is_empty());
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `up`.
    #[doc(alias = "V")]
    #[inline(always)]
    #[track_caller]
    pub fn up(&self, key: K) {
        let lease = self.table.lease(key);
        lease.semaphore().up();
    }

    /// Lowers the count of this key by one if it is above zero, and returns whether it did.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let set = coro_semaphore_set::SemaphoreSet::new(1);
    /// assert!(set.try_down("key"));
    /// assert!(!set.try_down("key"));
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `try`; there, one that fails leaves a broken entry behind.
    #[inline(always)]
    #[must_use]
    #[track_caller]
    pub fn try_down(&self, key: K) -> bool {
        let lease = self.table.lease(key);
        lease.semaphore().try_down()
    }

    /// Returns the count of this key: the initial one, if it has no entry.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let set = coro_semaphore_set::SemaphoreSet::new(7);
    /// assert_eq!(set.count(&"key"), 7);
    /// assert!(set.is_empty());
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `count`.
    #[must_use]
    pub fn count(&self, key: &K) -> isize {
        match self.table.find(key) {
            Some(lease) => lease.semaphore().count(),
            None => self.table.initial(),
        }
    }

    /// Returns how many wait for this key.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let set = coro_semaphore_set::SemaphoreSet::new(0);
    /// assert_eq!(set.waiters(&"key"), 0);
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `waiters`.
    #[must_use]
    pub fn waiters(&self, key: &K) -> usize {
        self.table
            .find(key)
            .map_or(0, |lease| lease.semaphore().waiters())
    }

    /// Blocks until the count of this key is above zero, and leaves it as it is. For a key without
    /// an entry it returns at once, also if the initial count is zero or less.
    ///
    /// # Switches
    ///
    /// If there is an entry whose count is zero or less.
    ///
    /// # Cancel safety
    ///
    /// If the interrupted coro had been woken, the wake-up passes on.
    ///
    /// # Panics
    ///
    /// If it has to block where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// let set = coro_semaphore_set::SemaphoreSet::new(0);
    /// set.wait(&"key"); // nobody has used it yet
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `wait`; so it does, though a `down` of the same key would block.
    #[inline(always)]
    #[track_caller]
    pub fn wait(&self, key: &K) {
        coro::check();
        if let Some(lease) = self.table.find(key) {
            lease.semaphore().wait();
        }
    }

    /// Lowers the count of this key, as [`down`](SemaphoreSet::down), and returns a guard that
    /// raises it when it is dropped.
    ///
    /// # Switches
    ///
    /// If the count is zero or less.
    ///
    /// # Cancel safety
    ///
    /// As [`down`](SemaphoreSet::down).
    ///
    /// # Panics
    ///
    /// If it has to block where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// let set = coro_semaphore_set::SemaphoreSet::new(1);
    /// let guard = set.acquire("key");
    /// assert_eq!(set.count(&"key"), 0);
    /// drop(guard);
    /// assert_eq!(set.count(&"key"), 1);
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `guard`.
    #[doc(alias = "guard")]
    #[inline(always)]
    #[track_caller]
    pub fn acquire(&self, key: K) -> SemaphoreSetGuard<'_, K> {
        let lease = self.table.lease(key);
        lease.semaphore().acquire().forget();
        SemaphoreSetGuard::new(lease)
    }

    /// Returns a guard if the count of this key is above zero.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let set = coro_semaphore_set::SemaphoreSet::new(1);
    /// let guard = set.try_acquire("key");
    /// assert!(guard.is_some());
    /// assert!(set.try_acquire("key").is_none());
    /// ```
    #[inline(always)]
    #[must_use]
    #[track_caller]
    pub fn try_acquire(&self, key: K) -> Option<SemaphoreSetGuard<'_, K>> {
        let lease = self.table.lease(key);
        lease.semaphore().try_acquire()?.forget();
        Some(SemaphoreSetGuard::new(lease))
    }

    /// Returns a handle to the semaphore of this key: for what the set itself has no call for. The
    /// entry stays at least as long as the handle.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let set = coro_semaphore_set::SemaphoreSet::new(1);
    /// let semaphore = set.sem("key");
    /// semaphore.adjust(4);
    /// assert_eq!(set.count(&"key"), 5);
    /// semaphore.adjust(-4);
    /// drop(semaphore);
    /// assert!(set.is_empty());
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `sem`; there, the entry stays for good.
    #[track_caller]
    pub fn sem(&self, key: K) -> SemaphoreSetEntry<'_, K> {
        SemaphoreSetEntry::new(self.table.lease(key))
    }
}

impl<K: fmt::Debug> fmt::Debug for SemaphoreSet<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.table.all();
        let pairs = all.iter().map(|lease| (lease.key(), lease.semaphore()));
        f.debug_map().entries(pairs).finish()
    }
}
