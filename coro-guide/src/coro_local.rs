//! Coro-local variables: what each coro has for itself.
//!
//! # The problem
//!
//! Ann and Bob are served at the same time, each by a coro. A log function is called from deep inside, and
//! each of its lines is to name the one for whom it was written. Between those who know the name and the
//! log there are many functions that have nothing to do with it.
//!
//! With an OS thread for each customer, one would put the name into a `thread_local!`. But all coros run
//! on the same OS thread, and have that variable in common. A *coro-local* variable has a value in each
//! coro, and each coro sees only its own.
//!
//! # The program
//!
//! [`coro_local!`](coro_specific::coro_local!) declares a static of this kind. What stands behind the `=`
//! makes a coro's value when that coro first asks for it. The value is dropped when the coro ends.
//!
//! ```
#![doc = include_str!("../examples/coro_local.rs")]
//! ```
//!
//! # What happens
//!
//! Bob asks, and gives way until he has an answer. From time 5 to 6 Ann runs, though only to come a little
//! later. When she asks, Bob has been served. She is blocked at no time: nothing is shared, so nobody has
//! to wait.
//!
#![doc = include_str!("../pictures/coro_local.svg")]
//!
//! # The wrong version
//!
//! `thread_local!`, which does the same for OS threads.
//!
//! ```no_run
#![doc = include_str!("../wrong/coro_local.rs")]
//! ```
//!
//! Run by itself, it passes, as Ann comes when Bob has been served. At the star she starts before Bob. So
//! in step 4 she is there, and sets the name, while Bob waits for his answer. Look at step 5: who runs,
//! and what the line says.
//!
//! ```text
#![doc = include_str!("../convictions/coro_local.txt")]
//! ```
//!
//! This is a [lost update](crate::lost_update) of another kind: Bob has set the name, others run, and he
//! takes it to be what he has set. A lock would mend it, but then Ann would wait until Bob has been
//! served. They do not want to share anything, so let them not.
//!
//! Not every `thread_local!` is a mistake. It is right for what all coros are to have in common, such as a
//! cache, and for what is set and used up between two switches. Beware of libraries that remember something
//! for "the current thread", as tracers do with what is being done just now: that is the OS thread.
//!
//! # When an argument is better
//!
//! Nearly always, if you can change the functions. With `write(log, user, what)` the compiler asks each
//! caller for the name, and everybody sees where it comes from. In no order is it that of another. A
//! coro-local variable is for what all functions on the way would have to hand on only for the
//! sake of the deepest: the name in a log, the depth of an indentation. It is not for what a result depends
//! on: who calls the function does not see that it does.
//!
//! # Who spawns a helper
//!
//! A new coro has no value of the one that spawns it; it begins with what the initialiser makes. An
//! [`Inherited`](coro_specific::Inherited) variable is handed on: the new coro begins with the value that
//! the other one had when it called `spawn`. What either sets later is its own.
//!
//! ```
//! use coro_specific::{Inherited, Specific};
//! use std::rc::Rc;
//!
//! let own = Rc::new(Specific::new()); // as `coro_local!`, but no static
//! let handed_on = Rc::new(Inherited::new());
//! own.set("ann");
//! handed_on.set("ann");
//! let (theirs, also_theirs) = (own.clone(), handed_on.clone());
//! let helper = coro::spawn(move || (theirs.get(), also_theirs.get()));
//! handed_on.set("bob"); // too late for the helper
//! let (own, handed_on) = helper.join().unwrap();
//! assert_eq!(own, None);
//! assert_eq!(handed_on.as_deref(), Some(&"ann"));
//! ```
//!
//! That is right for a helper that does a part of the work and ends. A worker that lives on, and takes jobs
//! from a [channel](crate::channels), has the name of whoever happened to spawn it. There, put the name
//! into the job: that is the argument again.
//!
//! # Exercise
//!
//! A log indents its lines by the sections that they are in. In `exercises/coro_local.rs` Bob's lines are
//! indented by Ann's sections, and a section that is left by a panic never ends. Let each coro have its own
//! depth, in each log: a static would be the same for two logs, but a
//! [`Specific`](coro_specific::Specific) can be a field. And let the depth be put back on every way out.
//!
//! ```no_run
#![doc = include_str!("../exercises/coro_local.rs")]
//! # fn main() {}
//! ```
//!
//! ```sh
//! cargo test -p coro-guide --test exercises yours::coro_local -- --ignored
//! ```
//!
//! `solutions/coro_local.rs` has our answer.
//!
//! # Source
//!
//! Coro 6.57, `Coro::Specific`; Rust's `std::thread_local`; Java's `InheritableThreadLocal`.
//!
//! ---
//!
//! ← [`channels`](crate::channels) · [all pages](crate) · [`priorities`](crate::priorities) →

use coro_explore::{Builder, Verdict};

use crate::page::Page;

#[path = "../examples/coro_local.rs"]
mod right;
#[path = "../wrong/coro_local.rs"]
mod wrong;

pub(crate) const PAGE: Page = Page {
    name: "coro_local",
    title: "Coro-local variables",
    problem: "Ann and Bob are served at the same time. Each line of the log names the one for whom it was \
              written.",
    right: right::main,
    wrong: wrong::main,
    wrong_source: include_str!("../wrong/coro_local.rs"),
    explorer: || Builder::new().spurious(0),
    verdict: Verdict::Panic,
    hints: &[
        "All coros of an OS thread have one `thread_local!` in common. Who sets it, sets it for all.",
        "Each line is written for whoever came last. Let both have come before one gets an answer.",
        "Let Ann start before Bob. Then she is there when Bob waits for his answer.",
    ],
};
