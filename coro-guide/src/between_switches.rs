//! What is atomic: everything between two switches.
//!
//! # The problem
//!
//! A desk hands out numbers, each only once. It looks at the next number, adds one, and writes a line
//! into its log. Ann and Bob both come to it.
//!
//! Coros switch at calls only, so what stands between two such calls is *atomic*: no other coro sees it
//! half done, or changes anything meanwhile. No lock is needed for that, and none is cheaper. But one has
//! to know which calls switch, and a call switches if something that it calls does.
//!
//! # The program
//!
//! ```
#![doc = include_str!("../examples/between_switches.rs")]
//! ```
//!
//! # What happens
//!
//! Look at Bob's first number: at time 8 he gives way with it, as the log is brought to the disk. The desk
//! had been set to the next number before.
//!
#![doc = include_str!("../pictures/between_switches.svg")]
//!
//! # The wrong version
//!
//! The line into the log comes a line earlier, and that is all.
//!
//! ```no_run
#![doc = include_str!("../wrong/between_switches.rs")]
//! ```
//!
//! Run by itself, it passes: when Bob's line makes the log full, Ann has her number already. It needs the
//! other order, in which Bob comes first: in the step with the star. Then he has looked at number 1, and
//! not written 2, when the log lets Ann run.
//!
//! ```text
#![doc = include_str!("../convictions/between_switches.txt")]
//! ```
//!
//! Such a bug comes with a change somewhere else: the day before, the log did not switch. Two things help.
//! Every function of this family says in its documentation, under *Switches*, whether it may. And
//! [`no_switch`](coro::no_switch) says it in the code: a switch in it panics, at that call, in every
//! order.
//!
//! ```should_panic
//! coro::no_switch(|| {
//!     // let number = self.next.get();
//!     coro::cede(); // the log: here it panics
//!     // self.next.set(number + 1);
//! });
//! ```
//!
//! # Exercise
//!
//! A clock has two hands, and a bell that rings for a while. In `exercises/between_switches.rs` somebody
//! who looks at the wrong moment sees a wrong time. Let everybody see a right one, and let the clock go
//! on while the bell rings.
//!
//! ```no_run
#![doc = include_str!("../exercises/between_switches.rs")]
//! # fn main() {}
//! ```
//!
//! ```sh
//! cargo test -p coro-guide --test exercises yours::between_switches -- --ignored
//! ```
//!
//! `solutions/between_switches.rs` has our answer.
//!
//! ---
//!
//! ← [`ready_queue`](crate::ready_queue) · [all pages](crate) · [`locks`](crate::locks) →

use coro_explore::{Builder, Verdict};

use crate::page::Page;

#[path = "../examples/between_switches.rs"]
mod right;
#[path = "../wrong/between_switches.rs"]
mod wrong;

pub(crate) const PAGE: Page = Page {
    name: "between_switches",
    title: "What is atomic",
    problem: "A desk hands out numbers to Ann and Bob: 0, 1 and 2, each once.",
    right: right::main,
    wrong: wrong::main,
    wrong_source: include_str!("../wrong/between_switches.rs"),
    explorer: || Builder::new().spurious(0),
    verdict: Verdict::Panic,
    hints: &[
        "Every second line of the log switches, between a look at the number and its change.",
        "Bob takes two numbers. Let him be in the middle of his second when Ann comes.",
        "Run Bob first.",
    ],
};
