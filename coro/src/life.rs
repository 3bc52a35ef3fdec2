//! The beginning and the end of a coro's life.
//!
//! Everything that runs code of users at the end (destructors, coro-locals, destroy handlers)
//! runs on the ending coro's own stack; for a coro that has none, in its canceller's context.
#![allow(unsafe_code, reason = "hands a stack to a context and takes it back")]

use crate::control::{Control, Coro, Ending};
use crate::hooks::Event;
use crate::join_error::{Failure, JoinError};
use crate::kernel::Kernel;
use crate::passage::quietly;
use crate::state::kernel::OBSERVER;
use crate::state::{CANCEL, ENDED, INTERRUPT, NEW, TAKER, THROW, WINDERS};
use crate::switch::Yielder;
use crate::teardown;

/// Gives a new coro its stack. Returns `false` if there is none: then the coro has ended.
#[inline]
pub(crate) fn begin(k: &'static Kernel, coro: &Coro) -> bool {
    let c = coro.control();
    let runs = k.first_runs.get() + 1;
    k.first_runs.set(runs);
    teardown::before_first_run(runs);
    match k.stacks.take(c.stack_size) {
        Ok(stack) => {
            c.clear(NEW);
            // SAFETY: empty, as the coro is new. The control block outlives the coro's last
            // switch: until that the current slot holds it. `body` does not unwind.
            unsafe { c.context.start(stack, body, coro.as_ptr().as_ptr().cast()) };
            true
        }
        Err(why) => {
            let why = JoinError::new(Failure::NoStack(Box::new(why)));
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
    if c.has(INTERRUPT) {
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
    if let Some(rare) = c.rare_if_any() {
        clean_up(c, rare);
    }
    c.set(ENDED);
    c.clear(INTERRUPT | WINDERS);
    k.living.remove(c);
    if k.has(OBSERVER) {
        k.tell(&Event::Ended { coro: &c.handle() });
    }
    if let Some(rare) = c.rare_if_any() {
        loop {
            let mut endings = rare.endings.take();
            let Some(newest) = endings.pop() else { break };
            rare.endings.set(endings);
            newest.happen(k);
        }
    }
    if let Some(first) = c.first_ending.take() {
        first.happen(k);
    }
    if !c.has(TAKER) {
        c.discard();
    }
}

/// Drops what only the coro itself could use.
#[cold]
fn clean_up(c: &Control, rare: &crate::control::Rare) {
    // A coro-local's destructor may set another one.
    loop {
        let locals = rare.locals.take();
        if locals.is_empty() {
            break;
        }
        locals.into_iter().for_each(|local| quietly(|| drop(local)));
    }
    let winders = rare.winders.take();
    quietly(|| drop(winders));
    let thrown = rare.thrown.take();
    quietly(|| drop(thrown));
    c.clear(THROW);
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

/// Registers what is to happen when the coro has ended, which it has not yet.
#[inline]
pub(crate) fn at_end(c: &Control, ending: Ending) {
    let first = c.first_ending.take();
    if first.is_none() {
        c.first_ending.set(Some(ending));
        return;
    }
    c.first_ending.set(first);
    let rare = c.rare();
    let mut endings = rare.endings.take();
    endings.push(ending);
    rare.endings.set(endings);
}

/// Takes back one `Ending::Ready(joiner)`.
#[cold]
pub(crate) fn not_at_end(c: &Control, joiner: &Coro) {
    let is_it = |ending: &Ending| matches!(ending, Ending::Ready(coro) if coro == joiner);
    let mut endings = match c.rare_if_any() {
        Some(rare) => rare.endings.take(),
        None => Vec::new(),
    };
    let mut first = c.first_ending.take();
    if let Some(at) = endings.iter().rposition(is_it) {
        endings.remove(at);
    } else if first.as_ref().is_some_and(is_it) {
        first = if endings.is_empty() {
            None
        } else {
            Some(endings.remove(0))
        };
    }
    c.first_ending.set(first);
    if let Some(rare) = c.rare_if_any() {
        rare.endings.set(endings);
    }
}

/// Ends a coro that has never run: its closure is dropped here.
pub(crate) fn end_unborn(k: &'static Kernel, c: &Control, why: JoinError) {
    c.clear(NEW);
    c.abandon(why);
    end(k, c);
    k.bury(c);
}

/// Sees to a coro that has switched out for the last time.
#[inline]
pub(crate) fn finish(k: &'static Kernel, c: &Control) {
    // SAFETY: the dispatcher calls this once, when `switch_in` has told it that this is the end.
    k.stacks.give(unsafe { c.context.finish() });
    k.bury(c);
}
