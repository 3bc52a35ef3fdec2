//! A rover on Mars: the pilot, who is urgent, needs a bus that the weather station has.

use std::cell::Cell;
use std::rc::Rc;

use coro::{Builder, Prio};
use coro_sync::{Mutex, Semaphore};

#[derive(Default)]
struct Rover {
    bus: Mutex<()>,
    sent: Cell<u32>, // pictures
}

/// While it lives, its coro is as urgent as the most urgent of those who use the bus.
struct Raised(Prio);

fn raise() -> Raised {
    Raised(coro::current().set_prio(Prio::MAX))
}

impl Drop for Raised {
    fn drop(&mut self) {
        coro::current().set_prio(self.0);
    }
}

pub(crate) fn main() {
    let (rover, storm) = (Rc::new(Rover::default()), Rc::new(Semaphore::new(0)));
    let (r, comes) = (rover.clone(), storm.clone());
    let steer = move || {
        comes.down();
        let sent = r.sent.get();
        let _bus = r.bus.lock();
        coro::note("steers");
        assert_eq!(r.sent.get(), sent, "the pilot waited for the radio");
    };
    let pilot = Builder::new().desc("pilot").prio(Prio::MAX).spawn(steer);
    let r = rover.clone();
    let measure = move || {
        let _raised = raise();
        let _bus = r.bus.lock();
        coro::note("sees a storm");
        storm.up();
        coro::cede(); // the data are on the bus
    };
    let weather = Builder::new().desc("weather").spawn(measure);
    (0..2).for_each(|_| coro::cede()); // until Earth rises
    let send = move || {
        for picture in 1..=3 {
            coro::note(format_args!("sends {picture}"));
            rover.sent.set(picture);
            coro::cede();
        }
    };
    let radio = Builder::new().desc("radio").prio(Prio::HIGH).spawn(send);
    for coro in [pilot, weather, radio] {
        coro.join().expect("nobody cancels it");
    }
}
