//! Where the values of one variable are, for all coros.
//!
//! # Invariants
//!
//! V1. A place is in use as long as its [`Lease`] lives; the coro-local slot holds that, and the note
//!     beside it is the number of the place.
//! V2. Places stay where they are as long as the home lives, so they are lent without a count.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

/// So many places are found without looking for their chunk.
const NEAR: usize = 16;
/// The number of any other place is `NEAR` above this: its chunk in the lower bits, and its index
/// there above them.
const CHUNKS: usize = 1 << CHUNK_BITS;
const CHUNK_BITS: u32 = 5;
/// The length of the first chunk; each has twice the length of the one before.
const FIRST: usize = 16;

/// The value of a coro.
pub(crate) struct Place<T> {
    pub(crate) value: RefCell<Option<T>>,
    /// The initialiser runs.
    pub(crate) is_beginning: Cell<bool>,
}

impl<T> Place<T> {
    fn new() -> Place<T> {
        Place {
            value: RefCell::new(None),
            is_beginning: Cell::new(false),
        }
    }
}

type Chunk<T> = OnceCell<Box<[Place<T>]>>;

/// The places for the values of a variable.
pub(crate) struct Home<T> {
    near: Box<[Place<T>; NEAR]>,
    chunks: [Chunk<T>; CHUNKS],
    free: Cell<Vec<u32>>,
}

impl<T> Home<T> {
    pub(crate) fn new() -> Home<T> {
        let near: Box<[_]> = (0..NEAR).map(|_| Place::new()).collect();
        Home {
            near: near
                .try_into()
                .unwrap_or_else(|_| unreachable!("they were counted")),
            chunks: [const { OnceCell::new() }; CHUNKS],
            free: Cell::new((0..NEAR as u32).rev().collect()),
        }
    }

    /// Returns the place with this number.
    #[inline(always)]
    pub(crate) fn place(&self, number: u32) -> Option<&Place<T>> {
        let number = number as usize;
        if let Some(near) = self.near.get(number) {
            return Some(near);
        }
        let far = number - NEAR;
        self.chunks[far % CHUNKS].get()?.get(far >> CHUNK_BITS)
    }

    /// Takes a place into use, which is empty.
    pub(crate) fn lease(self: &Rc<Self>) -> Lease<T> {
        let mut free = self.free.take();
        if free.is_empty() {
            self.grow(&mut free);
        }
        let number = free.pop();
        self.free.set(free);
        Lease {
            number: number.expect("`grow` has made places"),
            home: Rc::clone(self),
        }
    }

    #[cold]
    fn grow(&self, free: &mut Vec<u32>) {
        let unused = self.chunks.iter().position(|chunk| chunk.get().is_none());
        let chunk = unused.expect("the places outnumber the bytes of memory");
        let places = (0..FIRST << chunk).map(|_| Place::new());
        self.chunks[chunk].get_or_init(|| places.collect());
        let numbers = (0..FIRST << chunk).rev();
        let numbers = numbers.map(|at| NEAR + (at << CHUNK_BITS | chunk));
        free.extend(numbers.map(|number| {
            u32::try_from(number).expect("2^27 coros with a stack each exceed the address space")
        }));
    }
}

/// The use of a place; when it is dropped, the value goes.
pub(crate) struct Lease<T> {
    home: Rc<Home<T>>,
    pub(crate) number: u32,
}

impl<T> Drop for Lease<T> {
    fn drop(&mut self) {
        let Some(place) = self.home.place(self.number) else {
            unreachable!("V1: the number is that of a place");
        };
        // No reference can be out: the coro has left all frames, or the variable itself goes.
        let value = place.value.take();
        let mut free = self.home.free.take();
        free.push(self.number);
        self.home.free.set(free);
        drop(value);
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::{FIRST, Home};

    #[test]
    fn places_are_distinct_while_leased_and_used_again_afterwards() {
        let home = Rc::new(Home::new());
        for _ in 0..3 {
            let leases: Vec<_> = (0..5 * FIRST).map(|_| home.lease()).collect();
            for (value, lease) in leases.iter().enumerate() {
                home.place(lease.number).unwrap().value.replace(Some(value));
            }
            for (value, lease) in leases.iter().enumerate() {
                let place = home.place(lease.number).unwrap();
                assert_eq!(*place.value.borrow(), Some(value));
            }
        }
        let made: usize = home
            .chunks
            .iter()
            .filter_map(|chunk| Some(chunk.get()?.len()))
            .sum();
        assert_eq!(made, FIRST + 2 * FIRST + 4 * FIRST);
        let lease = home.lease();
        assert!(home.place(lease.number).unwrap().value.borrow().is_none());
    }
}
