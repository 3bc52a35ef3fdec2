//! To wait a moment for another OS thread without a sleep.

use std::cell::Cell;
use std::time::Instant;

use coro::{Outlook, Timers, current, schedule, set_driver, set_observer, set_timers, spawn};

use super::{Loop, Watch};
use crate::support::fresh;

/// Something is always due.
struct Due;

impl Timers for Due {
    fn fire(&mut self, _: Instant) {}

    fn deadline(&self) -> Option<Instant> {
        Some(Instant::now())
    }
}

/// How many looks `linger` takes when nothing comes.
fn looks() -> usize {
    let looks = Cell::new(0);
    coro::linger(|| {
        looks.set(looks.get() + 1);
        false
    });
    looks.get()
}

#[test]
fn who_lingers_looks_until_it_has_seen() {
    fresh(|| {
        assert!(looks() > 0);
        let seen = Cell::new(0);
        coro::linger(|| seen.replace(1) == 0);
        assert_eq!(seen.get(), 1, "it had seen what it looked for");
    });
}

#[test]
fn a_message_ends_the_lingering() {
    fresh(|| {
        let waker = current().waker();
        let looked = Cell::new(0);
        coro::linger(|| {
            looked.set(looked.get() + 1);
            waker.wake();
            false
        });
        assert_eq!(looked.get(), 1);
        schedule();
    });
}

#[test]
fn nobody_lingers_while_there_is_something_to_do() {
    fresh(|| {
        let c = spawn(|| ());
        assert_eq!(looks(), 0, "a coro is ready");
        c.join().unwrap();
        drop(set_timers(Some(Box::new(Due))));
        coro::timers_armed();
        assert_eq!(looks(), 0, "a timer is due");
        drop(set_timers(None));
        assert!(looks() > 0);
        drop(set_driver(Some(Box::new(Loop(|_| Outlook::Hopeless)))));
        assert_eq!(looks(), 0, "a driver has its turns");
        drop(set_driver(None));
        drop(set_observer(Some(Box::new(Watch(|| ())))));
        assert_eq!(looks(), 0, "an observer watches");
        drop(set_observer(None));
        assert!(looks() > 0);
    });
}
