//! Two hydrogens and an oxygen make water. An atom has no place any more when its molecule is made.

use std::cell::RefCell;
use std::rc::Rc;

use coro_sync::{Barrier, Semaphore};

struct Flask {
    hydrogens: Semaphore,
    oxygens: Semaphore,
    atoms: RefCell<String>,
    all_three: Barrier,
}

impl Flask {
    fn react(&self, atom: char) {
        let places = match atom {
            'H' => &self.hydrogens,
            _ => &self.oxygens,
        };
        let _ = places.acquire();
        self.atoms.borrow_mut().push(atom);
        if self.all_three.wait().is_leader() {
            // The last of the three makes the molecule, and then all go.
            let molecule = self.atoms.take();
            coro::note(format_args!("makes {molecule}"));
            assert_eq!(molecule.matches('O').count(), 1, "that is no water");
        }
    }
}

pub(crate) fn main() {
    let flask = Rc::new(Flask {
        hydrogens: Semaphore::new(2),
        oxygens: Semaphore::new(1),
        atoms: RefCell::default(),
        all_three: Barrier::new(3),
    });
    let atoms = [("hal", "HH"), ("olga", "O"), ("hugo", "HH"), ("otto", "O")];
    let atoms = atoms.map(|(name, reacts)| {
        let flask = flask.clone();
        let react = move || reacts.chars().for_each(|atom| flask.react(atom));
        coro::Builder::new().desc(name).spawn(react)
    });
    for atom in atoms {
        atom.join().expect("nobody cancels it");
    }
}
