//! Whoever is cancelled, the others are served, one at a time and in order; and it goes at once.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use coro::JoinHandle;
use coro_explore::{Builder, Failure, Report};

use super::super::answers::cancellation::Counter;
use super::all;

pub(crate) fn judge() -> Result<Report, Failure> {
    // Ann may be cancelled wherever she can be.
    let explorer = Builder::new().delays(2).cancels(1).victims(["ann"]);
    all(&explorer, &[all_are_served, who_is_cancelled_goes_at_once])
}

struct Office {
    counter: Counter,
    is_busy: Cell<bool>,
    came: RefCell<Vec<&'static str>>,
    served: RefCell<Vec<&'static str>>,
}

/// Somebody is served.
struct Busy<'a>(&'a Office);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.is_busy.set(false);
    }
}

impl Office {
    fn new() -> Rc<Office> {
        Rc::new(Office {
            counter: Counter::new(),
            is_busy: Cell::new(false),
            came: RefCell::default(),
            served: RefCell::default(),
        })
    }

    fn visit(self: &Rc<Self>, name: &'static str) -> JoinHandle<()> {
        let office = self.clone();
        coro::Builder::new().desc(name).spawn(move || {
            office.came.borrow_mut().push(name);
            office.counter.serve(|| {
                let others = office.is_busy.replace(true);
                assert!(!others, "{name} is served while somebody else is");
                let _busy = Busy(&office);
                office.served.borrow_mut().push(name);
                coro::note("is served");
                coro::cede();
            });
        })
    }
}

fn all_are_served() {
    let office = Office::new();
    let [bob, ann, cy, dan] = ["bob", "ann", "cy", "dan"].map(|name| office.visit(name));
    for (name, visit) in [("bob", bob), ("cy", cy), ("dan", dan)] {
        visit.join().expect("nobody cancels it");
        let served = office.served.borrow().contains(&name);
        assert!(served, "{name} was not served");
    }
    let cancelled = ann.join().is_err();
    let mut came = office.came.take();
    let served = office.served.take();
    if cancelled && !served.contains(&"ann") {
        came.retain(|name| *name != "ann");
    }
    assert_eq!(served, came, "not in the order in which they came");
}

fn who_is_cancelled_goes_at_once() {
    let office = Office::new();
    let eve = office.visit("eve");
    coro::cede(); // Eve is served
    eve.cancel();
    assert!(eve.is_finished(), "who is cancelled stays and is served");
    office.counter.serve(|| {
        let fay = office.visit("fay");
        coro::cede(); // Fay waits
        assert!(
            fay.is_new() || !fay.is_ready(),
            "who waits does not stand in the ready queue"
        );
        fay.cancel();
        assert!(fay.is_finished(), "who is cancelled stays and waits");
    });
    office.counter.serve(|| coro::note("nobody is here"));
}
