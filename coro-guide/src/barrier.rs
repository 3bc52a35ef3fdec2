//! A barrier: nobody begins a stage before all have ended the one before.
//!
//! # The problem
//!
//! Three ride a race in stages. The second stage starts when *all* have ended the first, the third when
//! all have ended the second, and so on. A *barrier* is the place where they wait for each other: it holds
//! back all who come until the last one is there, and then lets all of them go.
//!
//! A rendezvous is a barrier for two that is used once. To use one again and again is harder: who leaves
//! fast may be back before a slow one has left.
//!
//! # The program
//!
//! A [`Signal`](coro_sync::Signal) is a thing to wait for: [`wait_until`](coro_sync::Signal::wait_until)
//! looks whether a condition is true, blocks if it is not, and looks again each time the signal comes;
//! [`broadcast`](coro_sync::Signal::broadcast) lets all look who wait now.
//!
//! ```
#![doc = include_str!("../examples/barrier.rs")]
//! ```
//!
//! No lock is needed for `arrived` and `round`: nothing in `wait` lets others run but `wait_until`, and
//! before it comes to that, all is in order again. See [`between_switches`](crate::between_switches).
//!
//! What matters is what they wait for. Each remembers which round it came in, and waits until that round
//! is over. That stays true for ever, however late one looks. Such a number is also called a *generation*.
//!
//! [`coro_sync::Barrier`] is a barrier that is ready made. Who waits at it may also be cancelled.
//!
//! # What happens
//!
//! Ann and Bob end their stage and block. Cy is the last one: he readies both, and is on his way at once,
//! before either of them has run. In the second stage he comes first, and waits.
//!
#![doc = include_str!("../pictures/barrier.svg")]
//!
//! # The wrong version
//!
//! A door instead of a number: who comes last opens it, and who leaves last closes it.
//!
//! ```no_run
#![doc = include_str!("../wrong/barrier.rs")]
//! ```
//!
//! In production order it passes: a stage takes a while, and by the time the first one is back, all have
//! left and the door is shut. One deviation is enough, the step with the star: Cy rides his second stage
//! while one of the others is still in the doorway. The door is open, and he walks through it, a whole
//! stage ahead of the others.
//!
//! ```text
#![doc = include_str!("../convictions/barrier.txt")]
//! ```
//!
//! An open door says "somebody may pass", and not who. A condition that can become false again before
//! all who wait for it have looked is one that somebody will miss, or see twice.
//!
//! # Exercise
//!
//! Between two rounds of a game the cards are shuffled, once, by whoever comes last, and that takes a
//! while. In `exercises/barrier.rs` some play on before it is done: let them wait for it.
//!
//! ```no_run
#![doc = include_str!("../exercises/barrier.rs")]
//! # fn main() {}
//! ```
//!
//! ```sh
//! cargo test -p coro-guide --test exercises yours::barrier -- --ignored
//! ```
//!
//! `solutions/barrier.rs` has our answer.
//!
//! # Source
//!
//! Downey, *The Little Book of Semaphores*, 3.6 and 3.7; the wrong one is like that of 3.7.3. With a number for
//! the round: `std::sync::Barrier`.
//!
//! ---
//!
//! ← [`rendezvous`](crate::rendezvous) · [all pages](crate) · [`bounded_buffer`](crate::bounded_buffer) →

use coro_explore::{Builder, Verdict};

use crate::page::Page;

#[path = "../examples/barrier.rs"]
mod right;
#[path = "../wrong/barrier.rs"]
mod wrong;

pub(crate) const PAGE: Page = Page {
    name: "barrier",
    title: "A barrier",
    problem: "Three ride a race in stages. Nobody begins a stage before all have ended the one before.",
    right: right::main,
    wrong: wrong::main,
    wrong_source: include_str!("../wrong/barrier.rs"),
    explorer: || Builder::new().spurious(0),
    verdict: Verdict::Panic,
    hints: &[
        "The door stays open until the last one has left.",
        "One who leaves and rides its next stage at once is back before that.",
        "When the last one has opened the door and rides, let it run on before the two whom it woke.",
    ],
};
