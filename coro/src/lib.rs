//! Cooperative threads ("coros") for one OS thread, after the Perl module family Coro.
//!
//! A coro is a thread of control with a stack of its own that runs until it gives way. All coros
//! of an OS thread take turns; they switch at well-known calls only, so between two such calls no
//! lock is needed. There is no runtime to start and no colour of functions: `main` is a coro too.
//!
//! ```
//! use std::cell::RefCell;
//! use std::rc::Rc;
//!
//! let lines = Rc::new(RefCell::new(Vec::new()));
//! let writers = ["ann", "bob"].map(|name| {
//!     let lines = lines.clone();
//!     let write = move || {
//!         for number in 1..=2 {
//!             lines.borrow_mut().push(format!("{name} {number}"));
//!             coro::note(format_args!("writes {number}"));
//!             coro::cede(); // to the end of the ready queue: the other one's turn
//!         }
//!     };
//!     coro::Builder::new().desc(name).spawn(write)
//! });
//! // Both stand in the ready queue, and have not begun: it is still main's turn.
//! assert_eq!(coro::ready_count(), 2);
//! assert!(lines.borrow().is_empty());
//! for writer in writers {
//!     writer.join().expect("nobody cancels it"); // not ready before the writer has ended
//! }
//! assert_eq!(lines.borrow().len(), 4);
//! ```
//!
//! That is *Who runs next*, the first page of the guide (the crate `coro-guide`), where a picture shows each
//! turn of this run.
//!
//! # Who runs next
//!
//! Coros that can run stand in the *ready queue*, one for each of eight priorities. [`cede`] puts
//! the current coro at the end of its queue and switches to the head of the highest one;
//! [`schedule`] only switches, and somebody has to [`ready`](Coro::ready) the coro again. That is
//! all that a lock needs: the crates `coro-semaphore`, `coro-channel` and others are built on these
//! two calls alone.
//!
//! Every function says under *Switches* whether other coros may run before it returns.
//!
//! # Interruption
//!
//! [`Coro::throw`] raises a payload in another coro, [`Coro::cancel`] ends it. Both are raised as
//! an unwinding when a call into the scheduler returns or a call that may block is entered, never
//! between. Destructors run on the coro's own stack and may block. [`shield`] puts interruptions
//! off; [`catch`] catches panics and lets cancels through.
//!
//! # What is not there
//!
//! Coros never move to another OS thread, and their handles are neither `Send` nor `Sync`: a
//! compiler may keep the address of a thread-local across a switch, and that must stay true. From
//! other OS threads, a [`Waker`] readies a coro.
//!
//! # What belongs to the OS thread, not to the coro
//!
//! * std's `Mutex`, `RwLock`, `OnceLock` and `LazyLock` must not be held across a switch: the next
//!   coro that asks for one stalls the OS thread, and no [`report`] sees it (a watchdog does). Use
//!   those of `coro-sync`, or [`no_switch`].
//! * `errno`, the signal mask and the floating-point modes: a switch keeps none of them. A signal
//!   handler must not call the kernel.
//! * The OS thread's stack, and that of each coro: another coroutine library may run on stacks of its
//!   own inside a coro, but a switch from there is refused by a panic.
//! * After a fork the child goes on with the coros of the OS thread that forked; wake-ups by other OS
//!   threads never come.
//! * With `panic = "abort"` nothing can unwind: to cancel, throw into or terminate a coro that has
//!   begun panics, and one that nobody holds is leaked.
//!
//! # When something is wrong
//!
//! A deadlock panics in main with a [`report`] of who waits for what and who holds it, which can be
//! had at any time. An overflow of a stack names its coro, and so does a panic's message.
//! [`Coro::backtrace`] shows where a coro stands that does not run.
//!
//! # Features
//!
//! * `sanitizer`: tells AddressSanitizer of every switch; for builds with `-Zsanitizer=address`.
//! * `watchdog`: `watchdog` and `watchdog_with`, which say which coro runs for too long without
//!   giving way, and what it is doing. Without it, nothing of that is compiled.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod backtrace;
mod blocks;
mod builder;
mod calling;
mod control;
mod coro;
mod defer;
mod directed;
mod end;
mod foreign;
mod functions;
mod holder;
mod hooks;
mod idle;
mod inbox;
mod install;
mod installed;
mod interrupt;
mod join;
mod join_error;
mod join_handle;
mod kernel;
mod life;
mod local;
mod locals;
mod next;
mod note;
mod overdue;
mod overflow;
mod panic_hook;
mod passage;
mod prio;
mod probe;
mod ready_queue;
mod readying;
mod report;
mod roll;
mod root;
mod rouse;
mod scheduler;
mod scope;
mod shield;
mod stack;
mod stack_use;
mod state;
mod switch;
mod task;
mod teardown;
mod unwind;
mod waker;
#[cfg(feature = "watchdog")]
mod watchdog;
mod winder;

pub use crate::backtrace::Backtrace;
pub use crate::builder::{Builder, spawn};
pub use crate::control::Coro;
pub use crate::defer::defer;
pub use crate::directed::SwitchError;
pub use crate::end::{killall, shutdown, terminate};
pub use crate::functions::{
    all, cede, cede_notself, check, choose, current, main, ready_count, schedule, wait_for,
};
pub use crate::holder::Holder;
pub use crate::hooks::{Clock, Driver, End, Event, Observer, Outlook, Policy, Timers, Turn, Wait};
pub use crate::install::{
    Idle, fire_timers, now, set_clock, set_driver, set_idle, set_observer, set_patience,
    set_policy, set_timers, timers_armed,
};
pub use crate::interrupt::{CancelError, ThrowTicket};
pub use crate::join::Joiner;
pub use crate::join_error::JoinError;
pub use crate::join_handle::{JoinHandle, SharedJoinHandle};
pub use crate::local::LocalSlot;
pub use crate::note::note;
pub use crate::overdue::overdue_key;
pub use crate::prio::Prio;
pub use crate::report::{
    CoroReport, CoroState, Cycle, HolderReport, Report, WaitReport, enable_times, report,
};
pub use crate::rouse::{Rouse, RouseCallback, rouse, unblock_fn};
pub use crate::scope::{Scope, ScopedJoinHandle, scope};
pub use crate::shield::{no_switch, shield, unwinding};
pub use crate::unwind::{OverdueKey, catch, is_cancel};
pub use crate::waker::{Waker, linger};
#[cfg(feature = "watchdog")]
pub use crate::watchdog::{Stall, Watchdog, watchdog, watchdog_with};
pub use crate::winder::{Winder, on_enter, on_leave};
