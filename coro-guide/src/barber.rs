//! The sleeping barber: who tells whom that it is done.
//!
//! # The problem
//!
//! A barber sleeps while there is nobody to serve. Who comes sits down on the chair for those who wait,
//! and rings the bell; if the chair is taken, it walks on and comes again later. When the barber has
//! cut somebody's hair, he tells it so, and it goes home.
//!
//! There are two things to get right. A customer must not be lost: two on one chair, or one for whom
//! the barber never wakes up. And nobody goes home with long hair: the word "you may go" has to reach
//! the one for whom it is meant.
//!
//! # The program
//!
//! ```
#![doc = include_str!("../examples/barber.rs")]
//! ```
//!
//! To look at the chair and to sit down on it is one step, as no call between the two lets others run:
//! not [`note`](coro::note), and not `get` and `set`. See
//! [`between_switches`](crate::between_switches). If the customer took its coat off in between, and
//! that switched, two could sit on one chair.
//!
//! The bell is a [`Semaphore`](coro_sync::Semaphore), which remembers. If the barber is at work when it
//! rings, his next [`down`](coro_sync::Semaphore::down) does not sleep.
//!
//! And who gives back what to whom? Each [`up`](coro_sync::Semaphore::up) has its `down` somewhere
//! else. The permit of the bell goes from a customer to the barber: there is one barber, so it cannot
//! go wrong. The other permit goes back, from the barber to *this* customer. So each customer has a
//! semaphore of its own, on which nobody else goes down.
//!
//! # What happens
//!
//! The barber sleeps, and Ann's ring readies him. Bob has his turn before him, and finds the chair
//! taken. When he comes again, Ann sits with the barber, and her chair is free. Bob rings too, but see
//! that no arrow leaves him then: the barber does not sleep. It is remembered, and when the barber has
//! told Ann that she may go, he goes on with Bob at once.
//!
#![doc = include_str!("../pictures/barber.svg")]
//!
//! # The wrong version
//!
//! There is one semaphore for all who wait to be told.
//!
//! ```no_run
#![doc = include_str!("../wrong/barber.rs")]
//! ```
//!
//! In production order it passes, as Ann is told while Bob waits behind her. In the step with the star
//! the barber has another turn before Bob comes again. He tells that a haircut is done: that readies
//! Ann, and the permit lies there until she runs. But now it is Bob's turn. He sits down and rings, his
//! `down` finds a permit, and he takes it for his own.
//!
//! ```text
#![doc = include_str!("../convictions/barber.txt")]
//! ```
//!
//! A [`fair`](coro_sync::Semaphore::fair) semaphore, which gives each permit to the one that has waited
//! longest, would mend that as long as there is one barber. With two it is Ann who has waited longest,
//! and perhaps Bob whose hair is cut first. A permit has no name on it: where it matters whose it is,
//! let each have a semaphore of its own.
//!
//! # The lost customer
//!
//! This problem is known for another mistake. The barber looks, finds nobody, and goes to sleep; the
//! customer looks whether he sleeps, and only wakes him if so. If the customer comes between the
//! barber's look and his sleep, neither knows of the other one. Coros make this mistake only if
//! something switches there:
//!
//! ```
//! use coro_explore::{Builder, Verdict};
//! use std::{cell::Cell, rc::Rc};
//!
//! fn day(sweep: fn()) {
//!     let is_there = Rc::new(Cell::new(false));
//!     let sleeper = Rc::new(Cell::new(None));
//!     let (seen, bed) = (is_there.clone(), sleeper.clone());
//!     let barber = coro::spawn(move || {
//!         while !seen.get() {
//!             sweep(); // the floor, before he sleeps
//!             bed.set(Some(coro::current()));
//!             coro::schedule();
//!         }
//!     });
//!     let ann = coro::spawn(move || {
//!         is_there.set(true);
//!         if let Some(barber) = sleeper.take() {
//!             barber.ready();
//!         }
//!     });
//!     barber.join().unwrap();
//!     ann.join().unwrap();
//! }
//!
//! let explorer = Builder::new().spurious(0);
//! assert!(explorer.run(|| day(|| ())).is_ok());
//! let failure = explorer.run(|| day(coro::cede)).unwrap_err();
//! assert_eq!(failure.verdict(), Verdict::Deadlock);
//! ```
//!
//! A bell that remembers has no such moment: whoever rings need not know whether he sleeps.
//!
//! # Exercise
//!
//! A larger shop has several chairs and several barbers, and each customer gets what it has ordered. In
//! `exercises/barber.rs` two can have the same chair, and some go home with the haircut of somebody
//! else. There are two mistakes: one is a look that grows old, the other is what the customers are
//! told.
//!
//! ```no_run
#![doc = include_str!("../exercises/barber.rs")]
//! # fn main() {}
//! ```
//!
//! ```sh
//! cargo test -p coro-guide --test exercises yours::barber -- --ignored
//! ```
//!
//! `solutions/barber.rs` has our answer.
//!
//! # Source
//!
//! E. W. Dijkstra, *Cooperating sequential processes* (EWD 123, 1965), has the barber; Downey, *The
//! Little Book of Semaphores*, 5.2, and 5.3 with a semaphore for each customer.
//!
//! ---
//!
//! ← [`dining`](crate::dining) · [all pages](crate) · [`h2o`](crate::h2o) →

use coro_explore::{Builder, Verdict};

use crate::page::Page;

#[path = "../examples/barber.rs"]
mod right;
#[path = "../wrong/barber.rs"]
mod wrong;

pub(crate) const PAGE: Page = Page {
    name: "barber",
    title: "The sleeping barber",
    problem: "Ann and Bob come to a barber who has one chair for those who wait. \
              Nobody goes home before its own hair is cut.",
    right: right::main,
    wrong: wrong::main,
    wrong_source: include_str!("../wrong/barber.rs"),
    explorer: || Builder::new().spurious(0).delays(4),
    verdict: Verdict::Panic,
    hints: &[
        "When a haircut is done the barber says so, but not to whom.",
        "When Ann is woken and has not run yet, who comes by can take the permit that was meant for her.",
        "Bob walks on, and the barber begins with Ann. Let him end before Bob comes again.",
    ],
};
