//! The coro-local values of a coro.
//!
//! # Invariants
//!
//! L1. A place of a coro is of the slot whose key it bears. Keys are never used twice, places are:
//!     so what an older slot left in a place is never seen by a younger one.
//! L2. Places stay where they are until the coro's control block is freed, so that they are read
//!     without a borrow. What is in them is taken out before foreign code runs.

use std::any::Any;
use std::cell::{Cell, OnceCell};
use std::mem::ManuallyDrop;
use std::rc::Rc;

/// So many places are reached in the shortest way; a power of two.
const NEAR: usize = 4;
/// The others are in chunks, of which each has twice the length of the one before.
const CHUNKS: usize = 32;

/// A place for one value of one coro.
#[derive(Default)]
pub(crate) struct Local {
    /// The key of its slot; 0 if it is of none.
    pub(crate) key: Cell<u64>,
    pub(crate) note: Cell<u32>,
    pub(crate) inherited: Cell<bool>,
    pub(crate) value: Cell<Option<Rc<dyn Any>>>,
}

impl Local {
    pub(crate) fn take(&self) -> Option<Rc<dyn Any>> {
        self.key.set(0);
        self.value.take()
    }

    pub(crate) fn get(&self) -> Option<Rc<dyn Any>> {
        let value = self.value.take();
        self.value.set(value.clone());
        value
    }
}

type Chunk = OnceCell<Box<[Local]>>;

/// The places of a coro.
#[derive(Default)]
pub(crate) struct Locals {
    near: [Local; NEAR],
    far: OnceCell<Box<[Chunk; CHUNKS]>>,
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

    /// The chunk and the place in it.
    fn split(index: usize) -> (usize, usize) {
        let chunk = (index / NEAR).ilog2();
        (chunk as usize, index - (NEAR << chunk))
    }

    #[cold]
    #[inline(never)]
    fn find_far(&self, index: usize, key: u64) -> Option<&Local> {
        if index < NEAR {
            return None;
        }
        let (chunk, at) = Locals::split(index);
        let local = &self.far.get()?[chunk].get()?[at];
        (local.key.get() == key).then_some(local)
    }

    /// Returns a place, which is made if need be.
    pub(crate) fn place(&self, index: usize) -> &Local {
        if index < NEAR {
            return &self.near[index];
        }
        let (chunk, at) = Locals::split(index);
        let make = || (0..NEAR << chunk).map(|_| Local::default()).collect();
        &self.far.get_or_init(Box::default)[chunk].get_or_init(make)[at]
    }

    /// All places, with their indices.
    fn all(&self) -> impl Iterator<Item = (usize, &Local)> {
        let chunks = self.far.get().into_iter().flat_map(|far| far.iter());
        let far = chunks.enumerate().flat_map(|(chunk, places)| {
            let places = places.get().into_iter().flatten();
            places
                .enumerate()
                .map(move |(at, local)| ((NEAR << chunk) + at, local))
        });
        self.near.iter().enumerate().chain(far)
    }

    /// Takes a value out, if there is one.
    pub(crate) fn pop(&self) -> Option<Rc<dyn Any>> {
        self.all().find_map(|(_, local)| local.take())
    }

    /// Makes sure that nothing is dropped with the places.
    pub(crate) fn leak(&self) {
        for (_, local) in self.all() {
            let _leaked = ManuallyDrop::new(local.take());
        }
    }

    /// Puts in what the places of a parent have to be inherited, and returns whether there was any.
    pub(crate) fn inherit(&self, parent: &Locals) -> bool {
        let mut some = false;
        for (index, local) in parent.all() {
            if let (true, Some(value)) = (local.inherited.get(), local.get()) {
                let place = self.place(index);
                place.key.set(local.key.get());
                place.note.set(local.note.get());
                place.inherited.set(true);
                place.value.set(Some(value));
                some = true;
            }
        }
        some
    }
}
