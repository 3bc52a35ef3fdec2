//! Where may I die? What a cancel leaves behind, and what is put right on the way out.
//!
//! # The problem
//!
//! Ann and Bob carry letters from a tray to where they belong. Ann's work may end at any time: somebody
//! *cancels* her. All letters are to be delivered all the same.
//!
//! [`cancel`](coro::Coro::cancel) is a call by *handle*: who has Ann's handle can end her, and need not
//! ask. She *unwinds*, as if she had panicked: her locals are dropped, and no line of hers runs any more
//! but in destructors. A cancel is no error that could be handled: [`coro::catch`] catches panics, and
//! lets a cancel through; if std's `catch_unwind` swallows a cancel, it comes again at the next call that
//! may switch. Whoever joins her is told: [`is_cancelled`](coro::JoinError::is_cancelled).
//!
//! # Where may I die?
//!
//! Only one coro runs at a time. If somebody cancels Ann, it is he who runs, not she: she stands in a call
//! that has let others run, such as `cede` or the `get` of an empty channel, and she unwinds *from that
//! call*, at once. ([`safe_cancel`](coro::Coro::safe_cancel) only readies her: she unwinds from it when
//! her turn comes.) Between two switches nobody dies, but one that cancels itself. And a coro that is
//! cancelled before it has begun never begins: its closure is dropped.
//!
//! So go from one call that may block to the next, and ask at each: if I die here, what is not as it
//! should be? There are three answers.
//!
//! * *All is well.* [`Channel::get`](coro_channel::Channel::get) has taken nothing before it returns. In
//!   our crates every call that may block says what it leaves, under *Cancel safety*.
//! * *It must be put right.* Then a guard does it. A line behind the call does not run.
//! * *It must not be left half-way.* Then it needs a shield; see below.
//!
//! # The program
//!
//! The tray is a [`Channel`](coro_channel::Channel), a queue of values: `put` adds one, `get` takes the
//! oldest, and blocks while there is none. When `get` returns, Ann has the letter, and nobody else has.
//! Between `get` and the guard nothing switches. From then on, every way out puts the letter back, until it
//! is delivered.
//!
//! ```
#![doc = include_str!("../examples/cancellation.rs")]
//! ```
//!
//! # What happens
//!
//! When letter 1 is there, Ann waits for another one. Main cancels her, at time 10, and the dotted arrows
//! are a switch to her and back: she unwinds on her own stack, from the `get` in which she stood. On her
//! way she leaves the queue of those who wait. Only Bob is left in it, and letter 2 wakes him.
//!
#![doc = include_str!("../pictures/cancellation.svg")]
//!
//! Here the guard has nothing to do, as no letter is on its way.
//!
//! # The wrong version
//!
//! No guard: a letter is taken out, she walks, and what becomes of it is a matter of the lines behind.
//!
//! ```no_run
#![doc = include_str!("../wrong/cancellation.rs")]
//! ```
//!
//! Run by itself, it passes, and so it does in every order, as main only cancels Ann when no letter is on
//! its way. But somebody else may come some day and cancel her on hers. The explorer need not wait for that
//! day. Its budget [`cancels`](coro_explore::Builder::cancels) lets it cancel a coro by itself, at each
//! step at which that one does not run. At the star it strikes Ann, `↯`, where she walks. Letter 1 is neither in
//! the tray nor delivered. Bob waits for a letter, and main waits for letter 1 to be delivered.
//!
//! ```text
#![doc = include_str!("../convictions/cancellation.txt")]
//! ```
//!
//! [`victims`](coro_explore::Builder::victims) says who may be struck: here Ann alone, as without Bob too
//! nobody would be left to carry anything. To try a coro of your own, in production order, at each place
//! where it can die, say [`cancel_everywhere`](coro_explore::Builder::cancel_everywhere):
//!
//! ```
//! use coro_explore::{Builder, Verdict};
//!
//! let page = coro_guide::page("cancellation").unwrap();
//! let explorer = Builder::new().cancel_everywhere("ann");
//! assert!(explorer.run(page.right).is_ok());
//! let failure = explorer.run(page.wrong).unwrap_err();
//! assert_eq!(failure.verdict(), Verdict::Deadlock);
//!
//! // Without a cancel that nobody has thought of, the wrong one is well in every order.
//! assert!((page.explorer)().cancels(0).run(page.wrong).is_ok());
//! ```
//!
//! # Destructors may block
//!
//! To put something right may take a while. A destructor may let others run, and nothing is raised in it
//! meanwhile. Then `cancel` returns before all is done, and [`join`](coro::JoinHandle::join) waits for
//! the end.
//!
//! ```
//! struct Farewell;
//! impl Drop for Farewell {
//!     fn drop(&mut self) {
//!         coro::cede(); // says goodbye to somebody far away
//!     }
//! }
//!
//! let ann = coro::spawn(|| {
//!     let _farewell = Farewell;
//!     coro::schedule();
//! });
//! coro::cede();
//! ann.cancel();
//! assert!(!ann.is_finished());
//! assert!(ann.join().unwrap_err().is_cancelled());
//! ```
//!
//! # A shield
//!
//! Sometimes nothing can be put back: half of a message has been sent. In [`coro::shield`] a cancel
//! waits. It is raised at the first call behind the shield that may switch.
//!
//! ```
//! use std::{cell::Cell, rc::Rc};
//!
//! let halves = Rc::new(Cell::new(0));
//! let sent = halves.clone();
//! let ann = coro::spawn(move || {
//!     coro::shield(|| {
//!         sent.set(1);
//!         coro::cede(); // cancelled here
//!         sent.set(2);
//!     });
//!     coro::cede(); // and unwound here
//!     sent.set(3);
//! });
//! coro::cede();
//! ann.cancel();
//! assert_eq!(halves.get(), 1);
//! assert!(ann.join().unwrap_err().is_cancelled());
//! assert_eq!(halves.get(), 2);
//! ```
//!
//! Keep shields short, and let nothing in them wait for what may not come: nobody can end who waits there.
//!
//! # Exercise
//!
//! People draw numbers at a counter, and are served in that order. In `exercises/cancellation.rs` somebody
//! who is cancelled stays in the line, and all behind wait for ever. Find each call from which one can die,
//! and let nobody be in the line who is gone.
//!
//! ```no_run
#![doc = include_str!("../exercises/cancellation.rs")]
//! # fn main() {}
//! ```
//!
//! ```sh
//! cargo test -p coro-guide --test exercises yours::cancellation -- --ignored
//! ```
//!
//! `solutions/cancellation.rs` has our answer.
//!
//! # Source
//!
//! Coro 6.57, `cancel` and `safe_cancel`. Trio's documentation, "Cancellation and timeouts": the places
//! where one may die are checkpoints there, and it has shields. Lampson, Redell, "Experience with
//! processes and monitors in Mesa", 1980, have an abort, which is raised when its process waits.
//!
//! ---
//!
//! ← [`smokers`](crate::smokers) · [all pages](crate) · [`deadlines`](crate::deadlines) →

use coro_explore::{Builder, Verdict};

use crate::page::Page;

#[path = "../examples/cancellation.rs"]
mod right;
#[path = "../wrong/cancellation.rs"]
mod wrong;

pub(crate) const PAGE: Page = Page {
    name: "cancellation",
    title: "Where may I die?",
    problem: "Ann and Bob carry letters from a tray. Ann may be cancelled; every letter is delivered.",
    right: right::main,
    wrong: wrong::main,
    wrong_source: include_str!("../wrong/cancellation.rs"),
    explorer: || Builder::new().spurious(0).cancels(1).victims(["ann"]),
    verdict: Verdict::Deadlock,
    hints: &[
        "There is a call at which a letter is neither in the tray nor delivered.",
        "A cancel that strikes Ann there takes the letter along.",
        "Run Ann until she has the letter and walks. Then cancel her.",
    ],
};
