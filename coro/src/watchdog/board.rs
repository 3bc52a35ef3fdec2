//! The board: where a watched OS thread notes whose slice it is.
//!
//! # Invariants
//!
//! B1. While the board is not over, the OS thread that made it lives.
//! B2. A slice's number is never used again.

use std::panic::Location;

use parking_lot::{Condvar, Mutex, MutexGuard};

use crate::control::Control;

/// What the watched OS thread and those that watch it share.
pub(super) struct Board {
    state: Mutex<State>,
    /// A guard was dropped, or the OS thread ends.
    pub(super) changed: Condvar,
}

pub(super) struct State {
    /// The number of the slice; between two slices, that of the next.
    slice: u64,
    runs: bool,
    pub(super) is_over: bool,
    pub(super) id: u64,
    pub(super) desc: Option<String>,
    pub(super) spawned: &'static Location<'static>,
}

impl State {
    /// Returns the number of the slice that runs.
    pub(super) fn running(&self) -> Option<u64> {
        self.runs.then_some(self.slice)
    }
}

impl Board {
    pub(super) fn new() -> Board {
        Board {
            state: Mutex::new(State {
                slice: 0,
                runs: false,
                is_over: false,
                id: 0,
                desc: None,
                spawned: Location::caller(),
            }),
            changed: Condvar::new(),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// Notes that nobody runs.
    pub(super) fn end(&self) {
        let mut state = self.lock();
        state.slice += u64::from(state.runs);
        state.runs = false;
    }

    /// Notes that the slice of `c` begins.
    pub(super) fn begin(&self, c: &Control) {
        let desc = c.desc();
        let mut state = self.lock();
        state.slice += u64::from(state.runs);
        state.runs = true;
        state.id = c.id;
        state.spawned = c.spawned;
        match (&mut state.desc, desc) {
            // The memory of the last one will do.
            (Some(place), Some(desc)) => desc.as_ref().clone_into(place),
            (place, desc) => *place = desc.as_deref().map(str::to_owned),
        }
    }

    /// Notes that the OS thread ends.
    pub(super) fn close(&self) {
        self.lock().is_over = true;
        self.changed.notify_all();
    }
}
