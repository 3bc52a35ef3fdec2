//! The switch: the only file that names corosensei.
//!
//! corosensei switches with a matched `call` (in) and `ret` (out). The processor predicts both as
//! long as the frame that is switched into is the frame that switched out, so everything between a
//! coro's loop and [`switch_out`] has to be inlined: one real call in between costs two
//! mispredicted returns, some 20 ns.
//!
//! # Invariants
//!
//! W1. Every coro is switched into by the dispatcher, on the root's stack, and switches out to it.
//! W2. A context that was switched out of in mid-run is never dropped and never reset: its stack is
//!     unwound by itself, or leaked.
//! W3. A coro's yielder is used by that coro alone, while it runs.
#![allow(unsafe_code, reason = "changes the stack under the running function")]

use std::cell::UnsafeCell;
use std::fmt;
use std::mem::MaybeUninit;

use corosensei::{Coroutine, CoroutineResult};

use crate::stack::Stack;

/// What a coro switches out with; it lives at the base of the coro's stack.
pub(crate) type Yielder = corosensei::Yielder<(), ()>;

type Raw = Coroutine<(), (), (), Stack>;

/// Where a coro stands: its stack, and the stack pointer while it is switched out.
///
/// It is uninitialised until [`Context::start`], and again after [`Context::finish`]; what is in it
/// is never dropped (W2).
pub(crate) struct Context(UnsafeCell<MaybeUninit<Raw>>);

impl Context {
    pub(crate) const fn empty() -> Context {
        Context(UnsafeCell::new(MaybeUninit::uninit()))
    }

    /// Makes ready to call `body` with `data` on `stack` at the first switch in.
    ///
    /// # Safety
    ///
    /// The context is empty. When the context is first switched into, `data` must be valid for
    /// `body`, which must not unwind.
    pub(crate) unsafe fn start(
        &self,
        stack: Stack,
        body: unsafe fn(*const (), *const Yielder),
        data: *const (),
    ) {
        let raw = Raw::with_stack(stack, move |yielder, ()| {
            // SAFETY: the caller's promise.
            unsafe { body(data, yielder) }
        });
        // SAFETY: nobody else holds a reference into the cell: it is empty, so not running.
        unsafe { self.0.get().cast::<Raw>().write(raw) };
    }

    /// Switches to the coro; returns when it switches out, with `true` if it has come to its end.
    ///
    /// # Safety
    ///
    /// The context is started, not finished, and not running; the caller is the dispatcher (W1).
    #[inline(always)]
    pub(crate) unsafe fn switch_in(&self) -> bool {
        // SAFETY: initialised by `start`; the one reference, as only the dispatcher makes one and
        // it makes the next one after this call returned.
        let raw = unsafe { &mut *self.0.get().cast::<Raw>() };
        matches!(raw.resume(()), CoroutineResult::Return(()))
    }

    /// Takes the stack out of a context that has come to its end.
    ///
    /// # Safety
    ///
    /// [`Context::switch_in`] has returned `true`, and `finish` was not called since.
    pub(crate) unsafe fn finish(&self) -> Stack {
        // SAFETY: initialised, and not running.
        let raw = unsafe { self.0.get().cast::<Raw>().read() };
        raw.into_stack()
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Context")
    }
}

/// Switches from the running coro to the dispatcher; returns when the coro is switched into again.
///
/// # Safety
///
/// `yielder` is the running coro's own (W3), and the code that runs is on that coro's stack.
#[inline(always)]
pub(crate) unsafe fn switch_out(yielder: *const Yielder) {
    // SAFETY: W3; it lives at the base of the stack that we run on.
    unsafe { (*yielder).suspend(()) }
}

/// Returns the stack pointer, or an address near it.
#[inline(always)]
pub(crate) fn stack_pointer() -> usize {
    #[cfg(target_arch = "x86_64")]
    {
        let sp: usize;
        // SAFETY: reads a register.
        unsafe {
            std::arch::asm!("mov {}, rsp", out(reg) sp, options(nomem, nostack, preserves_flags));
        }
        sp
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        let here = 0u8;
        std::ptr::from_ref(&here).addr()
    }
}

/// Asks the processor to fetch the cache line of `address`; any address will do.
#[inline(always)]
pub(crate) fn prefetch(address: usize) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a hint, which faults on no address.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(address as *const i8) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}
