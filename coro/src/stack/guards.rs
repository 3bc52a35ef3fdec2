//! The guards at the ends of stacks: pages that refuse every access, and the mappings they cost.
#![allow(unsafe_code, reason = "changes the access to pages of slots")]

use std::env;
use std::sync::OnceLock;

use parking_lot::Mutex;

use super::{NoStack, no_stack, page_size, reserve};

/// `MADV_GUARD_INSTALL` of Linux 6.13; libc does not name it yet on every target.
const MADV_GUARD_INSTALL: libc::c_int = 102;

/// How the guards are made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Guards {
    /// `MADV_GUARD_INSTALL`: the mapping stays one.
    Advice,
    /// `mprotect`: each guard splits the mapping, and costs two of `vm.max_map_count`.
    Protect,
}

/// Chooses once: the environment variable `CORO_STACK_GUARD=mprotect` forces the fallback.
fn guards() -> Guards {
    static GUARDS: OnceLock<Guards> = OnceLock::new();
    *GUARDS.get_or_init(|| {
        let forced = env::var_os("CORO_STACK_GUARD").is_some_and(|v| v == "mprotect");
        if !forced && takes_advice() {
            return Guards::Advice;
        }
        take_spare();
        Guards::Protect
    })
}

/// Tries whether the system knows `MADV_GUARD_INSTALL`.
fn takes_advice() -> bool {
    let Ok((page, _)) = reserve(page_size(), 1) else {
        return false;
    };
    let page = page as *mut libc::c_void;
    // SAFETY: a page mapped above and used by nobody; it is unmapped at once.
    let refused = unsafe { libc::madvise(page, page_size(), MADV_GUARD_INSTALL) } != 0;
    // SAFETY: the same page.
    unsafe { libc::munmap(page, page_size()) };
    !refused
}

/// Makes the lowest page of a slot refuse every access.
pub(super) fn install(slot: usize) -> Result<(), NoStack> {
    let page = slot as *mut libc::c_void;
    let (doing, failed) = match guards() {
        // SAFETY: T1, the slot is ours; T2, it is mapped.
        Guards::Advice => ("madvise(MADV_GUARD_INSTALL)", unsafe {
            libc::madvise(page, page_size(), MADV_GUARD_INSTALL)
        }),
        // SAFETY: as above.
        Guards::Protect => ("mprotect", unsafe {
            libc::mprotect(page, page_size(), libc::PROT_NONE)
        }),
    };
    if failed == 0 {
        return Ok(());
    }
    let why = no_stack(doing);
    // From here on, the rest of the program needs the mappings more.
    give_spare_back();
    Err(why)
}

/// How many mappings are kept for the rest of the program, where each guard costs two.
const SPARES: usize = 64;

/// Where the spare mappings lie: pages of which every other one refuses access.
static SPARE: Mutex<Option<usize>> = Mutex::new(None);

/// Takes some mappings, to be given back when the limit is reached: at that moment the kernel, and
/// the allocator under everything else, may need some, and would end the process.
fn take_spare() {
    let page = page_size();
    let Ok((from, to)) = reserve(page, 2 * SPARES) else {
        return;
    };
    for spare in (from..to).step_by(2 * page) {
        // SAFETY: pages mapped above, used by nobody. A refusal means fewer spares.
        unsafe { libc::mprotect(spare as *mut libc::c_void, page, libc::PROT_NONE) };
    }
    *SPARE.lock() = Some(from);
}

#[cold]
fn give_spare_back() {
    if let Some(from) = SPARE.lock().take() {
        // SAFETY: what `take_spare` mapped, used by nobody.
        unsafe { libc::munmap(from as *mut libc::c_void, 2 * SPARES * page_size()) };
    }
}
