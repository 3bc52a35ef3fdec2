//! A barrier that opens when all have come, and closes when all have gone.

use std::cell::Cell;
use std::rc::Rc;

use coro_sync::Signal;

struct Barrier {
    parties: u32,
    /// How many are between arriving and leaving.
    arrived: Cell<u32>,
    is_open: Cell<bool>,
    opened: Signal,
}

impl Barrier {
    fn wait(&self) {
        self.arrived.set(self.arrived.get() + 1);
        if self.arrived.get() == self.parties {
            self.is_open.set(true);
            self.opened.broadcast();
        }
        self.opened.wait_until(|| self.is_open.get());
        self.arrived.set(self.arrived.get() - 1);
        if self.arrived.get() == 0 {
            self.is_open.set(false);
        }
    }
}

pub(crate) fn main() {
    let barrier = Rc::new(Barrier {
        parties: 3,
        arrived: Cell::new(0),
        is_open: Cell::new(false),
        opened: Signal::new(),
    });
    let ended = Rc::new([const { Cell::new(0) }; 2]);
    let riders = ["ann", "bob", "cy"].map(|name| {
        let (barrier, ended) = (barrier.clone(), ended.clone());
        coro::Builder::new().desc(name).spawn(move || {
            for stage in 0..2 {
                coro::cede(); // rides
                coro::note(format_args!("ends {stage}"));
                ended[stage].set(ended[stage].get() + 1);
                barrier.wait();
                assert_eq!(ended[stage].get(), 3, "somebody still rides");
            }
        })
    });
    for rider in riders {
        rider.join().expect("nobody cancels it");
    }
}
