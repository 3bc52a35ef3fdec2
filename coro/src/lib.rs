//! Cooperative threads ("coros") for one OS thread, after the Perl module family Coro.
//!
//! A coro is a thread of control with a stack of its own that runs until it gives way. All coros
//! of an OS thread take turns; they switch at well-known calls only, so between two such calls no
//! lock is needed. There is no runtime to start and no colour of functions: `main` is a coro too.
//!
//! ```
//! let c = coro::spawn(|| {
//!     println!("2");
//!     coro::cede();
//!     println!("4");
//!     42
//! });
//! println!("1");
//! coro::cede();
//! println!("3");
//! assert_eq!(c.join().unwrap(), 42);
//! ```
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
//! # Features
//!
//! * `sanitizer`: tells AddressSanitizer of every switch; for builds with `-Zsanitizer=address`.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod blocks;
mod builder;
mod control;
mod coro;
mod directed;
mod end;
mod functions;
mod holder;
mod hooks;
mod idle;
mod inbox;
mod install;
mod interrupt;
mod join;
mod join_error;
mod join_handle;
mod kernel;
mod life;
mod local;
mod locals;
mod next;
mod overdue;
mod passage;
mod prio;
mod ready_queue;
mod report;
mod root;
mod rouse;
mod scheduler;
mod scope;
mod shield;
mod stack;
mod state;
mod switch;
mod task;
mod teardown;
mod unwind;
mod waker;
mod winder;

pub use crate::builder::{Builder, spawn};
pub use crate::control::Coro;
pub use crate::directed::SwitchError;
pub use crate::end::{killall, shutdown, terminate};
pub use crate::functions::{
    all, cede, cede_notself, check, choose, current, main, ready_count, schedule, wait_for,
};
pub use crate::holder::Holder;
pub use crate::hooks::{Clock, Driver, Event, Observer, Outlook, Policy, Timers, Turn, Wait};
pub use crate::install::{
    Idle, now, set_clock, set_driver, set_idle, set_observer, set_policy, set_timers, timers_armed,
};
pub use crate::interrupt::{CancelError, ThrowTicket};
pub use crate::join::Joiner;
pub use crate::join_error::JoinError;
pub use crate::join_handle::{JoinHandle, SharedJoinHandle};
pub use crate::local::LocalSlot;
pub use crate::overdue::overdue_key;
pub use crate::prio::Prio;
pub use crate::report::{Report, report};
pub use crate::rouse::{Rouse, RouseCallback, rouse, unblock_fn};
pub use crate::scope::{Scope, ScopedJoinHandle, scope};
pub use crate::shield::{no_switch, shield, unwinding};
pub use crate::unwind::{catch, is_cancel};
pub use crate::waker::Waker;
pub use crate::winder::{Winder, on_enter, on_leave};
