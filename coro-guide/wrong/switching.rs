//! Have two trees the same leaves? Two coros walk through one each, and compare leaf by leaf.

use std::cell::RefCell;
use std::rc::Rc;

use coro::Builder;
use coro_sync::Signal;

enum Tree {
    Leaf(u32),
    Node(&'static [Tree]),
}
use Tree::{Leaf, Node};

const ANNS: Tree = Node(&[Node(&[Leaf(1), Leaf(2)]), Leaf(3)]);
const BOBS: Tree = Node(&[Leaf(1), Node(&[Leaf(2), Leaf(3)])]);

/// Visits the leaves, from left to right.
fn walk(tree: &Tree, depth: u32, visit: &impl Fn(u32)) {
    match tree {
        Node(parts) => parts.iter().for_each(|part| walk(part, depth + 1, visit)),
        Leaf(leaf) => {
            visit(*leaf);
            coro::cede(); // in the depth of the recursion
            coro::note(format_args!("{leaf} is {depth} deep"));
        }
    }
}

#[derive(Default)]
struct Belt {
    place: RefCell<Option<u32>>,
    changed: Signal,
}

impl Belt {
    fn put(&self, leaf: u32) {
        let mut place = self.place.borrow_mut();
        self.changed.wait_until(|| place.is_none());
        *place = Some(leaf);
        self.changed.broadcast();
    }

    fn take(&self) -> Option<u32> {
        self.changed.wait_until(|| self.place.borrow().is_some());
        self.changed.broadcast(); // who is readied runs later
        self.place.take()
    }
}

pub(crate) fn main() {
    let belt = Rc::new(Belt::default());
    let theirs = belt.clone();
    let put = move || walk(&ANNS, 0, &|leaf| theirs.put(leaf));
    let compare = move || walk(&BOBS, 0, &|leaf| assert_eq!(belt.take(), Some(leaf)));
    let ann = Builder::new().desc("ann").spawn(put);
    let bob = Builder::new().desc("bob").spawn(compare);
    ann.join().expect("nobody cancels her");
    bob.join().expect("nobody cancels him");
}
