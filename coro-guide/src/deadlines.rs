//! Deadlines: the time is over, and what has not come may yet come.
//!
//! # The problem
//!
//! Ann asks an oracle for the square of a number. It takes its time, and for some numbers more than she
//! has. So she waits for a while, and gives up.
//!
//! A *limit* says how long, a *deadline* until when. Every wait can have one:
//!
//! * *A wait with a limit* gives up that one wait. [`get_timeout`](coro_channel::Channel::get_timeout),
//!   [`acquire_timeout`](coro_sync::Semaphore::acquire_timeout), [`join_timeout`](coro_time::join_timeout)
//!   and others return [`Elapsed`](coro_time::Elapsed) then. Nothing is unwound. Take these where you can.
//! * [`timeout`](coro_time::timeout) *cuts off a whole body*, wherever it blocks, by unwinding it as far as
//!   to this call. That is like a cancel, and all that [`cancellation`](crate::cancellation) asks is to be
//!   asked again: what must be put right needs a guard.
//! * A limit begins anew with each wait: three waits of a second may take three. A deadline does not:
//!   [`timeout_at`](coro_time::timeout_at).
//!
//! `Elapsed` says that nothing has come *yet*. It says neither that nothing was done nor that nothing will
//! come. Who gives up has to think of what is still on its way.
//!
//! # The program
//!
//! Each question brings a slot of its own for the answer: a [`oneshot`](fn@coro_channel::oneshot), which
//! is a channel for exactly one value. When Ann gives up, her end of it goes. What comes later has nowhere
//! to go, and is thrown away.
//!
//! ```
#![doc = include_str!("../examples/deadlines.rs")]
//! ```
//!
//! # What happens
//!
//! Where a timer wakes a coro there is a clock. The first one is the end of Ann's limit, at time 9: she
//! gives up on 3, and rests. When she has rested the oracle is ready as well, and before her in the queue. It
//! says 9, to nobody. Ann asks for 2, and the answer wakes her, not a clock.
//!
#![doc = include_str!("../pictures/deadlines.svg")]
//!
//! # The wrong version
//!
//! All answers come by one channel. Ann knows that some come late: she throws away what is there before
//! she asks again.
//!
//! ```no_run
#![doc = include_str!("../wrong/deadlines.rs")]
//! ```
//!
//! Run by itself, it passes. But what is thrown away is only what has come *so far*. Look at the columns,
//! where `◷` is time that passes. The second time it readies both. At the star Ann runs before the oracle:
//! she finds nothing to throw away, and asks for 2. In step 9 the oracle gives its late answer to 3, and
//! Ann takes 9 for the square of 2.
//!
//! ```text
#![doc = include_str!("../convictions/deadlines.txt")]
//! ```
//!
//! To wait longer before she asks again makes that rarer, and no better. A slot for each question does, or
//! a number that comes back with the answer. (Why 11 ms, and not 10? A timer may be served a millisecond
//! late, so that neighbours share a wake-up: [`set_slack`](coro_time::set_slack).)
//!
//! # Time
//!
//! No test waits for real time. In the explorer time stands still while anybody can run, and then jumps to
//! the next deadline; elsewhere a [`VirtualClock`](coro_time::VirtualClock) does that. On a machine that is
//! busy, time may be over sooner than one thinks: the explorer's budget
//! [`timers`](coro_explore::Builder::timers), which is 1 if nothing is said and 0 on this page, lets a
//! timer go off although somebody is ready. Then Ann's limit may be over before the oracle has begun to
//! think.
//!
//! ```
//! use coro_explore::Builder;
//!
//! let page = coro_guide::page("deadlines").unwrap();
//! assert!(Builder::new().run(page.right).is_ok());
//!
//! // An early timer is enough: nobody need run out of turn.
//! let in_turn = Builder::new().delays(0).spurious(0);
//! assert!(in_turn.clone().timers(0).run(page.wrong).is_ok());
//! assert!(in_turn.timers(1).run(page.wrong).is_err());
//! ```
//!
//! # At the very moment
//!
//! The answer may come at the very moment of the deadline. Then both are true: the time is over, and it
//! is there. All waits with a limit look first whether they have what they want, and only then at the
//! clock. What would become of the answer otherwise?
//!
//! ```
//! use coro_channel::oneshot;
//! use coro_time::{VirtualClock, sleep};
//! use std::time::Duration;
//!
//! let clock = VirtualClock::install();
//! let minute = Duration::from_secs(60);
//! let (slot, answer) = oneshot();
//! let oracle = coro::spawn(move || {
//!     sleep(minute);
//!     slot.send(9).unwrap();
//! });
//! coro::cede(); // it sleeps
//! assert_eq!(answer.get_timeout(minute), Ok(Ok(9)));
//! assert_eq!(clock.elapsed(), minute);
//! oracle.join().unwrap();
//! ```
//!
//! A wait of your own is a loop that does the same: look, then ask whether a
//! [`Timer`](coro_time::Timer) is due, then block.
//!
//! # Exercise
//!
//! A restaurant gives a table that is free to the guest who has waited longest. In
//! `exercises/deadlines.rs` guests who have given up stay in the queue, and are given tables. And who is
//! called at the very moment at which its time is over goes home with one. Let no table be lost, however
//! a guest goes; also by a cancel.
//!
//! ```no_run
#![doc = include_str!("../exercises/deadlines.rs")]
//! # fn main() {}
//! ```
//!
//! ```sh
//! cargo test -p coro-guide --test exercises yours::deadlines -- --ignored
//! ```
//!
//! `solutions/deadlines.rs` has our answer.
//!
//! # Source
//!
//! Birrell, Nelson, "Implementing remote procedure calls", 1984: each call has an identifier, by which an
//! answer to an earlier one is told from its own. Trio's documentation, "Cancellation and timeouts".
//!
//! ---
//!
//! ← [`cancellation`](crate::cancellation) · [all pages](crate) · [`channels`](crate::channels) →

use coro_explore::{Builder, Verdict};

use crate::page::Page;

#[path = "../examples/deadlines.rs"]
mod right;
#[path = "../wrong/deadlines.rs"]
mod wrong;

pub(crate) const PAGE: Page = Page {
    name: "deadlines",
    title: "Deadlines",
    problem: "Ann asks an oracle for squares, and gives up when it takes too long. \
              She never takes anything else for the answer.",
    right: right::main,
    wrong: wrong::main,
    wrong_source: include_str!("../wrong/deadlines.rs"),
    explorer: || Builder::new().spurious(0).timers(0),
    verdict: Verdict::Panic,
    hints: &[
        "Ann gives up on 3. The oracle does not know, and goes on thinking.",
        "She throws away what is late before she asks again. What if it comes after that?",
        "When both have slept and are ready, let Ann ask for 2 before the oracle says 9.",
    ],
};
