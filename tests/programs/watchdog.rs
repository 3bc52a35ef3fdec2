//! Coros that do not give way, while a watchdog looks: NEEDS H9.
//!
//! The argument says what happens. Prints what the test asks for; what the watchdog says goes to the
//! standard error.
#![allow(unsafe_code, reason = "blocks signals")]

use std::cell::Cell;
use std::env;
use std::fs::read_to_string;
use std::hint::{black_box, spin_loop};
use std::io::{Read, Write, pipe, stdin};
use std::mem;
use std::process;
use std::ptr;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use coro::{Builder, Stall, Watchdog, cede, current, schedule, spawn, watchdog, watchdog_with};

const LIMIT: Duration = Duration::from_millis(40);
/// More than a busy machine lets a thread wait for its turn.
const LONG: Duration = Duration::from_secs(1);
/// A watch that is to look at no stall.
const NEVER: Duration = Duration::from_secs(3600);

/// Runs until somebody says stop.
#[inline(never)]
fn spin(stop: &AtomicBool) {
    while !stop.load(Ordering::Acquire) {
        spin_loop();
    }
}

/// Counts the stalls of all coros, or of those of this name, and writes them.
fn count(limit: Duration, desc: Option<&'static str>, stalls: &Arc<AtomicUsize>) -> Watchdog {
    let stalls = Arc::clone(stalls);
    watchdog_with(limit, move |stall| {
        if desc.is_none() || stall.desc() == desc {
            eprintln!("{stall}");
            stalls.fetch_add(1, Ordering::Release);
        }
    })
}

/// Sets the flag at the first stall of a coro of this name; writes that stall.
fn stop_at(desc: &'static str, stop: &Arc<AtomicBool>) -> Watchdog {
    stop_after(LIMIT, desc, stop)
}

fn stop_after(limit: Duration, desc: &'static str, stop: &Arc<AtomicBool>) -> Watchdog {
    let stop = Arc::clone(stop);
    watchdog_with(limit, move |stall| {
        if stall.desc() == Some(desc) {
            eprintln!("{stall}");
            stop.store(true, Ordering::Release);
        }
    })
}

/// Stalls another OS thread, with a kernel of its own, until that was reported so many times.
fn pass_limits(limit: Duration, times: usize) {
    let other = thread::spawn(move || {
        for _ in 0..times {
            let stop = Arc::new(AtomicBool::new(false));
            let _watchdog = stop_after(limit, "main", &stop);
            spin(&stop);
        }
    });
    other.join().expect("it just spins");
}

/// Spins in a coro of this name until the watchdog has seen it.
fn spin_as(desc: &'static str) {
    let stop = Arc::new(AtomicBool::new(false));
    let _watchdog = stop_at(desc, &stop);
    let c = Builder::new().desc(desc).spawn(move || spin(&stop));
    c.join().expect("it just spins");
}

/// What the plain watchdog writes; the standard input says when to stop.
fn said() {
    static STOP: AtomicBool = AtomicBool::new(false);
    thread::spawn(|| {
        _ = stdin().read(&mut [0]);
        STOP.store(true, Ordering::Release);
    });
    let _watchdog = watchdog(LIMIT);
    let c = Builder::new().desc("fetch").spawn(|| spin(&STOP));
    println!("{} {}", c.coro().id(), line!() - 1);
    c.join().expect("it just spins");
}

#[inline(never)]
fn take(mutex: &Mutex<u32>) {
    drop(mutex.lock());
}

/// A mutex of std is locked across a switch, and another coro of the OS thread wants it.
fn mutex() {
    static MUTEX: Mutex<u32> = Mutex::new(0);
    let _watchdog = watchdog_with(LIMIT, |stall| {
        eprintln!("{stall}");
        process::exit(0);
    });
    let _owner = spawn(|| {
        let _guard = MUTEX.lock();
        schedule();
    });
    cede();
    let c = Builder::new().desc("second").spawn(|| take(&MUTEX));
    c.join().expect("it never returns");
}

/// Coros that give way often, on one OS thread; on another, one that stalls again and again.
fn often() {
    let stalls = Arc::new(AtomicUsize::new(0));
    let _watchdog = count(LONG, None, &stalls);
    let stop = Arc::new(AtomicBool::new(false));
    let theirs = Arc::clone(&stop);
    let other = thread::spawn(move || {
        pass_limits(LONG, 2);
        theirs.store(true, Ordering::Release);
    });
    let until = Arc::clone(&stop);
    let c = spawn(move || {
        while !until.load(Ordering::Acquire) {
            cede();
        }
    });
    while !stop.load(Ordering::Acquire) {
        cede();
    }
    c.join().expect("it gives way");
    other.join().expect("it just spins");
    println!("{}", stalls.load(Ordering::Acquire));
}

/// Nothing to do, on one OS thread; on another, a coro that stalls again and again.
fn idle() {
    let stalls = Arc::new(AtomicUsize::new(0));
    let _watchdog = count(LONG, None, &stalls);
    let waker = current().waker();
    let other = thread::spawn(move || {
        pass_limits(LONG, 2);
        waker.wake();
    });
    schedule();
    println!("{}", stalls.load(Ordering::Acquire));
    other.join().expect("it just spins");
}

/// A slice of several limits, and then another one.
fn once() {
    let stalls = Arc::new(AtomicUsize::new(0));
    let _watchdog = count(LIMIT, Some("twice"), &stalls);
    let seen = Arc::clone(&stalls);
    let c = Builder::new().desc("twice").spawn(move || {
        for slice in 1..=2 {
            while seen.load(Ordering::Acquire) < slice {}
            pass_limits(LIMIT, 4);
            println!("{}", seen.load(Ordering::Acquire));
            cede();
        }
    });
    c.join().expect("it just spins");
}

#[inline(never)]
fn spin_here(stop: &AtomicBool) {
    spin(stop);
}

#[inline(never)]
fn spin_there(stop: &AtomicBool) {
    spin(stop);
}

/// Two OS threads stall at once.
fn two() {
    let here = Arc::new(AtomicBool::new(false));
    let there = Arc::new(AtomicBool::new(false));
    let (stop, other) = (Arc::clone(&there), Arc::clone(&here));
    let thread = thread::spawn(move || {
        let _watchdog = stop_at("there", &stop);
        let c = Builder::new().desc("there").spawn(move || {
            spin_there(&stop);
            spin_there(&other);
        });
        c.join().expect("it just spins");
    });
    let watchdog = stop_at("here", &here);
    let c = Builder::new().desc("here").spawn(move || {
        spin_here(&here);
        spin_here(&there);
    });
    c.join().expect("it just spins");
    drop(watchdog);
    thread.join().expect("it just spins");
}

/// Returns which signals have handlers.
fn handled() -> u64 {
    let status = read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    u64::from_str_radix(line.expect("Linux").trim(), 16).expect("a mask")
}

fn alternate_stack() -> (usize, usize) {
    // SAFETY: all zero is a valid `stack_t`.
    let mut stack: libc::stack_t = unsafe { mem::zeroed() };
    // SAFETY: only asks; `stack` may be written.
    assert_eq!(unsafe { libc::sigaltstack(ptr::null(), &raw mut stack) }, 0);
    (stack.ss_sp.addr(), stack.ss_size)
}

/// Takes its time to be dropped.
struct Slow(Sender<()>);

impl Drop for Slow {
    fn drop(&mut self) {
        pass_limits(LIMIT, 1);
        _ = self.0.send(());
    }
}

/// What a watch leaves behind: nothing.
fn ended() {
    // The kernel has handlers of its own, and the C library one as soon as there are OS threads.
    let other = thread::spawn(|| spawn(cede).join().is_ok());
    assert!(other.join().is_ok_and(|ended| ended));
    spawn(cede).join().expect("it just returns");
    let before = (handled(), alternate_stack());
    let (alive, gone) = channel();
    let first = watchdog(NEVER);
    let slow = Slow(alive);
    let second = watchdog_with(NEVER, move |_: &Stall| _ = &slow);
    let during = (handled() & !before.0).count_ones();
    let moved = alternate_stack() != before.1;
    drop(second);
    let is_gone = gone.try_recv().is_ok();
    let kept = (handled() & !before.0).count_ones();
    drop(first);
    let same = (handled(), alternate_stack()) == before;
    println!("{during} {moved} {is_gone} {kept} {same}");
}

/// The guard is leaked, and the OS thread that is watched ends.
fn leaked() {
    let (alive, gone) = channel::<()>();
    let watched = thread::spawn(move || {
        let watchdog = watchdog_with(NEVER, move |_: &Stall| _ = alive.send(()));
        _ = Box::leak(Box::new(watchdog));
        // By then the other watch waits.
        spin_as("first");
    });
    watched.join().expect("it just ends");
    let end = gone.recv_timeout(Duration::from_secs(60));
    assert_eq!(end, Err(RecvTimeoutError::Disconnected));
}

/// A coro waits in a system call.
fn read() {
    let (mut from, to) = pipe().expect("a pipe");
    let _watchdog = watchdog_with(LIMIT, move |stall| {
        if stall.desc() == Some("reader") {
            eprintln!("{stall}");
            (&to).write_all(b"x").expect("somebody reads");
        }
    });
    let c = Builder::new()
        .desc("reader")
        .spawn(move || from.read(&mut [0]));
    println!("{:?}", c.join().expect("it just reads"));
}

/// Calls itself until so many bytes are left above `bottom`.
#[inline(never)]
fn fill(bottom: usize, left: usize, stop: &AtomicBool) {
    let frame = black_box([0_u8; 64]);
    if frame.as_ptr().addr() > bottom + left {
        fill(bottom, left, stop);
    } else {
        spin(stop);
    }
    // So that this is no tail call.
    black_box(frame);
}

/// Returns the lowest address of the mapping in which `address` is.
fn bottom(address: usize) -> usize {
    let maps = read_to_string("/proc/self/maps").expect("Linux");
    let parse = |hex: &str| usize::from_str_radix(hex, 16).expect("an address");
    let mut ranges = maps.lines().filter_map(|line| {
        let (start, rest) = line.split_once('-')?;
        let end = rest.split_once(' ')?.0;
        Some(parse(start)..parse(end))
    });
    let found = ranges.find(|range| range.contains(&address));
    found.expect("it is mapped").start
}

/// A coro has nearly no stack left: not enough for a signal.
fn full() {
    let stop = Arc::new(AtomicBool::new(false));
    let _watchdog = stop_at("full", &stop);
    let lowest = Rc::new(Cell::new(0));
    let own = Rc::clone(&lowest);
    let c = Builder::new()
        .desc("full")
        .stack_size(16 * 1024)
        .spawn(move || {
            let local = 0_u8;
            own.set(ptr::from_ref(black_box(&local)).addr());
            schedule();
            fill(own.get(), 600, &stop);
        });
    cede();
    lowest.set(bottom(lowest.get()));
    c.coro().ready();
    c.join().expect("it just spins");
}

#[inline(never)]
fn deep(calls: usize, stop: &AtomicBool) {
    if calls > 0 {
        deep(calls - 1, stop);
    } else {
        spin(stop);
    }
    black_box(calls);
}

/// Main itself stalls, in more calls than are kept.
fn main_in_many_calls() {
    let stop = Arc::new(AtomicBool::new(false));
    let _watchdog = stop_at("main", &stop);
    deep(200, &stop);
}

fn main_in_few_calls() {
    let stop = Arc::new(AtomicBool::new(false));
    let _watchdog = stop_at("main", &stop);
    deep(2, &stop);
}

fn all_signals(how: i32) {
    // SAFETY: all zero is a valid set.
    let mut all: libc::sigset_t = unsafe { mem::zeroed() };
    // SAFETY: a valid set.
    unsafe { libc::sigfillset(&raw mut all) };
    // SAFETY: a valid set; nobody wants the one before.
    let failed = unsafe { libc::pthread_sigmask(how, &raw const all, ptr::null_mut()) };
    assert_eq!(failed, 0);
}

/// The OS thread that stalls blocks all signals, and lets them through when nobody watches any more.
fn deaf() {
    all_signals(libc::SIG_BLOCK);
    spin_as("deaf");
    println!("deaf");
    all_signals(libc::SIG_UNBLOCK);
    println!("alive");
    spin_as("hearing");
}

/// The handler panics.
fn panicking() {
    static PANICS: AtomicBool = AtomicBool::new(false);
    let watchdog = watchdog_with(LIMIT, |_: &Stall| {
        PANICS.store(true, Ordering::Release);
        panic!("it has seen enough");
    });
    spin(&PANICS);
    drop(watchdog);
    spin_as("after");
    println!("alive");
}

/// Stalls amid all that coros do, and is looked at very often.
fn busy() {
    let looks = Arc::new(AtomicUsize::new(0));
    let mine = Arc::clone(&looks);
    let _watchdog = watchdog_with(Duration::from_millis(1), move |stall| {
        assert!(stall.to_string().starts_with("coro #"));
        mine.fetch_add(1, Ordering::Release);
    });
    while looks.load(Ordering::Acquire) < 150 {
        let before = looks.load(Ordering::Acquire);
        let seen = Arc::clone(&looks);
        let c = spawn(move || {
            while seen.load(Ordering::Acquire) == before {
                let text = black_box(format!("{before:?}"));
                _ = coro::catch(|| std::panic::resume_unwind(Box::new(text)));
                _ = black_box(std::backtrace::Backtrace::force_capture());
            }
            cede();
        });
        c.join().expect("it catches what it raises");
    }
    println!("alive");
}

fn main() {
    match env::args().nth(1).as_deref() {
        Some("said") => said(),
        Some("mutex") => mutex(),
        Some("often") => often(),
        Some("idle") => idle(),
        Some("once") => once(),
        Some("two") => two(),
        Some("ended") => ended(),
        Some("leaked") => leaked(),
        Some("read") => read(),
        Some("full") => full(),
        Some("few") => main_in_few_calls(),
        Some("many") => main_in_many_calls(),
        Some("deaf") => deaf(),
        Some("panicking") => panicking(),
        Some("busy") => busy(),
        _ => panic!("unknown argument"),
    }
}
