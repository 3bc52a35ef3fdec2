//! The handlers of others, which say what they saw.
#![allow(unsafe_code, reason = "installs signal handlers, and faults")]

use std::ffi::{c_int, c_void};
use std::hint::black_box;
use std::mem;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use libc::siginfo_t;

/// Where the fault of this run is to happen.
static EXPECTED: AtomicUsize = AtomicUsize::new(0);
/// Who handled faults before [`handing_on`].
static OTHERS: [AtomicUsize; 2] = [AtomicUsize::new(0), AtomicUsize::new(0)];
/// A handler that counts was called.
static INSIDE: AtomicBool = AtomicBool::new(false);

type Handler = extern "C" fn(c_int, *mut siginfo_t, *mut c_void);

/// Writes a line, as a handler may.
pub(crate) fn say(text: &str) {
    // SAFETY: the bytes of the text.
    unsafe { libc::write(libc::STDOUT_FILENO, text.as_ptr().cast(), text.len()) };
}

fn say_signal(signal: c_int) {
    say(if signal == libc::SIGBUS {
        "SIGBUS"
    } else {
        "SIGSEGV"
    });
}

pub(crate) fn leave() -> ! {
    // SAFETY: ends the process.
    unsafe { libc::_exit(7) }
}

extern "C" fn plain(signal: c_int) {
    say_signal(signal);
    say(" plainly\n");
    leave();
}

fn address_of(info: *mut siginfo_t) -> *mut c_void {
    // SAFETY: what the system hands to a handler of this kind.
    let info = unsafe { &*info };
    // SAFETY: a signal that comes with an address.
    unsafe { info.si_addr() }
}

extern "C" fn informed(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    say_signal(signal);
    let address = address_of(info);
    let is_right = address.addr() == EXPECTED.load(Ordering::Relaxed) && !context.is_null();
    say(if is_right { " there" } else { " elsewhere" });
    // SAFETY: all zero is a valid set.
    let mut blocked: libc::sigset_t = unsafe { mem::zeroed() };
    // SAFETY: only asks; the set is valid for a write.
    unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, ptr::null(), &raw mut blocked) };
    // SAFETY: a valid set.
    let is_masked = unsafe { libc::sigismember(&raw const blocked, libc::SIGUSR1) } == 1;
    say(if is_masked { ", masked\n" } else { "\n" });
    leave();
}

/// Leaves if it is called a second time.
fn only_once() {
    if INSIDE.swap(true, Ordering::Relaxed) {
        say("BAD: it is called again\n");
        leave();
    }
}

/// Does nothing, so that the fault happens again.
extern "C" fn once(_: c_int, _: *mut siginfo_t, _: *mut c_void) {
    only_once();
    say("once\n");
}

/// Makes the page accessible and goes on, the first time.
extern "C" fn repairing(_: c_int, info: *mut siginfo_t, _: *mut c_void) {
    only_once();
    say("repaired\n");
    let page = address_of(info);
    // SAFETY: the page that `repairable` has mapped.
    unsafe { libc::mprotect(page, 4096, libc::PROT_READ | libc::PROT_WRITE) };
}

/// Faults itself, and asked to be interrupted by that.
extern "C" fn nested(_: c_int, _: *mut siginfo_t, _: *mut c_void) {
    if INSIDE.swap(true, Ordering::Relaxed) {
        say("nested\n");
        leave();
    }
    write_to(ptr::null_mut());
}

/// Hands on to who was there before.
extern "C" fn handing_on(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    say("handed on\n");
    let before = OTHERS[usize::from(signal == libc::SIGBUS)].load(Ordering::Relaxed);
    // SAFETY: the kernel's handler, which is of this kind.
    let before = unsafe { mem::transmute::<usize, Handler>(before) };
    before(signal, info, context);
}

fn install(handler: usize, flags: c_int) {
    install_for(&[libc::SIGSEGV, libc::SIGBUS], handler, flags);
}

fn install_for(signals: &[c_int], handler: usize, flags: c_int) {
    for &signal in signals {
        // SAFETY: all zero is a valid `sigaction`.
        let mut action: libc::sigaction = unsafe { mem::zeroed() };
        action.sa_sigaction = handler;
        action.sa_flags = flags;
        // SAFETY: a valid set.
        unsafe { libc::sigaddset(&raw mut action.sa_mask, libc::SIGUSR1) };
        // SAFETY: as above.
        let mut old: libc::sigaction = unsafe { mem::zeroed() };
        // SAFETY: both are valid, and the handler is of the kind that the flags say.
        let failed = unsafe { libc::sigaction(signal, &raw const action, &raw mut old) };
        assert_eq!(failed, 0);
        let other = usize::from(signal == libc::SIGBUS);
        OTHERS[other].store(old.sa_sigaction, Ordering::Relaxed);
    }
}

pub(crate) fn install_by_name(name: &str) {
    let address = |handler: Handler| handler as *const () as usize;
    let (info, on) = (libc::SA_SIGINFO, libc::SA_ONSTACK);
    match name {
        "std" => {}
        "default" => install(libc::SIG_DFL, 0),
        "ignore" => install(libc::SIG_IGN, 0),
        "plain" => install(plain as *const () as usize, on),
        "plain for SIGBUS" => install_for(&[libc::SIGBUS], plain as *const () as usize, on),
        "informed" => install(address(informed), info | on),
        // It does not know of alternate stacks.
        "off the stack" => install(address(informed), info),
        "once" => install(address(once), info | on | libc::SA_RESETHAND),
        "repairing" => install(address(repairing), info | on),
        "nested" => install(address(nested), info | on | libc::SA_NODEFER),
        "handing on" => install(address(handing_on), info | on),
        _ => panic!("unknown handler"),
    }
}

/// Writes a byte where it must not.
#[inline(never)]
pub(crate) fn write_to(address: *mut u8) {
    EXPECTED.store(address.addr(), Ordering::Relaxed);
    // SAFETY: none: this is the fault that the run is about.
    unsafe { black_box(address).write_volatile(1) };
}
