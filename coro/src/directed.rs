//! Scheduling one coro: into the ready queue, out of it, or to it at once.

use std::error::Error;
use std::fmt;
use std::panic::Location;

use crate::control::Coro;
use crate::functions::check;
use crate::kernel::Kernel;
use crate::root;
use crate::scheduler;
use crate::state::{DEAD, ENDED, READY, SUSPENDED};

/// Scheduling one coro.
impl Coro {
    /// Puts the coro at the tail of the ready queue of its priority.
    ///
    /// Returns `false` if it is there already, or if it has ended. Anything may ready any coro, so
    /// whoever blocks must look, after each wake-up, whether what it waits for has happened.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::Builder::new().build(|| 7);
    /// assert!(c.ready());
    /// assert!(!c.ready());
    /// assert_eq!(c.join().unwrap(), 7);
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `ready`.
    #[doc(alias = "unpark")]
    #[inline(always)]
    pub fn ready(&self) -> bool {
        Kernel::get().ready(self.control())
    }

    /// As [`ready`](Coro::ready), and gives this handle to the ready queue: a little less work, for
    /// who would drop it.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::Builder::new().build(|| 7);
    /// assert!(c.coro().clone().into_ready());
    /// assert_eq!(c.join().unwrap(), 7);
    /// ```
    ///
    /// # Source
    ///
    /// New here; `wake` beside `wake_by_ref` in `std::task::Waker`.
    #[inline(always)]
    pub fn into_ready(self) -> bool {
        let queued = !self.control().has(READY | DEAD);
        if queued {
            Kernel::get().enqueue(self);
        }
        queued
    }

    /// Freezes the coro: it is passed over by the scheduler until [`resume`](Coro::resume).
    ///
    /// The current coro may freeze itself, and keeps running until it switches. A coro that was in
    /// the ready queue leaves it when its turn comes.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(|| ());
    /// c.suspend();
    /// coro::cede();
    /// assert!(!c.is_finished());
    /// c.resume();
    /// c.ready();
    /// coro::cede();
    /// assert!(c.is_finished());
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `suspend`; there, a coro that was passed over can never be readied again.
    pub fn suspend(&self) {
        if !self.control().has(ENDED) {
            self.control().set(SUSPENDED);
        }
    }

    /// Thaws the coro. It does not ready it.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`suspend`](Coro::suspend).
    pub fn resume(&self) {
        self.control().clear(SUSPENDED);
    }

    /// Switches to this coro at once, whatever the priorities and the ready queue say; the caller
    /// is not readied.
    ///
    /// A new coro is started. The target's place in the ready queue, if it has one, stays: it will
    /// be switched to once more, as a spurious wake-up.
    ///
    /// # Errors
    ///
    /// If the coro has ended or is suspended, or if the caller is suspended. Nothing has changed
    /// then, and nothing was switched.
    ///
    /// # Switches
    ///
    /// Always, but to itself or with an error.
    ///
    /// # Cancel safety
    ///
    /// A throw or cancel is raised when the caller is switched to again; the target has run.
    ///
    /// # Panics
    ///
    /// Where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// let main = coro::current();
    /// let c = coro::Builder::new().build(move || main.ready());
    /// c.schedule_to().unwrap();
    /// assert!(c.is_finished());
    /// assert!(c.schedule_to().is_err());
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `schedule_to`; there, an error breaks the caller for ever.
    #[track_caller]
    pub fn schedule_to(&self) -> Result<(), SwitchError> {
        self.direct(false)
    }

    /// Readies the caller and switches to this coro at once.
    ///
    /// # Errors
    ///
    /// As [`schedule_to`](Coro::schedule_to); the caller is not readied then.
    ///
    /// # Switches
    ///
    /// Always, but to itself or with an error.
    ///
    /// # Cancel safety
    ///
    /// As [`schedule_to`](Coro::schedule_to).
    ///
    /// # Panics
    ///
    /// Where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::Builder::new().build(|| ());
    /// c.cede_to().unwrap();
    /// assert!(c.is_finished());
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `cede_to`.
    #[track_caller]
    pub fn cede_to(&self) -> Result<(), SwitchError> {
        self.direct(true)
    }

    #[track_caller]
    fn direct(&self, ready_caller: bool) -> Result<(), SwitchError> {
        let k = root::kernel();
        let caller = k.current();
        if self.control().has(ENDED | DEAD) {
            return Err(SwitchError(Refusal::Finished));
        }
        if (self.control().flags.get() | caller.flags.get()) & SUSPENDED != 0 {
            return Err(SwitchError(Refusal::Suspended));
        }
        root::may_switch(k);
        if ready_caller {
            k.ready(caller);
        }
        if self.is_running() {
            check();
            return Ok(());
        }
        // Whoever cancelled the caller and waits for the way back goes on when its turn comes.
        if let Some(canceller) = k.forget_way_back(caller) {
            canceller.ready();
        }
        scheduler::switch_to(self.clone(), None, Location::caller());
        Ok(())
    }
}

/// Why a directed switch was refused.
///
/// # Examples
///
/// ```
/// let c = coro::spawn(|| ());
/// coro::cede();
/// assert_eq!(c.cede_to().unwrap_err().to_string(), "the coro has finished");
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SwitchError(Refusal);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Refusal {
    Finished,
    Suspended,
}

impl fmt::Display for SwitchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Refusal::Finished => "the coro has finished",
            Refusal::Suspended => "one of the two coros is suspended",
        })
    }
}

impl fmt::Debug for SwitchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SwitchError({self})")
    }
}

impl Error for SwitchError {}
