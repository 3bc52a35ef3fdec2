//! Permits go to those who wait, in the order in which they came, and none is lost.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use coro_explore::{Builder, Failure, Report};

use super::super::answers::semaphore::Semaphore;
use super::all;

pub(crate) fn judge() -> Result<Report, Failure> {
    // Ann may be cancelled wherever she can be.
    let explorer = Builder::new().cancels(1).victims(["ann"]);
    all(
        &explorer,
        &[
            each_permit_is_for_one,
            who_is_cancelled_goes_at_once,
            who_comes_first_is_served_first,
        ],
    )
}

fn each_permit_is_for_one() {
    let two = Rc::new(Semaphore::new(2));
    let has = Rc::new(Cell::new(0));
    let (theirs, takes) = (two.clone(), has.clone());
    let taker = coro::spawn(move || {
        for count in 1..=3 {
            theirs.down();
            takes.set(count);
        }
    });
    coro::cede();
    assert!(has.get() <= 2, "there are two permits");
    two.up();
    taker.join().expect("nobody cancels it");
    two.up();
    two.down(); // it was counted
}

fn who_is_cancelled_goes_at_once() {
    let none = Rc::new(Semaphore::new(0));
    let theirs = none.clone();
    let waits = coro::spawn(move || theirs.down());
    coro::cede();
    waits.cancel();
    assert!(waits.is_finished(), "who is cancelled waits no more");
    none.up();
    none.down(); // and has taken nothing
}

#[derive(Default)]
struct Shop {
    /// Who has come, and was not served yet, nor has gone.
    line: RefCell<Vec<&'static str>>,
    inside: Cell<u32>,
}

/// A place in the line, which ends however the wait does.
struct InLine<'a>(&'a Shop, &'static str);

impl Drop for InLine<'_> {
    fn drop(&mut self) {
        self.0.line.borrow_mut().retain(|name| *name != self.1);
    }
}

/// Gives the permit back.
struct Inside<'a>(&'a Shop, &'a Semaphore);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.inside.set(self.0.inside.get() - 1);
        self.1.up();
    }
}

impl Shop {
    fn visit(&self, name: &'static str, semaphore: &Semaphore) {
        self.line.borrow_mut().push(name);
        let in_line = InLine(self, name);
        semaphore.down();
        let first = self.line.borrow()[0];
        assert_eq!(name, first, "who has come first is served first");
        drop(in_line);
        self.inside.set(self.inside.get() + 1);
        let _inside = Inside(self, semaphore);
        assert_eq!(self.inside.get(), 1, "one permit is for one at a time");
        coro::cede();
    }
}

fn who_comes_first_is_served_first() {
    let shop = Rc::new((Shop::default(), Semaphore::new(1)));
    let visits = ["ann", "bob", "cy"].map(|name| {
        let shop = shop.clone();
        let visit = move || shop.0.visit(name, &shop.1);
        coro::Builder::new().desc(name).spawn(visit)
    });
    let [_, bob, cy] = visits.map(|visit| visit.join().is_ok());
    assert!(bob && cy, "nobody cancels them");
    shop.1.down(); // nobody has taken it with him
}
