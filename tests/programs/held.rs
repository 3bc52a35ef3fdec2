//! A coro holds something of std across a switch, and another one asks for it: does the OS thread
//! stall? A second OS thread looks on, and says so.
//!
//! The argument names what is held. That it stalls is a limit of the cooperative model that the
//! documentation tells of: std's locks know OS threads, and nothing of coros.

use std::cell::{OnceCell, RefCell};
use std::fs::{read_link, read_to_string};
use std::process::exit;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::sync::{LazyLock, Mutex, OnceLock, RwLock};

use coro::{cede, spawn};

static MUTEX: Mutex<()> = Mutex::new(());
static RW_LOCK: RwLock<()> = RwLock::new(());
static ONCE: OnceLock<u8> = OnceLock::new();
static LAZY: LazyLock<u8> = LazyLock::new(|| {
    cede();
    1
});

/// Runs `holds`, which gives way in the middle of it, and then `asks`; returns what that says.
fn one_then_the_other(
    holds: impl FnOnce() + 'static,
    asks: impl FnOnce() -> String + 'static,
) -> String {
    let holder = spawn(holds);
    let asker = spawn(asks);
    let said = asker.join().unwrap_or_else(|end| end.to_string());
    drop(holder.join());
    said
}

fn hold(what: &str) -> String {
    let got = || "got it".to_owned();
    match what {
        "mutex" => one_then_the_other(
            || {
                let _guard = MUTEX.lock();
                cede();
            },
            move || {
                drop(MUTEX.lock());
                got()
            },
        ),
        "rwlock" => one_then_the_other(
            || {
                let _guard = RW_LOCK.write();
                cede();
            },
            move || {
                drop(RW_LOCK.read());
                got()
            },
        ),
        "once lock" => one_then_the_other(
            || {
                ONCE.get_or_init(|| {
                    cede();
                    1
                });
            },
            move || {
                ONCE.get_or_init(|| 2);
                got()
            },
        ),
        "lazy lock" => one_then_the_other(
            || _ = *LAZY,
            move || {
                _ = *LAZY;
                got()
            },
        ),
        "once cell" => {
            let cell = std::rc::Rc::new(OnceCell::new());
            let theirs = cell.clone();
            let holder = spawn(move || {
                *theirs.get_or_init(|| {
                    cede();
                    1
                })
            });
            let asker = spawn(move || *cell.get_or_init(|| 2));
            format!(
                "asker {:?}, holder {}",
                asker.join().ok(),
                holder
                    .join()
                    .map_or_else(|end| end.to_string(), |n| n.to_string())
            )
        }
        "ref cell" => {
            let cell = std::rc::Rc::new(RefCell::new(()));
            let theirs = cell.clone();
            one_then_the_other(
                move || {
                    let _borrowed = theirs.borrow_mut();
                    cede();
                },
                move || {
                    drop(cell.borrow_mut());
                    got()
                },
            )
        }
        "stdout" => one_then_the_other(
            || {
                let _lock = std::io::stdout().lock();
                cede();
            },
            move || {
                let _lock = std::io::stdout().lock();
                got()
            },
        ),
        _ => panic!("{what}?"),
    }
}

/// Waits until the OS thread has said something, or sleeps in the system call `futex`.
fn look(thread: &str, said: &Receiver<String>) -> Option<String> {
    let mut seen = 0;
    loop {
        match said.try_recv() {
            Ok(said) => return Some(said),
            Err(TryRecvError::Disconnected) => return None,
            Err(TryRecvError::Empty) => {}
        }
        let call = read_to_string(format!("/proc/{thread}/syscall")).unwrap_or_default();
        let is_futex = call.split(' ').next() == Some("202");
        // Not a short sleep, such as the allocator's may be.
        seen = if is_futex { seen + 1 } else { 0 };
        if seen > 1_000 {
            println!("stalls");
            exit(0);
        }
    }
}

fn main() {
    let what = std::env::args().nth(1).expect("it says what is held");
    let (tell, told) = channel();
    let (say, said) = channel();
    let thread = std::thread::spawn(move || {
        let me = read_link("/proc/thread-self").expect("Linux");
        tell.send(me.to_string_lossy().into_owned())
            .expect("main listens");
        let result = hold(&what);
        drop(say.send(result));
    });
    let id = told.recv().expect("the OS thread says who it is");
    match look(&id, &said) {
        Some(said) => println!("goes on: {said}"),
        None => println!("panicked: {}", thread.join().is_err()),
    }
}
