//! A queue of values between coros.
//!
//! ```
//! use std::rc::Rc;
//!
//! use coro_channel::{Channel, select};
//!
//! type Lines = Channel<&'static str>;
//!
//! fn compile(out: &Lines, errors: &Lines) {
//!     for file in ["main.o", "lib.o"] {
//!         coro::note(format_args!("puts {file}"));
//!         out.put(file); // blocks while there is no room
//!     }
//!     coro::note("puts a warning");
//!     errors.put("a warning");
//!     out.shutdown(); // no more will come
//!     errors.shutdown();
//! }
//!
//! /// Shows the lines of both as they come, until both have ended, and returns them.
//! fn show(out: &Lines, errors: &Lines) -> Vec<&'static str> {
//!     let mut shown = Vec::new();
//!     let mut print = |line| {
//!         coro::note(format_args!("shows {line}"));
//!         shown.push(line);
//!     };
//!     loop {
//!         let (line, other) = select! {
//!             line = out.get_arm() => (line, errors),
//!             line = errors.get_arm() => (line, out),
//!         };
//!         match line {
//!             Some(line) => print(line),
//!             None => break other.iter().for_each(print), // what is left of the other
//!         }
//!     }
//!     shown
//! }
//!
//! let out = Rc::new(Channel::bounded(1));
//! let errors = Rc::new(Channel::bounded(1));
//! let (theirs, others) = (out.clone(), errors.clone());
//! let compile = move || compile(&theirs, &others);
//! let compiler = coro::Builder::new().desc("compiler").spawn(compile);
//! let show = move || show(&out, &errors);
//! let screen = coro::Builder::new().desc("screen").spawn(show);
//! compiler.join().expect("nobody cancels it");
//! let mut shown = screen.join().expect("nobody cancels it");
//! shown.sort_unstable();
//! assert_eq!(shown, ["a warning", "lib.o", "main.o"], "each once");
//! ```
//!
//! That is *Channels and select* of the guide (the crate `coro-guide`), which has a picture of this run, and
//! shows how a screen that waits at one channel only comes to a deadlock.
//!
//! # Capacity
//!
//! A capacity is what fits without blocking, in values. Coro counts otherwise: of its channel of
//! size N, the N-th put blocks, so that is `bounded(N - 1)` here. With a capacity of 0, every put
//! waits for a get.
//!
//! # Who is next
//!
//! | | [`bounded`](Channel::bounded), [`unbounded`](Channel::unbounded) | [`fair`](Channel::fair) |
//! |---|---|---|
//! | `put` while coros wait in `get` | stores, and readies the oldest, which looks again when it runs | gives the value to the oldest: `len` does not count it |
//! | a coro gets before the woken getter runs | may take the value; the woken one waits again, at the end | finds no value, and waits at the end |
//! | `put` while no slot is free | stores, then waits for a slot: `len` is above the capacity | waits for a slot, then stores |
//! | a get while coros wait in `put` | readies the oldest, which has put already | gives the slot to the oldest, which puts when it runs; without a buffer, if its getter has left by then, it waits again, at the end |
//! | a coro puts before the woken putter runs | may take the slot; the woken one waits again, at the end | waits at the end |
//! | a put that is interrupted | *has put*: the value stays, and the slot that it owes is booked until a get | has not put: the value is dropped |
//! | a getter that is interrupted after it was woken | the next one is woken | what it was given goes to the next one, or back to the front |
//!
//! In both forms waiters are served in the order of their arrival, whatever their priorities, and
//! neither `put` nor `get` yields while it need not wait. Values are got in the order in which they
//! were put. The default form is Coro's; a channel that was interrupted in a put keeps its capacity.
//!
//! # Several things at once
//!
//! [`select!`] waits for the first of several gets, puts, signals, permits and ends of coros.
//!
//! # Not for ever
//!
//! With the feature `time` there are `Channel::get_timeout` and `put_timeout`,
//! `OneshotReceiver::get_timeout`, `JoinSet::join_next_timeout` and `Select::wait_timeout`. They take a
//! limit, and return `coro_time::Elapsed` if it is over. `put_timeout` gives the value back then, so it
//! stores nothing before there is a slot, in both forms. In a [`select!`], a timer is an arm:
//!
//! ```text
//! select! {
//!     biased; // a tie is the value's
//!     value = channel.get_arm() => …,
//!     () = coro_time::after(limit) => …,
//! }
//! ```
//!
//! The end of a single coro is waited for by `coro_time::join_timeout(handle.coro(), limit)`; the handle
//! is still there after that, for the result.
//!
//! # Between OS threads
//!
//! The channels in [`shared`] have ends that can be sent to other OS threads.
#![forbid(unsafe_code)]

mod arm;
mod channel;
mod error;
mod fair;
mod iter;
mod join_set;
mod oneshot;
mod put_get;
mod select;
pub mod shared;
#[cfg(feature = "time")]
mod timeout;
mod values;
mod waiting;

pub use crate::arm::{GetArm, JoinArm, PutArm, join_arm};
pub use crate::channel::Channel;
pub use crate::error::TryPutError;
pub use crate::iter::{Iter, TryIter};
pub use crate::join_set::{JoinNextArm, JoinSet};
pub use crate::oneshot::{Dropped, OneshotArm, OneshotReceiver, OneshotSender, oneshot};
pub use crate::select::Select;
#[cfg(feature = "time")]
pub use crate::timeout::PutTimeoutError;
pub use coro_wait_queue::Arm;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
