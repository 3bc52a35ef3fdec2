//! `if` against `while`: a wake-up is no promise.
//!
//! # The problem
//!
//! Ann wants an apple, and there is none. So she leaves her *handle*, by which others can reach her,
//! and blocks. The cook brings an apple, and readies her. When she runs, is it there?
//!
//! Perhaps not. Between the call of [`ready`](coro::Coro::ready) and Ann's turn others may run, and one of
//! them may take the apple: a *stolen wake-up*. And [`schedule`](coro::schedule) returns whenever
//! somebody readies the coro, for whatever reason: for something else that it was waiting for before, or
//! because a timeout is over. That is a *spurious wake-up*.
//!
//! So a wake-up means: look again. Who waits, waits in a loop.
//!
//! # The program
//!
//! The queue of waiters is as simple as can be: who waits leaves its handle, a [`Coro`](coro::Coro), and
//! whoever brings something readies all of them. A handle that is left over from an earlier round does no
//! harm: it is one more spurious wake-up.
//!
//! ```
#![doc = include_str!("../examples/if_or_while.rs")]
//! ```
//!
//! # What happens
//!
//! Ann finds nothing, and blocks. The first apple readies her; see that she is ready for a while before
//! she runs. Bob stands before her in the ready queue, and goes to its end once more: today he is late.
//!
#![doc = include_str!("../pictures/if_or_while.svg")]
//!
//! # The wrong version
//!
//! One word is different: `if` for `while`.
//!
//! ```no_run
#![doc = include_str!("../wrong/if_or_while.rs")]
//! ```
//!
//! Run by itself, it passes. The explorer needs one deviation, and has two to choose from. The first is a
//! spurious wake-up, `↯` in the columns: Ann runs, nothing has been brought, and she takes it all the same.
//!
//! You may say that nobody here readies Ann for nothing, and that is true of this program today. So let
//! there be none: the second is a theft. In step 3 Bob is early for once. In step 4 an apple is
//! there, and Ann is readied; but Bob's turn comes before hers, and the apple is gone. Nobody has
//! done anything that he may not do.
//!
//! ```text
#![doc = include_str!("../convictions/if_or_while.txt")]
//! ```
//!
//! # Exercise
//!
//! A counter can be waited for. In `exercises/if_or_while.rs` who was woken goes on, enough or not. A
//! `while` is half of the answer; the other half is who is woken. A [`Signal`](coro_sync::Signal) has two
//! ways to wake: [`send`](coro_sync::Signal::send) for one waiter,
//! [`broadcast`](coro_sync::Signal::broadcast) for all. If nobody waits, a `send` is kept for who waits next, and
//! a `broadcast` is not. [`wait`](coro_sync::Signal::wait) itself is not woken for nothing.
//!
//! ```no_run
#![doc = include_str!("../exercises/if_or_while.rs")]
//! # fn main() {}
//! ```
//!
//! ```sh
//! cargo test -p coro-guide --test exercises yours::if_or_while -- --ignored
//! ```
//!
//! `solutions/if_or_while.rs` has our answer.
//!
//! # Source
//!
//! Lampson, Redell, "Experience with processes and monitors in Mesa", 1980: a notification is a hint.
//!
//! ---
//!
//! ← [`forgotten_up`](crate::forgotten_up) · [all pages](crate) · [`rendezvous`](crate::rendezvous) →

use coro_explore::{Builder, Verdict};

use crate::page::Page;

#[path = "../examples/if_or_while.rs"]
mod right;
#[path = "../wrong/if_or_while.rs"]
mod wrong;

pub(crate) const PAGE: Page = Page {
    name: "if_or_while",
    title: "`if` or `while`",
    problem: "The cook brings two apples, one after the other. Ann and Bob eat one each, and wait for it.",
    right: right::main,
    wrong: wrong::main,
    wrong_source: include_str!("../wrong/if_or_while.rs"),
    explorer: || Builder::new(),
    verdict: Verdict::Panic,
    hints: &[
        "Ann looks once. When she has been woken, she takes what she takes to be there.",
        "Wake her when there is nothing; or, when there is something, let Bob take it before she runs.",
        "Run Ann, and then wake her.",
    ],
};
