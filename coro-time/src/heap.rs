//! A 4-ary heap of deadlines, from which anything can be taken out.
//!
//! # Invariants
//!
//! H1. No node is before its parent, which is at a quarter of its index, rounded.
//! H2. `places[slot]` is the index of the node that has this slot, if `values[slot]` is there; else
//!     the slot is free, and it is the next free one, or [`NONE`].
//! H3. Numbers are given out once, in rising order.
//! H4. An order is the deadline, in nanoseconds since `base`, and below that the number: then a
//!     comparison is one of integers, without a branch. A deadline that is out of range (before
//!     `base`, or centuries after it) counts as the first or the last one within; nobody goes by
//!     such times.

use std::time::{Duration, Instant};

/// Each node has so many children: half the height of a binary heap, in the same cache lines.
const CHILDREN: usize = 4;
/// No slot.
const NONE: u32 = u32::MAX;
/// So far before its beginning a heap can tell deadlines apart: a hundred years.
const PAST: Duration = Duration::from_secs(100 * 365 * 86_400);

/// What is in the heap, in the order of the deadlines, and of arming where these are equal.
pub(crate) struct Heap<V> {
    nodes: Vec<Node>,
    places: Vec<u32>,
    values: Vec<Option<V>>,
    /// The first free slot.
    free: u32,
    /// The last number that was given out.
    number: u64,
    base: Option<Instant>,
}

#[derive(Clone, Copy)]
struct Node {
    order: u128,
    slot: u32,
}

impl Node {
    #[inline]
    fn is_before(&self, other: &Node) -> bool {
        self.order < other.order
    }

    #[inline]
    fn number(&self) -> u64 {
        self.order as u64
    }
}

/// Names an entry: it finds no other one, even if that has the same slot later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    /// Above zero.
    pub(crate) number: u64,
    slot: u32,
}

impl<V> Heap<V> {
    pub(crate) const fn new() -> Heap<V> {
        Heap {
            nodes: Vec::new(),
            places: Vec::new(),
            values: Vec::new(),
            free: NONE,
            number: 0,
            base: None,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Returns the earliest deadline.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        Some(self.at(self.nodes.first()?))
    }

    /// Returns the deadline of a node.
    #[inline]
    fn at(&self, node: &Node) -> Instant {
        let base = self
            .base
            .expect("H4: there is one since the first deadline");
        base + Duration::from_nanos((node.order >> 64) as u64)
    }

    /// Returns what is compared.
    #[inline]
    fn order(&mut self, at: Instant, number: u64) -> u128 {
        let base = self.base.unwrap_or_else(|| self.begin());
        let since = at.saturating_duration_since(base).as_nanos();
        since.min(u128::from(u64::MAX)) << 64 | u128::from(number)
    }

    #[cold]
    fn begin(&mut self) -> Instant {
        let now = Instant::now();
        // Some systems count from their start, and have nothing before that.
        let pasts = (0..32).map(|halvings| PAST / (1 << halvings));
        let base = pasts.into_iter().find_map(|past| now.checked_sub(past));
        *self.base.insert(base.unwrap_or(now))
    }

    pub(crate) fn insert(&mut self, at: Instant, value: V) -> Key {
        self.number += 1;
        let number = self.number;
        let slot = self.take_slot(value);
        let order = self.order(at, number);
        let node = Node { order, slot };
        self.nodes.push(node);
        self.rise(self.nodes.len() - 1, node);
        Key { number, slot }
    }

    /// Returns the value with this key, if it is still there.
    #[inline]
    pub(crate) fn get_mut(&mut self, key: Key) -> Option<&mut V> {
        self.find(key)?;
        self.values[key.slot as usize].as_mut()
    }

    #[inline]
    pub(crate) fn contains(&self, key: Key) -> bool {
        self.find(key).is_some()
    }

    /// Takes the value with this key out, if it is still there.
    pub(crate) fn remove(&mut self, key: Key) -> Option<V> {
        let place = self.find(key)?;
        Some(self.remove_at(place))
    }

    /// Takes the first entry out if its deadline is not after `now`; returns its number too.
    pub(crate) fn pop(&mut self, now: Instant) -> Option<(u64, V)> {
        let first = *self.nodes.first()?;
        (self.at(&first) <= now).then(|| (first.number(), self.remove_at(0)))
    }

    #[inline]
    fn find(&self, key: Key) -> Option<usize> {
        // A free slot has no node: what its place is then may be the index of any.
        self.values.get(key.slot as usize)?.as_ref()?;
        let place = self.places[key.slot as usize] as usize;
        (self.nodes[place].number() == key.number).then_some(place)
    }

    fn take_slot(&mut self, value: V) -> u32 {
        let slot = self.free;
        if slot == NONE {
            let slot = u32::try_from(self.values.len());
            let slot = slot.ok().filter(|slot| *slot != NONE);
            self.places.push(NONE);
            self.values.push(Some(value));
            return slot.expect("2^32 timers exceed the memory");
        }
        self.free = self.places[slot as usize];
        self.values[slot as usize] = Some(value);
        slot
    }

    fn remove_at(&mut self, place: usize) -> V {
        let slot = self.nodes.swap_remove(place).slot as usize;
        if let Some(&moved) = self.nodes.get(place) {
            // It was the last one, of another branch perhaps: it may belong further up or down.
            let place = self.rise(place, moved);
            self.sink(place, moved);
        }
        self.places[slot] = self.free;
        self.free = slot as u32;
        let value = self.values[slot].take();
        value.expect("H2: the slot of a node has a value")
    }

    #[inline]
    fn put(&mut self, place: usize, node: Node) {
        self.nodes[place] = node;
        self.places[node.slot as usize] = place as u32;
    }

    /// Puts `node` where it belongs between `place` and the root.
    fn rise(&mut self, mut place: usize, node: Node) -> usize {
        while place > 0 {
            let above = (place - 1) / CHILDREN;
            let parent = self.nodes[above];
            if !node.is_before(&parent) {
                break;
            }
            self.put(place, parent);
            place = above;
        }
        self.put(place, node);
        place
    }

    /// Puts `node` where it belongs between `place` and the leaves.
    fn sink(&mut self, mut place: usize, node: Node) {
        loop {
            let first = place * CHILDREN + 1;
            let last = self.nodes.len().min(first + CHILDREN);
            let Some(children) = self.nodes.get(first..last).filter(|some| !some.is_empty()) else {
                break;
            };
            let mut least = 0;
            for (index, child) in children.iter().enumerate().skip(1) {
                if child.is_before(&children[least]) {
                    least = index;
                }
            }
            let child = children[least];
            if !child.is_before(&node) {
                break;
            }
            self.put(place, child);
            place = first + least;
        }
        self.put(place, node);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::{Duration, Instant};

    use proptest::prelude::*;

    use super::{CHILDREN, Heap, Key, NONE};

    impl<V> Heap<V> {
        fn check(&self) {
            for (place, node) in self.nodes.iter().enumerate() {
                if place > 0 {
                    let parent = &self.nodes[(place - 1) / CHILDREN];
                    assert!(parent.is_before(node), "H1");
                }
                assert_eq!(self.places[node.slot as usize] as usize, place, "H2");
                assert!(self.values[node.slot as usize].is_some(), "H2");
            }
            let mut free = 0;
            let mut slot = self.free;
            while slot != NONE {
                assert!(self.values[slot as usize].is_none(), "H2");
                free += 1;
                slot = self.places[slot as usize];
            }
            assert_eq!(free + self.nodes.len(), self.values.len(), "H2");
        }
    }

    #[derive(Clone, Debug)]
    enum Op {
        Insert(u64),
        Remove(usize),
        Pop(u64),
    }

    fn op() -> impl Strategy<Value = Op> {
        prop_oneof![
            4 => (0..30_u64).prop_map(Op::Insert),
            3 => any::<prop::sample::Index>().prop_map(|index| Op::Remove(index.index(1 << 16))),
            2 => (0..30_u64).prop_map(Op::Pop),
        ]
    }

    proptest! {
        #[test]
        fn it_does_what_a_sorted_map_does(ops in prop::collection::vec(op(), 0..400)) {
            let start = Instant::now();
            let mut heap = Heap::new();
            let mut model = BTreeMap::new();
            let mut keys: Vec<(Key, u64)> = Vec::new();
            for (value, op) in ops.into_iter().enumerate() {
                match op {
                    Op::Insert(at) => {
                        let key = heap.insert(start + Duration::from_secs(at), value);
                        prop_assert!(keys.iter().all(|(other, _)| other.number < key.number));
                        model.insert((at, key.number), value);
                        keys.push((key, at));
                    }
                    Op::Remove(index) if !keys.is_empty() => {
                        // Gone ones too: a key finds nothing then, whoever has its slot.
                        let (key, at) = keys[index % keys.len()];
                        let expected = model.remove(&(at, key.number));
                        prop_assert_eq!(heap.contains(key), expected.is_some());
                        prop_assert_eq!(heap.get_mut(key).copied(), expected);
                        prop_assert_eq!(heap.remove(key), expected);
                    }
                    Op::Remove(_) => prop_assert_eq!(heap.len(), 0),
                    Op::Pop(now) => {
                        let first = model.first_key_value().map(|(key, value)| (*key, *value));
                        let due = first.filter(|((at, _), _)| *at <= now);
                        let due = due.map(|((at, number), value)| {
                            model.remove(&(at, number));
                            (number, value)
                        });
                        prop_assert_eq!(heap.pop(start + Duration::from_secs(now)), due);
                    }
                }
                heap.check();
                prop_assert_eq!(heap.len(), model.len());
                let first = model.keys().next().map(|(at, _)| start + Duration::from_secs(*at));
                prop_assert_eq!(heap.deadline(), first);
            }
        }
    }

    #[test]
    fn deadlines_out_of_range_are_kept_in_order_of_arming_and_are_not_early() {
        let now = Instant::now();
        let years = |years: u64| Duration::from_secs(years * 365 * 86_400);
        let mut heap = Heap::new();
        heap.insert(now + years(2_000), "late");
        heap.insert(now + years(1_000), "late too");
        heap.insert(now, "now");
        if let Some(past) = now.checked_sub(years(50)) {
            heap.insert(past, "past");
            assert_eq!(heap.pop(now).map(|due| due.1), Some("past"));
        }
        assert_eq!(heap.pop(now).map(|due| due.1), Some("now"));
        assert_eq!(heap.pop(now + years(450)), None);
        heap.check();
        assert_eq!(heap.pop(now + years(600)).map(|due| due.1), Some("late"));
        assert_eq!(
            heap.pop(now + years(600)).map(|due| due.1),
            Some("late too")
        );
    }

    #[test]
    fn the_memory_is_that_of_those_who_are_in_at_one_time() {
        let start = Instant::now();
        let mut heap = Heap::new();
        let patient = heap.insert(start, 0);
        for round in 1..2_000_000_u64 {
            let hasty = heap.insert(start + Duration::from_nanos(round % 7), round);
            assert_eq!(heap.remove(hasty), Some(round));
        }
        assert_eq!((heap.len(), heap.values.len()), (1, 2));
        assert_eq!(heap.remove(patient), Some(0));
        heap.check();
    }
}
