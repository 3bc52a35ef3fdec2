//! The forgotten `up`: a semaphore, its guard, and the way out that nobody thought of.
//!
//! # The problem
//!
//! Ann and Bob share a printer. Each has it for a while, and gives it back; even when the order is no
//! good, and there is nothing to print.
//!
//! A *semaphore* is a count of *permits*. [`down`](coro_sync::Semaphore::down) takes one, and blocks while
//! there is none; [`up`](coro_sync::Semaphore::up) puts one back, and readies somebody who waits. With one
//! permit it is a lock; with three, three can be inside. No permit comes back by itself: who went down must
//! come up, on every way out.
//!
//! # The program
//!
//! [`acquire`](coro_sync::Semaphore::acquire) is a `down` that returns a *guard*, and dropping the guard
//! is the `up`. Rust drops it at the end of the block, after a `return`, after a `?`, and when the coro
//! unwinds, by a panic or a [cancel](coro::Coro::cancel).
//!
//! ```
#![doc = include_str!("../examples/forgotten_up.rs")]
//! ```
//!
//! # What happens
//!
//! Bob is blocked until Ann's guard goes: the arrow is its `up`. Then he has the printer, and his order
//! is refused.
//!
#![doc = include_str!("../pictures/forgotten_up.svg")]
//!
//! # The wrong version
//!
//! The same with `down` and `up`. There is a way out between them: the `?`.
//!
//! ```no_run
#![doc = include_str!("../wrong/forgotten_up.rs")]
//! ```
//!
//! Run by itself, it passes: Bob's order is the last one, and nobody misses the permit that he has taken
//! away. At the star he comes first. Ann waits for a permit that nobody has any more: a *deadlock*. Nobody
//! can run, and nobody is left who could wake anybody. The explorer says who waits for what, and so does
//! the *kernel*, the crate `coro`, when it happens in production.
//!
//! ```text
#![doc = include_str!("../convictions/forgotten_up.txt")]
//! ```
//!
//! `down` and `up` are for permits that one coro takes and another gives back. For all else, take the
//! guard.
//!
//! # Exercise
//!
//! A pool lends things. In `exercises/forgotten_up.rs` a thing is lost, and its permit, when the borrower
//! is cancelled. Let it come back however the borrower ends.
//!
//! ```no_run
#![doc = include_str!("../exercises/forgotten_up.rs")]
//! # fn main() {}
//! ```
//!
//! ```sh
//! cargo test -p coro-guide --test exercises yours::forgotten_up -- --ignored
//! ```
//!
//! `solutions/forgotten_up.rs` has our answer.
//!
//! # Source
//!
//! Dijkstra, EWD 123 (P and V); Coro 6.57, `Coro::Semaphore`, `guard`.
//!
//! ---
//!
//! ← [`lost_update`](crate::lost_update) · [all pages](crate) · [`if_or_while`](crate::if_or_while) →

use coro_explore::{Builder, Verdict};

use crate::page::Page;

#[path = "../examples/forgotten_up.rs"]
mod right;
#[path = "../wrong/forgotten_up.rs"]
mod wrong;

pub(crate) const PAGE: Page = Page {
    name: "forgotten_up",
    title: "The forgotten up",
    problem: "Ann and Bob share a printer. Bob's order is no good, and Ann wants to print all the same.",
    right: right::main,
    wrong: wrong::main,
    wrong_source: include_str!("../wrong/forgotten_up.rs"),
    explorer: || Builder::new().spurious(0),
    verdict: Verdict::Deadlock,
    hints: &[
        "There is a way out of `print` on which nobody comes up.",
        "Bob takes it. Who comes after him waits for ever.",
        "Run Bob first.",
    ],
};
