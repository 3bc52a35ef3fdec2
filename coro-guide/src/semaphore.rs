//! A semaphore by hand: twenty lines, and what each of them is for.
//!
//! # The problem
//!
//! Ann and Bob wait for a table, and all are taken. Then one is left, and Ann, who is the first, is
//! called to the telephone and goes away. Bob shall have the table.
//!
//! Until now the locks came from a library. Here one is made, of two things that the kernel offers:
//! [`schedule`](coro::schedule), which does not return before somebody readies its caller, and
//! [`ready`](coro::Coro::ready). The rest is a number of permits and a queue of those who wait. It is
//! soon written for the day on which all goes well. A semaphore that can be relied on is written for two
//! other days: somebody is readied who was not meant, and somebody who waits goes away.
//!
//! # The program
//!
//! ```
#![doc = include_str!("../examples/semaphore.rs")]
//! ```
//!
//! The `Waiter` is a guard, as on the page of the [forgotten up](crate::forgotten_up): it is dropped when
//! `down` returns, and when a cancel unwinds it.
//!
//! # What happens
//!
//! Ann and Bob block. The telephone cancels Ann: she runs once more, at once, to unwind. That drops her
//! `Waiter`, which takes her out of the queue, and finds no permit to wake anybody for. When main comes
//! with the table, the arrow goes to Bob, who is the oldest now.
//!
#![doc = include_str!("../pictures/semaphore.svg")]
//!
//! # The wrong version
//!
//! The last line of the guard is missing. Who goes away is taken out of the queue, and that seems to be
//! all that is to be done.
//!
//! ```no_run
#![doc = include_str!("../wrong/semaphore.rs")]
//! ```
//!
//! In production order it passes, as Ann is gone before the table is free. At the star main comes before
//! the telephone. It readies Ann, and with that its wake-up is spent: she is in the queue no more. Only
//! then, in step 5, and before she has her turn, she is cancelled. The table is free, Bob waits for
//! one, and nobody is left who would tell him.
//!
//! ```text
#![doc = include_str!("../convictions/semaphore.txt")]
//! ```
//!
//! So who has been woken and goes away owes something: *the wake-up was not for him, but for one who
//! waits*. He has to pass it on.
//!
//! # What each line is for
//!
//! | line | without it |
//! |---|---|
//! | `while` in `down` | who is readied for nothing, or comes too late, takes a permit that is not there |
//! | `contains` in `down` | who is readied for nothing stands in the queue twice, and a wake-up that another one could use may go to the second entry |
//! | `retain` in `drop` | who has gone away stands in the queue still, and swallows a wake-up |
//! | `wake` in `drop` | who has been woken and goes away takes the wake-up along |
//! | `> 0` in `wake` | who goes away wakes somebody for nothing, who waits again then, at the end |
//!
//! Three of these are mistakes that a test can see. Here it is; in it, Ann may be cancelled wherever she
//! does not run, and one wake-up may be for nothing.
//!
//! ```
//! use coro_explore::{Builder, Failure, Report, Verdict};
//! use std::{cell::Cell, cell::RefCell, collections::VecDeque, rc::Rc};
//!
//! struct Semaphore {
//!     without: &'static str,
//!     permits: Cell<u32>,
//!     waiters: RefCell<VecDeque<coro::Coro>>,
//! }
//!
//! impl Semaphore {
//!     fn down(&self) {
//!         let me = Waiter(self, coro::current());
//!         let mut is_awake = false;
//!         while self.permits.get() == 0 && !is_awake {
//!             if !self.waiters.borrow().contains(&me.1) {
//!                 self.waiters.borrow_mut().push_back(me.1.clone());
//!             }
//!             coro::schedule();
//!             is_awake = self.without == "while";
//!         }
//!         let rest = self.permits.get().checked_sub(1);
//!         self.permits.set(rest.expect("there is a permit"));
//!     }
//!
//!     fn up(&self) {
//!         self.permits.set(self.permits.get() + 1);
//!         self.wake();
//!     }
//!
//!     fn wake(&self) {
//!         if self.permits.get() > 0 {
//!             _ = self.waiters.borrow_mut().pop_front().map(|it| it.ready());
//!         }
//!     }
//! }
//!
//! struct Waiter<'a>(&'a Semaphore, coro::Coro);
//!
//! impl Drop for Waiter<'_> {
//!     fn drop(&mut self) {
//!         if self.0.without != "retain" {
//!             self.0.waiters.borrow_mut().retain(|it| *it != self.1);
//!         }
//!         if self.0.without != "wake" {
//!             self.0.wake();
//!         }
//!     }
//! }
//!
//! fn explore(without: &'static str) -> Result<Report, Failure> {
//!     Builder::new().cancels(1).victims(["ann"]).run(move || {
//!         let (permits, waiters) = Default::default();
//!         let semaphore = Rc::new(Semaphore { without, permits, waiters });
//!         let [ann, bob] = ["ann", "bob"].map(|name| {
//!             let theirs = semaphore.clone();
//!             let pass = move || (theirs.down(), theirs.up());
//!             coro::Builder::new().desc(name).spawn(pass)
//!         });
//!         coro::cede();
//!         semaphore.up();
//!         _ = ann.join();
//!         bob.join().unwrap();
//!     })
//! }
//!
//! let verdict = |without| explore(without).unwrap_err().verdict();
//! assert!(explore("nothing").unwrap().is_exhaustive());
//! assert_eq!(verdict("while"), Verdict::Panic);
//! assert_eq!(verdict("retain"), Verdict::Deadlock);
//! assert_eq!(verdict("wake"), Verdict::Deadlock);
//! ```
//!
//! # What the real one does beyond
//!
//! [`coro_sync::Semaphore`] is built on the same two things, and its waiters leave it with the same duty. It
//! has more:
//!
//! * It searches nothing. Each entry has a number, so whether a waiter has been woken is a comparison, and
//!   one that goes away is found at once. Here `contains` and `retain` walk through the queue.
//! * It says what it waits for. Our verdict is a deadlock: nobody knows what somebody in `schedule`
//!   wants. From the real one the explorer learns that Bob waits for what can be had, and calls it a
//!   lost wake-up; and a report names the semaphore, and who holds it if it is used as a lock.
//! * It raises a pending cancel on entry, whether the call blocks or not.
//! * It has guards, timeouts, arms for a select, many permits at a time, callbacks; and a fair form,
//!   which is your exercise.
//!
//! A guard that does not block costs 1.5 ns there, and a hand-over from one coro to another 10.7 ns, the
//! switch included.
//!
//! # Exercise
//!
//! Whom `up` readies has no permit yet. Who comes by before he runs may take it, and he waits again, at
//! the end. Change `exercises/semaphore.rs` so that permits are given out in the order of the calls. Then
//! more is at stake when somebody goes away: what he has been given.
//!
//! ```no_run
#![doc = include_str!("../exercises/semaphore.rs")]
//! # fn main() {}
//! ```
//!
//! ```sh
//! cargo test -p coro-guide --test exercises yours::semaphore -- --ignored
//! ```
//!
//! `solutions/semaphore.rs` has our answer.
//!
//! # Source
//!
//! Dijkstra, "Cooperating sequential processes" (EWD 123), has the semaphore, its two operations P and V,
//! here `down` and `up`. That a wake-up is a hint, and one looks again: Lampson, Redell, "Experience with
//! processes and monitors in Mesa", 1980.
//!
//! ---
//!
//! ← [`priorities`](crate::priorities) · [all pages](crate) · [`switching`](crate::switching) →

use coro_explore::{Builder, Verdict};

use crate::page::Page;

#[path = "../examples/semaphore.rs"]
mod right;
#[path = "../wrong/semaphore.rs"]
mod wrong;

pub(crate) const PAGE: Page = Page {
    name: "semaphore",
    title: "A semaphore by hand",
    problem: "Ann and Bob wait for a table. Somebody leaves one, and Ann is called to the telephone. \
              Bob shall have it.",
    right: right::main,
    wrong: wrong::main,
    wrong_source: include_str!("../wrong/semaphore.rs"),
    explorer: Builder::new,
    verdict: Verdict::Deadlock,
    hints: &[
        "Ann can go away before the table is free, or when she sits; or in between.",
        "`up` takes Ann out of the queue. Until her turn comes, the table belongs to nobody.",
        "When both wait, run main, which leaves the table to Ann, and then the telephone.",
    ],
};
