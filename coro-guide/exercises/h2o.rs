//! A flask that tells each atom of what molecule it is. Some are told of the next one.

use std::cell::RefCell;

use coro_sync::{Barrier, Semaphore};

/// The kinds of atoms.
#[derive(Clone, Copy)]
pub enum Kind {
    /// There are two in a molecule.
    Hydrogen,
    /// There is one in a molecule.
    Oxygen,
}

/// A flask in which atoms make water.
pub struct Flask {
    hydrogens: Semaphore,
    oxygens: Semaphore,
    /// The names of those who are in the molecule.
    names: RefCell<Vec<&'static str>>,
    all_three: Barrier,
}

impl Flask {
    /// Returns an empty flask.
    pub fn new() -> Flask {
        Flask {
            hydrogens: Semaphore::new(2),
            oxygens: Semaphore::new(1),
            names: RefCell::default(),
            all_three: Barrier::new(3),
        }
    }

    /// Blocks until the atom of this name is in a molecule with two others, and returns the names of all
    /// three, in any order. All three return the same, and then each may leave and come again.
    ///
    /// As soon as two hydrogens and an oxygen are here, there is a molecule, whoever waits besides.
    pub fn react(&self, kind: Kind, name: &'static str) -> Vec<&'static str> {
        let places = match kind {
            Kind::Hydrogen => &self.hydrogens,
            Kind::Oxygen => &self.oxygens,
        };
        let _place = places.acquire();
        if self.names.borrow().len() == 3 {
            self.names.take(); // of the molecule before
        }
        self.names.borrow_mut().push(name);
        self.all_three.wait();
        self.names.borrow().clone()
    }
}
