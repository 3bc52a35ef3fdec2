//! What one can do with a coro: the methods of [`Coro`].

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::mem::ManuallyDrop;
use std::panic::Location;
use std::rc::Rc;

use crate::control::{Control, Coro, Ending};
use crate::functions::{check, current};
use crate::hooks::Wait;
use crate::join_error::{Failure, JoinError};
use crate::kernel::Kernel;
use crate::life;
use crate::passage::{self, Name, Unwinding};
use crate::prio::Prio;
use crate::root;
use crate::scheduler;
use crate::state::{
    CANCEL, DEAD, DOOMED, DOUBT, ENDED, NEW, READY, ROOT, SHIELD, SUSPENDED, THROW, UNWINDING,
};
use crate::unwind::{Cancelled, raise};

/// Who is when: states and properties.
impl Coro {
    /// Returns the number of the coro, which no other coro of this OS thread ever has. Main is 0.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(coro::main().id(), 0);
    /// assert_ne!(coro::spawn(|| ()).id(), coro::spawn(|| ()).id());
    /// ```
    #[must_use]
    pub fn id(&self) -> u64 {
        self.control().id
    }

    /// Returns the description, if one was set.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(coro::main().desc().as_deref(), Some("main"));
    /// ```
    #[doc(alias = "name")]
    #[must_use]
    pub fn desc(&self) -> Option<Rc<str>> {
        self.control().desc()
    }

    /// Sets the description that listings show, a free text.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(|| ());
    /// c.set_desc("worker 1");
    /// assert_eq!(c.desc().as_deref(), Some("worker 1"));
    /// ```
    pub fn set_desc(&self, desc: impl Into<Rc<str>>) {
        self.control().rare().desc.set(Some(desc.into()));
    }

    /// Returns how many times the coro was switched to.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(coro::cede);
    /// assert_eq!(c.use_count(), 0);
    /// coro::cede();
    /// coro::cede();
    /// assert_eq!(c.use_count(), 2);
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `usecount`.
    #[must_use]
    pub fn use_count(&self) -> u64 {
        self.control().uses.get()
    }

    /// Returns the priority.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(coro::spawn(|| ()).prio(), coro::Prio::NORMAL);
    /// ```
    #[must_use]
    pub fn prio(&self) -> Prio {
        self.control().prio()
    }

    /// Sets the priority and returns the old one.
    ///
    /// A coro that is in the ready queue keeps its place until it is queued the next time.
    ///
    /// # Switches
    ///
    /// Never, even if somebody else now has a higher priority.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro::Prio;
    /// let c = coro::spawn(|| ());
    /// assert_eq!(c.set_prio(Prio::HIGH), Prio::NORMAL);
    /// assert_eq!(c.prio(), Prio::HIGH);
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `prio`.
    pub fn set_prio(&self, prio: Prio) -> Prio {
        let old = self.prio();
        self.control().level.set(prio.level());
        old
    }

    /// Lowers the priority by `by` (raises it if negative), within the limits, and returns the old
    /// one.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro::Prio;
    /// let c = coro::spawn(|| ());
    /// assert_eq!(c.nice(1), Prio::NORMAL);
    /// assert_eq!(c.prio(), Prio::LOW);
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `nice`.
    pub fn nice(&self, by: i8) -> Prio {
        self.set_prio(Prio::new(self.prio().get().saturating_sub(by)))
    }

    /// Returns `true` if the coro has never run.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(coro::schedule);
    /// assert!(c.is_new());
    /// coro::cede();
    /// assert!(!c.is_new());
    /// # c.cancel();
    /// ```
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.control().has(NEW)
    }

    /// Returns `true` if the coro is in the ready queue.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(coro::spawn(|| ()).is_ready());
    /// assert!(!coro::current().is_ready());
    /// ```
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.control().has(READY)
    }

    /// Returns `true` if this is the coro that runs now.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(coro::current().is_running());
    /// assert!(!coro::spawn(|| ()).is_running());
    /// ```
    #[must_use]
    pub fn is_running(&self) -> bool {
        root::kernel().is_running(self.control())
    }

    /// Returns `true` between [`suspend`](Coro::suspend) and [`resume`](Coro::resume).
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
    /// assert!(c.is_suspended());
    /// ```
    #[must_use]
    pub fn is_suspended(&self) -> bool {
        self.control().has(SUSPENDED)
    }

    /// Returns `true` if the coro has ended and its result is there.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(|| ());
    /// assert!(!c.is_finished());
    /// coro::cede();
    /// assert!(c.is_finished());
    /// ```
    #[doc(alias = "is_zombie")]
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.control().has(ENDED)
    }
}

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
        scheduler::switch_to(self.clone(), Location::caller());
        Ok(())
    }
}

/// Ending a coro, and waiting for its end.
impl Coro {
    /// Blocks until the coro has ended. Any number of coros may join, any number of times.
    ///
    /// Those who wait are readied newest first.
    ///
    /// # Switches
    ///
    /// If the coro has not ended.
    ///
    /// # Cancel safety
    ///
    /// An interrupted joiner no longer waits; the coro is not affected.
    ///
    /// # Panics
    ///
    /// Where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(|| ());
    /// c.coro().join();
    /// c.coro().join();
    /// assert!(c.is_finished());
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `join`; there, a throw reaches the joiner only at the end.
    #[inline]
    #[track_caller]
    pub fn join(&self) {
        self.join_from(Location::caller());
    }

    /// Joins on behalf of a call at `place`.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn join_from(&self, place: &'static Location<'static>) {
        check();
        let c = self.control();
        if c.has(ENDED) {
            return;
        }
        life::at_end(c, Ending::Ready(current()));
        let joining = Joining { target: self };
        while !c.has(ENDED) {
            scheduler::schedule_on(&joining, place);
        }
        // The ending has happened, so there is nothing to take back.
        let _ = ManuallyDrop::new(joining);
    }

    /// Calls `handler` when the coro has ended, newest handler first, mixed with the joiners.
    ///
    /// It runs on the ending coro's stack, after its locals are gone and its result is stored, and
    /// before it is known to joiners that wait longer. A handler that panics costs no other one
    /// its call; its payload is dropped. A handler of a coro that has ended is dropped.
    ///
    /// # Switches
    ///
    /// Never. (A handler may.)
    ///
    /// # Examples
    ///
    /// ```
    /// let log = std::rc::Rc::new(std::cell::Cell::new(0));
    /// let seen = log.clone();
    /// let c = coro::spawn(|| ());
    /// c.on_destroy(move || seen.set(1));
    /// c.join().unwrap();
    /// assert_eq!(log.get(), 1);
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `on_destroy`.
    pub fn on_destroy(&self, handler: impl FnOnce() + 'static) {
        if !self.control().has(ENDED) {
            life::at_end(self.control(), Ending::Call(Box::new(handler)));
        }
    }

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
    /// If this is main, which ends by returning.
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
        if self.is_running() {
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
    /// [`on_enter`](crate::on_enter) or [`on_leave`](crate::on_leave) block. Nothing has changed.
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
        c.set(CANCEL);
        c.clear(SUSPENDED);
        if c.has(DOUBT) {
            passage::defer(k, c);
        }
        k.with_wait(c, |wait| wait.leave(self));
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
        rare.throws.set(number);
        let old = rare.thrown.replace(Some(Box::new(payload)));
        c.set(THROW);
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

/// A joiner's wait. When an unwinding drops it, the joiner is no longer to be readied.
struct Joining<'a> {
    target: &'a Coro,
}

impl Drop for Joining<'_> {
    fn drop(&mut self) {
        life::not_at_end(self.target.control(), &current());
    }
}

impl Wait for Joining<'_> {
    fn what(&self) -> &'static str {
        "join"
    }

    fn made(&self) -> Option<&'static Location<'static>> {
        Some(self.target.control().spawned)
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
        })
    }
}

impl fmt::Debug for CancelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CancelError({self})")
    }
}

impl Error for CancelError {}

/// `coro #12 "fetch"`.
impl fmt::Display for Coro {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Name(self.control()).fmt(f)
    }
}
