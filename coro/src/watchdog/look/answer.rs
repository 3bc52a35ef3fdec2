//! The handler of the signal: an OS thread looks at its own calls.
//!
//! Nothing here allocates or locks, but for what [`prepare`] does.
#![allow(unsafe_code, reason = "handles a signal, and calls the unwinder")]

use std::ffi::{CStr, c_int, c_void};
use std::ops::Range;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, AtomicU64, AtomicUsize, Ordering};

use libc::siginfo_t;

use super::ROOM;
use super::signal::ARRIVED;
use crate::kernel::Kernel;

/// So many calls are kept.
pub(super) const MOST: usize = 128;

pub(super) const FREE: u64 = 0;
pub(super) const ASKED: u64 = 1;
const BUSY: u64 = 2;
pub(super) const DONE: u64 = 3;
pub(super) const PHASE: u64 = 3;

/// All calls are there.
pub(super) const WHOLE: usize = 0;
/// There are more than can be kept.
pub(super) const MORE: usize = 1;
/// The unwinder was interrupted, or the dynamic linker.
pub(super) const AMID: usize = 2;
/// The handler did not run where it should.
pub(super) const NO_ROOM: usize = 3;
/// The stack is nobody's.
pub(super) const NO_STACK: usize = 4;

/// Who is to look at itself, and what it has seen.
pub(super) struct Request {
    pub(super) phase: AtomicU64,
    pub(super) thread: AtomicI32,
    /// The first and the last address of the alternate stack, and of the OS thread's own.
    pub(super) alternate: [AtomicUsize; 2],
    pub(super) stack: [AtomicUsize; 2],
    pub(super) how: AtomicUsize,
    pub(super) count: AtomicUsize,
    pub(super) addresses: [AtomicUsize; MOST],
}

pub(super) static REQUEST: Request = Request {
    phase: AtomicU64::new(FREE),
    thread: AtomicI32::new(0),
    alternate: [const { AtomicUsize::new(0) }; 2],
    stack: [const { AtomicUsize::new(0) }; 2],
    how: AtomicUsize::new(WHOLE),
    count: AtomicUsize::new(0),
    addresses: [const { AtomicUsize::new(0) }; MOST],
};

/// Sees to what a handler may not be the first to do.
pub(super) fn prepare() {
    walk(usize::MAX, 0..0);
    unsafe_places();
}

/// The code of the unwinder and of the dynamic linker, where they are libraries of their own.
fn unsafe_places() -> &'static [Range<usize>] {
    unsafe extern "C" fn visit(
        info: *mut libc::dl_phdr_info,
        _: usize,
        places: *mut c_void,
    ) -> c_int {
        // SAFETY: what `dl_iterate_phdr` hands out, during this call.
        let info = unsafe { &*info };
        // SAFETY: what `unsafe_places` passed.
        let places = unsafe { &mut *places.cast::<Vec<Range<usize>>>() };
        if info.dlpi_name.is_null() {
            return 0;
        }
        // SAFETY: the library's path, during this call.
        let path = unsafe { CStr::from_ptr(info.dlpi_name) }.to_bytes();
        let file = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
        let names: [&[u8]; 4] = [b"libgcc_s", b"libunwind", b"ld-linux", b"ld64"];
        if !names.iter().any(|name| file.starts_with(name)) {
            return 0;
        }
        for i in 0..info.dlpi_phnum {
            // SAFETY: there are so many of them.
            let part = unsafe { info.dlpi_phdr.add(usize::from(i)) };
            // SAFETY: as above; they stay during this call.
            let part = unsafe { &*part };
            if part.p_type == libc::PT_LOAD && part.p_flags & libc::PF_X != 0 {
                let start = (info.dlpi_addr + part.p_vaddr) as usize;
                places.push(start..start + part.p_memsz as usize);
            }
        }
        0
    }
    static PLACES: OnceLock<Vec<Range<usize>>> = OnceLock::new();
    PLACES.get_or_init(|| {
        let mut places = Vec::new();
        // SAFETY: `visit` does not unwind, and the vector outlives the call.
        unsafe { libc::dl_iterate_phdr(Some(visit), (&raw mut places).cast()) };
        places
    })
}

/// # Safety
///
/// Only the system calls it.
pub(super) unsafe extern "C" fn on_signal(_: c_int, _: *mut siginfo_t, context: *mut c_void) {
    // SAFETY: can be called at any time.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: this OS thread's, valid as long as it runs.
    let saved = unsafe { *errno };
    // SAFETY: what the system hands to a handler of this kind.
    unsafe { answer(&REQUEST, context) };
    // SAFETY: as above.
    unsafe { *errno = saved };
    ARRIVED.fetch_add(1, Ordering::Release);
}

/// Does what is requested, if it is requested from this OS thread.
///
/// # Safety
///
/// `context` is null, or what the system handed to a handler.
unsafe fn answer(request: &Request, context: *const c_void) {
    let phase = request.phase.load(Ordering::Acquire);
    // SAFETY: cannot fail.
    let this = unsafe { libc::gettid() };
    if phase & PHASE != ASKED || request.thread.load(Ordering::Relaxed) != this {
        return;
    }
    let busy = phase - ASKED + BUSY;
    let mine = request
        .phase
        .compare_exchange(phase, busy, Ordering::AcqRel, Ordering::Relaxed);
    if mine.is_err() {
        return;
    }
    // SAFETY: the caller's promise.
    if let Some(context) = unsafe { context.cast::<libc::ucontext_t>().as_ref() } {
        fill(request, context);
    }
    // L1.
    request.phase.store(busy - BUSY + DONE, Ordering::Release);
}

#[cfg(target_arch = "x86_64")]
fn registers(context: &libc::ucontext_t) -> (usize, usize) {
    let registers = &context.uc_mcontext.gregs;
    let of = |register: c_int| registers[register as usize] as usize;
    (of(libc::REG_RIP), of(libc::REG_RSP))
}

#[cfg(target_arch = "aarch64")]
fn registers(context: &libc::ucontext_t) -> (usize, usize) {
    let registers = &context.uc_mcontext;
    (registers.pc as usize, registers.sp as usize)
}

fn load(range: &[AtomicUsize; 2]) -> Range<usize> {
    range[0].load(Ordering::Relaxed)..range[1].load(Ordering::Relaxed)
}

fn fill(request: &Request, context: &libc::ucontext_t) {
    let (ip, sp) = registers(context);
    // Others are return addresses, so the one of an instruction is that of the next byte.
    request.addresses[0].store(ip.wrapping_add(1), Ordering::Relaxed);
    request.count.store(1, Ordering::Relaxed);
    let here = ptr::from_ref(&ip).addr();
    let alternate = load(&request.alternate);
    let own = load(&request.stack);
    let stack = if own.contains(&sp) {
        Some(own)
    } else {
        let current = Kernel::get().current_if_made();
        current.and_then(|c| c.stack()).filter(|s| s.contains(&sp))
    };
    // They are known since `prepare`.
    let is_amid = unsafe_places().iter().any(|place| place.contains(&ip));
    let how = match stack {
        _ if is_amid => AMID,
        _ if !(alternate.start + ROOM..alternate.end).contains(&here) => NO_ROOM,
        None => NO_STACK,
        Some(stack) => walk(ip, sp..stack.end),
    };
    request.how.store(how, Ordering::Relaxed);
}

#[repr(C)]
struct Context {
    opaque: [u8; 0],
}

type Visit = unsafe extern "C" fn(*mut Context, *mut c_void) -> c_int;

// Of the unwinder that std links for panics.
#[allow(
    clashing_extern_declarations,
    reason = "`teardown.rs` has the same, with a context of its own"
)]
unsafe extern "C" {
    fn _Unwind_Backtrace(visit: Visit, data: *mut c_void) -> c_int;
    fn _Unwind_GetIPInfo(context: *mut Context, before_call: *mut c_int) -> usize;
    fn _Unwind_GetCFA(context: *mut Context) -> usize;
}

/// `_URC_NORMAL_STOP`, in every unwinder.
const STOP: c_int = 4;

struct Walk {
    /// The instruction that was interrupted.
    ip: usize,
    /// Where the next stack pointer must lie.
    stack: Range<usize>,
    count: usize,
    has_more: bool,
}

unsafe extern "C" fn visit(context: *mut Context, walk: *mut c_void) -> c_int {
    // SAFETY: what `walk` passed to `_Unwind_Backtrace`.
    let walk = unsafe { &mut *walk.cast::<Walk>() };
    let mut is_exact = 0;
    // SAFETY: the unwinder's own context, valid during this call.
    let ip = unsafe { _Unwind_GetIPInfo(context, &raw mut is_exact) };
    // SAFETY: as above.
    let sp = unsafe { _Unwind_GetCFA(context) };
    if walk.count == 0 {
        // Of the handler, until it comes to what was interrupted.
        if ip == walk.ip && sp == walk.stack.start {
            walk.count = 1;
        }
        return 0;
    }
    if ip == 0 || !walk.stack.contains(&sp) {
        return STOP;
    }
    let Some(place) = REQUEST.addresses.get(walk.count) else {
        walk.has_more = true;
        return STOP;
    };
    place.store(ip + usize::from(is_exact != 0), Ordering::Relaxed);
    walk.count += 1;
    walk.stack.start = sp;
    0
}

/// Notes the calls from the one that was interrupted at `ip`, whose stack is `stack`.
fn walk(ip: usize, stack: Range<usize>) -> usize {
    let mut walk = Walk {
        ip,
        stack,
        count: 0,
        has_more: false,
    };
    // SAFETY: `visit` does not unwind, and `walk` outlives the call.
    unsafe { _Unwind_Backtrace(visit, (&raw mut walk).cast()) };
    if walk.count > 0 {
        REQUEST.count.store(walk.count, Ordering::Relaxed);
    }
    match walk.count {
        0 => NO_STACK,
        _ if walk.has_more => MORE,
        _ => WHOLE,
    }
}
