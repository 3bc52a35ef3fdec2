//! Building water: three meet, of two kinds, and no fourth gets in.
//!
//! # The problem
//!
//! Atoms float about in a flask. Two hydrogens and an oxygen make a molecule of water, H₂O. Who comes
//! first waits: no atom leaves before all three of its molecule are there, and no fourth is counted
//! among them. Who has left may come again, for another molecule.
//!
//! A barrier for three is half of it: it holds all back until three have come. But it only counts.
//! Three hydrogens are three too. So there has to be something else, which sees to the kinds.
//!
//! # The program
//!
//! A molecule has three *places*, two for hydrogen and one for oxygen, and each is a permit of a
//! semaphore. An atom takes a place of its kind first, and only with that does it go to the barrier. So
//! three who meet there are always the right ones. The place is the atom's until it leaves.
//!
//! [`is_leader`](coro_sync::BarrierWaitResult::is_leader) is true for the one who came last. It goes on
//! at once, before any of the others has run, and makes the molecule.
//!
//! ```
#![doc = include_str!("../examples/h2o.rs")]
//! ```
//!
//! What each tool is for: the semaphores see to *who* is inside, the barrier to *when* they go on. With
//! the semaphores alone, an atom would leave before the others have come; with the barrier alone, any
//! three would do.
//!
//! # What happens
//!
//! Hal and Olga have a place each and wait at the barrier. Hugo is the third: two arrows leave him, and
//! he makes the first molecule while the two are ready and have not run. He leaves, comes again, and
//! takes the place that he has left. Nothing is mixed by that: the barrier has let its three go, the
//! list is empty, and he is the first of the next molecule. Otto finds no place: Olga has the only one
//! for an oxygen. He is blocked until she leaves; the arrow from her to him is her guard that is
//! dropped. Then he is the last of the second three.
//!
#![doc = include_str!("../pictures/h2o.svg")]
//!
//! # The wrong version
//!
//! It is one word, or less: the guard has no name.
//!
//! ```no_run
#![doc = include_str!("../wrong/h2o.rs")]
//! ```
//!
//! In Rust, `let _place` keeps a value until the end of the block; `let _` keeps nothing, and the guard is
//! dropped at once, on the same line. Each atom sees that there is a place for it and gives it back, and
//! then goes to the barrier without one. In production order it passes, as Hugo happens to come before
//! Otto. At the star Otto is the third.
//!
//! ```text
#![doc = include_str!("../convictions/h2o.txt")]
//! ```
//!
//! The compiler says nothing, as `let _ =` is how one says that a value is not wanted. Give a guard a
//! name, always. And wherever a lock seems to do nothing, look first how long it is held.
//!
//! # Exercise
//!
//! Each atom wants to know with whom it was in a molecule. In `exercises/h2o.rs` the guard has a name,
//! and the three do meet; but who runs late is told of the next molecule. From when on may a place be
//! had by somebody else? Or need it be the same list for all molecules? There is more than one good
//! answer, and one of them has no barrier at all.
//!
//! ```no_run
#![doc = include_str!("../exercises/h2o.rs")]
//! # fn main() {}
//! ```
//!
//! ```sh
//! cargo test -p coro-guide --test exercises yours::h2o -- --ignored
//! ```
//!
//! `solutions/h2o.rs` has our answer.
//!
//! # Source
//!
//! Downey, *The Little Book of Semaphores*, 5.6, which has a queue for each kind, a mutex and a
//! barrier.
//!
//! ---
//!
//! ← [`barber`](crate::barber) · [all pages](crate) · [`smokers`](crate::smokers) →

use coro_explore::{Builder, Verdict};

use crate::page::Page;

#[path = "../examples/h2o.rs"]
mod right;
#[path = "../wrong/h2o.rs"]
mod wrong;

pub(crate) const PAGE: Page = Page {
    name: "h2o",
    title: "Building water",
    problem: "Two hydrogens and an oxygen make water, twice. Hal and Hugo are hydrogens, Olga and Otto \
              oxygens. There shall be nothing but water.",
    right: right::main,
    wrong: wrong::main,
    wrong_source: include_str!("../wrong/h2o.rs"),
    explorer: || Builder::new().spurious(0),
    verdict: Verdict::Panic,
    hints: &[
        "`let _ =` drops the guard at once: each gives its place back before it goes to the barrier.",
        "The barrier counts three, whoever they are. Let two of them be oxygens.",
        "Run Hal, Olga and Otto, one after the other.",
    ],
};
