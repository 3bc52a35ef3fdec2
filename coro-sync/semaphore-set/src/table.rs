//! The entries, and the leases that keep them.
//!
//! # Invariants
//!
//! T1. A slot is in the table once, as long as there is a lease of it. When its last lease goes, it
//!     goes too, if its semaphore is as a new one.
//! T2. The table is borrowed only where no code of the key runs. So it knows entries by the hash of
//!     their keys, taken once, and those with the same hash are chained: keys are compared outside.
//! T3. `peak` is at least `len`, and what the table has room for is in proportion to it.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::collections::hash_map::{Entry, RandomState};
use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher};
use std::rc::Rc;

use coro_semaphore::Semaphore;

/// Below this many entries the table keeps its room.
const SMALL: usize = 64;

/// The first slot of each chain, by the hash of its keys.
type Chains<K> = HashMap<u64, Rc<Slot<K>>, BuildHasherDefault<Hashed>>;

/// Slots with a key and a semaphore each.
pub(crate) struct Table<K> {
    chains: RefCell<Chains<K>>,
    initial: isize,
    len: Cell<usize>,
    /// The most entries since the table last gave back memory.
    peak: Cell<usize>,
    /// Counts the entries that were made or have gone.
    changes: Cell<u64>,
    hasher: RandomState,
}

struct Slot<K> {
    key: K,
    semaphore: Semaphore,
    hash: u64,
    next: Cell<Option<Rc<Slot<K>>>>,
}

impl<K> Slot<K> {
    fn next(&self) -> Option<Rc<Slot<K>>> {
        let next = self.next.take();
        self.next.set(next.clone());
        next
    }
}

impl<K> Table<K> {
    pub(crate) fn new(initial: isize) -> Table<K> {
        Table {
            chains: RefCell::new(HashMap::default()),
            initial,
            len: Cell::new(0),
            peak: Cell::new(0),
            changes: Cell::new(0),
            hasher: RandomState::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.len.get()
    }

    pub(crate) fn initial(&self) -> isize {
        self.initial
    }

    /// Returns a lease of every entry.
    pub(crate) fn all(&self) -> Vec<Lease<'_, K>> {
        let chains = self.chains.borrow();
        let mut all = Vec::with_capacity(self.len());
        for first in chains.values() {
            let mut next = Some(first.clone());
            while let Some(slot) = next {
                next = slot.next();
                all.push(Lease { table: self, slot });
            }
        }
        all
    }

    fn count(&self, len: usize) {
        self.len.set(len);
        self.peak.set(len.max(self.peak.get()));
        self.changes.set(self.changes.get().wrapping_add(1));
    }

    /// Puts a slot at the head of its chain.
    fn link(&self, slot: &Rc<Slot<K>>) {
        let first = self.chains.borrow_mut().insert(slot.hash, slot.clone());
        slot.next.set(first);
        self.count(self.len() + 1);
    }

    /// Takes a slot out of its chain.
    #[inline(never)]
    fn unlink(&self, slot: &Rc<Slot<K>>) {
        let next = slot.next.take();
        let mut chains = self.chains.borrow_mut();
        let Entry::Occupied(mut first) = chains.entry(slot.hash) else {
            unreachable!("T1: a slot with a lease is in the table");
        };
        if !Rc::ptr_eq(first.get(), slot) {
            let mut before = first.get().clone();
            while let Some(after) = before.next() {
                if Rc::ptr_eq(&after, slot) {
                    break;
                }
                before = after;
            }
            before.next.set(next);
        } else if let Some(next) = next {
            first.insert(next);
        } else {
            first.remove();
        }
        self.count(self.len() - 1);
        // Halving the room at an eighth of it, each entry that went pays for a part of it.
        if self.peak.get() >= SMALL && self.len() < self.peak.get() / 8 {
            self.peak.set(2 * self.len());
            chains.shrink_to(2 * self.len());
        }
    }
}

impl<K: Hash + Eq> Table<K> {
    /// Returns a lease of the entry of this key, if there is one.
    #[inline]
    pub(crate) fn find(&self, key: &K) -> Option<Lease<'_, K>> {
        self.find_hashed(self.hasher.hash_one(key), key)
    }

    #[inline]
    fn find_hashed(&self, hash: u64, key: &K) -> Option<Lease<'_, K>> {
        let first = self.chains.borrow().get(&hash).cloned();
        let mut next = first.map(|slot| Lease { table: self, slot });
        while let Some(lease) = next {
            if lease.slot.key == *key {
                return Some(lease);
            }
            // A lease before the other one goes: that may run code of its key, and unwind.
            next = lease.slot.next().map(|slot| Lease { table: self, slot });
        }
        None
    }

    /// Returns a lease of the entry of this key, which is made if there is none.
    #[inline]
    #[track_caller]
    pub(crate) fn lease(&self, key: K) -> Lease<'_, K> {
        let hash = self.hasher.hash_one(&key);
        let changes = self.changes.get();
        if let Some(lease) = self.find_hashed(hash, &key) {
            // Not at the return, where an unwinding destructor leaks what is returned.
            drop(key);
            return lease;
        }
        if changes != self.changes.get() {
            changed();
        }
        let slot = Rc::new(Slot {
            key,
            semaphore: Semaphore::new(self.initial),
            hash,
            next: Cell::new(None),
        });
        self.link(&slot);
        Lease { table: self, slot }
    }
}

#[cold]
#[inline(never)]
#[track_caller]
fn changed() -> ! {
    panic!("the Eq of a key changed the SemaphoreSet, or switched, while its entry was looked for")
}

/// A long chain would otherwise be dropped one call deeper for each slot.
impl<K> Drop for Table<K> {
    fn drop(&mut self) {
        for (_, first) in self.chains.take() {
            let mut next = Some(first);
            while let Some(slot) = next {
                next = slot.next.take();
            }
        }
    }
}

/// Keeps an entry, and lets it go when it is the last that does.
pub(crate) struct Lease<'a, K> {
    table: &'a Table<K>,
    slot: Rc<Slot<K>>,
}

impl<K> Lease<'_, K> {
    pub(crate) fn key(&self) -> &K {
        &self.slot.key
    }

    #[inline(always)]
    pub(crate) fn semaphore(&self) -> &Semaphore {
        &self.slot.semaphore
    }

    #[inline(always)]
    fn is_unused(&self) -> bool {
        let semaphore = self.semaphore();
        // T1. The table has the one, and we the other.
        Rc::strong_count(&self.slot) == 2
            && semaphore.count() == self.table.initial
            && semaphore.waiters() == 0
    }
}

impl<K> Drop for Lease<'_, K> {
    #[inline(always)]
    fn drop(&mut self) {
        if self.is_unused() {
            self.table.unlink(&self.slot);
        }
        // The key is dropped after this: T2.
    }
}

/// Passes a hash through.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn write(&mut self, _: &[u8]) {
        unreachable!("T2: only hashes are hashed here");
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key, all of which have the same hash.
    #[derive(PartialEq, Eq, Clone, Copy, Debug)]
    struct Same(u32);

    impl Hash for Same {
        fn hash<H: Hasher>(&self, state: &mut H) {
            state.write_u8(0);
        }
    }

    /// The keys, as the chains have them.
    fn keys<K: Copy + Ord>(table: &Table<K>) -> Vec<K> {
        let mut keys: Vec<K> = table.all().iter().map(|lease| *lease.key()).collect();
        keys.sort();
        assert_eq!(keys.len(), table.len());
        keys
    }

    impl PartialOrd for Same {
        fn partial_cmp(&self, other: &Same) -> Option<std::cmp::Ordering> {
            Some(self.cmp(other))
        }
    }

    impl Ord for Same {
        fn cmp(&self, other: &Same) -> std::cmp::Ordering {
            self.0.cmp(&other.0)
        }
    }

    #[test]
    fn keys_with_the_same_hash_come_and_go_in_any_order() {
        for order in 0..120 {
            let table = Table::new(1);
            let mut leases: Vec<_> = (0..5).map(|n| table.lease(Same(n))).collect();
            let mut left: Vec<_> = (0..5).map(Same).collect();
            let mut order = order;
            while !leases.is_empty() {
                let n = order % leases.len();
                order /= leases.len();
                drop(leases.remove(n));
                left.remove(n);
                assert_eq!(keys(&table), left);
                for n in 0..5 {
                    assert_eq!(table.find(&Same(n)).is_some(), left.contains(&Same(n)));
                }
            }
            assert!(table.chains.borrow().is_empty());
        }
    }

    #[test]
    fn a_long_chain_is_dropped_flat() {
        let table = Table::new(1);
        // Without a lease for each: looking for a key compares it with all.
        for n in 0..200_000 {
            let slot = Rc::new(Slot {
                key: n,
                semaphore: Semaphore::new(0),
                hash: 7,
                next: Cell::new(None),
            });
            table.link(&slot);
        }
        assert_eq!(table.len(), 200_000);
        drop(table);
    }

    #[test]
    fn the_room_is_in_proportion_to_the_entries() {
        let table = Table::new(1);
        let mut leases: Vec<_> = (0..1_000_000).map(|n| table.lease(n)).collect();
        assert!(table.chains.borrow().capacity() >= 1_000_000);
        for left in [100_000, 10_000, 1_000, 100, 10] {
            leases.truncate(left);
            let capacity = table.chains.borrow().capacity();
            assert!(capacity <= 20 * left.max(SMALL), "{capacity} for {left}");
            assert_eq!(table.len(), left);
        }
        drop(leases);
        assert!(table.chains.borrow().capacity() < 2 * SMALL);
        assert_eq!(table.len(), 0);
    }

    #[test]
    fn a_million_keys_used_one_after_the_other_need_the_room_of_one() {
        let table = Table::new(1);
        for n in 0..1_000_000 {
            drop(table.lease(n));
        }
        assert!(table.chains.borrow().capacity() < 2 * SMALL);
        assert_eq!(table.peak.get(), 1);
    }
}
