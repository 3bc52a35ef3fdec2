//! The stack on which the watched OS thread looks at itself.
//!
//! It cannot be the coro's own, which may be nearly full, nor the alternate signal stack that std
//! gives to an OS thread: that is made for a handler that writes a line. So while an OS thread is
//! watched, a larger one takes its place, for all handlers that want one.
#![allow(
    unsafe_code,
    reason = "maps memory, and tells the system to handle signals there"
)]

use std::ffi::c_void;
use std::mem;
use std::ops::Range;
use std::ptr;

use super::ROOM;

/// An alternate signal stack of this OS thread: a guard page, and the stack.
pub(in super::super) struct Alternate {
    pages: *mut c_void,
    page: usize,
    bytes: usize,
    before: libc::stack_t,
}

/// Sets the alternate stack, if there is a new one; returns the one before.
fn exchange(new: Option<&libc::stack_t>) -> Option<libc::stack_t> {
    // SAFETY: all zero is a valid `stack_t`.
    let mut before: libc::stack_t = unsafe { mem::zeroed() };
    let new = new.map_or(ptr::null(), ptr::from_ref);
    // SAFETY: `new` is null, or valid and says a stack that stays; `before` may be written.
    let failed = unsafe { libc::sigaltstack(new, &raw mut before) } != 0;
    (!failed).then_some(before)
}

impl Alternate {
    /// Makes one and installs it; `None` if there is no memory, or if the one before is in use.
    pub(in super::super) fn install() -> Option<Alternate> {
        // SAFETY: no argument can be wrong.
        let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as usize;
        // SAFETY: as above.
        let registers = unsafe { libc::getauxval(libc::AT_MINSIGSTKSZ) } as usize;
        // For a signal, the look, and a fault in it, whose handler writes a line.
        let size = 2 * registers.max(libc::SIGSTKSZ) + 2 * ROOM;
        let bytes = page + size.next_multiple_of(page);
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a new mapping, at an address of the system's choice.
        let pages = unsafe { libc::mmap(ptr::null_mut(), bytes, access, flags, -1, 0) };
        if pages == libc::MAP_FAILED {
            return None;
        }
        let ours = libc::stack_t {
            ss_sp: pages.wrapping_byte_add(page),
            ss_flags: 0,
            ss_size: bytes - page,
        };
        // Without the guard it is still a stack.
        // SAFETY: the lowest page of the mapping made above.
        unsafe { libc::mprotect(pages, page, libc::PROT_NONE) };
        let Some(before) = exchange(Some(&ours)) else {
            // SAFETY: the mapping made above, which nobody knows.
            unsafe { libc::munmap(pages, bytes) };
            return None;
        };
        Some(Alternate {
            pages,
            page,
            bytes,
            before,
        })
    }

    /// Returns its addresses.
    pub(in super::super) fn range(&self) -> Range<usize> {
        self.pages.addr() + self.page..self.pages.addr() + self.bytes
    }
}

impl Drop for Alternate {
    fn drop(&mut self) {
        let Some(now) = exchange(None) else {
            return;
        };
        let is_ours = now.ss_sp.addr() == self.range().start;
        // Who has put another in its place may put ours back: then it must be there.
        let is_unused = if is_ours {
            exchange(Some(&self.before)).is_some()
        } else {
            now.ss_flags & libc::SS_DISABLE != 0
        };
        if is_unused {
            // SAFETY: the mapping made in `install`; no signal is handled on it any more.
            unsafe { libc::munmap(self.pages, self.bytes) };
        }
    }
}
