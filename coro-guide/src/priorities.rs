//! Priorities: who is urgent, and whom the urgent wait for.
//!
//! # The problem
//!
//! A rover on Mars has one *bus*, the wires over which its parts talk. The weather station writes to it
//! and takes its time. The pilot needs it too, and when a storm comes there is nothing more urgent. The
//! radio sends pictures, which are many, and does not need the bus at all.
//!
//! A coro has a *priority*, from [`Prio::MAX`](coro::Prio::MAX) to [`Prio::MIN`](coro::Prio::MIN); there
//! are eight. The ready queue is in truth eight queues, one for each, and the next turn belongs to the
//! head of the highest one that is not empty. Always: as long as somebody above is ready, nobody below
//! has a turn. So [`cede`](coro::cede) gives way to coros of the same priority or a higher one, and to no
//! other. Nobody is interrupted, whatever his priority: it says who is next, never how long.
//!
//! ```
//! use coro::{Builder, Prio};
//! use std::{cell::RefCell, rc::Rc};
//!
//! let turns = Rc::new(RefCell::new(String::new()));
//! let all = [("low", Prio::LOW), ("ann", Prio::NORMAL), ("bob", Prio::NORMAL), ("high", Prio::HIGH)];
//! let all = all.map(|(name, prio)| {
//!     let turns = turns.clone();
//!     Builder::new().prio(prio).spawn(move || {
//!         for _ in 0..2 {
//!             turns.borrow_mut().push_str(&format!("{name} "));
//!             coro::cede();
//!         }
//!     })
//! });
//! all.into_iter().for_each(|c| c.join().unwrap());
//! assert_eq!(*turns.borrow(), "high high ann bob ann bob low low ");
//! ```
//!
//! That is well as long as they have nothing to do with each other. But let the weather station, which is
//! low, have the bus, and let the pilot, who is high, wait for it. Then comes the radio, which is in the
//! middle. As long as it is ready the weather station has no turn, so the bus does not become free, and
//! the pilot waits for the radio, although they share nothing. The order of the priorities is turned
//! upside down: that is *priority inversion*.
//!
//! # The program
//!
//! Whoever has the bus is as urgent as the most urgent of all who may want it. That priority is the
//! *ceiling* of the lock. A guard raises the priority with [`set_prio`](coro::Coro::set_prio), and gives
//! the old one back on every way out.
//!
//! ```
#![doc = include_str!("../examples/priorities.rs")]
//! ```
//!
//! # What happens
//!
//! The weather station sees a storm while it has the bus. It cedes, and the pilot comes, asks for the
//! bus, and blocks. Look at main now: it has been ready since time 3, and the weather station, which was
//! spawned with the priority that main has, goes on before it all the same. It is raised, until the bus
//! is free. So the pilot waits for the one who has the bus, and for nobody else. The radio is last: it
//! cedes after each picture, and as nobody else is ready, it goes on at once.
//!
#![doc = include_str!("../pictures/priorities.svg")]
//!
//! # The wrong version
//!
//! Without the ceiling.
//!
//! ```no_run
#![doc = include_str!("../wrong/priorities.rs")]
//! ```
//!
//! In production order it passes: the weather station is done when Earth rises. At the star main has
//! its turn before the weather station, and so Earth rises a turn too early, when the station is in the
//! middle. (The explorer exchanges only coros of one priority, here main and the station: that the
//! higher one is first is a promise.) Read on from step 4. The pilot asks for the bus in step 5, and from
//! step 7 to step 10 the radio has four turns, one after the other. All the time the weather station is
//! ready, and would have needed one.
//!
//! ```text
#![doc = include_str!("../convictions/priorities.txt")]
//! ```
//!
//! # What helps
//!
//! * Give way nowhere while you hold a lock: then nobody finds it taken, and no lock is needed at all.
//!   That is the page on [what is atomic](crate::between_switches).
//! * If you must: a ceiling, as above.
//! * Few priorities. Most programs are well with one.
//!
//! There is another way, *priority inheritance*: who blocks on a lock raises the one who has it. Here
//! that comes too late, if the holder stands in the ready queue already. `set_prio` leaves a coro where it
//! stands, and counts when it is queued the next time:
//!
//! ```
//! use coro::{Builder, Prio};
//!
//! let low = Builder::new().prio(Prio::LOW).spawn(|| ());
//! low.set_prio(Prio::MAX); // it stands in the queue of the low ones
//! let middle = coro::spawn(|| ());
//! middle.join().unwrap();
//! assert!(!low.is_finished());
//! ```
//!
//! And a lock knows no priorities: those who wait for it are woken in the order of arrival, the urgent
//! ones too.
//!
//! # Exercise
//!
//! A lock that knows its ceiling. In `exercises/priorities.rs` it is noted, and nobody heeds it. Raise
//! whoever has the value, and let each have his own priority again, however he ends; mind those who are
//! more urgent than the ceiling already.
//!
//! ```no_run
#![doc = include_str!("../exercises/priorities.rs")]
//! # fn main() {}
//! ```
//!
//! ```sh
//! cargo test -p coro-guide --test exercises yours::priorities -- --ignored
//! ```
//!
//! `solutions/priorities.rs` has our answer.
//!
//! # Source
//!
//! Lampson, Redell, "Experience with processes and monitors in Mesa", 1980, describe the inversion; Sha,
//! Rajkumar, Lehoczky, "Priority inheritance protocols", 1990, both remedies. On Mars it happened in
//! 1997, to Pathfinder: its tasks for the bus, for the radio and for the weather were as here, and a
//! watchdog started the computer anew each time.
//!
//! ---
//!
//! ← [`coro_local`](crate::coro_local) · [all pages](crate) · [`semaphore`](crate::semaphore) →

use coro_explore::{Builder, Verdict};

use crate::page::Page;

#[path = "../examples/priorities.rs"]
mod right;
#[path = "../wrong/priorities.rs"]
mod wrong;

pub(crate) const PAGE: Page = Page {
    name: "priorities",
    title: "Priorities",
    problem: "A rover's pilot is urgent. He needs the bus, which the weather station may have, \
              and shall never wait for the radio, which has no use for it.",
    right: right::main,
    wrong: wrong::main,
    wrong_source: include_str!("../wrong/priorities.rs"),
    explorer: || Builder::new().spurious(0),
    verdict: Verdict::Panic,
    hints: &[
        "The radio goes before the weather station, whenever both are ready.",
        "Main spawns the radio. Let it do so while the weather station has the bus.",
        "Run main before the weather station has begun, and again when the station has the bus.",
    ],
};
