//! The signal by which an OS thread is asked: which, and for how long it is handled.
#![allow(unsafe_code, reason = "installs and removes a handler")]

use std::ffi::c_int;
use std::mem;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;

use super::answer::on_signal;

/// How many signals were sent, and how many have arrived.
pub(super) static SENT: AtomicUsize = AtomicUsize::new(0);
pub(super) static ARRIVED: AtomicUsize = AtomicUsize::new(0);

/// The signal of the watches; there is a handler as long as there is one of these.
pub(in super::super) struct Signal(pub(super) Option<c_int>);

struct Installed {
    users: usize,
    number: Option<c_int>,
}

static INSTALLED: Mutex<Installed> = Mutex::new(Installed {
    users: 0,
    number: None,
});

fn handler() -> libc::sighandler_t {
    on_signal as *const () as libc::sighandler_t
}

/// Sets what is to be done at a signal, if that is given; returns what was before.
fn exchange(number: c_int, new: Option<&libc::sigaction>) -> Option<libc::sigaction> {
    // SAFETY: all zero is a valid `sigaction`.
    let mut before: libc::sigaction = unsafe { mem::zeroed() };
    let new = new.map_or(ptr::null(), ptr::from_ref);
    // SAFETY: `new` is null or valid; a handler in it is of the kind that the flags say.
    let failed = unsafe { libc::sigaction(number, new, &raw mut before) } != 0;
    (!failed).then_some(before)
}

fn is_handled_by(number: c_int, by: libc::sighandler_t) -> bool {
    exchange(number, None).is_some_and(|now| now.sa_sigaction == by)
}

/// What is done at a signal by default, which ends the process.
fn default_action() -> libc::sigaction {
    // SAFETY: all zero is a valid `sigaction`; it says `SIG_DFL`.
    unsafe { mem::zeroed() }
}

impl Signal {
    /// Returns the signal, with a handler; one without number if none is to be had.
    pub(in super::super) fn acquire() -> Signal {
        let mut installed = INSTALLED.lock();
        installed.users += 1;
        // Somebody may have taken it since.
        let number = installed.number.filter(|n| is_handled_by(*n, handler()));
        installed.number = number.or_else(install);
        Signal(installed.number)
    }
}

impl Drop for Signal {
    fn drop(&mut self) {
        let mut installed = INSTALLED.lock();
        installed.users -= 1;
        let is_last = installed.users == 0;
        // Nobody sends any more, but what was sent may be blocked still.
        let all_arrived = SENT.load(Ordering::Relaxed) == ARRIVED.load(Ordering::Acquire);
        if let (true, true, Some(number)) = (is_last, all_arrived, installed.number)
            && is_handled_by(number, handler())
        {
            exchange(number, Some(&default_action()));
            installed.number = None;
        }
    }
}

/// Finds a signal that nobody handles, and handles it.
fn install() -> Option<c_int> {
    let mut ours = default_action();
    ours.sa_sigaction = handler();
    ours.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESTART;
    (libc::SIGRTMIN()..=libc::SIGRTMAX()).rev().find(|number| {
        is_handled_by(*number, libc::SIG_DFL) && exchange(*number, Some(&ours)).is_some()
    })
}
