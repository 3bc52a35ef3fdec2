//! A lost update: read, let others run, write.
//!
//! # The problem
//!
//! Ann brings 10 to an account, Bob 5. A deposit reads the balance, asks the bank, and writes the sum.
//! On one OS thread nobody can interrupt it; but *asking* is a call that lets others run, and then the
//! balance may be another one than was read. What belongs together, and has a switch in its middle,
//! needs a lock.
//!
//! # The program
//!
//! The lock is a [`Semaphore`](coro_sync::Semaphore) of which one at a time can have the guard: see the
//! next page.
//!
//! ```
#![doc = include_str!("../examples/lost_update.rs")]
//! ```
//!
//! # What happens
//!
//! Ann holds the lock while she asks; Bob is ready, runs, and blocks on it. When Ann's guard goes, that
//! readies him.
//!
#![doc = include_str!("../pictures/lost_update.svg")]
//!
//! # The wrong version
//!
//! The same without the lock.
//!
//! ```no_run
#![doc = include_str!("../wrong/lost_update.rs")]
//! ```
//!
//! The explorer runs it in every order, and convicts it. No deviation is needed: both read before anybody
//! writes.
//!
//! ```text
#![doc = include_str!("../convictions/lost_update.txt")]
//! ```
//!
//! # Exercise
//!
//! A till sells tickets, and paying takes a while. It looks for a ticket before, and takes it after.
//! Change `exercises/lost_update.rs` so that no ticket is sold twice and nobody pays for nothing; and,
//! while there are tickets, nobody waits for another customer's card.
//!
//! ```no_run
#![doc = include_str!("../exercises/lost_update.rs")]
//! # fn main() {}
//! ```
//!
//! ```sh
//! cargo test -p coro-guide --test exercises yours::lost_update -- --ignored
//! ```
//!
//! `solutions/lost_update.rs` has our answer.
//!
//! ---
//!
//! ← [`locks`](crate::locks) · [all pages](crate) · [`forgotten_up`](crate::forgotten_up) →

use coro_explore::{Builder, Verdict};

use crate::page::Page;

#[path = "../examples/lost_update.rs"]
mod right;
#[path = "../wrong/lost_update.rs"]
mod wrong;

pub(crate) const PAGE: Page = Page {
    name: "lost_update",
    title: "A lost update",
    problem: "Ann brings 10 to an account, Bob 5. In the end 15 shall be there.",
    right: right::main,
    wrong: wrong::main,
    wrong_source: include_str!("../wrong/lost_update.rs"),
    explorer: || Builder::new().spurious(0),
    verdict: Verdict::Panic,
    hints: &[
        "A deposit reads, lets others run, and writes what it has read plus something.",
        "Let both read before either writes.",
    ],
};
