//! What a coro sees to on its way out and on its way back in: winders, and interruptions.
//!
//! An interruption (throw, cancel, deadlock) is something pending that is raised in its coro's own
//! context when a call into the scheduler returns, and on entry of calls that may block. Nothing
//! may be raised in a coro that unwinds: a second unwinding that leaves a destructor aborts the
//! process.
//!
//! The kernel knows the unwindings that it starts, but not those of ordinary panics, nor when
//! either is caught. `thread::panicking` tells of the OS thread, so it is true as long as any coro
//! unwinds. So a coro that is switched out while it is true is *marked*:
//!
//! * `UNWINDING` if no other coro is marked: then it is this one that unwinds;
//! * `DOUBT` otherwise: it may unwind.
//!
//! An unmarked coro that is switched out does not unwind, and all marks are void once `panicking`
//! is false. In doubt nothing is raised yet; the coro is *deferred*, and readied when the doubt is
//! gone. No part of this is on the path of a switch while nobody unwinds, but for the question.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::process;

use crate::control::{Control, WindAt};
use crate::kernel::Kernel;
use crate::probe;
use crate::state::kernel::{DEFERRED, DIRECT, MARKED};
use crate::state::{
    CANCEL, DEADLOCK, DOOMED, DOUBT, ENDED, GRACE, IN_SCOPE, INTERRUPT, LEFT, NEW, OWED, PROBED,
    READY, SHIELD, THROW, UNWINDING, WINDERS,
};
use crate::unwind::{CANNOT_UNWIND, Cancelled, Deadlock, Overdue, raise};

/// So many cancels may a child of a closing scope swallow.
const PATIENCE: u32 = 1_000;

/// What is known of a coro's unwinding.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unwinding {
    Yes,
    No,
    Unknown,
}

/// Returns `true` if any coro of this OS thread unwinds. The one place that asks.
#[inline(always)]
pub(crate) fn somebody_unwinds() -> bool {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one kernel function that knows how to read the answer"
    )]
    std::thread::panicking()
}

/// Sees to what is unusual before `c`, which runs, is switched out.
#[cold]
#[inline(never)]
pub(crate) fn leave(k: &'static Kernel, c: &Control) {
    // To be switched back to at once is no passage.
    if c.has(WINDERS) && !k.is_next(c) {
        c.set(LEFT);
        wind(k, c, WindAt::Leave);
    }
    if !somebody_unwinds() {
        // What came when it could not be raised is raised as soon as this call returns.
        if c.has(INTERRUPT) && !c.has(SHIELD | ENDED) {
            come_back(k, c);
        }
    } else {
        if c.has(INTERRUPT) {
            defer(k, c);
        }
        let mut marked = k.marked.take();
        c.set(if marked.is_empty() { UNWINDING } else { DOUBT });
        c.rare().mark.set(marked.push(c.handle()));
        k.marked.set(marked);
        k.set(MARKED);
    }
}

/// Lets `c`, which leaves to be interrupted, run again.
fn come_back(k: &'static Kernel, c: &Control) {
    c.clear(GRACE);
    if c.has(THROW | CANCEL | READY) || k.has(DIRECT) {
        k.ready(c);
    } else {
        // Before anybody could bring what it is too late for.
        k.direct.set(Some(c.handle()));
        k.set(DIRECT);
    }
}

/// Sees to what is unusual when `c` has been switched in; may unwind it.
#[cold]
#[inline(never)]
#[track_caller]
pub(crate) fn enter(k: &'static Kernel, c: &Control) {
    if c.has(PROBED) {
        probe::answer(k, c);
    }
    let mark = c.flags.get() & (UNWINDING | DOUBT);
    if mark != 0 {
        unmark(k, c);
    }
    if c.has(LEFT) {
        c.clear(LEFT);
        wind(k, c, WindAt::Enter);
    }
    if c.has(DEADLOCK) {
        c.clear(DEADLOCK);
        let deadlock = Deadlock(k.deadlock.take());
        if c.has(IN_SCOPE) && cfg!(panic = "unwind") {
            raise(Box::new(deadlock));
        }
        deadlock.panic();
    }
    // Who is only overdue looks first whether the call has come to its end.
    let in_time = c.has(GRACE) && !c.has(THROW | CANCEL | SHIELD);
    if in_time {
        c.clear(GRACE);
    } else if c.has(INTERRUPT) {
        let unwinding = match mark {
            0 => Unwinding::No,
            UNWINDING => Unwinding::Yes,
            _ => ask(k),
        };
        interrupt(k, c, unwinding);
    }
}

/// Raises what is pending for `c`, which runs, if that can be done now.
#[cold]
#[inline(never)]
pub(crate) fn check(k: &'static Kernel, c: &Control) {
    interrupt(k, c, ask(k));
}

/// Returns what is known of the running coro's unwinding.
pub(crate) fn ask(k: &'static Kernel) -> Unwinding {
    if !somebody_unwinds() {
        Unwinding::No
    } else if !k.has(MARKED) {
        Unwinding::Yes
    } else {
        Unwinding::Unknown
    }
}

fn interrupt(k: &'static Kernel, c: &Control, unwinding: Unwinding) {
    if c.has(SHIELD | ENDED) || k.forbidden().is_some() {
        return;
    }
    match unwinding {
        Unwinding::Yes => return,
        Unwinding::Unknown => return defer(k, c),
        Unwinding::No => {}
    }
    let rare = c.rare();
    if c.has(CANCEL) {
        rare.cancels.set(rare.cancels.get().saturating_add(1));
        if c.has(DOOMED) && rare.cancels.get() > PATIENCE {
            give_up(c, "it swallows every cancel");
        }
        raise(Box::new(Cancelled));
    }
    c.clear(THROW);
    if let Some(payload) = rare.thrown.take() {
        rare.raised.set(Some(address_of(&*payload)));
        raise(payload);
    }
    c.clear(GRACE);
    if let Some(key) = rare.first_overdue() {
        raise(Box::new(Overdue(key)));
    }
}

/// Ends the process, as a child of a scope cannot be ended and still borrows from it.
#[cold]
pub(crate) fn give_up(child: &Control, why: &str) -> ! {
    eprintln!(
        "coro: {} (spawned at {}) outlives its scope: {why}; aborting, as it may use freed memory",
        Name(child),
        child.spawned
    );
    process::abort()
}

/// Returns the address that tells one payload from another.
pub(crate) fn address_of(payload: &(dyn Any + Send)) -> std::ptr::NonNull<()> {
    std::ptr::NonNull::from(payload).cast()
}

/// Panics where nothing can unwind, unless the coro has not begun: then there is nothing to unwind.
#[inline]
#[track_caller]
pub(crate) fn must_unwind(doing: &str, c: &Control) {
    if cfg!(panic = "abort") && !c.has(NEW) {
        panic!(
            "cannot {doing} {}: it has begun and {CANNOT_UNWIND}",
            Name(c)
        );
    }
}

/// Readies `c` once it is known that it does not unwind.
pub(crate) fn defer(k: &'static Kernel, c: &Control) {
    if c.has(OWED) {
        return;
    }
    c.set(OWED);
    let mut deferred = k.deferred.take();
    c.rare().owed.set(deferred.push(c.handle()));
    k.deferred.set(deferred);
    k.set(DEFERRED);
}

/// Forgets that `c` was deferred, as it has ended.
#[cold]
pub(crate) fn forget_deferred(k: &'static Kernel, c: &Control) {
    c.clear(OWED);
    let mut deferred = k.deferred.take();
    let gone = deferred.remove(c.rare().owed.get());
    if deferred.is_empty() {
        k.clear(DEFERRED);
    }
    k.deferred.set(deferred);
    drop(gone);
}

fn unmark(k: &'static Kernel, c: &Control) {
    c.clear(UNWINDING | DOUBT);
    let mut marked = k.marked.take();
    let gone = marked.remove(c.rare().mark.get());
    if marked.is_empty() {
        k.clear(MARKED);
    }
    k.marked.set(marked);
    drop(gone);
}

/// Looks at the marks anew, while nobody but the dispatcher runs.
#[cold]
pub(crate) fn review_marks(k: &'static Kernel) {
    let mut marked = k.marked.take();
    if !somebody_unwinds() {
        for coro in marked.drain() {
            coro.control().clear(UNWINDING | DOUBT);
        }
        k.clear(MARKED | DEFERRED);
        let mut deferred = k.deferred.take();
        // All of them first, as observers are called below.
        for coro in deferred.iter() {
            coro.control().clear(OWED);
        }
        for coro in deferred.drain() {
            k.ready(coro.control());
        }
    } else if let Some(only) = marked.only() {
        // Somebody unwinds, and whoever is not marked does not.
        only.control().clear(DOUBT);
        only.control().set(UNWINDING);
    }
    k.marked.set(marked);
}

/// Runs the blocks of `c` that belong to this passage.
fn wind(k: &'static Kernel, c: &Control, at: WindAt) {
    let mut blocks = c.rare().winders.take();
    let now = blocks.clone();
    // A block that installs or removes one changes the passages to come, not this one.
    c.rare().winders.set(std::mem::take(&mut blocks));
    let mut due: Vec<_> = now.iter().filter(|w| w.at == at).collect();
    if at == WindAt::Leave {
        due.reverse();
    }
    for wind in due {
        run_block(k, &*wind.block, at);
    }
    // A block that was removed meanwhile goes here, with what it owns.
    k.hook("the drop of a block", || quietly(|| drop(now)));
}

/// Calls one block, where it may neither switch nor panic.
#[track_caller]
pub(crate) fn run_block(k: &'static Kernel, block: &dyn Fn(), at: WindAt) {
    let what = match at {
        WindAt::Enter => "an on_enter block",
        WindAt::Leave => "an on_leave block",
    };
    k.hook(what, block);
}

/// Calls `f` and drops what it may panic with: for code whose failure must not stop the rest.
pub(crate) fn quietly(f: impl FnOnce()) {
    let payload = Cell::new(None);
    if let Err(p) = panic::catch_unwind(AssertUnwindSafe(f)) {
        payload.set(Some(p));
    }
    // A payload may have a destructor that panics, and that payload another.
    while let Some(p) = payload.take() {
        if let Err(next) = panic::catch_unwind(AssertUnwindSafe(|| drop(p))) {
            payload.set(Some(next));
        }
    }
}

/// A coro as people know it: `coro #12 "fetch"`.
pub(crate) struct Name<'a>(pub(crate) &'a Control);

impl std::fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "coro #{}", self.0.id)?;
        match self.0.desc() {
            Some(desc) => write!(f, " {desc:?}"),
            None => Ok(()),
        }
    }
}
