//! The overflow of a stack: it names the coro, and ends the process.
//!
//! A coro that runs out of stack touches the guard page below it, and the system answers with a
//! signal. This file has the handler, which says whose stack it was and aborts, as std does for the
//! stacks of OS threads:
//!
//! ```text
//! coro #12 "fetch" has overflowed its stack of 256 KiB (spawned at src/x.rs:9:13)
//! fatal runtime error: stack overflow, aborting
//! ```
//!
//! Every other fault is the business of the handler that was there before; mostly that is std's,
//! which knows the stacks of OS threads. A handler that is installed later, and does not hand on
//! what it does not know, takes the message away.
//!
//! * **What is an overflow.** The address lies in the guard page of the current coro's stack, and
//!   the stack pointer is near that page or has passed it. The address alone would also convict a
//!   wild pointer, and the dispatcher, which runs on another stack while a coro is current.
//!   Addresses below the guard page are not judged: they belong to the stack of somebody else,
//!   who may have touched them. So code without stack probes, in other languages, can jump over
//!   the guard unseen.
//! * **Where the handler runs.** On the alternate signal stack of its OS thread, for the coro's own
//!   is full. std gives one to each OS thread that it starts, and to the main one; any other OS
//!   thread gets one here, when its kernel is made, and loses it when its thread-locals go.
//! * **What the handler does.** It formats into a buffer on its own stack, writes and aborts. It
//!   takes no lock, allocates nothing and cannot panic: the code that faulted may hold any lock and
//!   be amid anything. The thread-local it reads has no destructor, so needs no registration. (In a
//!   library that `dlopen` loaded, the C library may allocate that thread-local at the first fault
//!   on an OS thread that has no kernel.)
//! * **Handlers before ours** are called as if they had been installed: by their kind, with their
//!   mask, and only once if they asked for that. The one difference is that they run on the
//!   alternate stack, even if they did not ask for it.
//! * **With AddressSanitizer**, so with the feature `sanitizer`, the line that names the coro is
//!   written, and then its handler is called, as for any fault: its report has the backtrace, and
//!   it ends the process in its own way.
//!
//! On other systems than Linux nothing of this is compiled: there an overflow hits the guard page
//! and ends the process without a word.
//!
//! # Invariants
//!
//! O1. The handler runs on the OS thread that faulted, between two of its instructions; so what it
//!     reads through [`Kernel::get`] is that OS thread's, and stands still.
#![cfg_attr(
    target_os = "linux",
    allow(
        unsafe_code,
        reason = "handles a signal, and calls the handlers of others"
    )
)]

#[cfg(target_os = "linux")]
pub(crate) use linux::arm;

/// Does nothing: the system is not one where overflows are told.
#[cfg(not(target_os = "linux"))]
pub(crate) fn arm() {}

#[cfg(target_os = "linux")]
mod linux {
    use std::cell::Cell;
    use std::fmt::{self, Write};
    use std::mem;
    use std::process;
    use std::ptr;
    use std::sync::Once;
    use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};

    use libc::{c_int, c_void, siginfo_t};

    use crate::control::Control;
    use crate::kernel::Kernel;
    use crate::stack::page_size;

    /// Sees to it that overflows on this OS thread are told.
    #[cold]
    pub(crate) fn arm() {
        static INSTALLED: Once = Once::new();
        INSTALLED.call_once(|| {
            install(libc::SIGSEGV);
            install(libc::SIGBUS);
        });
        give_alternate_stack();
    }

    /// A handler that was there before ours.
    struct Previous {
        handler: AtomicUsize,
        flags: AtomicI32,
    }

    static BEFORE_SEGV: Previous = Previous::new();
    static BEFORE_BUS: Previous = Previous::new();

    impl Previous {
        const fn new() -> Previous {
            Previous {
                handler: AtomicUsize::new(libc::SIG_DFL),
                flags: AtomicI32::new(0),
            }
        }

        fn of(signal: c_int) -> &'static Previous {
            if signal == libc::SIGBUS {
                &BEFORE_BUS
            } else {
                &BEFORE_SEGV
            }
        }

        fn keep(&self, action: &libc::sigaction) {
            self.flags.store(action.sa_flags, Ordering::Relaxed);
            self.handler.store(action.sa_sigaction, Ordering::Release);
        }
    }

    fn install(signal: c_int) {
        // SAFETY: all zero is a valid `sigaction`.
        let mut old: libc::sigaction = unsafe { mem::zeroed() };
        // SAFETY: only asks; `old` is valid for a write.
        if unsafe { libc::sigaction(signal, ptr::null(), &raw mut old) } != 0 {
            return;
        }
        // First of all: another OS thread may fault as soon as ours is installed.
        Previous::of(signal).keep(&old);
        let mut ours = old;
        ours.sa_sigaction = on_fault as *const () as usize;
        // Its mask stays, and so does its wish to be interrupted by its own signal.
        ours.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | (old.sa_flags & libc::SA_NODEFER);
        // SAFETY: a handler of the kind that the flags say, which lives as long as the process.
        if unsafe { libc::sigaction(signal, &raw const ours, &raw mut old) } == 0 {
            // Another OS thread may have installed one in between.
            Previous::of(signal).keep(&old);
        }
    }

    /// The handler.
    unsafe extern "C" fn on_fault(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
        // SAFETY: what the system hands to a handler of this kind, or one that hands it on.
        if let Some(coro) = unsafe { whose_overflow(info, context) } {
            tell(coro);
            if !cfg!(feature = "sanitizer") {
                process::abort();
            }
        }
        // SAFETY: as above.
        unsafe { hand_on(signal, info, context) }
    }

    /// Returns the current coro, if this fault is the overflow of its stack.
    ///
    /// # Safety
    ///
    /// `info` and `context` are null, or what the system handed to a handler of this OS thread.
    unsafe fn whose_overflow(
        info: *mut siginfo_t,
        context: *mut c_void,
    ) -> Option<&'static Control> {
        // SAFETY: the caller's promise.
        let info = unsafe { info.as_ref() }?;
        if is_sent(info) {
            return None;
        }
        // SAFETY: the system sends these two signals with an address.
        let address = unsafe { info.si_addr() }.addr();
        // O1.
        let coro = Kernel::get().current_if_made()?;
        let stack = coro.stack()?;
        let guard = stack.start - page_size()..stack.start;
        // A frame is entered by steps of less than a page, but for those of code without probes:
        // of these, frames of up to the size of the stack are believed.
        let near = guard.start - stack.len()..guard.end + guard.len();
        // SAFETY: the caller's promise.
        let sp = unsafe { stack_pointer(context) };
        let is_ours = guard.contains(&address) && sp.is_none_or(|sp| near.contains(&sp));
        is_ours.then_some(coro)
    }

    /// Returns `true` if the signal was sent by a process, so that there was no fault.
    fn is_sent(info: &siginfo_t) -> bool {
        info.si_code <= 0
    }

    /// Returns the stack pointer of the code that faulted, where its place is known.
    ///
    /// # Safety
    ///
    /// `context` is null, or what the system handed to a handler.
    unsafe fn stack_pointer(context: *const c_void) -> Option<usize> {
        // SAFETY: the caller's promise.
        let context = unsafe { context.cast::<libc::ucontext_t>().as_ref() }?;
        #[cfg(target_arch = "x86_64")]
        return Some(context.uc_mcontext.gregs[libc::REG_RSP as usize] as usize);
        #[cfg(target_arch = "aarch64")]
        return Some(context.uc_mcontext.sp as usize);
        #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
        {
            let _ = context;
            None
        }
    }

    /// Writes whose stack it was.
    fn tell(coro: &Control) {
        let mut out = Stderr {
            text: [0; 256],
            len: 0,
        };
        // `Stderr` never fails, and neither do the values below.
        let _ = write!(out, "\ncoro #{}", coro.id);
        let desc = coro.rare_if_any().map(|rare| rare.desc.as_ptr());
        // SAFETY: O1. What was being changed as the fault came is either there or not there yet.
        if let Some(desc) = desc.and_then(|desc| unsafe { &*desc }.as_deref()) {
            let _ = write!(out, " {desc:?}");
        }
        let _ = writeln!(
            out,
            " has overflowed its stack of {} KiB (spawned at {})",
            (1_usize << coro.stack_class) / 1024,
            coro.spawned
        );
        if !cfg!(feature = "sanitizer") {
            let _ = out.write_str("fatal runtime error: stack overflow, aborting\n");
        }
        out.flush();
    }

    /// Standard error, for those who may neither allocate nor lock.
    struct Stderr {
        text: [u8; 256],
        len: usize,
    }

    impl Stderr {
        fn flush(&mut self) {
            let mut text = self.text.get(..mem::take(&mut self.len)).unwrap_or(&[]);
            while !text.is_empty() {
                // SAFETY: the bytes of the slice.
                let n =
                    unsafe { libc::write(libc::STDERR_FILENO, text.as_ptr().cast(), text.len()) };
                match usize::try_from(n) {
                    Ok(n) => text = text.get(n..).unwrap_or(&[]),
                    // SAFETY: this OS thread's, valid as long as it runs.
                    Err(_) if unsafe { *errno() } == libc::EINTR => {}
                    // Nobody listens.
                    Err(_) => return,
                }
            }
        }
    }

    impl Write for Stderr {
        fn write_str(&mut self, s: &str) -> fmt::Result {
            for byte in s.bytes() {
                if self.len == self.text.len() {
                    self.flush();
                }
                if let Some(place) = self.text.get_mut(self.len) {
                    *place = byte;
                    self.len += 1;
                }
            }
            Ok(())
        }
    }

    fn errno() -> *mut c_int {
        // SAFETY: can be called at any time.
        unsafe { libc::__errno_location() }
    }

    /// Does what would have been done without us.
    ///
    /// # Safety
    ///
    /// What the system handed to our handler, on this OS thread.
    unsafe fn hand_on(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
        let previous = Previous::of(signal);
        let handler = previous.handler.load(Ordering::Acquire);
        let flags = previous.flags.load(Ordering::Relaxed);
        // SAFETY: the caller's promise.
        let is_sent = unsafe { info.as_ref() }.is_some_and(is_sent);
        if handler == libc::SIG_IGN && is_sent {
            return;
        }
        if handler == libc::SIG_DFL || handler == libc::SIG_IGN {
            // The system does not let a fault be ignored either.
            return end_by(signal, is_sent);
        }
        if flags & libc::SA_RESETHAND != 0 {
            previous.handler.store(libc::SIG_DFL, Ordering::Release);
        }
        if flags & libc::SA_SIGINFO != 0 {
            type Informed = unsafe extern "C" fn(c_int, *mut siginfo_t, *mut c_void);
            // SAFETY: it was installed as a handler of this kind.
            let handler = unsafe { mem::transmute::<usize, Informed>(handler) };
            // SAFETY: called as the system would.
            unsafe { handler(signal, info, context) }
        } else {
            type Plain = unsafe extern "C" fn(c_int);
            // SAFETY: it was installed as a handler of this kind.
            let handler = unsafe { mem::transmute::<usize, Plain>(handler) };
            // SAFETY: called as the system would.
            unsafe { handler(signal) }
        }
    }

    /// Restores the default: when the handler returns, the fault happens again, and ends the process.
    fn end_by(signal: c_int, is_sent: bool) {
        // SAFETY: this OS thread's, valid as long as it runs.
        let saved = unsafe { *errno() };
        // SAFETY: all zero is a valid `sigaction`; it says `SIG_DFL`.
        let default: libc::sigaction = unsafe { mem::zeroed() };
        // SAFETY: `default` is valid for a read.
        unsafe { libc::sigaction(signal, &raw const default, ptr::null_mut()) };
        if is_sent {
            // Nothing would happen again by itself. It is blocked until the handler returns.
            // SAFETY: async-signal-safe.
            unsafe { libc::raise(signal) };
        }
        // SAFETY: as above.
        unsafe { *errno() = saved };
    }

    /// An alternate signal stack of ours: a guard page, and the stack.
    struct Alternate {
        pages: *mut c_void,
        bytes: usize,
    }

    thread_local! {
        static ALTERNATE: Cell<Option<Alternate>> = const { Cell::new(None) };
    }

    fn no_stack() -> libc::stack_t {
        libc::stack_t {
            ss_sp: ptr::null_mut(),
            ss_flags: libc::SS_DISABLE,
            // Some systems look at it even so.
            ss_size: libc::SIGSTKSZ,
        }
    }

    /// Returns the alternate stack of this OS thread.
    fn alternate_stack() -> libc::stack_t {
        let mut stack = no_stack();
        // SAFETY: only asks; `stack` is valid for a write.
        unsafe { libc::sigaltstack(ptr::null(), &raw mut stack) };
        stack
    }

    /// Gives this OS thread an alternate stack, if it has none.
    fn give_alternate_stack() {
        if alternate_stack().ss_flags & libc::SS_DISABLE != 0 {
            // An OS thread whose thread-locals are gone already runs no coros.
            let _ = ALTERNATE.try_with(|place| place.set(Alternate::new()));
        }
    }

    impl Alternate {
        /// Makes one and installs it. If there is no memory, an overflow ends the process untold.
        fn new() -> Option<Alternate> {
            let page = page_size();
            // What the processor's registers need, which may be more than the C library knows.
            // SAFETY: no argument can be wrong.
            let least = unsafe { libc::getauxval(libc::AT_MINSIGSTKSZ) } as usize;
            // And room for the handlers before ours.
            let size = least.max(libc::SIGSTKSZ) + 16 * 1024;
            let bytes = page + size.next_multiple_of(page);
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
            let access = libc::PROT_READ | libc::PROT_WRITE;
            // SAFETY: a new mapping, at an address of the system's choice.
            let pages = unsafe { libc::mmap(ptr::null_mut(), bytes, access, flags, -1, 0) };
            if pages == libc::MAP_FAILED {
                return None;
            }
            let new = Alternate { pages, bytes };
            // Without the guard it is still a stack.
            // SAFETY: the lowest page of the mapping made above.
            unsafe { libc::mprotect(pages, page, libc::PROT_NONE) };
            let stack = libc::stack_t {
                ss_sp: pages.wrapping_byte_add(page),
                ss_flags: 0,
                ss_size: bytes - page,
            };
            // SAFETY: memory of ours that stays until `drop`.
            let failed = unsafe { libc::sigaltstack(&raw const stack, ptr::null_mut()) } != 0;
            (!failed).then_some(new)
        }
    }

    impl Drop for Alternate {
        fn drop(&mut self) {
            let ours = self.pages.addr()..self.pages.addr() + self.bytes;
            if ours.contains(&alternate_stack().ss_sp.addr()) {
                let none = no_stack();
                // SAFETY: `none` is valid for a read.
                if unsafe { libc::sigaltstack(&raw const none, ptr::null_mut()) } != 0 {
                    // The OS thread ends in a signal handler, which runs on it.
                    return;
                }
            }
            // SAFETY: the mapping made in `new`; no signal is handled on it any more.
            unsafe { libc::munmap(self.pages, self.bytes) };
        }
    }
}
