//! The coro-local values of a coro.
//!
//! # Invariants
//!
//! L1. A place bears the key of a slot exactly while it has a value of that slot, and it is in the
//!     list of the slot exactly then. So a slot that goes finds all its values, and nothing of it is
//!     left in any place: a younger slot never sees what was an older one's.
//! L2. Places stay where they are until the coro's control block is freed, so that they are read
//!     without a borrow. What is in them is taken out before foreign code runs.
//! L3. A place is also in the list `heirs` of its coro exactly while its value is one that new coros
//!     inherit.
//! L4. A bit of `filled` that is unset says that there is no value below; one that is set says little.

mod list;
#[cfg(test)]
mod tests;

use std::any::Any;
use std::cell::{Cell, OnceCell};
use std::mem::ManuallyDrop;
use std::rc::Rc;

pub(crate) use list::List;

use list::Link;

/// So many places are reached in the shortest way; a power of two.
const NEAR: usize = 4;
/// The others are the leaves of trees, of which each is one level higher than the one before: so
/// the costs of a place go by the length of its index.
const TREES: usize = 11;
/// So many bits of the index lead from one level to the next.
const BITS: usize = 3;
const FAN: usize = 1 << BITS;

/// A place for one value of one coro.
#[derive(Default)]
pub(crate) struct Local {
    /// The key of its slot; 0 if it is of none.
    key: Cell<u64>,
    pub(crate) note: Cell<u32>,
    index: Cell<u32>,
    pub(crate) value: Cell<Option<Rc<dyn Any>>>,
    /// The places of the same slot in all coros.
    slot: Link,
    /// The places of the same coro that are inherited.
    heirs: Link,
}

impl Local {
    pub(crate) fn take(&self) -> Option<Rc<dyn Any>> {
        self.leave();
        self.key.set(0);
        self.value.take()
    }

    pub(crate) fn get(&self) -> Option<Rc<dyn Any>> {
        let value = self.value.take();
        self.value.set(value.clone());
        value
    }

    fn slot(&self) -> &Link {
        &self.slot
    }

    fn heirs(&self) -> &Link {
        &self.heirs
    }

    fn leave(&self) {
        self.slot.leave(Local::slot);
        self.heirs.leave(Local::heirs);
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        self.leave();
    }
}

/// A tree of places, or a part of one.
enum Tree {
    Branches(Box<Node<OnceCell<Tree>>>),
    Leaves(Box<Node<Local>>),
}

#[derive(Default)]
struct Node<T> {
    filled: Cell<u8>,
    below: [T; FAN],
}

impl<T> Node<T> {
    /// Returns what is below, where a value will be.
    fn fill(&self, at: usize) -> &T {
        self.filled.set(self.filled.get() | 1 << at);
        &self.below[at]
    }

    /// Takes the first value below out.
    fn pop(&self, pop: impl Fn(&T) -> Option<Rc<dyn Any>>) -> Option<Rc<dyn Any>> {
        loop {
            let filled = self.filled.get();
            let first = self.below.get(filled.trailing_zeros() as usize)?;
            if let Some(value) = pop(first) {
                return Some(value);
            }
            self.filled.set(filled & (filled - 1));
        }
    }
}

impl Tree {
    fn new(level: usize) -> Tree {
        match level {
            0 => Tree::Leaves(Box::default()),
            _ => Tree::Branches(Box::default()),
        }
    }

    /// Takes the first value out.
    fn pop(&self) -> Option<Rc<dyn Any>> {
        match self {
            Tree::Branches(node) => node.pop(|tree| tree.get()?.pop()),
            Tree::Leaves(node) => node.pop(Local::take),
        }
    }
}

/// The places of a coro.
#[derive(Default)]
pub(crate) struct Locals {
    near: [Local; NEAR],
    far: OnceCell<Box<[OnceCell<Tree>; TREES]>>,
    heirs: List,
}

impl Locals {
    /// Finds a place that bears the key.
    #[inline(always)]
    pub(crate) fn find(&self, index: usize, key: u64) -> Option<&Local> {
        // The key tells the near from the far, as no two slots have the same.
        let near = &self.near[index % NEAR];
        if near.key.get() == key {
            return Some(near);
        }
        self.find_far(index, key)
    }

    /// The tree, which is that of so high a level, and the index in it.
    fn split(index: usize) -> (usize, usize) {
        let at = index - NEAR;
        ((at | 1).ilog2() as usize / BITS, at)
    }

    /// The way down at this level.
    fn way(at: usize, level: usize) -> usize {
        (at >> (level * BITS)) % FAN
    }

    #[cold]
    #[inline(never)]
    fn find_far(&self, index: usize, key: u64) -> Option<&Local> {
        if index < NEAR {
            return None;
        }
        let (mut level, at) = Locals::split(index);
        let mut tree = self.far.get()?[level].get()?;
        while let Tree::Branches(node) = tree {
            tree = node.below[Locals::way(at, level)].get()?;
            level -= 1;
        }
        let Tree::Leaves(node) = tree else {
            return None;
        };
        let local = &node.below[Locals::way(at, 0)];
        (local.key.get() == key).then_some(local)
    }

    /// Returns a place that will have a value; it is made if need be.
    fn place(&self, index: usize) -> &Local {
        if index < NEAR {
            return &self.near[index];
        }
        let (mut level, at) = Locals::split(index);
        let mut place = &self.far.get_or_init(Box::default)[level];
        loop {
            match place.get_or_init(|| Tree::new(level)) {
                Tree::Branches(node) => place = node.fill(Locals::way(at, level)),
                Tree::Leaves(node) => return node.fill(Locals::way(at, 0)),
            }
            level -= 1;
        }
    }

    /// Makes a place that of a slot, which has none here; a value has to be put in at once.
    #[cold]
    pub(crate) fn begin(&self, index: usize, key: u64, slot: &List, inherited: bool) -> &Local {
        let local = self.place(index);
        local.index.set(index as u32);
        local.key.set(key);
        slot.enter(local, Local::slot);
        if inherited {
            self.heirs.enter(local, Local::heirs);
        }
        local
    }

    /// Takes the first value out, if there is one.
    pub(crate) fn pop(&self) -> Option<Rc<dyn Any>> {
        let near = self.near.iter().find_map(Local::take);
        near.or_else(|| self.far.get()?.iter().find_map(|tree| tree.get()?.pop()))
    }

    /// Makes sure that nothing is dropped with the places.
    pub(crate) fn leak(&self) {
        while let Some(value) = self.pop() {
            let _leaked = ManuallyDrop::new(value);
        }
    }

    /// Puts in what the places of a parent have to be inherited, and returns whether there was any.
    pub(crate) fn inherit(&self, parent: &Locals) -> bool {
        for local in parent.heirs.all(Local::heirs) {
            if let Some(value) = local.get() {
                let place = self.place(local.index.get() as usize);
                place.index.set(local.index.get());
                place.key.set(local.key.get());
                place.note.set(local.note.get());
                place.value.set(Some(value));
                local.slot.enter_behind(place, Local::slot);
                self.heirs.enter(place, Local::heirs);
            }
        }
        self.heirs.first().is_some()
    }
}
