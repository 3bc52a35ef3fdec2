//! A rendezvous: two meet, and neither goes on before both are there.
//!
//! # The problem
//!
//! Ann and Bob come from two parts of the town and take the same train. Ann lives near and Bob far:
//! whoever is at the station first waits, and nobody boards alone. It is not known who comes first.
//!
//! That is a *rendezvous*: a point in two programs that each passes only when the other has reached it.
//! A [`Semaphore`](coro_sync::Semaphore) does it, or rather two. Here it does not keep anybody out, as a
//! lock does; it *tells*. It begins without a permit, an [`up`](coro_sync::Semaphore::up) says "I am
//! there", and a [`down`](coro_sync::Semaphore::down) waits until that was said.
//!
//! # The program
//!
//! ```
#![doc = include_str!("../examples/rendezvous.rs")]
//! ```
//!
//! The `up` may come before the `down` or after it: a semaphore remembers. So neither of the two has to
//! know who is first. Who is last does not block at all.
//!
//! # What happens
//!
//! Ann is there, tells it, and blocks. When Bob is there, his `up` makes her *ready*: she may run, but it
//! is still he who runs. His own `down` finds what she has told long ago, and he boards first.
//!
#![doc = include_str!("../pictures/rendezvous.svg")]
//!
//! # The wrong version
//!
//! Two lines have changed places: each waits before it tells.
//!
//! ```no_run
#![doc = include_str!("../wrong/rendezvous.rs")]
//! ```
//!
//! No order has to be found in which it fails: it fails in every order, in production order too. Each
//! waits for a word that the other one says only afterwards. That is a deadlock: nobody is ready, and
//! nobody ever will be. The report has a line for each of them, with the place where it is blocked.
//!
//! ```text
#![doc = include_str!("../convictions/rendezvous.txt")]
//! ```
//!
//! Had *one* of them told before it waits, all would be well. Somebody has to speak first.
//!
//! # Exercise
//!
//! The two meet again and again, and swap what they bring. In `exercises/rendezvous.rs` they meet as they
//! do here, and still one gets what was meant for the next time: who is fast comes back with a new thing
//! before the other one has looked at the old one. Change it so that each gets what the other one has
//! brought to the same meeting.
//!
//! ```no_run
#![doc = include_str!("../exercises/rendezvous.rs")]
//! # fn main() {}
//! ```
//!
//! ```sh
//! cargo test -p coro-guide --test exercises yours::rendezvous -- --ignored
//! ```
//!
//! `solutions/rendezvous.rs` has our answer.
//!
//! # Source
//!
//! Downey, *The Little Book of Semaphores*, 3.3; semaphores are Dijkstra's, EWD 123.
//!
//! ---
//!
//! ← [`if_or_while`](crate::if_or_while) · [all pages](crate) · [`barrier`](crate::barrier) →

use coro_explore::{Builder, Verdict};

use crate::page::Page;

#[path = "../examples/rendezvous.rs"]
mod right;
#[path = "../wrong/rendezvous.rs"]
mod wrong;

pub(crate) const PAGE: Page = Page {
    name: "rendezvous",
    title: "A rendezvous",
    problem: "Ann and Bob meet at the station. Nobody boards before both are there.",
    right: right::main,
    wrong: wrong::main,
    wrong_source: include_str!("../wrong/rendezvous.rs"),
    explorer: Builder::new,
    verdict: Verdict::Deadlock,
    hints: &[
        "To meet, each waits for the other one and then tells it that it is there.",
        "Let both walk to the end: who comes first blocks.",
        "Who comes last waits too, and has told nobody. Any order will do.",
    ],
};
