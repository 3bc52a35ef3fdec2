//! A flask that tells each atom of what molecule it is: a queue of each kind, and no barrier.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use coro_sync::Semaphore;

/// The kinds of atoms.
#[derive(Clone, Copy)]
pub enum Kind {
    /// There are two in a molecule.
    Hydrogen,
    /// There is one in a molecule.
    Oxygen,
}

/// One that waits, and what it is told.
struct Atom {
    name: &'static str,
    molecule: RefCell<Vec<&'static str>>,
    is_bound: Semaphore,
}

/// A flask in which atoms make water.
pub struct Flask {
    hydrogens: RefCell<VecDeque<Rc<Atom>>>,
    oxygens: RefCell<VecDeque<Rc<Atom>>>,
}

impl Flask {
    /// Returns an empty flask.
    pub fn new() -> Flask {
        Flask {
            hydrogens: RefCell::default(),
            oxygens: RefCell::default(),
        }
    }

    /// Blocks until the atom of this name is in a molecule with two others, and returns the names of all
    /// three, in any order. All three return the same, and then each may leave and come again.
    ///
    /// As soon as two hydrogens and an oxygen are here, there is a molecule, whoever waits besides.
    pub fn react(&self, kind: Kind, name: &'static str) -> Vec<&'static str> {
        let me = Rc::new(Atom {
            name,
            molecule: RefCell::default(),
            is_bound: Semaphore::new(0),
        });
        let queue = match kind {
            Kind::Hydrogen => &self.hydrogens,
            Kind::Oxygen => &self.oxygens,
        };
        queue.borrow_mut().push_back(me.clone());
        self.bind();
        me.is_bound.down();
        me.molecule.take()
    }

    /// Makes a molecule, if there are three for it.
    fn bind(&self) {
        let mut hydrogens = self.hydrogens.borrow_mut();
        let mut oxygens = self.oxygens.borrow_mut();
        if hydrogens.len() < 2 || oxygens.is_empty() {
            return;
        }
        // Nothing here switches: nobody comes between them, and when others run, these three are out of
        // the queues. What each is told is its own, so that it does not matter who looks when.
        let three: Vec<_> = hydrogens.drain(..2).chain(oxygens.drain(..1)).collect();
        for atom in &three {
            atom.molecule
                .replace(three.iter().map(|other| other.name).collect());
            atom.is_bound.up();
        }
    }
}
