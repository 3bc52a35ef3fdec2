//! Calls from a stack that is not the current coro's own.
//!
//! Another coroutine library may run code of a coro on a stack that it made, and leave that stack
//! from the middle of a call. If the coro were switched out there, somebody else could use what
//! lies on that stack to continue the coro where the dispatcher does not expect it: a borrowed
//! yielder in a child of a scope, or behind a [`Wait`](crate::Wait). With corosensei, safe code
//! can. So a coro is only ever switched out of on its own stack, and a scope is only opened there:
//! between two switches, whatever a foreign library does on foreign stacks nests.
//!
//! # Invariants
//!
//! F1. A coro that is switched out was switched out of on its own stack.
//! F2. A [`scope`](crate::scope) runs on its caller's own stack; so no yielder that a foreign
//!     library lends outlives it.
#![allow(unsafe_code, reason = "asks the system where the root's stack lies")]

use std::ops::Range;

use crate::control::Control;
use crate::kernel::Kernel;
use crate::passage::Name;
use crate::stack::page_size;
use crate::switch::{Yielder, stack_pointer};

/// Returns `true` if `sp` lies on the stack whose base holds `yielder`, which is of `c`.
///
/// The end is not exact: by the colour, less than a page, the range reaches into the guard, where
/// no other stack can be.
#[inline(always)]
pub(crate) fn is_own(c: &Control, yielder: *const Yielder, sp: usize) -> bool {
    yielder.addr().wrapping_sub(sp) >> c.stack_class == 0
}

/// Panics if the caller does not run on the current coro's own stack.
#[inline]
#[track_caller]
pub(crate) fn must_be_own(k: &Kernel) {
    let sp = stack_pointer();
    let c = k.current();
    let yielder = c.yielder.get();
    let is_own = if yielder.is_null() {
        // Unknown until somebody asks.
        k.root_from.get() <= sp && sp < k.root_to.get() || is_on_root(k, sp)
    } else {
        is_own(c, yielder, sp)
    };
    // At the end of an OS thread nobody is switched to any more, and the root may be a new one.
    if !is_own && !k.is_over() {
        refuse(c);
    }
}

#[cold]
#[inline(never)]
#[track_caller]
pub(crate) fn refuse(c: &Control) -> ! {
    panic!(
        "cannot switch on a foreign stack: {} (spawned at {}) runs on one that another coroutine \
         library, or a signal handler, has put in the place of its own",
        Name(c),
        c.spawned
    )
}

/// Asks the system, anew each time as the stack of the first OS thread may grow.
#[cold]
#[inline(never)]
fn is_on_root(k: &Kernel, sp: usize) -> bool {
    let Some(stack) = system::stack_of_this_thread() else {
        // Nothing is known; the root's switches go unchecked.
        return true;
    };
    if !stack.contains(&sp) {
        return false;
    }
    // Where the stack may grow without a limit, it is said to reach down to what was mapped below it
    // by then; what is mapped since may be in between, with a hole above it.
    let mut from = stack.start;
    if stack.len() > LARGE {
        from = sp & !(page_size() - 1);
        if !system::is_mapped(from..stack.end) {
            return false;
        }
    }
    k.root_from.set(from);
    k.root_to.set(stack.end);
    true
}

/// From so many bytes on, the place of a stack is not believed as it is told.
const LARGE: usize = 64 << 20;

#[cfg(target_os = "linux")]
mod system {
    use super::Range;
    use std::mem::MaybeUninit;
    use std::ptr;

    /// Returns where this OS thread's own stack lies, if the system tells.
    pub(super) fn stack_of_this_thread() -> Option<Range<usize>> {
        let mut attributes = MaybeUninit::<libc::pthread_attr_t>::uninit();
        // SAFETY: takes no argument.
        let me = unsafe { libc::pthread_self() };
        // SAFETY: this OS thread; the place is valid for a write.
        if unsafe { libc::pthread_getattr_np(me, attributes.as_mut_ptr()) } != 0 {
            return None;
        }
        let (mut from, mut size) = (ptr::null_mut(), 0);
        // SAFETY: the call above has initialised it.
        let failed = unsafe {
            libc::pthread_attr_getstack(attributes.as_ptr(), &raw mut from, &raw mut size)
        };
        // SAFETY: initialised above, and not used again.
        unsafe { libc::pthread_attr_destroy(attributes.as_mut_ptr()) };
        (failed == 0).then(|| from.addr()..from.addr() + size)
    }

    /// Returns `true` if there is no hole in these pages.
    pub(super) fn is_mapped(pages: Range<usize>) -> bool {
        let from = ptr::without_provenance_mut(pages.start);
        // SAFETY: any addresses may be asked for; what is mapped to no file is left as it is.
        unsafe { libc::msync(from, pages.len(), libc::MS_ASYNC) == 0 }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::Range;

    pub(super) fn stack_of_this_thread() -> Option<Range<usize>> {
        None
    }

    pub(super) fn is_mapped(_: Range<usize>) -> bool {
        true
    }
}
