//! Cigarette smokers: wait for all that you need at once, or for none.
//!
//! # The problem
//!
//! A cigarette takes tobacco, paper and matches. Ann has plenty of matches, Bob of tobacco, Cy of
//! paper, and each needs the other two. An agent puts two things on a table, waits until somebody has
//! smoked, and puts down the next two. He does not say for whom they are, but there is always one who
//! needs just these.
//!
//! That one is to get both. The difficulty is that each single thing is of use to two of them. Who
//! takes the first thing that it finds, and then waits for the other, may have taken it from the only
//! one who could have smoked.
//!
//! # The program
//!
//! Each smoker has one condition, *both are there*, and waits for that as a whole: it looks at both,
//! and takes both or none. Nothing switches between the look, which is the last thing that
//! [`wait_until`](coro_sync::Signal::wait_until) does, and the taking. So nobody ever holds one thing
//! and waits for another.
//!
//! ```
#![doc = include_str!("../examples/smokers.rs")]
//! ```
//!
//! The agent does not know who needs what, so he wakes everybody:
//! [`broadcast`](coro_sync::Signal::broadcast). A [`send`](coro_sync::Signal::send) would wake the one
//! that has waited longest, perhaps in vain, and the right one would sleep on.
//!
//! # What happens
//!
//! Paper and matches are for Bob. Ann looks and blocks; so does Cy, when they are gone. The next two
//! are for Ann: both she and Cy are woken. She smokes, he looks and blocks again. Nobody takes anything
//! in vain.
//!
#![doc = include_str!("../pictures/smokers.svg")]
//!
//! # The wrong version
//!
//! The same condition, but for one thing at a time.
//!
//! ```no_run
#![doc = include_str!("../wrong/smokers.rs")]
//! ```
//!
//! Nothing switches between the two looks if both things are there, and so it passes in production
//! order: nobody who could take anything comes before the right one. At the star Cy comes before Bob,
//! finds the matches, takes them, and waits for tobacco. Bob takes the paper and waits for the matches.
//! The agent waits for either of them to smoke.
//!
//! ```text
#![doc = include_str!("../convictions/smokers.txt")]
//! ```
//!
//! This is *hold and wait*, as with the forks of [`dining`](crate::dining): to hold what somebody else
//! needs, and to wait for something else. But no order of taking helps here. Whatever Cy asks for
//! first, the agent can put down just that, and with it the paper, which Cy has. Then Cy takes it in
//! vain, from the one who needs both.
//!
//! With semaphores it is the same mistake: one for each thing, and a `down` for each that one needs.
//! They cannot be told to wait for two. The usual way out is to let others look: a *pusher* for each
//! kind of thing, who notes what has come, and when two are there, wakes the one smoker who needs them,
//! by a semaphore of its own. That too decides on both things at once. (For several permits of *one*
//! semaphore there is [`down_many`](coro_sync::Semaphore::down_many), which takes all or waits; in a fair one
//! the oldest waiter collects them.)
//!
//! All or none has its price. Who needs much may wait for ever, while others, who need less, take now
//! one part of it and now another. To hold what one has would help against that, and brings back the
//! deadlock.
//!
//! # Exercise
//!
//! A shed has tools, and whoever comes needs some of them. In `exercises/smokers.rs` each takes one
//! after the other. An order would help against the deadlock here, but more is wanted: who waits has no
//! tool, so that others can work with it meanwhile.
//!
//! ```no_run
#![doc = include_str!("../exercises/smokers.rs")]
//! # fn main() {}
//! ```
//!
//! ```sh
//! cargo test -p coro-guide --test exercises yours::smokers -- --ignored
//! ```
//!
//! `solutions/smokers.rs` has our answer.
//!
//! # Source
//!
//! Suhas Patil, "Limitations and capabilities of Dijkstra's semaphore primitives for coordination among
//! processes" (1971), who holds that semaphores alone cannot do it; Parnas, "On a solution to the
//! cigarette smoker's problem (without conditional statements)" (1975), who does it. Downey, *The
//! Little Book of Semaphores*, 4.5, has the pushers.
//!
//! ---
//!
//! ← [`h2o`](crate::h2o) · [all pages](crate) · [`cancellation`](crate::cancellation) →

use coro_explore::{Builder, Verdict};

use crate::page::Page;

#[path = "../examples/smokers.rs"]
mod right;
#[path = "../wrong/smokers.rs"]
mod wrong;

pub(crate) const PAGE: Page = Page {
    name: "smokers",
    title: "Cigarette smokers",
    problem: "An agent puts two things on a table, and waits until somebody has smoked. \
              Ann, Bob and Cy need two each, and all are to smoke.",
    right: right::main,
    wrong: wrong::main,
    wrong_source: include_str!("../wrong/smokers.rs"),
    explorer: || Builder::new().spurious(0),
    verdict: Verdict::Deadlock,
    hints: &[
        "Each takes the first thing that it needs as soon as it is there, and then waits with it.",
        "Paper and matches are for Bob. Cy needs matches too.",
        "Run the agent, then Cy, and only then Bob. Ann may come whenever she likes.",
    ],
};
