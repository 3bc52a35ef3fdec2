//! Waits for a waker that another OS thread holds, longer than is patient.
//!
//! The argument says how: `told` waits until a byte comes on the standard input, then once more;
//! the others, which must say nothing on the standard error, wait for a tenth of a second.

use std::io::{Read, stdin};
use std::sync::mpsc;
use std::thread::{JoinHandle, spawn};
use std::time::{Duration, Instant};

use coro::{Builder, Driver, Outlook, Timers, Turn, Waker, current, schedule, set_patience};

const SHORT: Duration = Duration::from_millis(1);
const LONG: Duration = Duration::from_millis(100);

/// Wakes when `LONG` has passed.
fn later(waker: Waker) -> JoinHandle<()> {
    spawn(move || {
        let (_nobody, never) = mpsc::channel::<()>();
        _ = never.recv_timeout(LONG);
        waker.wake();
    })
}

/// A loop with no events.
struct Hopeless;

impl Driver for Hopeless {
    fn turn(&mut self, _: Turn) -> Outlook {
        Outlook::Hopeless
    }
    fn waker(&self) -> std::task::Waker {
        std::task::Waker::noop().clone()
    }
}

/// A deadline that is far off.
struct Tomorrow(Instant);

impl Timers for Tomorrow {
    fn fire(&mut self, _: Instant) {}
    fn deadline(&self) -> Option<Instant> {
        Some(self.0)
    }
}

fn main() {
    let mode = std::env::args().nth(1).unwrap_or_default();
    let before = set_patience(Some(SHORT));
    assert_eq!(
        before,
        Some(Duration::from_secs(10)),
        "the patience at first"
    );
    let _blocked = Builder::new().desc("the patient one").spawn(schedule);
    coro::cede();
    let waker = current().waker();
    let other = match &*mode {
        "told" => {
            let _another = waker.clone();
            spawn(move || {
                _ = stdin().read(&mut [0]);
                waker.wake();
            })
        }
        "for ever" => {
            assert_eq!(set_patience(None), Some(SHORT));
            later(waker)
        }
        "driver" => {
            drop(coro::set_driver(Some(Box::new(Hopeless))));
            later(waker)
        }
        "hook" => {
            drop(coro::set_idle(Some(Box::new(|| Outlook::Waiting))));
            later(waker)
        }
        "deadline" => {
            let at = Instant::now() + Duration::from_secs(86_400);
            drop(coro::set_timers(Some(Box::new(Tomorrow(at)))));
            coro::timers_armed();
            later(waker)
        }
        _ => panic!("what argument is {mode:?}?"),
    };
    schedule();
    other.join().expect("it only wakes");
    println!("woken");
    if mode == "told" {
        let other = later(current().waker());
        schedule();
        other.join().expect("it only wakes");
        println!("woken again");
    }
}
