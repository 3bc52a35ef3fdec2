//! Many OS threads, each with its own time; and their ends, with timers armed.

use std::cell::RefCell;
use std::sync::mpsc::{Sender, channel};

use coro::{schedule, spawn};
use coro_time::{Timer, VirtualClock, armed, interval, sleep, timeout};

use super::{begin, secs};

#[test]
fn each_thread_has_its_own_time() {
    let threads: Vec<_> = (1..20_u64)
        .map(|n| {
            std::thread::spawn(move || {
                let clock = VirtualClock::install();
                let all: Vec<_> = (0..50).map(|m| spawn(move || sleep(secs(n * m)))).collect();
                assert!(timeout(secs(n), schedule_for_ever).is_err());
                all.into_iter().for_each(|c| c.join().unwrap());
                assert_eq!((armed(), clock.elapsed()), (0, secs(n * 49)));
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

fn schedule_for_ever() {
    loop {
        schedule();
    }
}

#[test]
fn a_thread_may_end_while_its_coros_sleep() {
    for _ in 0..50 {
        let thread = std::thread::spawn(|| {
            let kept = begin(|| timeout(secs(2), || sleep(secs(1))));
            drop(begin(|| {
                let mut interval = interval(secs(1));
                loop {
                    interval.tick();
                }
            }));
            drop(begin(|| Timer::after(secs(1)).wait()));
            assert_eq!(armed(), 4);
            // Marked, and never to run again.
            let _late = begin(|| timeout(secs(0), || sleep(secs(1))));
            drop(kept);
        });
        thread.join().unwrap();
    }
}

/// What is done in a destructor of a thread-local.
struct Last(Vec<Timer>, Sender<String>);

impl Drop for Last {
    fn drop(&mut self) {
        let due: Vec<_> = self.0.iter().map(Timer::is_due).collect();
        self.0.clear();
        let (past, next) = (coro_time::at(coro::now()), coro_time::after(secs(9)));
        let value = timeout(secs(1), || 5);
        let said = format!("{due:?} {} {} {value:?}", past.is_due(), next.is_due());
        drop((past, next));
        self.1.send(said).expect("the test listens");
    }
}

thread_local! {
    static LAST: RefCell<Option<Last>> = const { RefCell::new(None) };
}

#[test]
fn timers_in_thread_locals_are_disarmed_whichever_goes_first() {
    for last_is_older in [true, false] {
        let (sender, said) = channel();
        let thread = std::thread::spawn(move || {
            // The younger one goes first.
            if !last_is_older {
                assert_eq!(armed(), 0);
            }
            LAST.with_borrow_mut(|last| *last = Some(Last(Vec::new(), sender)));
            let timers = [coro_time::after(secs(9)), coro_time::at(coro::now())];
            LAST.with_borrow_mut(|last| last.as_mut().unwrap().0.extend(timers));
        });
        thread.join().unwrap();
        assert_eq!(said.recv().unwrap(), "[false, true] true false Ok(5)");
    }
}
