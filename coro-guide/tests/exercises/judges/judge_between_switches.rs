//! Whoever looks sees a right time, and the clock goes on while the bell rings.

use std::cell::Cell;
use std::rc::Rc;

use coro_explore::{Builder, Failure, Report};

use super::super::answers::between_switches::Clock;
use super::all;

pub(crate) fn judge() -> Result<Report, Failure> {
    all(
        &Builder::new().spurious(0),
        &[two_ticks_and_a_look, it_goes_on_while_the_bell_rings],
    )
}

fn two_ticks_and_a_look() {
    let clock = Rc::new(Clock::new(9, 58));
    let rings = Rc::new(Cell::new(0));
    let ticks = ["ann", "bob"].map(|name| {
        let (clock, rings) = (clock.clone(), rings.clone());
        coro::Builder::new().desc(name).spawn(move || {
            clock.tick(|hour| {
                assert_eq!(hour, 10, "the bell is told the hour that begins");
                rings.set(rings.get() + 1);
                coro::cede();
            });
        })
    });
    let theirs = clock.clone();
    let look = move || {
        let right = [(9, 58), (9, 59), (10, 0)];
        let time = theirs.time();
        assert!(right.contains(&time), "somebody sees {time:?}");
    };
    let look = coro::Builder::new().desc("cy").spawn(look);
    for tick in ticks {
        tick.join().expect("nobody cancels it");
    }
    look.join().expect("nobody cancels it");
    assert_eq!(clock.time(), (10, 0), "both ticks count");
    assert_eq!(rings.get(), 1, "the bell rings once");
}

fn it_goes_on_while_the_bell_rings() {
    let clock = Rc::new(Clock::new(11, 59));
    let theirs = clock.clone();
    let tick = move || theirs.tick(|_| unreachable!("it is no full hour"));
    let other = coro::Builder::new().desc("dan").spawn(tick);
    // The bell rings until the other one has ticked.
    clock.tick(|_| {
        other.join().expect("nobody cancels it");
        assert_eq!(clock.time(), (12, 1));
        // And longer than an hour.
        (0..59).for_each(|_| clock.tick(|hour| assert_eq!(hour, 13)));
    });
    assert_eq!(clock.time(), (13, 0), "it went on while the bell rang");
}
