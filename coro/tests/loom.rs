//! The inbox under loom: no wake-up is lost, whatever the interleaving.
//!
//! Run by `.ci/loom`, which also breaks the inbox on purpose and expects these models to fail. The
//! owner of a model does what `idle.rs` does, with a number in the place of a coro.
#![cfg(loom)]

#[allow(dead_code, reason = "the model drives a part of it")]
#[path = "../src/inbox.rs"]
mod inbox;

use std::sync::atomic::{AtomicUsize as Count, Ordering::Relaxed as Counted};
use std::sync::{Arc, Weak};
use std::task;

use inbox::{Inbox, Line};
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use loom::thread;

/// Runs a model and says how many executions loom has made of it.
fn model(name: &str, body: impl Fn() + Send + Sync + 'static) {
    let executions = Arc::new(Count::new(0));
    let count = executions.clone();
    loom::model(move || {
        count.fetch_add(1, Counted);
        body();
    });
    println!("loom: {:>5} executions: {name}", executions.load(Counted));
}

/// What an idle step came to.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// Something was heard, or the owner has slept.
    Again,
    /// A deadlock is raised.
    Deadlock,
}

/// The idle step: hears all there is, and sleeps if nothing was heard.
fn step(inbox: &Inbox, ready: &mut dyn FnMut(u64), gone: &mut Vec<u64>) -> Step {
    let mut heard = Vec::new();
    if inbox.has_arrived() {
        let now = inbox.hear(|key| {
            assert!(!heard.contains(&key), "{key} is in the box twice");
            heard.push(key);
            ready(key);
        });
        heard.extend(&now);
        gone.extend(now);
    }
    if !heard.is_empty() {
        return Step::Again;
    }
    if inbox.is_hopeless() {
        return Step::Deadlock;
    }
    if !inbox.linger() {
        inbox.sleep(None);
    }
    Step::Again
}

/// Takes idle steps to the deadlock; returns which keys were woken, and which are gone.
fn to_the_end(inbox: &Inbox) -> (Vec<u64>, Vec<u64>) {
    let (mut woken, mut gone) = (Vec::new(), Vec::new());
    while step(inbox, &mut |key| woken.push(key), &mut gone) == Step::Again {}
    (woken, gone)
}

/// Checks that nothing but `inbox` keeps the box alive.
fn is_freed(inbox: Arc<Inbox>) {
    let weak: Weak<Inbox> = Arc::downgrade(&inbox);
    drop(inbox);
    assert!(weak.upgrade().is_none(), "something keeps the box");
}

#[test]
fn a_wake_before_or_after_the_owner_sleeps_is_heard() {
    model("park and wake", || {
        let inbox = Arc::new(Inbox::new());
        let line = inbox.line(1);
        let theirs = line.clone();
        let waker = thread::spawn(move || theirs.wake());
        let mut woken = 0;
        while woken == 0 {
            let step = step(&inbox, &mut |key| woken = key, &mut Vec::new());
            assert_eq!(step, Step::Again);
        }
        assert_eq!(woken, 1);
        waker.join().unwrap();
        drop(line);
        is_freed(inbox);
    });
}

#[test]
fn a_waker_dropped_while_the_owner_sleeps_ends_the_sleep() {
    model("drop while parked", || {
        let inbox = Arc::new(Inbox::new());
        let line = inbox.line(1);
        let waker = thread::spawn(move || drop(line));
        assert_eq!(to_the_end(&inbox), (vec![], vec![1]));
        waker.join().unwrap();
        is_freed(inbox);
    });
}

#[test]
fn nothing_is_hopeless_before_the_last_word_of_every_waker_is_heard() {
    model("count and inbox, one waker", || {
        let inbox = Arc::new(Inbox::new());
        let line = inbox.line(1);
        let waker = thread::spawn(move || line.wake());
        // A coro that only this waker holds is unwound when it is gone, which may wake others.
        assert_eq!(to_the_end(&inbox), (vec![1], vec![1]));
        waker.join().unwrap();
        is_freed(inbox);
    });
}

#[test]
fn nothing_is_hopeless_while_one_of_two_wakers_is_alive() {
    model("count and inbox, two wakers", || {
        let inbox = Arc::new(Inbox::new());
        let lines = [inbox.line(1), inbox.line(2)];
        let wakers = lines.map(|line| thread::spawn(move || line.wake()));
        let (mut woken, mut gone) = to_the_end(&inbox);
        woken.sort_unstable();
        gone.sort_unstable();
        assert_eq!((woken, gone), (vec![1, 2], vec![1, 2]));
        wakers.into_iter().for_each(|waker| waker.join().unwrap());
        is_freed(inbox);
    });
}

#[test]
fn a_coro_woken_from_two_os_threads_sees_what_both_have_written() {
    model("coalescing", || {
        let inbox = Arc::new(Inbox::new());
        let line = inbox.line(1);
        let data = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
        let wakers = [0, 1].map(|i| {
            let (line, data) = (line.clone(), data.clone());
            thread::spawn(move || {
                data[i].store(1, Ordering::Relaxed);
                line.wake();
            })
        });
        // The coro looks when it runs, and blocks again if it has not seen both.
        let seen = std::cell::Cell::new(0);
        let mut times = 0;
        while seen.get() < 2 {
            let mut run = |_| {
                times += 1;
                seen.set(data.iter().map(|d| d.load(Ordering::Relaxed)).sum());
            };
            let step = step(&inbox, &mut run, &mut Vec::new());
            assert_eq!(step, Step::Again, "the last waker is ours");
        }
        assert!(times <= 2);
        wakers.into_iter().for_each(|waker| waker.join().unwrap());
        drop(line);
        inbox.close();
        is_freed(inbox);
    });
}

#[test]
fn a_waker_that_goes_on_after_the_owner_is_woken_again() {
    model("wake, and wake again", || {
        let inbox = Arc::new(Inbox::new());
        let line = inbox.line(1);
        let data = Arc::new(AtomicUsize::new(0));
        let theirs = data.clone();
        let waker = thread::spawn(move || {
            for i in 1..=2 {
                theirs.store(i, Ordering::Relaxed);
                line.wake();
            }
        });
        let mut seen = Vec::new();
        let mut run = |_| seen.push(data.load(Ordering::Relaxed));
        while step(&inbox, &mut run, &mut Vec::new()) == Step::Again {}
        assert!(seen.len() <= 2 && seen.last() == Some(&2), "{seen:?}");
        waker.join().unwrap();
        is_freed(inbox);
    });
}

#[test]
fn a_box_that_closes_while_others_wake_and_drop_keeps_nothing() {
    model("closing", || {
        let inbox = Arc::new(Inbox::new());
        let [one, two] = [inbox.line(1), inbox.line(2)];
        let late = one.clone();
        let wakers = [
            thread::spawn(move || {
                one.wake();
                two.wake();
            }),
            thread::spawn(move || late.wake()),
        ];
        assert!(inbox.close().is_none());
        wakers.into_iter().for_each(|waker| waker.join().unwrap());
        let gone = inbox.hear(|key| panic!("{key} came into a closed box"));
        assert!(gone.is_empty());
        is_freed(inbox);
    });
}

/// What wakes a driver, and how often it has.
struct Driver(AtomicBool);

impl task::Wake for Driver {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }
}

fn driver(inbox: &Inbox) -> Arc<Driver> {
    let driver = Arc::new(Driver(AtomicBool::new(false)));
    inbox.set_driver(Some(driver.clone().into()));
    driver
}

fn wake(line: &Arc<Line>) -> thread::JoinHandle<()> {
    let theirs = line.clone();
    thread::spawn(move || theirs.wake())
}

#[test]
fn an_announced_sleep_in_a_driver_is_ended_through_its_waker() {
    model("driver", || {
        let inbox = Arc::new(Inbox::new());
        let driver = driver(&inbox);
        let line = inbox.line(1);
        let waker = wake(&line);
        if inbox.announce() {
            // The driver sleeps here until it is woken.
            while !driver.0.load(Ordering::Acquire) {
                thread::yield_now();
            }
        }
        inbox.awake();
        let mut woken = 0;
        inbox.hear(|key| woken = key);
        assert_eq!(woken, 1);
        waker.join().unwrap();
        drop(line);
        inbox.set_driver(None);
        is_freed(inbox);
    });
}

#[test]
fn a_parked_owner_is_woken_even_if_it_has_a_driver() {
    model("parked beside a hopeless driver", || {
        let inbox = Arc::new(Inbox::new());
        let driver = driver(&inbox);
        let line = inbox.line(1);
        let waker = wake(&line);
        // The driver has nothing to wait for and returns.
        inbox.announce();
        inbox.awake();
        let mut woken = 0;
        while woken == 0 {
            step(&inbox, &mut |key| woken = key, &mut Vec::new());
        }
        waker.join().unwrap();
        drop((line, driver));
        inbox.set_driver(None);
        is_freed(inbox);
    });
}
