//! Interrupting a coro: cancel, and throw.

use std::any::Any;
use std::error::Error;
use std::fmt;

use crate::control::{Control, Coro};
use crate::hooks::Event;
use crate::join_error::{Failure, JoinError};
use crate::kernel::Kernel;
use crate::life;
use crate::passage::{self, Unwinding, must_unwind};
use crate::root;
use crate::scheduler;
use crate::state::kernel::OBSERVER;
use crate::state::{
    CANCEL, DEAD, DOOMED, DOUBT, ENDED, NEW, ROOT, SHIELD, SUSPENDED, THROW, UNWINDING,
};
use crate::unwind::{CANNOT_UNWIND, Cancelled, raise};

/// Interrupting it.
impl Coro {
    /// Ends the coro: it unwinds, at once and on its own stack, before this call returns.
    ///
    /// If one of its destructors blocks, this call returns, and the coro goes on unwinding when it
    /// can; [`join`](Coro::join) waits for the end. The unwinding passes through `catch_unwind`;
    /// if that swallows it, it is raised again at the next switch point.
    ///
    /// * A coro that has never run drops its closure, in the caller's context.
    /// * A coro in [`shield`](crate::shield), or that is unwinding already, is marked, and unwinds
    ///   when that is over.
    /// * A suspended coro is resumed to die. For one that has ended, nothing happens.
    /// * Cancelling the current coro unwinds it from here.
    /// * Where nothing may switch ([`no_switch`](crate::no_switch)), the coro is readied, and
    ///   unwinds when its turn comes.
    ///
    /// # Switches
    ///
    /// If the coro is blocked, ready or suspended: to it, and back before anybody else runs.
    ///
    /// # Cancel safety
    ///
    /// An interruption of the caller is raised after the work is done.
    ///
    /// # Panics
    ///
    /// If this is main, which ends by returning; in a program that is built with `panic = "abort"`,
    /// if the coro has begun, for nothing can unwind it.
    ///
    /// # Examples
    ///
    /// ```
    /// struct Bye(std::rc::Rc<std::cell::Cell<bool>>);
    /// impl Drop for Bye {
    ///     fn drop(&mut self) {
    ///         self.0.set(true);
    ///     }
    /// }
    /// let gone = std::rc::Rc::new(std::cell::Cell::new(false));
    /// let bye = Bye(gone.clone());
    /// let c = coro::spawn(move || {
    ///     let _bye = bye;
    ///     coro::schedule();
    /// });
    /// coro::cede();
    /// c.cancel();
    /// assert!(gone.get() && c.is_finished());
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `cancel`; there, a destructor cannot block.
    #[track_caller]
    pub fn cancel(&self) {
        let k = root::kernel();
        let c = self.control();
        assert!(!c.has(ROOT), "cannot cancel main: it ends by returning");
        if c.has(ENDED | DEAD) {
            return;
        }
        must_unwind("cancel", c);
        if self.is_running() {
            self.tell_cancelled(k);
            return cancel_current(k, c);
        }
        if !c.has(DOOMED) {
            // (What a child of a scope borrows is there as long as the scope, which dooms it, runs.)
            root::must_not_be_over(k);
        }
        if c.has(NEW) {
            let value = c.rare_if_any().and_then(|rare| rare.cancel_value.take());
            return life::end_unborn(k, c, JoinError::new(Failure::Cancelled(value)));
        }
        c.set(CANCEL);
        self.tell_cancelled(k);
        if c.has(SHIELD | UNWINDING | DOUBT) {
            if c.has(SUSPENDED) {
                // Its entry in the ready queue may have been dropped.
                c.clear(SUSPENDED);
                k.ready(c);
            }
            if c.has(UNWINDING | DOUBT) {
                passage::defer(k, c);
            }
            return;
        }
        c.clear(SUSPENDED);
        if k.forbidden().is_some() {
            k.ready(c);
            return;
        }
        scheduler::switch_there_and_back(self.clone());
    }

    /// Asks the coro to end: it leaves its wait, is readied, and unwinds when its turn comes.
    ///
    /// # Errors
    ///
    /// If the coro cannot be cancelled now: it is main, the current coro, shielded, or in an
    /// [`on_enter`](crate::on_enter) or [`on_leave`](crate::on_leave) block; or it has begun, in a
    /// program that is built with `panic = "abort"`. Nothing has changed.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(coro::schedule);
    /// coro::cede();
    /// c.safe_cancel().unwrap();
    /// assert!(!c.is_finished());
    /// assert!(c.join().unwrap_err().is_cancelled());
    /// assert!(coro::current().safe_cancel().is_err());
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `safe_cancel`.
    pub fn safe_cancel(&self) -> Result<(), CancelError> {
        let k = root::kernel();
        let c = self.control();
        if c.has(ENDED | DEAD) {
            return Ok(());
        }
        if c.has(ROOT) {
            return Err(CancelError(Obstacle::Main));
        }
        if self.is_running() {
            let inside = k.forbidden().is_some();
            return Err(CancelError(if inside {
                Obstacle::Hook
            } else {
                Obstacle::Current
            }));
        }
        if c.has(SHIELD) {
            return Err(CancelError(Obstacle::Shielded));
        }
        if k.is_over() {
            return Err(CancelError(Obstacle::Over));
        }
        if c.has(NEW) {
            self.cancel();
            return Ok(());
        }
        if cfg!(panic = "abort") {
            return Err(CancelError(Obstacle::Unwinds));
        }
        c.set(CANCEL);
        self.tell_cancelled(k);
        c.clear(SUSPENDED);
        if c.has(DOUBT) {
            passage::defer(k, c);
        }
        if !c.has(UNWINDING | DOUBT) {
            // Else it goes on waiting, as nothing can be raised in it yet.
            k.with_wait(c, |wait| wait.leave(self));
        }
        k.ready(c);
        Ok(())
    }

    /// Raises `payload` in the coro, as a panic of its own that `catch_unwind` can catch.
    ///
    /// It is raised once, when the coro's call into the scheduler returns, or at its next entry
    /// into a call that may block; the coro is readied for it. Only one is pending: a later throw
    /// replaces it. It waits while the coro is in [`shield`](crate::shield) or unwinds. A coro
    /// that has never run ends with it. For one that has ended, nothing happens.
    ///
    /// The ticket that is returned can take the throw back; it may be dropped.
    ///
    /// # Switches
    ///
    /// Never. Readies the coro.
    ///
    /// # Panics
    ///
    /// In a program that is built with `panic = "abort"`, if the coro has begun.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(|| coro::catch(coro::schedule).unwrap_err().is::<u32>());
    /// coro::cede();
    /// c.throw(1_u32);
    /// assert!(c.join().unwrap());
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `throw`.
    #[track_caller]
    pub fn throw<P: Any + Send>(&self, payload: P) -> ThrowTicket {
        let k = root::kernel();
        let c = self.control();
        let rare = c.rare();
        let number = rare.throws.get() + 1;
        let ticket = ThrowTicket {
            coro: self.clone(),
            number,
        };
        if c.has(ENDED | DEAD) {
            return ticket;
        }
        must_unwind("throw into", c);
        rare.throws.set(number);
        let old = rare.thrown.replace(Some(Box::new(payload)));
        c.set(THROW);
        self.tell_thrown(k);
        if c.has(DOUBT) {
            passage::defer(k, c);
        }
        k.ready(c);
        drop(old);
        ticket
    }

    /// Takes back a throw that was not raised yet, and readies the coro.
    ///
    /// # Switches
    ///
    /// Never. Readies the coro.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(coro::schedule);
    /// coro::cede();
    /// c.throw("no");
    /// c.clear_throw();
    /// c.join().unwrap(); // a spurious wake-up, and no more
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `throw` without an argument.
    pub fn clear_throw(&self) {
        let c = self.control();
        if !c.has(ENDED) {
            self.take_throw();
            root::kernel().ready(c);
        }
    }

    fn tell_thrown(&self, k: &'static Kernel) {
        if k.has(OBSERVER) {
            k.tell(&Event::Thrown {
                coro: self,
                by: &k.current().handle(),
            });
        }
    }

    fn tell_cancelled(&self, k: &'static Kernel) {
        if k.has(OBSERVER) {
            k.tell(&Event::Cancelled {
                coro: self,
                by: &k.current().handle(),
            });
        }
    }

    fn take_throw(&self) {
        let c = self.control();
        if c.has(THROW) {
            c.clear(THROW);
            let old = c.rare().thrown.take();
            drop(old);
        }
    }
}

/// Ends the current coro from here, unless that has to wait.
#[track_caller]
fn cancel_current(k: &'static Kernel, c: &Control) {
    c.set(CANCEL);
    if c.has(SHIELD) || k.forbidden().is_some() {
        return;
    }
    match passage::ask(k) {
        Unwinding::Yes => {}
        Unwinding::Unknown => passage::defer(k, c),
        Unwinding::No => raise(Box::new(Cancelled)),
    }
}

/// Names one [`throw`](Coro::throw), to take it back.
///
/// # Examples
///
/// ```
/// let c = coro::spawn(coro::schedule);
/// coro::cede();
/// let ticket = c.throw("too late");
/// assert!(ticket.retract());
/// c.join().unwrap();
/// ```
///
/// # Source
///
/// New here: a timeout whose body ends first must not be raised later.
#[derive(Debug)]
pub struct ThrowTicket {
    coro: Coro,
    number: u64,
}

impl ThrowTicket {
    /// Takes the throw back. Returns `false` if it was raised, replaced or cleared already.
    ///
    /// The coro was readied by the throw, and still is.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let me = coro::current();
    /// let first = me.throw(1);
    /// let second = me.throw(2);
    /// assert!(!first.retract());
    /// assert!(second.retract());
    /// coro::check(); // nothing is raised
    /// ```
    pub fn retract(self) -> bool {
        let c = self.coro.control();
        let pending = c.has(THROW) && c.rare().throws.get() == self.number;
        if pending {
            self.coro.take_throw();
        }
        pending
    }
}

/// Why [`Coro::safe_cancel`] was refused.
///
/// # Examples
///
/// ```
/// let refused = coro::current().safe_cancel().unwrap_err();
/// assert_eq!(refused.to_string(), "cannot cancel now: it is main");
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CancelError(Obstacle);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Obstacle {
    Main,
    Current,
    Shielded,
    Hook,
    Over,
    Unwinds,
}

impl fmt::Display for CancelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot cancel now: ")?;
        f.write_str(match self.0 {
            Obstacle::Main => "it is main",
            Obstacle::Current => "it is the current coro",
            Obstacle::Shielded => "it is shielded",
            Obstacle::Hook => "it runs where nothing may switch",
            Obstacle::Over => "the OS thread is ending",
            Obstacle::Unwinds => CANNOT_UNWIND,
        })
    }
}

impl fmt::Debug for CancelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CancelError({self})")
    }
}

impl Error for CancelError {}
