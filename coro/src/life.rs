//! The beginning and the end of a coro's life.
//!
//! Everything that runs code of users at the end (destructors, coro-locals, destroy handlers)
//! runs on the ending coro's own stack; for a coro that has none, in its canceller's context.
#![allow(unsafe_code, reason = "hands a stack to a context and takes it back")]

use crate::control::{Control, Coro, Ending, Rare};
use crate::hooks::{End, Event};
use crate::join_error::{Failure, JoinError};
use crate::kernel::Kernel;
use crate::panic_hook;
use crate::passage::{self, quietly};
use crate::state::kernel::{DIRECT, OBSERVER};
use crate::state::{CANCEL, ENDED, FAILED, INTERRUPT, NEW, OWED, SHIELD, TAKER, THROW, WINDERS};
use crate::switch::Yielder;
use crate::teardown;

/// Gives a new coro its stack. Returns `false` if there is none: then the coro has ended.
#[inline]
pub(crate) fn begin(k: &'static Kernel, coro: &Coro) -> bool {
    let c = coro.control();
    let runs = k.first_runs.get() + 1;
    k.first_runs.set(runs);
    if runs.is_power_of_two() {
        panic_hook::install();
        teardown::before_first_run(runs);
    }
    match k.stacks.take(u32::from(c.stack_class)) {
        Ok(stack) => {
            c.clear(NEW);
            // SAFETY: empty, as the coro is new. The control block outlives the coro's last
            // switch: until that the current slot holds it. `body` does not unwind.
            unsafe { c.context.start(stack, body, coro.as_ptr().as_ptr().cast()) };
            true
        }
        Err(why) => {
            let why = JoinError::new(Failure::NoStack(why));
            let forbid = k.forbid("the drop of a coro for which there is no stack", c.spawned);
            end_unborn(k, c, why);
            drop(forbid);
            false
        }
    }
}

/// The first function on a coro's stack.
///
/// # Safety
///
/// `control` is of the coro that is switched in, and `yielder` its own.
unsafe fn body(control: *const (), yielder: *const Yielder) {
    let k = Kernel::get();
    // SAFETY: the caller's promise.
    let c = unsafe { &*control.cast::<Control>() };
    c.yielder.set(yielder);
    k.yielder.set(yielder);
    if c.has(THROW | CANCEL) {
        c.abandon(interrupted(c));
    } else {
        c.run();
    }
    end(k, c);
}

/// Why a coro ends that was interrupted before its first statement.
fn interrupted(c: &Control) -> JoinError {
    let rare = c.rare();
    JoinError::new(match rare.thrown.take() {
        Some(payload) if !c.has(CANCEL) => Failure::Thrown(payload),
        _ => Failure::Cancelled(rare.cancel_value.take()),
    })
}

/// Ends a coro whose result is stored: in its own context, or its canceller's.
#[inline]
fn end(k: &'static Kernel, c: &Control) {
    // The body is over, so there is nothing left to interrupt.
    c.set(SHIELD);
    // Before the result is taken or dropped.
    let how = if k.has(OBSERVER) {
        c.how()
    } else {
        End::Returned
    };
    if let Some(rare) = c.rare_if_any() {
        rare.shields.set(rare.shields.get() + 1);
    }
    loop {
        // Again and again, as destructors may drop the handle, or `terminate` with another result.
        if !c.has(TAKER) {
            if c.failed() {
                c.set(FAILED);
            }
            c.discard();
        }
        if !c.rare_if_any().is_some_and(|rare| clean_once(c, rare)) {
            break;
        }
    }
    c.set(ENDED);
    c.clear(INTERRUPT | WINDERS);
    if c.has(OWED) {
        passage::forget_deferred(k, c);
    }
    k.living.remove(c);
    if k.has(OBSERVER) {
        k.tell(&Event::Ended {
            coro: &c.handle(),
            how,
        });
    }
    if let Some(rare) = c.rare_if_any() {
        loop {
            let mut endings = rare.endings.take();
            let Some(newest) = endings.pop() else { break };
            rare.endings.set(endings);
            newest.happen(k);
        }
    }
    if let Some(first) = c.first_joiner.take() {
        k.ready(first.control());
    }
    // What handlers and observers have left. No foreign code runs in this coro any more.
    clean_up(c);
}

/// Drops what only the coro itself could use.
#[inline]
fn clean_up(c: &Control) {
    if let Some(rare) = c.rare_if_any() {
        while clean_once(c, rare) {}
    }
}

/// Drops what is there now; returns whether there was anything, whose destructors may have made more.
#[cold]
fn clean_once(c: &Control, rare: &Rare) -> bool {
    let mut deferred = rare.deferred.take();
    if let Some(newest) = deferred.pop() {
        // It may defer more.
        rare.deferred.set(deferred);
        quietly(newest);
        return true;
    }
    let mut locals = false;
    while let Some(value) = rare.locals.pop() {
        locals = true;
        quietly(|| drop(value));
    }
    let winders = rare.winders.take();
    let payloads = (rare.thrown.take(), rare.cancel_value.take());
    c.clear(THROW);
    let some = locals || !winders.is_empty() || payloads.0.is_some() || payloads.1.is_some();
    winders.into_iter().for_each(|wind| quietly(|| drop(wind)));
    quietly(|| drop(payloads.0));
    quietly(|| drop(payloads.1));
    some
}

impl Ending {
    fn happen(self, k: &'static Kernel) {
        match self {
            Ending::Ready(joiner) => {
                k.ready(joiner.control());
            }
            // One handler's panic must not cost the others their call.
            Ending::Call(handler) => quietly(handler),
        }
    }
}

/// Where an ending is registered with its coro.
#[derive(Debug)]
pub(crate) enum AtEnd {
    /// As the first joiner.
    First,
    /// With this number.
    Behind(u64),
}

/// Registers what is to happen when the coro has ended, which it has not yet.
#[inline]
pub(crate) fn at_end(c: &Control, ending: Ending) -> AtEnd {
    let first = c.first_joiner.take();
    match (first, ending) {
        (None, Ending::Ready(joiner)) if c.rare_if_any().is_none() => {
            c.first_joiner.set(Some(joiner));
            AtEnd::First
        }
        (first, ending) => {
            c.first_joiner.set(first);
            let mut endings = c.rare().endings.take();
            let number = endings.push(ending);
            c.rare().endings.set(endings);
            AtEnd::Behind(number)
        }
    }
}

/// Takes back what was registered at this place, if it has not happened.
#[cold]
pub(crate) fn not_at_end(c: &Control, place: &AtEnd) {
    match *place {
        // Until it is taken back, nobody else is the first; when the coro has ended, nobody will be.
        AtEnd::First => drop(c.first_joiner.take()),
        AtEnd::Behind(number) => {
            let mut endings = c.rare().endings.take();
            let gone = endings.remove(number);
            c.rare().endings.set(endings);
            drop(gone);
        }
    }
}

/// Ends a coro that has never run: its closure is dropped here.
pub(crate) fn end_unborn(k: &'static Kernel, c: &Control, why: JoinError) {
    // The last handle may go in the closure's destructor.
    let _alive = c.handle();
    c.clear(NEW);
    // The closure's destructor may switch: nobody shall try to run a coro that has no stack.
    k.bury(c);
    c.abandon(why);
    end(k, c);
}

/// Sees to a coro, the current one, that has switched out for the last time.
#[inline]
pub(crate) fn finish(k: &'static Kernel, c: &Control) {
    // SAFETY: the dispatcher calls this once, when `switch_in` has told it that this is the end.
    k.stacks.give(unsafe { c.context.finish() });
    k.yielder.set(std::ptr::null());
    k.bury(c);
    if let Some(canceller) = k.forget_way_back(c) {
        k.direct.set(Some(canceller));
        k.set(DIRECT);
    }
    k.give_up_current();
}
