//! An agent puts two things on a table. Who needs just these two takes both at once.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use coro_sync::Signal;

#[derive(Default)]
struct Table {
    things: RefCell<BTreeSet<&'static str>>,
    filled: Signal,
    smoked: Signal,
}

impl Table {
    fn serve(&self, things: [&'static str; 2]) {
        self.things.borrow_mut().extend(things);
        coro::note(things.join(", "));
        self.filled.broadcast();
        self.smoked.wait();
    }

    fn smoke(&self, needs: [&'static str; 2]) {
        let is_there = |thing| self.things.borrow().contains(thing);
        self.filled.wait_until(|| needs.into_iter().all(is_there));
        for thing in needs {
            self.things.borrow_mut().remove(thing);
        }
        coro::note("smokes");
        self.smoked.send();
    }
}

pub(crate) fn main() {
    let table = Rc::new(Table::default());
    let theirs = table.clone();
    let serve = move || {
        theirs.serve(["paper", "matches"]);
        theirs.serve(["tobacco", "paper"]);
        theirs.serve(["matches", "tobacco"]);
    };
    let agent = coro::Builder::new().desc("agent").spawn(serve);
    let needs = [
        ("ann", ["tobacco", "paper"]), // she has matches
        ("bob", ["paper", "matches"]),
        ("cy", ["matches", "tobacco"]),
    ];
    let smokers = needs.map(|(name, needs)| {
        let table = table.clone();
        let smoke = move || table.smoke(needs);
        coro::Builder::new().desc(name).spawn(smoke)
    });
    for coro in smokers.into_iter().chain([agent]) {
        coro.join().expect("nobody cancels it");
    }
}
