//! Channels and select: share by sending, and wait for the first of several.
//!
//! # The problem
//!
//! A compiler has two outputs, one for the files that it has made and one for errors. A screen shows the
//! lines of both as they come. Nobody knows which of the two has the next line.
//!
//! A [`Channel`](coro_channel::Channel) is a queue of values. [`put`](coro_channel::Channel::put) adds
//! one, [`get`](coro_channel::Channel::get) takes the oldest, and blocks while there is none. A value
//! that is sent belongs to nobody while it is on its way, and then to whoever takes it: so there is
//! nothing to lock. Lock what stays where it is and is used by several; send what goes from one to the
//! next.
//!
//! A channel made by [`bounded`](coro_channel::Channel::bounded) has a *capacity*: if there is no room for
//! a value, `put` stores it all the same, where `get` finds it, but blocks until there is. So who is fast
//! goes at the pace of who is slow, which is called *back-pressure*. A channel made by
//! [`unbounded`](coro_channel::Channel::unbounded) has none, and grows as long as more is put than taken.
//!
//! [`shutdown`](coro_channel::Channel::shutdown) says that no more will come. `get` then returns what is
//! left, and after that `None` at once, each time; a `for` loop over the channel ends there. If several
//! put, the last of them is to say it: a value that is put after the end is stored, but those who have
//! got `None` do not come back for it.
//!
//! # The program
//!
//! [`select!`](coro_channel::select!) waits for several things at the same time. Each is an *arm*: here
//! `get_arm` is what `get` is elsewhere. As soon as one of them can be had, `select!` takes that one, and
//! goes on behind its arrow; from the other channel it takes nothing.
//!
//! ```
#![doc = include_str!("../examples/channels.rs")]
//! ```
//!
//! The arm of a channel that has ended can always be had. A loop that went on selecting would get `None`,
//! and again `None`, and never block, so nobody else would run. At the first `None` this one turns to what
//! is left of the other channel.
//!
//! # What happens
//!
//! The compiler is blocked from time 6 on: there is no room for `lib.o`. The screen takes `main.o`, and
//! the arrow at time 7 tells the compiler that there is room now. It does not run at once. The screen
//! shows both files before it finds nothing more, and blocks: it waits at both channels. The next arrow
//! is the warning, which comes by the other channel.
//!
#![doc = include_str!("../pictures/channels.svg")]
//!
//! # The wrong version
//!
//! It looks into one channel, with [`try_get`](coro_channel::Channel::try_get), which never blocks. If
//! nothing is there it gets a line from the other one. That looks as if it did the same.
//!
//! ```no_run
#![doc = include_str!("../wrong/channels.rs")]
//! ```
//!
//! But it waits at one channel only. Run by itself, it passes: the compiler comes first, and its files
//! are there when the screen looks. At the star the screen comes first. It finds no file, and waits for
//! an error. The compiler puts two files, and waits for room for the second. A warning would come next,
//! but it does not get there.
//!
//! ```text
#![doc = include_str!("../convictions/channels.txt")]
//! ```
//!
//! Compare the last two of the lines that say who is blocked: the screen waits at an empty channel, the
//! compiler at a full one, and each for the other. The same happens to programs that read one pipe of a
//! child process to its end, and then the other one. Unbounded channels would hide it: then all ends, but
//! the screen stays dark until there is a warning, and if there never is one, until the compiler is done.
//!
//! # Exactly one
//!
//! If several arms can be had, `select!` takes one of them, not always the first, so that no channel has
//! to wait for ever; with `biased;` it is the first. An arm that is not taken has done nothing: no value
//! has gone, none has been stored, no signal was used up. That is so when the coro is cancelled while it
//! waits, too. So an order to stop, which is a [`Signal`](coro_sync::Signal) here, does not swallow a job:
//!
//! ```
//! use coro_channel::{Channel, select};
//! use coro_sync::Signal;
//! use std::rc::Rc;
//!
//! let jobs = Rc::new(Channel::unbounded());
//! let stop = Rc::new(Signal::new());
//! let (source, told) = (jobs.clone(), stop.clone());
//! let worker = coro::spawn(move || {
//!     let mut sum = 0;
//!     loop {
//!         select! {
//!             biased; // to stop goes before all jobs
//!             () = told.wait_arm() => return sum,
//!             job = source.get_arm() => sum += job.expect("it does not end"),
//!         }
//!     }
//! });
//! jobs.put(1);
//! coro::cede(); // the worker does this job, and waits
//! stop.send();
//! jobs.put(2);
//! assert_eq!(worker.join().unwrap(), 1);
//! assert_eq!(jobs.get(), Some(2)); // both could be had, and this one was not touched
//! ```
//!
//! # Exercise
//!
//! A desk shares out jobs between Ann and Bob. In `exercises/channels.rs` it does so by turns, and if one
//! is slow, the other has nothing to do. Let each job go to whoever has room for it.
//! [`put_arm`](coro_channel::Channel::put_arm) is an arm that puts.
//!
//! ```no_run
#![doc = include_str!("../exercises/channels.rs")]
//! # fn main() {}
//! ```
//!
//! ```sh
//! cargo test -p coro-guide --test exercises yours::channels -- --ignored
//! ```
//!
//! `solutions/channels.rs` has our answer.
//!
//! # Source
//!
//! Hoare, "Communicating sequential processes", 1978: several inputs, each the guard of a command, of
//! which one is chosen; the guards are Dijkstra's ("Guarded commands, nondeterminacy and formal
//! derivation of programs", 1975). The channels are those of Coro 6.57, `Coro::Channel`.
//!
//! ---
//!
//! ← [`deadlines`](crate::deadlines) · [all pages](crate) · [`coro_local`](crate::coro_local) →

use coro_explore::{Builder, Verdict};

use crate::page::Page;

#[path = "../examples/channels.rs"]
mod right;
#[path = "../wrong/channels.rs"]
mod wrong;

pub(crate) const PAGE: Page = Page {
    name: "channels",
    title: "Channels and select",
    problem: "A compiler writes lines to two channels that have room for one each. A screen shows the \
              lines of both, and all ends.",
    right: right::main,
    wrong: wrong::main,
    wrong_source: include_str!("../wrong/channels.rs"),
    explorer: Builder::new,
    verdict: Verdict::Deadlock,
    hints: &[
        "The screen looks at one channel. If nothing is there, it waits at the other one.",
        "The compiler waits when a channel is full. Let the screen wait at the one that stays empty.",
        "Run the screen first, and then the compiler.",
    ],
};
