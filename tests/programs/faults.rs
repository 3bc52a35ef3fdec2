//! Faults of every kind, with handlers of others before and after the kernel's: NEEDS H10.
//!
//! The arguments say who handles faults, on what OS thread, and what happens there. Prints what
//! the handlers of others saw; and of a coro that is to overflow, its number and its spawn place.
#![allow(unsafe_code, reason = "makes OS threads in the way of C, and faults")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::fs::{File, read, read_to_string};
use std::hint::black_box;
use std::mem;
use std::os::fd::AsRawFd;
use std::panic::Location;
use std::ptr;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};

use coro::{Builder, cede, schedule, spawn};
#[cfg(target_os = "linux")]
use libc::siginfo_t;

use handlers::{install_by_name, leave, say, write_to};

#[path = "faults/handlers.rs"]
mod handlers;

/// Nothing may be allocated: the handler runs.
static NO_MEMORY: AtomicBool = AtomicBool::new(false);

/// The system's allocator, which must not be called when a stack has overflowed.
struct Strict;

#[global_allocator]
static ALLOCATOR: Strict = Strict;

// SAFETY: the system's.
unsafe impl GlobalAlloc for Strict {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if NO_MEMORY.load(Ordering::Relaxed) {
            say("BAD: it allocates\n");
            leave();
        }
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(memory, layout) }
    }
}

/// Calls itself until there is no stack left.
#[inline(never)]
fn deeper(n: usize) -> usize {
    let frame = black_box([n; 32]);
    let further = if black_box(true) { deeper(n + 1) } else { 0 };
    // The frame is still needed, so that this is no tail call.
    further + black_box(frame)[0]
}

/// Maps a page of this kind; returns it.
fn page(access: c_int, file: Option<&File>) -> *mut u8 {
    let (flags, file) = match file {
        Some(file) => (libc::MAP_SHARED, file.as_raw_fd()),
        None => (libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1),
    };
    // SAFETY: a new mapping, at an address of the system's choice.
    let page = unsafe { libc::mmap(ptr::null_mut(), 4096, access, flags, file, 0) };
    assert_ne!(page, libc::MAP_FAILED);
    page.cast()
}

/// A page of an empty file: to touch it is a SIGBUS.
fn beyond_a_file() -> *mut u8 {
    let path = std::env::temp_dir().join(format!("coro-faults-{}", std::process::id()));
    let file = File::create_new(&path).expect("a new file");
    drop(file);
    let file = File::options().read(true).write(true).open(&path);
    std::fs::remove_file(&path).expect("made above");
    page(
        libc::PROT_READ | libc::PROT_WRITE,
        Some(&file.expect("made above")),
    )
}

/// Returns an address in the first page below `local` that may not be read.
fn guard_below(local: &mut u8) -> *mut u8 {
    let mut pipe = [0; 2];
    // SAFETY: room for two.
    assert_eq!(unsafe { libc::pipe(pipe.as_mut_ptr()) }, 0);
    let mut at = ptr::from_mut(local);
    loop {
        at = at.wrapping_sub(4096);
        // SAFETY: the system looks whether it can be read, and says so.
        if unsafe { libc::write(pipe[1], at.cast(), 1) } < 0 {
            return at;
        }
    }
}

/// Calls `f` where little of the stack is left above its guard page.
#[inline(never)]
fn right_above(guard: *mut u8, f: &dyn Fn()) {
    let frame = black_box([0_u8; 256]);
    if frame.as_ptr().addr() > (guard.addr() | 4095) + 3 * 1024 {
        right_above(guard, f);
    } else {
        f();
    }
    // The frame is still needed, so that this is no tail call.
    black_box(frame);
}

/// Sends itself a signal that names this address.
#[cfg(target_os = "linux")]
fn forge(at: *mut u8, signal: c_int, code: c_int) {
    // SAFETY: all zero is valid for what follows the three numbers.
    let mut info: siginfo_t = unsafe { mem::zeroed() };
    info.si_signo = signal;
    info.si_code = code;
    // On 64 bits the address of a fault is behind the three numbers.
    let address = ptr::from_mut(&mut info).cast::<*mut u8>().wrapping_add(2);
    // SAFETY: within `info`, and aligned as that is.
    unsafe { address.write(at) };
    let call = libc::SYS_rt_tgsigqueueinfo;
    let process = std::process::id();
    // SAFETY: cannot fail.
    let thread = unsafe { libc::gettid() };
    // SAFETY: sends a signal to this OS thread.
    let failed = unsafe { libc::syscall(call, process, thread, signal, &raw const info) };
    assert_eq!(failed, 0);
}

/// Writes a byte to the guard page with the stack pointer so far below it.
#[cfg(target_arch = "x86_64")]
fn jump_below(guard: *mut u8, distance: usize) {
    // SAFETY: none: this is the fault that the run is about. It does not return.
    unsafe {
        std::arch::asm!(
            "mov rsp, {sp}",
            "mov byte ptr [{guard}], 1",
            "ud2",
            sp = in(reg) guard.addr() - distance,
            guard = in(reg) guard,
            options(noreturn),
        )
    }
}

/// Spawns a coro of 64 KiB and waits for it.
#[track_caller]
fn in_a_coro(f: impl FnOnce() + 'static) {
    let c = Builder::new().stack_size(64 * 1024).spawn(f);
    println!("{} {}", c.coro().id(), Location::caller());
    drop(c.join());
}

fn happen(what: &str) {
    match what {
        "overflow" => in_a_coro(|| {
            NO_MEMORY.store(true, Ordering::Relaxed);
            deeper(0);
        }),
        "own stack" => {
            spawn(cede).join().expect("it just returns");
            deeper(0);
        }
        "null" => in_a_coro(|| write_to(ptr::null_mut())),
        "bus" => in_a_coro(|| write_to(beyond_a_file())),
        "null, deep" => in_a_coro(|| {
            let mut local = 0;
            right_above(guard_below(&mut local), &|| write_to(ptr::null_mut()));
        }),
        "null on another thread" => {
            spawn(cede).join().expect("it just returns");
            on_a_pthread(|| happen("null"));
        }
        "null in main" => write_to(ptr::null_mut()),
        // Sent, so that the signal comes once.
        "sent" => in_a_coro(|| {
            // SAFETY: sends a signal to this OS thread.
            unsafe { libc::raise(libc::SIGSEGV) };
            say("alive\n");
        }),
        // With a code that only the system has, which it takes from nobody but the process itself.
        #[cfg(target_os = "linux")]
        "bus at the guard" => in_a_coro(|| {
            let mut local = 0;
            let guard = guard_below(&mut local);
            right_above(guard, &|| forge(guard, libc::SIGBUS, libc::BUS_ADRERR));
        }),
        #[cfg(target_os = "linux")]
        "forged" => in_a_coro(|| {
            let mut local = 0;
            let guard = guard_below(&mut local);
            right_above(guard, &|| forge(guard, libc::SIGSEGV, libc::SI_QUEUE));
            say("alive\n");
        }),
        "guard, high above" => in_a_coro(|| {
            let mut local = 0;
            write_to(guard_below(&mut local));
        }),
        "guard of another" => {
            let guard = Rc::new(Cell::new(ptr::null_mut()));
            let own = Rc::clone(&guard);
            let parked = Builder::new().stack_size(64 * 1024).spawn(move || {
                let mut local = 0;
                own.set(guard_below(&mut local));
                schedule();
            });
            cede();
            in_a_coro(move || write_to(guard.get()));
            drop(parked);
        }
        #[cfg(target_arch = "x86_64")]
        "jump" => in_a_coro(|| {
            let mut local = 0;
            jump_below(guard_below(&mut local), 32 * 1024);
        }),
        #[cfg(target_arch = "x86_64")]
        "long jump" => in_a_coro(|| {
            let mut local = 0;
            jump_below(guard_below(&mut local), 32 * 1024 * 1024);
        }),
        "repairable, overflow" => {
            spawn(|| write_to(page(libc::PROT_NONE, None)))
                .join()
                .expect("it was repaired");
            happen("overflow");
        }
        _ => panic!("unknown fault"),
    }
}

fn alternate_stack(new: Option<libc::stack_t>) -> libc::stack_t {
    let new = new.as_ref().map_or(ptr::null(), ptr::from_ref);
    // SAFETY: all zero is a valid `stack_t`.
    let mut old: libc::stack_t = unsafe { mem::zeroed() };
    // SAFETY: `new` is null, or valid and says a stack that stays.
    assert_eq!(unsafe { libc::sigaltstack(new, &raw mut old) }, 0);
    old
}

/// Takes the alternate stack of this OS thread away.
fn no_alternate_stack() {
    let mut none = alternate_stack(None);
    none.ss_flags = libc::SS_DISABLE;
    alternate_stack(Some(none));
}

/// Runs `f` on an OS thread made in the way of C.
fn on_a_pthread(f: impl FnOnce() + 'static) {
    extern "C" fn start(f: *mut c_void) -> *mut c_void {
        // SAFETY: what `on_a_pthread` passed, once.
        let f = unsafe { Box::from_raw(f.cast::<Box<dyn FnOnce()>>()) };
        f();
        ptr::null_mut()
    }
    let f: Box<Box<dyn FnOnce()>> = Box::new(Box::new(f));
    // SAFETY: it is written before it is read, and all zero is a valid number or pointer.
    let mut thread: libc::pthread_t = unsafe { mem::zeroed() };
    let f = Box::into_raw(f).cast();
    // SAFETY: `start` takes what is passed to it.
    let failed = unsafe { libc::pthread_create(&raw mut thread, ptr::null(), start, f) };
    assert_eq!(failed, 0);
    // SAFETY: made above, and joined once.
    assert_eq!(unsafe { libc::pthread_join(thread, ptr::null_mut()) }, 0);
}

/// Says at the end of its OS thread whether there is an alternate stack.
struct LooksAtTheEnd;

impl Drop for LooksAtTheEnd {
    fn drop(&mut self) {
        let is_there = alternate_stack(None).ss_flags & libc::SS_DISABLE == 0;
        println!("at the end: {is_there}");
    }
}

thread_local! {
    // Registered before the kernel, so dropped after what the kernel gave.
    static AT_END: LooksAtTheEnd = const { LooksAtTheEnd };
}

/// Says whether the alternate stack of this OS thread is left alone, and whether there is one.
fn look_at_the_alternate_stack() {
    let before = alternate_stack(None);
    spawn(cede).join().expect("it just returns");
    let after = alternate_stack(None);
    let is_same = (before.ss_sp, before.ss_size) == (after.ss_sp, after.ss_size);
    let is_there = after.ss_flags & libc::SS_DISABLE == 0;
    println!("same: {is_same}, there: {is_there}");
}

/// Prints the resident pages, the mapped pages and the mappings of this process.
fn memory() {
    let statm = read_to_string("/proc/self/statm").expect("Linux");
    let pages: Vec<&str> = statm.split(' ').collect();
    let maps = read("/proc/self/maps").expect("Linux");
    let mappings = maps.iter().filter(|b| **b == b'\n').count();
    println!("{} {} {mappings}", pages[1], pages[0]);
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["before", handler, what] => {
            install_by_name(handler);
            happen(what);
        }
        ["after", handler, what] => {
            spawn(cede).join().expect("it just returns");
            install_by_name(handler);
            happen(what);
        }
        ["pthread", what] => {
            let what = what.to_owned();
            on_a_pthread(move || happen(&what));
        }
        ["none", what] => {
            no_alternate_stack();
            happen(what);
        }
        ["altstack", "main"] => look_at_the_alternate_stack(),
        ["altstack", "pthread"] => on_a_pthread(|| {
            AT_END.with(|_| ());
            look_at_the_alternate_stack();
        }),
        ["altstack", "replaced"] => on_a_pthread(|| {
            AT_END.with(|_| ());
            spawn(cede).join().expect("it just returns");
            let mut mine = alternate_stack(None);
            mine.ss_sp = Box::leak(vec![0_u8; 64 * 1024].into_boxed_slice())
                .as_mut_ptr()
                .cast();
            mine.ss_size = 64 * 1024;
            alternate_stack(Some(mine));
        }),
        ["pthreads", count] => {
            let count: usize = count.parse().expect("a number of OS threads");
            for i in 1..=count {
                on_a_pthread(|| {
                    spawn(cede).join().expect("it just returns");
                    assert_eq!(alternate_stack(None).ss_flags, 0);
                });
                if i == count / 10 || i == count {
                    memory();
                }
            }
        }
        _ => panic!("unknown arguments"),
    }
}
