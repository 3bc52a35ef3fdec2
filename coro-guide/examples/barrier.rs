//! A barrier: nobody begins a stage before all have ended the one before.

use std::cell::Cell;
use std::rc::Rc;

use coro_sync::Signal;

struct Barrier {
    parties: u32,
    arrived: Cell<u32>,
    /// How often it has opened.
    round: Cell<u32>,
    opened: Signal,
}

impl Barrier {
    fn wait(&self) {
        let round = self.round.get();
        self.arrived.set(self.arrived.get() + 1);
        if self.arrived.get() == self.parties {
            self.arrived.set(0);
            self.round.set(round + 1);
            self.opened.broadcast();
        }
        self.opened.wait_until(|| self.round.get() > round);
    }
}

pub(crate) fn main() {
    let barrier = Rc::new(Barrier {
        parties: 3,
        arrived: Cell::new(0),
        round: Cell::new(0),
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
