//! Looking at what another OS thread is doing.
//!
//! Only an OS thread itself can walk its stack. So it is sent a signal, whose handler collects the
//! addresses of the calls that it interrupts; to find their names is left to who asked.
//!
//! * **What the handler does.** It takes no lock and allocates nothing: the code that it interrupts
//!   may hold any lock and be amid anything. It writes to [`REQUEST`], a static, so a signal that is
//!   late finds no memory gone; and if nobody asks any more, it does nothing. It saves `errno`.
//! * **The unwinder** may be used in a handler: it neither locks nor allocates, as long as the
//!   C library has `_dl_find_object` (glibc since 2.35), and has been used before, which
//!   [`Target::of_this_thread`] sees to. It is not used if it is what was interrupted, or the dynamic
//!   linker: then the look is repeated a little later.
//! * **Where the handler runs.** On the [`Alternate`](super::Alternate) stack; if it finds itself
//!   elsewhere, it does not walk.
//! * **How far it walks.** While the stack pointers of the calls rise, and lie in the stack that was
//!   interrupted. Amid a switch, the unwinder is told lies about the calls; it must not go astray.
//! * **The signal** is a real-time one that nobody handled, so the default was to end the process.
//!   The handler is taken away with the last watch, unless a signal has not arrived yet.
//!
//! # Invariants
//!
//! L1. `REQUEST.phase` is the number of the request, times four, plus `FREE`, `ASKED`, `BUSY` or
//!     `DONE`. Who makes it `ASKED` or `FREE` holds `ASKING`, and so does who writes the rest while
//!     it is `FREE` or `DONE`; the handler makes it `BUSY`, then writes, then makes it `DONE`.
#![allow(unsafe_code, reason = "sends a signal, and asks for a stack's place")]

mod alternate;
mod answer;
mod signal;

use std::ffi::c_int;
use std::mem;
use std::ops::Range;
use std::ptr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};

pub(super) use self::alternate::Alternate;
pub(super) use self::signal::Signal;

use self::answer::{
    AMID, ASKED, DONE, FREE, MORE, MOST, NO_ROOM, NO_STACK, PHASE, REQUEST, WHOLE, prepare,
};
use self::signal::SENT;
use super::Watcher;

/// What must be left of the stack for a look.
const ROOM: usize = 32 * 1024;
/// Between two looks at what has become of a request.
const PAUSE: Duration = Duration::from_millis(1);
/// So many pauses a request may take.
const PATIENCE: usize = 1000;
/// So often a look is repeated that found the unwinder at work.
const REPEATS: usize = 20;

/// Held by who uses [`REQUEST`].
static ASKING: Mutex<()> = Mutex::new(());

/// What a look has seen.
pub(super) struct Calls {
    /// Of the instructions after the calls, innermost first.
    pub(super) addresses: Vec<usize>,
    /// Why that is not all, if it is not.
    pub(super) flaw: Option<&'static str>,
}

impl Calls {
    fn none(why: &'static str) -> Calls {
        Calls {
            addresses: Vec::new(),
            flaw: Some(why),
        }
    }
}

/// The OS thread that is watched.
#[derive(Clone, Copy)]
pub(super) struct Target {
    thread: libc::pid_t,
    alternate: [usize; 2],
    stack: [usize; 2],
}

impl Target {
    /// Makes this OS thread one that can be looked at, on this alternate stack.
    pub(super) fn of_this_thread(alternate: Option<Range<usize>>) -> Target {
        prepare();
        let alternate = alternate.unwrap_or(0..0);
        let stack = own_stack().unwrap_or(0..0);
        Target {
            // SAFETY: cannot fail.
            thread: unsafe { libc::gettid() },
            alternate: [alternate.start, alternate.end],
            stack: [stack.start, stack.end],
        }
    }
}

fn own_stack() -> Option<Range<usize>> {
    // SAFETY: all zero is valid for a place to be written.
    let mut attributes: libc::pthread_attr_t = unsafe { mem::zeroed() };
    // SAFETY: cannot fail.
    let this = unsafe { libc::pthread_self() };
    // SAFETY: this OS thread, which lives; the place may be written.
    let failed = unsafe { libc::pthread_getattr_np(this, &raw mut attributes) };
    if failed != 0 {
        return None;
    }
    let (mut start, mut size) = (ptr::null_mut(), 0);
    // SAFETY: initialised above; the places may be written.
    let failed = unsafe {
        libc::pthread_attr_getstack(&raw const attributes, &raw mut start, &raw mut size)
    };
    // SAFETY: initialised above, and not used any more.
    unsafe { libc::pthread_attr_destroy(&raw mut attributes) };
    (failed == 0).then(|| start.addr()..start.addr() + size)
}

/// Asks the watched OS thread what it is doing in this slice.
pub(super) fn look(watcher: &Watcher<'_>, slice: Option<u64>) -> Calls {
    let Some(signal) = watcher.signal.0 else {
        return Calls::none("all signals by which it could be asked are in use");
    };
    let asker = Asker {
        watcher,
        slice,
        signal,
    };
    let Some(_asking) = asker.turn() else {
        return Calls::none(GONE_ON);
    };
    let mut calls = asker.ask();
    for _ in 0..REPEATS {
        if calls.flaw != Some(UNSAFE) {
            break;
        }
        asker.pause();
        calls = asker.ask();
    }
    calls
}

const GONE_ON: &str = "it has given way meanwhile, or is not watched any more";
const UNSAFE: &str = "who called that is not known: it is in the unwinder or the dynamic linker";

struct Asker<'a> {
    watcher: &'a Watcher<'a>,
    slice: Option<u64>,
    signal: c_int,
}

impl Asker<'_> {
    /// Waits until nobody else asks; `None` if the watch was ended.
    fn turn(&self) -> Option<MutexGuard<'static, ()>> {
        loop {
            if let Some(guard) = ASKING.try_lock_for(PAUSE) {
                return Some(guard);
            }
            if self.watcher.is_stopped() {
                return None;
            }
        }
    }

    fn pause(&self) {
        let board = self.watcher.board;
        board.changed.wait_for(&mut board.lock(), PAUSE);
    }

    fn ask(&self) -> Calls {
        let target = &self.watcher.target;
        let phase = REQUEST.phase.load(Ordering::Acquire);
        if !matches!(phase & PHASE, FREE | DONE) {
            return Calls::none("another OS thread was asked and has not answered");
        }
        // L1. A new number, so that nobody takes this request for one before.
        let phase = (phase | PHASE) + 1;
        REQUEST.thread.store(target.thread, Ordering::Relaxed);
        for (to, from) in [
            (&REQUEST.alternate, target.alternate),
            (&REQUEST.stack, target.stack),
        ] {
            to[0].store(from[0], Ordering::Relaxed);
            to[1].store(from[1], Ordering::Relaxed);
        }
        REQUEST.count.store(0, Ordering::Relaxed);
        REQUEST.how.store(NO_STACK, Ordering::Relaxed);
        REQUEST.phase.store(phase + ASKED, Ordering::Release);
        let sent = self.send();
        if let Err(why) = sent.and_then(|()| self.wait(phase + DONE, false)) {
            let asked = phase + ASKED;
            let (order, free) = (Ordering::AcqRel, phase + FREE);
            let withdrawn = REQUEST
                .phase
                .compare_exchange(asked, free, order, Ordering::Relaxed);
            // It may be amid its answer, which ends soon.
            if withdrawn.is_ok() || self.wait(phase + DONE, true).is_err() {
                return Calls::none(why);
            }
        }
        let calls = read();
        REQUEST.phase.store(phase + FREE, Ordering::Release);
        if self.watcher.board.lock().running() != self.slice {
            return Calls::none(GONE_ON);
        }
        calls
    }

    fn send(&self) -> Result<(), &'static str> {
        let state = self.watcher.board.lock();
        // B1: while this is so, and the lock is held, the OS thread lives.
        if state.is_over || state.running() != self.slice {
            return Err(GONE_ON);
        }
        SENT.fetch_add(1, Ordering::Relaxed);
        let thread = self.watcher.target.thread;
        // SAFETY: cannot fail.
        let process = unsafe { libc::getpid() };
        // SAFETY: sends a signal that has a handler.
        if unsafe { libc::syscall(libc::SYS_tgkill, process, thread, self.signal) } != 0 {
            SENT.fetch_sub(1, Ordering::Relaxed);
            return Err("the signal that asks it cannot be sent");
        }
        Ok(())
    }

    /// Waits for an answer; fails if there is none or, unless that is `stubborn`, if the watch was
    /// ended.
    fn wait(&self, done: u64, stubborn: bool) -> Result<(), &'static str> {
        for _ in 0..PATIENCE {
            if REQUEST.phase.load(Ordering::Acquire) == done {
                return Ok(());
            }
            if !stubborn && self.watcher.is_stopped() {
                return Err(GONE_ON);
            }
            self.pause();
        }
        Err("it does not answer the signal that asks it")
    }
}

/// Returns what the handler has noted.
fn read() -> Calls {
    let count = REQUEST.count.load(Ordering::Relaxed).min(MOST);
    let noted = &REQUEST.addresses[..count];
    Calls {
        addresses: noted.iter().map(|a| a.load(Ordering::Relaxed)).collect(),
        flaw: match REQUEST.how.load(Ordering::Relaxed) {
            WHOLE => None,
            MORE => Some("and in others, further out"),
            AMID => Some(UNSAFE),
            NO_ROOM => Some("who called that is not known: others handle signals in its place"),
            _ => Some("who called that is not known: it is on a stack that is not"),
        },
    }
}
