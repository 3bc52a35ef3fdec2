//! When a lock is needed: what belongs together is torn apart by a call that switches.
//!
//! # The problem
//!
//! A customer has two accounts with 10 in all. A transfer takes some out of one, sends it on its way,
//! and adds it to the other. An audit adds both accounts up, and shall find 10 at every moment.
//!
//! That the sum is 10 is an *invariant*: something that is true whenever nobody is at work on it. Between
//! two switches it may be broken, as nobody looks. But the transfer takes a while, and others run
//! meanwhile. If the switch cannot be moved out of the middle, as on the page before, a *lock* is
//! needed: while one coro *holds* it, all others who ask for it are blocked.
//!
//! The questions to ask are these two. Is something broken while this call switches? Then hold a lock
//! from before it is broken until after it is mended. Does anybody look at it? Then let them hold the
//! same lock while they look.
//!
//! # The program
//!
//! A [`SemaphoreSet`](coro_sync::SemaphoreSet) is a lock for each key, here for each customer.
//! [`acquire`](coro_sync::SemaphoreSet::acquire) returns a *guard*: when it is dropped, the lock is free.
//!
//! ```
#![doc = include_str!("../examples/locks.rs")]
//! ```
//!
//! # What happens
//!
//! The audit comes first here, and is not blocked: a lock that is free costs no switch. Then the rent is
//! on its way, and the gift, which is Ann's too, is blocked until it has arrived. Look at the arrow: the
//! guard that is dropped readies who waits.
//!
#![doc = include_str!("../pictures/locks.svg")]
//!
//! # The wrong version
//!
//! The audit only reads, and nothing switches while it does: it is atomic. So it takes no lock.
//!
//! ```no_run
#![doc = include_str!("../wrong/locks.rs")]
//! ```
//!
//! That is a mistake. The audit is atomic, but a transfer is not, and its lock keeps out only those who
//! ask for it. Run by itself, this passes, as the audit comes first. At the star the rent does, and is on
//! its way when the audit looks: 4 are missing.
//!
//! ```text
#![doc = include_str!("../convictions/locks.txt")]
//! ```
//!
//! # Exercise
//!
//! A cache loads texts that are not there yet. In `exercises/locks.rs` two who ask for the same text at
//! the same time both load it. Let each text be loaded once; and let nobody wait for another text than
//! the one that they want.
//!
//! ```no_run
#![doc = include_str!("../exercises/locks.rs")]
//! # fn main() {}
//! ```
//!
//! ```sh
//! cargo test -p coro-guide --test exercises yours::locks -- --ignored
//! ```
//!
//! `solutions/locks.rs` has our answer.
//!
//! # Source
//!
//! Hoare, "Monitors", 1974, has the invariant that is true whenever nobody is inside.
//!
//! ---
//!
//! ← [`between_switches`](crate::between_switches) · [all pages](crate) · [`lost_update`](crate::lost_update) →

use coro_explore::{Builder, Verdict};

use crate::page::Page;

#[path = "../examples/locks.rs"]
mod right;
#[path = "../wrong/locks.rs"]
mod wrong;

pub(crate) const PAGE: Page = Page {
    name: "locks",
    title: "When a lock is needed",
    problem: "Transfers move money from one of Ann's accounts to the other. An audit finds 10 in both.",
    right: right::main,
    wrong: wrong::main,
    wrong_source: include_str!("../wrong/locks.rs"),
    explorer: || Builder::new().spurious(0),
    verdict: Verdict::Panic,
    hints: &[
        "While the money is on its way, it is in neither account.",
        "Run a transfer before the audit.",
    ],
};
