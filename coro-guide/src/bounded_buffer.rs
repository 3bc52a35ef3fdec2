//! A bounded buffer: who puts waits for a place, who takes waits for something to be there.
//!
//! # The problem
//!
//! A baker puts loaves on a shelf, customers take them. The shelf has few places, here one: when it is
//! full the baker waits, when it is empty the customers wait. A *bounded buffer* is such a shelf between
//! those who make and those who use. The bound keeps the fast ones from running away from the slow ones.
//!
//! Two things have to go together: to *look* whether there is a place, and to *wait* if there is none. If
//! somebody comes between these, who waits may miss the news. A *condition variable* is made for that.
//! [`Condvar::wait`](coro_sync::Condvar::wait) gives a [`Mutex`](coro_sync::Mutex) back, which is a lock
//! with the data in it, and waits in one step; it has the mutex again when it returns.
//! [`wait_while`](coro_sync::Condvar::wait_while) does that as long as what it is told to look at says so;
//! why it looks again each time is in [`if_or_while`](crate::if_or_while).
//! [`notify_one`](coro_sync::Condvar::notify_one) wakes who has waited longest, and is forgotten if nobody
//! waits.
//!
//! # The program
//!
//! ```
#![doc = include_str!("../examples/bounded_buffer.rs")]
//! ```
//!
//! There are two condition variables, one for each kind of news. `filled` is for those who want a loaf,
//! `emptied` for those who want a place. So `notify_one` is enough: whoever waits there has a use for it.
//!
//! # What happens
//!
//! The baker blocks when the shelf is full, until a loaf is taken; Bob, who buys two, blocks when it is
//! empty, until one is put. The work goes to and fro between them.
//!
#![doc = include_str!("../pictures/bounded_buffer.svg")]
//!
//! # The wrong version
//!
//! One condition variable, `changed`, for all news. Everything else is as it was.
//!
//! ```no_run
#![doc = include_str!("../wrong/bounded_buffer.rs")]
//! ```
//!
//! In production order the baker is first, the two kinds never wait at the same time, and it passes. With
//! one deviation, the step with the star, Ann looks before there is bread, and waits. From then on the
//! baker and the customers stand in one queue:
//!
//! ```text
#![doc = include_str!("../convictions/bounded_buffer.txt")]
//! ```
//!
//! The last two steps tell it. Bob takes a loaf and says that there is a place now. But it is Ann who has
//! waited longest, and the word goes to her. She has no use for it: she looks, finds no bread, waits
//! again, and tells nobody. The baker, for whom it was meant, is "blocked, although it can be had": that
//! is a *lost wake-up*.
//!
//! There are two ways out: a condition variable for each kind of news, or
//! [`notify_all`](coro_sync::Condvar::notify_all), which wakes all of them for each loaf.
//!
//! # Exercise
//!
//! The shop closes. Who waits for a loaf, or for a place, is to go home. In `exercises/bounded_buffer.rs`
//! some wait all night: let nobody do so.
//!
//! ```no_run
#![doc = include_str!("../exercises/bounded_buffer.rs")]
//! # fn main() {}
//! ```
//!
//! ```sh
//! cargo test -p coro-guide --test exercises yours::bounded_buffer -- --ignored
//! ```
//!
//! `solutions/bounded_buffer.rs` has our answer.
//!
//! # Source
//!
//! The buffer: Dijkstra, *Cooperating sequential processes* (EWD 123), 4.3. Condition variables: Hoare,
//! *Monitors*, 1974; looking again: Lampson and Redell, *Experience with processes and monitors in Mesa*,
//! 1980. Downey, *The Little Book of Semaphores*, 4.1.
//!
//! ---
//!
//! ← [`barrier`](crate::barrier) · [all pages](crate) · [`readers_writers`](crate::readers_writers) →

use coro_explore::{Builder, Verdict};

use crate::page::Page;

#[path = "../examples/bounded_buffer.rs"]
mod right;
#[path = "../wrong/bounded_buffer.rs"]
mod wrong;

pub(crate) const PAGE: Page = Page {
    name: "bounded_buffer",
    title: "A bounded buffer",
    problem: "A baker fills a shelf with one place, Ann and Bob buy the bread. All loaves are to be sold.",
    right: right::main,
    wrong: wrong::main,
    wrong_source: include_str!("../wrong/bounded_buffer.rs"),
    explorer: Builder::new,
    verdict: Verdict::LostWakeUp,
    hints: &[
        "All wait for the same news, and it goes to the one who has waited longest.",
        "Let a customer and the baker wait at the same time.",
        "Ann looks before there is bread, the baker fills the shelf, and Bob takes the loaf for which \
         Ann was woken.",
    ],
};
