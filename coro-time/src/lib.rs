//! Sleep, timeouts, intervals and a virtual clock for coros.
//!
//! ```
//! use std::rc::Rc;
//! use std::time::Duration;
//!
//! use coro_channel::{Channel, OneshotSender, oneshot};
//! use coro_time::sleep;
//!
//! const LIMIT: Duration = Duration::from_millis(10);
//!
//! type Oracle = Channel<(u32, OneshotSender<u32>)>;
//!
//! /// Asks for a square; waits for it until the limit is over.
//! fn ask(oracle: &Oracle, number: u32) -> Option<u32> {
//!     let (slot, answer) = oneshot();
//!     oracle.put((number, slot));
//!     coro::note(format_args!("asks {number}"));
//!     let answer = answer.get_timeout(LIMIT).ok().and_then(Result::ok);
//!     coro::note(format_args!("{answer:?}"));
//!     answer
//! }
//!
//! /// Answers one question after the other. What is above 2 takes too long.
//! fn think(oracle: &Oracle) {
//!     while let Some((number, slot)) = oracle.get() {
//!         sleep(if number > 2 { 2 * LIMIT } else { LIMIT / 2 });
//!         coro::note(format_args!("says {}", number * number));
//!         if slot.send(number * number).is_err() {
//!             coro::note("to nobody"); // who has asked is gone, and the slot too
//!         }
//!     }
//! }
//!
//! let _clock = coro_time::VirtualClock::install(); // no test waits for real time
//! let oracle = Rc::new(Oracle::unbounded());
//! let theirs = oracle.clone();
//! let thinker = move || think(&theirs);
//! let thinker = coro::Builder::new().desc("oracle").spawn(thinker);
//! let theirs = oracle.clone();
//! let ann = coro::Builder::new().desc("ann").spawn(move || {
//!     let nine = ask(&theirs, 3);
//!     sleep(LIMIT);
//!     (nine, ask(&theirs, 2))
//! });
//! let answers = ann.join().expect("nobody cancels her");
//! let are_hers = matches!(answers, (None | Some(9), None | Some(4)));
//! assert!(are_hers, "{answers:?}");
//! oracle.shutdown();
//! thinker.join().expect("nobody cancels it");
//! ```
//!
//! That is *Deadlines* of the guide (the crate `coro-guide`), which has a picture of this run, and shows whose
//! answer Ann gets if all come by one channel.
//!
//! | to | take |
//! |---|---|
//! | let time pass | [`sleep`], [`sleep_until`] |
//! | do something again and again | [`interval`] |
//! | wait for something, but not for ever | a `*_timeout` of the primitive, [`join_timeout`] |
//! | wait for one of several things, or a time | `select!` of `coro-channel`, with [`after`] or [`at`] |
//! | write such a wait yourself | [`Timer`] |
//! | cut off whatever takes too long | [`timeout`], [`timeout_at`] |
//! | test all that | [`VirtualClock`] |
//!
//! # Two kinds of timeout
//!
//! *A wait with a timeout* gives up one wait and says so: [`join_timeout`], the `*_timeout` forms of
//! the primitives, a select with a timer, a loop with a [`Timer`]. Nothing is unwound, and the caller
//! decides what to do about it. Take this kind where you can.
//!
//! *[`timeout`]* cuts off a whole body, anywhere it blocks, by unwinding it. Locks are released and
//! queues are left on the way, as by any panic. But what the body was in the middle of stays there:
//! a protocol of two messages may have sent the first one, and the connection is worth nothing then.
//! Take it for bodies that can be cut in two, or whose objects are thrown away afterwards; put what
//! must not be cut into [`coro::shield`].
//!
//! # Ties
//!
//! Who has it in time, or at that very moment, has it. A coro that is overdue is readied, and the
//! call that it blocks in looks once more: a semaphore that was raised before the coro runs is
//! taken, a sleep that ends at the deadline has ended. Only a call that finds nothing is unwound. (A
//! bare [`coro::schedule`] waits for nothing but to be readied, and so it returns.)
//! [`join_timeout`] looks in the same order. In a select, put the timer last and say `biased`.
//!
//! An [`Elapsed`] cannot come late: when [`timeout`] has returned, nothing of it is pending.
//!
//! # Nested timeouts and shields
//!
//! * The one whose time is over first cuts off its own body, with those inside it. If two are over
//!   at the same time, the outer one does.
//! * If the outer one's time is over too when the inner one has cut its body off, it cuts off at the
//!   next call that may block.
//! * Inside [`coro::shield`] and in destructors of an unwinding nothing is cut off. It is at the first
//!   call that may block after that.
//! * [`coro::catch`] lets it through. Code that swallows it by `catch_unwind` and goes on is cut off
//!   again at its next call that may block. A cancel and a throw come before a timeout, and disarm it as they pass.
//! * With `panic = "abort"` nothing can be cut off: the process ends. Waits with a timeout work.
//!
//! # When timers are served
//!
//! By the order of their deadlines, and of arming where these are equal; never early. An OS thread
//! that has nothing to do wakes up for them, by default up to 1 ms late, so that neighbours share a
//! wake-up: [`set_slack`]. While coros are ready, they are served between two switches, at most 64
//! switches or some 100 µs late. A coro that does not switch delays all, as ever.
//!
//! A timer that is not needed any more is taken out at once, and its memory is used again.
//!
//! # Virtual time
//!
//! While a [`VirtualClock`] is installed, time stands still as long as any coro can run, and jumps to
//! the next deadline when none can. What has no deadline does not end by that: a deadlock is found
//! as without it. All of this crate goes by [`coro::now`], so another [`coro::Clock`] will do too.
//!
//! # Other timers
//!
//! The crate installs itself with [`coro::set_timers`] when the first timer of an OS thread is armed,
//! and serves those that were installed before as well. Who installs others later puts it out of
//! work.
#![forbid(unsafe_code)]

mod clock;
mod heap;
mod interval;
mod join;
mod others;
mod sleep;
mod timeout;
mod timer;
mod timers;

pub use crate::clock::{VirtualClock, VirtualClockGuard};
pub use crate::interval::{Interval, MissedTicks, interval, interval_at};
pub use crate::join::join_timeout;
pub use crate::sleep::{sleep, sleep_until};
pub use crate::timeout::{Elapsed, timeout, timeout_at};
pub use crate::timer::{Timer, after, at};
pub use crate::timers::{armed, set_slack};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
