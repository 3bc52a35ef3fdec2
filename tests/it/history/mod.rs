//! One test for each bug that the change log of Coro tells of and that could come again:
//! `tests/HISTORY-BUGS.md` is the table of them, and a test here keeps it true.

mod a_answers;
mod a_channel;
mod a_sets;
mod a_sync;
mod a_waiting;
mod b_idle;
mod b_scheduler;
mod c_ending;
mod c_remains;
mod c_throwing;
mod d_switching;
mod table;

use coro::{Coro, cede_notself, ready_count};

/// Something that is done to a coro, with its name.
type Deed = (&'static str, fn(&Coro));

/// The ways in which a wait is interrupted.
const INTERRUPTIONS: [Deed; 3] = [
    ("cancel", |c| c.cancel()),
    ("safe_cancel", |c| {
        c.safe_cancel()
            .expect("no victim here is shielded, or current");
    }),
    ("throw", |c| drop(c.throw("ex"))),
];

/// Lets all others run until nothing is ready.
#[track_caller]
fn settle() {
    for _ in 0..10_000 {
        if ready_count() == 0 {
            return;
        }
        cede_notself();
    }
    panic!("somebody is always ready");
}

/// Calls `f` with every sequence of `N` numbers below `below`.
fn every_sequence<const N: usize>(below: usize, f: impl Fn(&[usize; N])) {
    let mut sequence = [0; N];
    loop {
        f(&sequence);
        let Some(place) = sequence.iter().rposition(|n| n + 1 < below) else {
            return;
        };
        sequence[place] += 1;
        sequence[place + 1..].fill(0);
    }
}
