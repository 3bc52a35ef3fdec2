//! Dining philosophers: who holds one thing and waits for another.
//!
//! # The problem
//!
//! Three philosophers sit around a table. Between any two lies a fork, and to eat one needs both: the
//! one on the left and the one on the right. A fork is a [`Mutex`](coro_sync::Mutex): who wants it
//! while a neighbour has it *blocks*, that is, does not run again before it is free.
//!
//! If each has one fork and waits for the other one, nobody ever eats again. That is a deadlock with a
//! shape: a *circle* of coros, each of which holds what the one before it waits for.
//!
//! # The program
//!
//! The forks have numbers, and everybody takes the lower one first. Mill, who sits between fork 2 and
//! fork 0, therefore begins with the right one. Now no circle can close: whoever holds the highest fork
//! that is held waits for nobody. This works for any number of locks, as long as there is one order and
//! all keep to it. Another way is a seat less: a [`Semaphore`](coro_sync::Semaphore) with two permits,
//! which lets only two of the three sit down. Then one of the forks is always free for one of them.
//!
//! ```
#![doc = include_str!("../examples/dining.rs")]
//! ```
//!
//! # What happens
//!
//! Look at who is blocked while somebody eats, and follow the arrow that ends each such wait: it
//! comes from the neighbour who puts a fork back. There always is somebody who eats, or can.
//!
#![doc = include_str!("../pictures/dining.svg")]
//!
//! # The wrong version
//!
//! Everybody takes the left fork first, and then the right one.
//!
//! ```no_run
#![doc = include_str!("../wrong/dining.rs")]
//! ```
//!
//! Nothing lets others run between the two `lock`s, and in production order all eat twice. But `lock`
//! switches if the fork is taken: then its caller waits, *with the left fork in its hand*. The explorer
//! looks for an order in which all three do. Its deviations are marked with a star: in step 6 Hume comes
//! before Mill and takes his left fork; in step 7 Kant comes before Mill too, and takes the one that Mill
//! waits for. That Mill has been readied for it is no help: who is readied may *ask* again, and has
//! nothing yet, as in [`if_or_while`](crate::if_or_while).
//!
//! ```text
#![doc = include_str!("../convictions/dining.txt")]
//! ```
//!
//! # The report teaches
//!
//! Read the lines above the columns: who is blocked, where, on which mutex, and who has it. The last one,
//! `cycle`, is the circle. To understand a deadlock, look only at the circle, and ask of each in it: what
//! does it hold, and need it hold that while it waits?
//!
//! The kernel tells the same without an explorer. When nobody can run any more, main panics with such a
//! report, and [`coro::report`] can be asked at any time:
//!
//! ```
//! use coro_sync::Mutex;
//! use std::rc::Rc;
//!
//! let forks = Rc::new([(); 3].map(|()| Mutex::new(())));
//! let all = ["kant", "hume", "mill"].into_iter().enumerate().map(|(seat, name)| {
//!     let forks = forks.clone();
//!     coro::Builder::new().desc(name).spawn(move || {
//!         let _left = forks[seat].lock();
//!         coro::cede(); // all have one
//!         let _right = forks[(seat + 1) % 3].lock();
//!     })
//! });
//! let all: Vec<_> = all.collect();
//!
//! // Main waits for ever, so the kernel raises a panic in it, whose message is the report.
//! let end = coro::catch(|| all.into_iter().for_each(|c| c.join().unwrap()));
//! assert!(end.is_err());
//! let report = coro::report();
//! assert_eq!(report.cycles()[0].coros().len(), 3);
//! let text = report.to_string();
//! assert!(text.starts_with("4 coros"), "{text}");
//! assert!(text.contains(r#""kant" ─ mutex ("#), "{text}");
//! ```
//!
//! # Exercise
//!
//! A bank has a lock for each account, and a transfer takes two of them. Change `exercises/dining.rs` so
//! that all transfers end, whoever pays whom; and those that touch other accounts still go on meanwhile:
//! one lock for the whole bank is no answer.
//!
//! ```no_run
#![doc = include_str!("../exercises/dining.rs")]
//! # fn main() {}
//! ```
//!
//! ```sh
//! cargo test -p coro-guide --test exercises yours::dining -- --ignored
//! ```
//!
//! `solutions/dining.rs` has our answer.
//!
//! # Source
//!
//! E. W. Dijkstra, "Hierarchical ordering of sequential processes" (1971); Downey, "The Little Book of
//! Semaphores", 4.4; the order of locks is Havender's (1968).
//!
//! ---
//!
//! ← [`readers_writers`](crate::readers_writers) · [all pages](crate) · [`barber`](crate::barber) →

use coro_explore::{Builder, Verdict};

use crate::page::Page;

#[path = "../examples/dining.rs"]
mod right;
#[path = "../wrong/dining.rs"]
mod wrong;

pub(crate) const PAGE: Page = Page {
    name: "dining",
    title: "Dining philosophers",
    problem: "Three philosophers eat twice, each with two forks, and take the left one first. \
              In the end all have eaten.",
    right: right::main,
    wrong: wrong::main,
    wrong_source: include_str!("../wrong/dining.rs"),
    explorer: || Builder::new().spurious(0).delays(3),
    verdict: Verdict::Deadlock,
    hints: &[
        "Each shall have the left fork, and wait for the right one.",
        "A fork that is put down readies who waits for it, but belongs to whoever takes it first.",
        "Kant eats, Hume and Mill wait. When Kant has put both down: Hume, Kant, and only then Mill.",
    ],
};
