//! The FIFO of waiting coros under every primitive of the coro family.
//!
//! A primitive keeps its own state and one [`WaitQueue`] for each reason to wait. Who has to wait
//! [`enter`](WaitQueue::enter)s, and blocks on the [`Waiter`] until the state is as it wants;
//! who changes the state [`wake`](WaitQueue::wake_one)s.
//!
//! ```
//! use coro_wait_queue::WaitQueue;
//! use std::{cell::Cell, rc::Rc};
//!
//! /// Something that is open or not.
//! struct Gate {
//!     open: Cell<bool>,
//!     waiters: WaitQueue,
//! }
//!
//! impl Gate {
//!     fn pass(&self) {
//!         if !self.open.get() {
//!             let waiter = self.waiters.enter(|_| ());
//!             loop {
//!                 coro::wait_for(&waiter);
//!                 if self.open.get() {
//!                     break;
//!                 }
//!                 waiter.stay();
//!             }
//!             waiter.done();
//!         }
//!     }
//! }
//!
//! let gate = Rc::new(Gate { open: Cell::new(false), waiters: WaitQueue::new("gate") });
//! let passer = gate.clone();
//! let c = coro::spawn(move || passer.pass());
//! coro::cede();
//! c.ready(); // a spurious wake-up …
//! coro::cede();
//! assert!(!c.is_finished()); // … does not open the gate
//! gate.open.set(true);
//! gate.waiters.wake_all();
//! c.join().unwrap();
//! ```
//!
//! # Two ways to wait
//!
//! *Mesa style*: a wake-up is a hint that the state has changed, and the state is what counts. The
//! waiter looks again when it runs; somebody who came by may have been first, and then it
//! [`stay`](Waiter::stay)s, at the end. The gate above is of this kind.
//!
//! *Hand-off*: the waker changes the state on behalf of the waiter, and the wake-up is the news of
//! it. The waiter blocks until it [`is_woken`](Waiter::is_woken), which no spurious wake-up makes
//! true. [`WaitQueue::wait`] is this loop.
//!
//! # What may be relied on
//!
//! | when | then |
//! |---|---|
//! | the waiter is readied by somebody else | it keeps its place, and is not woken |
//! | it is thrown at or cancelled while it waits | it is out of the queue before any handler or destructor of its caller runs; its [`PassOn`] is told [`Left::Waiting`] |
//! | it is thrown at or cancelled after it was woken, before it ran | its [`PassOn`] is told [`Left::Woken`], once, before any handler or destructor of its caller runs |
//! | it was woken by [`wake_all`](WaitQueue::wake_all), or that was called since | its [`PassOn`] is told [`Left::WokenWithAll`]: nobody was left out for it |
//! | it is thrown at while it waits, and woken before it runs | as if woken first |
//! | its `safe_cancel` is asked for | it is out of the queue when that call returns |
//!
//! Who wakes never switches: woken coros are at the end of the ready queue when the call returns,
//! the oldest waiter first. Callbacks run inside the call that wakes them.
//!
//! # Cost
//!
//! Everything is O(1), amortised, but leaving the middle of a queue that others have left before,
//! which is O(log n). The memory is in proportion to those who wait, whoever else came and left.
#![forbid(unsafe_code)]

mod arm;
mod callback;
mod line;
mod queue;
mod waiter;

pub use crate::arm::Arm;
pub use crate::queue::{WaitQueue, Woken};
pub use crate::waiter::{Left, PassOn, Waiter};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
