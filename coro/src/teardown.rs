//! The end of an OS thread: nothing is resumed, unwound or dropped any more.
//!
//! A coro may be parked while it borrows a thread-local. When the OS thread ends, its thread-locals
//! are destroyed one by one, and a destructor of one may call into the scheduler: to resume the
//! coro then would hand it a dangling reference. So entering the dispatcher from such a destructor
//! is refused, by two means.
//!
//! * [`Base`] knows the stack word that holds the return address into the C library's
//!   function that runs the OS thread. That function calls the destructors from the same
//!   frame, so by then the word holds another address. This is exact, and costs the root one load
//!   and one comparison where it blocks; coros pay nothing, as none runs by then.
//! * `process::exit` runs the destructors while the frames of the OS thread still stand, on
//!   whatever stack it was called. For this there are [`Sentinel`]s, thread-locals of our own
//!   whose destructors say that the end has begun. Destructors run in the reverse order of
//!   registration, so a sentinel is registered anew before the first run of the 1st, 2nd, 4th,
//!   8th … coro. What remains open is a thread-local that is first used after the newest sentinel
//!   was registered, and whose own destructor both calls the scheduler and finds a coro that
//!   borrows an even younger one, in a program that calls `process::exit`.
#![allow(
    unsafe_code,
    reason = "reads a word of the stack that belongs to no variable"
)]

use std::cell::Cell;
use std::ptr;

use crate::kernel::Kernel;

/// The word of the stack that tells whether the OS thread's own function still runs.
pub(crate) struct Base {
    word: Cell<*const usize>,
    expected: Cell<usize>,
}

impl Base {
    /// A base that never tells.
    pub(crate) const fn unknown() -> Base {
        Base {
            word: Cell::new(ptr::null()),
            expected: Cell::new(0),
        }
    }

    /// Finds the word, if the system is one where that is known to work. Returns `false` if the OS
    /// thread is running its thread-local destructors already.
    pub(crate) fn find(&self) -> bool {
        match unwind::outermost_call_from_libc() {
            unwind::Found::Word(word, expected) => {
                self.word.set(word);
                self.expected.set(expected);
                true
            }
            unwind::Found::Teardown => false,
            unwind::Found::Nothing => true,
        }
    }

    /// Returns `true` if the OS thread's own function has returned.
    #[inline]
    pub(crate) fn is_gone(&self) -> bool {
        let word = self.word.get();
        // SAFETY: the word lies in the part of the OS thread's stack that the C library's frame
        // reaches into; it stays mapped until the OS thread is gone. Volatile: no Rust variable.
        !word.is_null() && unsafe { word.read_volatile() } != self.expected.get()
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64"))]
mod unwind {
    use std::ffi::{CStr, c_int, c_void};
    use std::mem::MaybeUninit;
    use std::ptr;

    #[repr(C)]
    struct Context {
        opaque: [u8; 0],
    }

    type Visit = unsafe extern "C" fn(*mut Context, *mut c_void) -> c_int;

    // Of the unwinder that std links for panics.
    unsafe extern "C" {
        fn _Unwind_Backtrace(visit: Visit, data: *mut c_void) -> c_int;
        fn _Unwind_GetIP(context: *mut Context) -> usize;
        fn _Unwind_GetCFA(context: *mut Context) -> usize;
    }

    struct Frame {
        ip: usize,
        /// The stack pointer with which `ip` is returned to: that address lies right below.
        cfa: usize,
    }

    unsafe extern "C" fn visit(context: *mut Context, frames: *mut c_void) -> c_int {
        // SAFETY: what `frames` passed to `_Unwind_Backtrace`.
        let frames = unsafe { &mut *frames.cast::<Vec<Frame>>() };
        // SAFETY: the unwinder's own context, valid during this call.
        let ip = unsafe { _Unwind_GetIP(context) };
        // SAFETY: as above.
        let cfa = unsafe { _Unwind_GetCFA(context) };
        frames.push(Frame { ip, cfa });
        0
    }

    fn frames() -> Vec<Frame> {
        let mut frames = Vec::new();
        // SAFETY: `visit` does not unwind, and the vector outlives the call.
        unsafe { _Unwind_Backtrace(visit, (&raw mut frames).cast()) };
        frames
    }

    /// Returns what the dynamic linker knows of `address`.
    fn look_up(address: *const c_void) -> Option<libc::Dl_info> {
        let mut info = MaybeUninit::<libc::Dl_info>::zeroed();
        // SAFETY: any address may be asked for; `info` is valid for a write.
        let found = unsafe { libc::dladdr(address, info.as_mut_ptr()) } != 0;
        // SAFETY: zeroed is a valid `Dl_info`, and `dladdr` only writes valid ones.
        found.then(|| unsafe { info.assume_init() })
    }

    /// Returns `true` if the name of the symbol says that thread-locals are being destroyed.
    fn is_teardown(info: &libc::Dl_info) -> bool {
        // SAFETY: a name that the linker returns lives as long as its object; libc stays.
        let name = (!info.dli_sname.is_null()).then(|| unsafe { CStr::from_ptr(info.dli_sname) });
        name == Some(c"__call_tls_dtors")
    }

    /// What a look at the stack found.
    pub(super) enum Found {
        /// A word of the stack, and its content.
        Word(*const usize, usize),
        /// The function that runs thread-local destructors.
        Teardown,
        /// Nothing that could be relied on.
        Nothing,
    }

    /// Finds the outermost frame that is not of the C library but was called by it; returns the
    /// address and the content of the stack word with that call's return address.
    pub(super) fn outermost_call_from_libc() -> Found {
        // SAFETY: the name is a C string.
        let exit = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"exit".as_ptr()) };
        let Some(libc) = look_up(exit) else {
            return Found::Nothing;
        };
        let frames = frames();
        // The address before the return address is within the call.
        let owner = |frame: &Frame| look_up(ptr::without_provenance(frame.ip.wrapping_sub(1)));
        let owners: Vec<_> = frames.iter().map(owner).collect();
        if owners.iter().flatten().any(is_teardown) {
            return Found::Teardown;
        }
        let in_libc = |i: usize| {
            let owner = owners[i].as_ref();
            owner.is_some_and(|info| info.dli_fbase == libc.dli_fbase)
        };
        let outermost = (1..frames.len())
            .rev()
            .find(|i| in_libc(*i) && !in_libc(*i - 1));
        let Some(caller) = outermost else {
            return Found::Nothing;
        };
        let word = frames[caller].cfa - size_of::<usize>();
        let word = ptr::with_exposed_provenance::<usize>(word);
        // SAFETY: the return-address word of a live frame.
        let content = unsafe { word.read_volatile() };
        if content == frames[caller].ip {
            Found::Word(word, content)
        } else {
            Found::Nothing
        }
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64")))]
mod unwind {
    #[expect(dead_code, reason = "what is found where the stack can be read")]
    pub(super) enum Found {
        Word(*const usize, usize),
        Teardown,
        Nothing,
    }

    pub(super) fn outermost_call_from_libc() -> Found {
        Found::Nothing
    }
}

/// Says that thread-locals are being destroyed.
struct Sentinel;

impl Drop for Sentinel {
    fn drop(&mut self) {
        let k = Kernel::get();
        k.torn_down.set(true);
        k.yielder.set(ptr::null());
    }
}

/// Gives the memory of an ended OS thread to those that come after it.
struct Leaver;

impl Drop for Leaver {
    fn drop(&mut self) {
        let k = Kernel::get();
        k.stacks.leave();
        k.ready.leave();
        k.unmake();
        k.blocks.leave();
    }
}

macro_rules! sentinels {
    ($($name:ident)*) => {
        thread_local! {
            static LEAVER: Leaver = const { Leaver };
            $(static $name: Sentinel = const { Sentinel };)*
        }
        const REGISTER: &[fn()] = &[$(|| { let _ = $name.try_with(|_| ()); },)*];
    };
}
sentinels!(S0 S1 S2 S3 S4 S5 S6 S7 S8 S9 S10 S11 S12 S13 S14 S15 S16 S17 S18 S19 S20 S21 S22 S23);

/// Registers the destructors of a new kernel.
pub(crate) fn register() {
    // Registered before any sentinel, so it is the last to run. A kernel that is first used, or used
    // again, after that is leaked.
    let _ = LEAVER.try_with(|_| ());
}

/// Registers a further sentinel: `runs`, a power of two, counts the coros that have run, and the one
/// that is about to.
#[cold]
pub(crate) fn before_first_run(runs: u64) {
    if let Some(register) = REGISTER.get(runs.ilog2() as usize) {
        register();
    }
}
