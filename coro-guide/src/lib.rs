//! Locks without threads: when does code on one OS thread still need a lock?
//!
//! Each page has a problem, a program that solves it and is run by the tests, a picture of what happened
//! in that run, a wrong version, what the explorer says of it, and an exercise whose answer is judged by
//! exploration. Begin with the first, or with what you are afraid of.
//!
#![doc = include_str!("../CONTENTS.md")]
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
