//! Forks a process that has coros: what works in the child, and what does not.
//!
//! The argument says where. The process exits with the child's status, or 128 and its signal.
#![allow(unsafe_code, reason = "forks")]

use std::process::exit;
use std::rc::Rc;
use std::sync::mpsc::channel;
use std::{env, thread};

use coro::{JoinHandle, cede, schedule, shutdown, spawn};
use coro_semaphore::Semaphore;

/// What a child exits with that has come to its end.
const DONE: i32 = 3;

fn fork() -> i32 {
    // SAFETY: no lock of another OS thread is needed by what the child does here.
    unsafe { libc::fork() }
}

fn status_of(child: i32) -> i32 {
    let mut status = 0;
    // SAFETY: `status` is valid for a write.
    let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!(waited, child);
    if libc::WIFEXITED(status) {
        libc::WEXITSTATUS(status)
    } else {
        128 + libc::WTERMSIG(status)
    }
}

/// Goes on with the coros that the process has, and makes new ones.
fn go_on(semaphore: &Semaphore, blocked: JoinHandle<i32>) {
    semaphore.up();
    assert_eq!(blocked.join().expect("nobody interrupts it"), 7);
    let c = spawn(schedule);
    cede();
    c.cancel();
    assert!(c.is_finished());
    assert_eq!(spawn(|| 1).join().expect("nobody interrupts it"), 1);
    assert!(shutdown().is_empty());
}

fn main() {
    let semaphore = Rc::new(Semaphore::new(0));
    let theirs = semaphore.clone();
    let blocked = spawn(move || {
        theirs.down();
        7
    });
    cede();
    let child = match env::args().nth(1).as_deref() {
        Some("main") => fork(),
        // Main goes on in both processes, as the coro does.
        Some("coro") => spawn(|| {
            cede();
            let child = fork();
            cede();
            child
        })
        .join()
        .expect("nobody interrupts it"),
        // The child waits for an OS thread that it does not have.
        Some("waker") => {
            let waker = coro::current().waker();
            let (tell, told) = channel::<()>();
            let other = thread::spawn(move || {
                let _ = told.recv();
                waker.wake();
            });
            let child = fork();
            if child == 0 {
                // SAFETY: no argument can be wrong.
                unsafe { libc::alarm(1) };
                schedule();
                exit(DONE);
            }
            drop(tell);
            schedule();
            other.join().expect("it does not panic");
            child
        }
        where_else => panic!("{where_else:?} is no place to fork"),
    };
    go_on(&semaphore, blocked);
    exit(if child == 0 { DONE } else { status_of(child) });
}
