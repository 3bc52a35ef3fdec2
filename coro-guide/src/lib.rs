//! Locks without threads: when does code on one OS thread still need a lock?
//!
//! Each page has a problem, a program that solves it and is run by the tests, a picture of what happened
//! in that run, a wrong version, what the explorer says of it, and an exercise whose answer is judged by
//! exploration. Begin with the first, or with what you are afraid of.
//!
#![doc = include_str!("../CONTENTS.md")]
//!
//! # How to read
//!
//! This is to look up what a page does not say; begin with the first page.
//!
//! The files that a page names are in the folder `coro-guide`, and `dining.rs:14` is a line of the program
//! that is spoken of, right or wrong. (The settings, above, can show the numbers of lines.) The programs are examples: change one, and `cargo run -p coro-debug --bin timeline` with the name
//! of its page shows what happens then. (They are modules of this crate too, hence `pub(crate) fn main`.)
//!
//! A *picture* has a row for each coro. Its time is counted in what is done, so it is the same each time.
//!
//! What the *explorer* says is a table with a column for each coro:
//!
//! | it says | and means |
//! |---|---|
//! | `#0 body` | main; the others are numbered as they are spawned |
//! | step | a turn of a coro (in a picture, a turn may take several units of time) |
//! | `■ mutex` | here it blocks, on a mutex |
//! | `↯` | here it was woken for nothing, or cancelled, by the explorer |
//! | `◷ +10ms` | nobody could run, and so much time has passed |
//! | production order | the order of turns when nobody explores: the head of the ready queue is next |
//! | `*`, deviation | a departure from it. To pass over two coros, as in `before #1, #2`, is two |
//! | after 2 deviations, all with fewer are well | it has tried every order with fewer before, and found nothing |
//! | exhaustive, 35 executions | these are all orders there are |
//! | all schedules with delays ≤ 3 | all with so many deviations; there are more |
//! | (early timers ≤ 1, spurious wake-ups ≤ 1) | what else it has let happen, once in each execution, if there was something to happen: the pages [`if_or_while`] and [`deadlines`] tell what these are |
//! | `replay: CORO_SCHEDULE=…` | a command; what stands behind the `=` need not be understood: the game of the crate `coro-debug` begins where this ends, and `u` takes it back turn by turn |
//!
//! When you do an exercise, other tests of this crate fail, and say that somebody has done it:
//! `git checkout coro-guide` puts it back.
#![forbid(unsafe_code)]

mod page;

pub mod barber;
pub mod barrier;
pub mod between_switches;
pub mod bounded_buffer;
pub mod cancellation;
pub mod channels;
pub mod coro_local;
pub mod deadlines;
pub mod dining;
pub mod forgotten_up;
pub mod h2o;
pub mod if_or_while;
pub mod locks;
pub mod lost_update;
pub mod priorities;
pub mod readers_writers;
pub mod ready_queue;
pub mod rendezvous;
pub mod semaphore;
pub mod smokers;
pub mod switching;

pub use crate::page::Page;

/// The pages, in the order in which they are to be read.
const PAGES: &[Page] = &[
    ready_queue::PAGE,
    between_switches::PAGE,
    locks::PAGE,
    lost_update::PAGE,
    forgotten_up::PAGE,
    if_or_while::PAGE,
    rendezvous::PAGE,
    barrier::PAGE,
    bounded_buffer::PAGE,
    readers_writers::PAGE,
    dining::PAGE,
    barber::PAGE,
    h2o::PAGE,
    smokers::PAGE,
    cancellation::PAGE,
    deadlines::PAGE,
    channels::PAGE,
    coro_local::PAGE,
    priorities::PAGE,
    semaphore::PAGE,
    switching::PAGE,
];

/// Returns the pages, in the order in which they are to be read.
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// ```
/// assert!(coro_guide::pages().iter().any(|page| page.name == "lost_update"));
/// ```
#[must_use]
pub fn pages() -> &'static [Page] {
    PAGES
}

/// Returns the page of this name.
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// ```
/// assert_eq!(coro_guide::page("lost_update").unwrap().title, "A lost update");
/// assert!(coro_guide::page("nothing").is_none());
/// ```
#[must_use]
pub fn page(name: &str) -> Option<&'static Page> {
    PAGES.iter().find(|page| page.name == name)
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
