//! Who runs next: [`cede`](coro::cede) and the ready queue.
//!
//! # The problem
//!
//! Ann and Bob write two lines each, and main wants to know when all four are there. A *coro* is a
//! thread of control with a stack of its own; all coros of an OS thread take turns. None is ever
//! interrupted: a coro runs until it ends, or *gives way* itself, and *switches* to another. So who has
//! the next turn, and how many turns does a task take?
//!
//! The coros that could run, but for want of a turn, stand in the *ready queue*. There are three ways to
//! give way:
//!
//! | call | what becomes of the caller |
//! |---|---|
//! | [`cede`](coro::cede) | goes to the end of the ready queue |
//! | [`schedule`](coro::schedule) | is in no queue: it does not run before somebody [readies](coro::Coro::ready) it |
//! | a call that *blocks*, such as [`join`](coro::JoinHandle::join) | the same; it is readied when what it waits for has come true |
//!
//! In each case the head of the queue runs next. (`join` also returns what the coro has returned, or an
//! error if it panicked or was cancelled.) [`spawn`](coro::spawn) makes a coro and puts it at the end of
//! the queue; it does not run it. Main is a coro too. (A coro with a higher priority goes before: that is a
//! page of its own.)
//!
//! # The program
//!
//! ```
#![doc = include_str!("../examples/ready_queue.rs")]
//! ```
//!
//! # What happens
//!
//! Main spawns both, and joins Ann: only now does she begin. Each writes a line and cedes, so that the
//! lines alternate. Look at main's row: it is neither running nor ready while it waits. When Ann ends, that
//! readies main, which stands *behind* Bob then. (The words in the picture come from [`note`](coro::note),
//! which does nothing else, and the names from `desc`. Time is counted in what is done: a call that
//! spawns, blocks, cedes or says something is one.)
//!
#![doc = include_str!("../pictures/ready_queue.svg")]
//!
//! # The wrong version
//!
//! Main does not join. It counts turns instead: when it has called [`cede`](coro::cede) twice, each
//! writer has had two.
//!
//! ```no_run
#![doc = include_str!("../wrong/ready_queue.rs")]
//! ```
//!
//! Run by itself, it passes, today: the order of the ready queue makes it so. But the order is no
//! promise about others' work. A writer that blocks once, one that is spawned by somebody else, a
//! priority: each makes the number wrong, as it is wrong to sleep "long enough".
//!
//! The *explorer* runs a program in every order in which its coros could have their turns. Each coro has a
//! column, main's is `body`; each step is a turn, and `■` is where it blocks. A star marks a *deviation*
//! from *production order*, in which they run when nobody explores: here somebody else ran than the head of
//! the queue. One is enough: main goes before Bob, and so has ceded twice when Bob has written once.
//! [`How to read`](crate#how-to-read) has all its words and signs.
//!
//! ```text
#![doc = include_str!("../convictions/ready_queue.txt")]
//! ```
//!
//! # Exercise
//!
//! Do several jobs at once, and return all results. Change `exercises/ready_queue.rs`, which hopes that
//! one turn is enough for each job. One job may wait for what another does.
//!
//! ```no_run
#![doc = include_str!("../exercises/ready_queue.rs")]
//! # fn main() {}
//! ```
//!
//! ```sh
//! cargo test -p coro-guide --test exercises yours::ready_queue -- --ignored
//! ```
//!
//! `solutions/ready_queue.rs` has our answer.
//!
//! # Source
//!
//! Coro 6.57, `cede`, `schedule`, `ready`.
//!
//! ---
//!
//! [all pages](crate) · [`between_switches`](crate::between_switches) →

use coro_explore::{Builder, Verdict};

use crate::page::Page;

#[path = "../examples/ready_queue.rs"]
mod right;
#[path = "../wrong/ready_queue.rs"]
mod wrong;

pub(crate) const PAGE: Page = Page {
    name: "ready_queue",
    title: "Who runs next",
    problem: "Ann and Bob write two lines each. Main counts when all four are there.",
    right: right::main,
    wrong: wrong::main,
    wrong_source: include_str!("../wrong/ready_queue.rs"),
    explorer: || Builder::new().spurious(0),
    verdict: Verdict::Panic,
    hints: &[
        "Main counts after two turns of its own, whatever the others have done by then.",
        "Let main run when it stands in the ready queue behind somebody who is not done.",
        "Let Ann write once, and then run main before Bob.",
    ],
};
