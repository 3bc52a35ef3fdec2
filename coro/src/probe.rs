//! Looking at the stack of a coro that is switched out.
//!
//! It is resumed for a moment, by whoever asks, at the very place where it switched out; it takes a
//! backtrace of itself there, and switches back. None of its code runs, and for the scheduler it
//! has not run at all.
#![allow(unsafe_code, reason = "switches past the dispatcher")]

use std::backtrace::Backtrace;

use crate::control::Control;
use crate::kernel::Kernel;
use crate::state::PROBED;
use crate::switch::switch_out;

/// So many bytes must be left on a stack for a look at it.
const ROOM: usize = 12 * 1024;

/// Returns the calls that `c` is in, which has begun, has not ended, and does not run; `None` if
/// its stack has not the room.
pub(crate) fn look(k: &'static Kernel, c: &Control) -> Option<Backtrace> {
    let left = c.sp.get().checked_sub(c.stack()?.start)?;
    if left < ROOM {
        return None;
    }
    c.set(PROBED);
    // SAFETY: started, not dead, and not running. It switches back from `answer`, the first thing
    // that it comes to, so the dispatcher finds it as it was (W1).
    unsafe { c.context.switch_in() };
    k.probe.take()
}

/// What a probed coro does.
#[cold]
#[inline(never)]
pub(crate) fn answer(k: &'static Kernel, c: &Control) {
    while c.has(PROBED) {
        c.clear(PROBED);
        k.probe.set(Some(Backtrace::force_capture()));
        // SAFETY: W3, it is this coro's own, on whose stack we are.
        unsafe { switch_out(c.yielder.get()) };
    }
}
