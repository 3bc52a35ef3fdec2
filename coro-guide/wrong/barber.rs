//! A barber sleeps while nobody waits. All customers are told when somebody's hair is cut.

use std::cell::Cell;
use std::rc::Rc;

use coro_sync::Semaphore;

struct Shop {
    /// Who sits on it and waits.
    chair: Cell<Option<usize>>,
    bell: Semaphore,
    is_cut: [Cell<bool>; 2],
    may_go: Semaphore,
}

impl Shop {
    fn visit(&self, me: usize) {
        while self.chair.get().is_some() {
            coro::note("walks on");
            coro::cede(); // and comes again
        }
        self.chair.set(Some(me));
        coro::note("sits down");
        self.bell.up();
        self.may_go.down();
        assert!(self.is_cut[me].get(), "goes home with long hair");
    }

    fn serve(&self) {
        self.bell.down(); // sleeps
        let customer = self.chair.take().expect("who rings sits there");
        coro::note(format_args!("cuts {}", ["ann", "bob"][customer]));
        coro::cede(); // it takes a while
        self.is_cut[customer].set(true);
        self.may_go.up();
    }
}

pub(crate) fn main() {
    let shop = Rc::new(Shop {
        chair: Cell::new(None),
        bell: Semaphore::new(0),
        is_cut: [const { Cell::new(false) }; 2],
        may_go: Semaphore::new(0),
    });
    let theirs = shop.clone();
    let work = move || (0..2).for_each(|_| theirs.serve());
    let barber = coro::Builder::new().desc("barber").spawn(work);
    let customers = [("ann", 0), ("bob", 1)].map(|(name, me)| {
        let shop = shop.clone();
        let come = move || shop.visit(me);
        coro::Builder::new().desc(name).spawn(come)
    });
    for coro in customers.into_iter().chain([barber]) {
        coro.join().expect("nobody cancels it");
    }
}
