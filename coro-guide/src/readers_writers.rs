//! Readers and writers: many look, or one changes, and who has to wait for whom?
//!
//! # The problem
//!
//! Ed writes news on a board that Ann and Bob look at. Readers do not disturb each other, but nobody
//! shall read while Ed writes. A *readers-writer lock*, [`RwLock`](coro_sync::RwLock), does that:
//! [`read`](coro_sync::RwLock::read) lets many in, [`write`](coro_sync::RwLock::write) one alone.
//!
//! This leaves a question open: Ann reads, Ed waits, and Bob comes. If he may read beside her, at once,
//! no time is lost. But then Ann may come again before Bob has left, and so on: as long as any reader is
//! inside, Ed waits. All the others get on, and one does not: that is *starvation*.
//!
//! # The program
//!
//! The fair form, [`RwLock::fair`](coro_sync::RwLock::fair), gives the lock out in the order of
//! arrival: who comes after Ed waits behind him.
//!
//! ```
#![doc = include_str!("../examples/readers_writers.rs")]
//! ```
//!
//! # What happens
//!
//! Ann and Bob read side by side, and Ed is blocked until the last of them leaves. He writes alone, and
//! then they find the news.
//!
#![doc = include_str!("../pictures/readers_writers.svg")]
//!
//! # The wrong version
//!
//! One word is different: [`RwLock::new`](coro_sync::RwLock::new), which lets readers in beside readers,
//! whoever waits.
//!
//! ```no_run
#![doc = include_str!("../wrong/readers_writers.rs")]
//! ```
//!
//! In production order it passes: both readers go in step, so that the board is free at times. The explorer
//! needs one deviation, marked with a star: in step 6 Ann goes on before Bob. From then on one reads while
//! the other is away. The last line of the columns says that it goes on like this for ever, although
//! everybody has his turns. The explorer calls it a *livelock*: all run, and nobody gets anywhere; here, as
//! the readers themselves wait for the news.
//!
//! ```text
#![doc = include_str!("../convictions/readers_writers.txt")]
//! ```
//!
//! Here the orders are too many to run them all. *Delays* bound them: to pass over the head of the ready
//! queue costs one, to pass over the second too costs two, and at most three are spent in an order.
//!
//! # Three policies
//!
//! Whom a lock lets in is its *policy*. Let `r1` read; then `w1` comes to write, `r2` to read, and `w2`
//! to write:
//!
//! | policy | here | are served | can starve |
//! |---|---|---|---|
//! | readers first | `RwLock::new`, for readers who overlap | r1 r2 w1 w2 | writers |
//! | writers first | by hand, as below | r1 w1 w2 r2 | readers |
//! | order of arrival | `RwLock::fair` | r1 w1 r2 w2 | nobody |
//!
//! None is the best one. Readers first does the most at the same time, and is well where readers leave
//! pauses; with writers first a reader sees the newest; the order of arrival makes readers wait for each
//! other whenever a writer stands between them. (Once nobody is inside, `RwLock::new` wakes the oldest
//! writer before any reader; the page of the crate `coro-rwlock` has the whole table.) This is the test
//! that has seen it:
//!
//! ```
//! use coro_sync::{RwLock, Signal};
//! use std::{cell::Cell, cell::RefCell, rc::Rc};
//!
//! #[derive(Default)]
//! struct Desk {
//!     writers: Cell<usize>, // who wait or write
//!     left: Signal,         // sent when one of them leaves
//!     served: RefCell<Vec<&'static str>>,
//! }
//!
//! fn served(lock: RwLock<()>, are_writers_first: bool) -> String {
//!     let (lock, desk) = (Rc::new(lock), Rc::new(Desk::default()));
//!     let all = ["r1", "w1", "r2", "w2"].map(|name| {
//!         let (lock, desk) = (lock.clone(), desk.clone());
//!         coro::spawn(move || {
//!             if name.starts_with('r') {
//!                 if are_writers_first {
//!                     desk.left.wait_until(|| desk.writers.get() == 0);
//!                 }
//!                 let _guard = lock.read();
//!                 desk.served.borrow_mut().push(name);
//!                 coro::cede();
//!             } else {
//!                 desk.writers.set(desk.writers.get() + 1);
//!                 let guard = lock.write();
//!                 desk.served.borrow_mut().push(name);
//!                 coro::cede();
//!                 drop(guard);
//!                 desk.writers.set(desk.writers.get() - 1);
//!                 desk.left.broadcast();
//!             }
//!         })
//!     });
//!     all.into_iter().for_each(|c| c.join().unwrap());
//!     desk.served.borrow().join(" ")
//! }
//!
//! assert_eq!(served(RwLock::new(()), false), "r1 r2 w1 w2"); // readers first
//! assert_eq!(served(RwLock::new(()), true), "r1 w1 w2 r2"); // writers first
//! assert_eq!(served(RwLock::fair(()), false), "r1 w1 r2 w2"); // order of arrival
//! ```
//!
//! # Exercise
//!
//! A value is made when somebody first wants to see it, and many look at it. In
//! `exercises/readers_writers.rs` the lock is given back between the look and the making, and before the
//! value is shown, and others come in. Change it so that the value is made once, is not gone before it is
//! seen, and all who find it there can look at the same time.
//! [`downgrade`](coro_sync::RwLockWriteGuard::downgrade) may help.
//!
//! ```no_run
#![doc = include_str!("../exercises/readers_writers.rs")]
//! # fn main() {}
//! ```
//!
//! ```sh
//! cargo test -p coro-guide --test exercises yours::readers_writers -- --ignored
//! ```
//!
//! `solutions/readers_writers.rs` has our answer.
//!
//! # Source
//!
//! Courtois, Heymans and Parnas, "Concurrent control with readers and writers" (1971), has the first two
//! policies; Downey, "The Little Book of Semaphores", 4.2, all three.
//!
//! ---
//!
//! ← [`bounded_buffer`](crate::bounded_buffer) · [all pages](crate) · [`dining`](crate::dining) →

use coro_explore::{Builder, Verdict};

use crate::page::Page;

#[path = "../examples/readers_writers.rs"]
mod right;
#[path = "../wrong/readers_writers.rs"]
mod wrong;

pub(crate) const PAGE: Page = Page {
    name: "readers_writers",
    title: "Readers and writers",
    problem: "Ann and Bob look at a board until there is news, which Ed brings. \
              He writes when nobody reads. In the end all know it.",
    right: right::main,
    wrong: wrong::main,
    wrong_source: include_str!("../wrong/readers_writers.rs"),
    explorer: || Builder::new().spurious(0).delays(3).max_steps(30),
    verdict: Verdict::Livelock,
    hints: &[
        "Ed only writes when neither Ann nor Bob reads: see to it that one of them always does.",
        "They shall not go in step. Each reads for two turns, and is away for two.",
        "When both have begun to read, let Ann have her next two turns before Bob has one.",
    ],
};
