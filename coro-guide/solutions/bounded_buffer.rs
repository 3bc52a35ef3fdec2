//! A shelf in a shop that closes.

use std::collections::VecDeque;

use coro_sync::{Condvar, Mutex};

#[derive(Default)]
struct State {
    loaves: VecDeque<u32>,
    is_closed: bool,
}

/// A shelf with so many places.
pub struct Shelf {
    places: usize,
    state: Mutex<State>,
    filled: Condvar,
    emptied: Condvar,
}

impl Shelf {
    /// Returns an empty shelf with so many places.
    pub fn new(places: usize) -> Shelf {
        Shelf {
            places,
            state: Mutex::default(),
            filled: Condvar::new(),
            emptied: Condvar::new(),
        }
    }

    /// Puts a loaf on the shelf, and waits for a place if there is none. Returns `false`, and puts
    /// nothing, once the shop is closed, also if it was closed while this waited.
    pub fn put(&self, loaf: u32) -> bool {
        let state = self.state.lock();
        let mut state = self.emptied.wait_while(state, |state| {
            state.loaves.len() == self.places && !state.is_closed
        });
        if state.is_closed {
            return false;
        }
        state.loaves.push_back(loaf);
        self.filled.notify_one();
        true
    }

    /// Takes the oldest loaf, and waits for one if there is none. Once the shop is closed, this takes
    /// what is left, and then returns `None`; nobody waits any more.
    pub fn take(&self) -> Option<u32> {
        let state = self.state.lock();
        let mut state = self
            .filled
            .wait_while(state, |state| state.loaves.is_empty() && !state.is_closed);
        let loaf = state.loaves.pop_front();
        self.emptied.notify_one();
        loaf
    }

    /// Closes the shop.
    pub fn close(&self) {
        self.state.lock().is_closed = true;
        // This is news for all who wait, of both kinds, however many they are.
        self.filled.notify_all();
        self.emptied.notify_all();
    }
}
