//! Shared channels: no value is lost or doubled, and everybody who waits is served.
//!
//! All ends are on one OS thread here, so this is about who is woken, not about locks.

use std::cell::RefCell;
use std::rc::Rc;

use coro::JoinHandle;
use coro_channel::shared::{self, Receiver, Sender};
use coro_explore::Builder;

/// Explores all within the budgets.
#[track_caller]
fn explore(name: &str, builder: &Builder, body: impl Fn() + Send + Sync + 'static) {
    let builder = builder.clone().name(name).max_executions(1_000_000);
    let report = builder.check(body);
    println!("shared, {name}: {report}");
    assert!(report.is_exhaustive());
}

fn faults() -> Builder {
    Builder::new().spurious(2).throws(1).cancels(1)
}

fn named<T: 'static>(desc: &str, f: impl FnOnce() -> T + 'static) -> JoinHandle<T> {
    coro::Builder::new().desc(desc).spawn(f)
}

/// What went in and came out.
type Log = Rc<RefCell<Vec<u8>>>;

fn get_all(receiver: &Receiver<u8>, log: &Log) {
    while let Some(value) = receiver.get() {
        log.borrow_mut().push(value);
    }
}

fn put(sender: &Sender<u8>, value: u8, log: &Log) {
    if sender.put(value).is_ok() {
        log.borrow_mut().push(value);
    }
}

// A coro that gets, and the body, which nothing strikes, get what others put. The last sender to go
// ends it. Hazards: a getter that was woken ends; a putter that was woken ends.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn no_value_is_lost_or_doubled() {
    for (capacity, putters, each) in [(0, 1, 2), (0, 2, 1), (1, 1, 2), (1, 2, 1)] {
        let name = format!("{capacity}, {putters} put {each}");
        explore(&name, &faults(), move || {
            let (sender, receiver) = shared::bounded(capacity);
            let (into, out) = (Log::default(), Log::default());
            let putters = (0..putters).map(|n| {
                let (sender, log) = (sender.clone(), into.clone());
                named("putter", move || {
                    (0..each).for_each(|i| put(&sender, 10 * n + i, &log));
                })
            });
            let mut all: Vec<_> = putters.collect();
            drop(sender);
            let (theirs, log) = (receiver.clone(), out.clone());
            all.push(named("getter", move || get_all(&theirs, &log)));
            get_all(&receiver, &out);
            all.into_iter().for_each(|c| _ = c.join());
            assert_eq!(into, out);
        });
    }
}

// Two wait, and one value comes. Hazard: the getter that was woken ends, and the other waits on.
#[test]
fn a_getter_that_ends_passes_its_wake_up_on() {
    explore("value", &faults(), || {
        let (sender, receiver) = shared::bounded(1);
        let getters = [1, 2].map(|_| {
            let receiver = receiver.clone();
            named("getter", move || {
                if receiver.get().is_some() {
                    receiver.shutdown();
                }
            })
        });
        coro::cede();
        assert!(sender.put(1).is_ok());
        getters.into_iter().for_each(|c| _ = c.join());
    });
}

// Two wait, and one slot is freed. Hazard: the putter that was woken ends, and the other waits on.
#[test]
fn a_putter_that_ends_passes_its_wake_up_on() {
    explore("slot", &faults(), || {
        let (sender, receiver) = shared::bounded(1);
        assert!(sender.put(9).is_ok());
        let putters = [1, 2].map(|n| {
            let sender = sender.clone();
            named("putter", move || {
                if sender.put(n).is_ok() {
                    sender.shutdown();
                }
            })
        });
        coro::cede();
        assert_eq!(receiver.get(), Some(9));
        putters.into_iter().for_each(|c| _ = c.join());
    });
}

// Hazards: one of several is not told; who came meanwhile waits for ever.
#[test]
fn a_shutdown_releases_all() {
    explore("shutdown", &faults().spurious(1), || {
        let (sender, receiver) = shared::bounded(0);
        let getters = [1, 2].map(|_| {
            let receiver = receiver.clone();
            named("getter", move || while receiver.get().is_some() {})
        });
        coro::cede();
        receiver.shutdown();
        assert!(sender.put(1).is_err());
        getters.into_iter().for_each(|c| _ = c.join());
    });
    explore("no receiver", &faults().spurious(1), || {
        let (sender, receiver) = shared::bounded(0);
        let putters = [1, 2].map(|n| {
            let sender = sender.clone();
            named("putter", move || sender.put(n).is_err())
        });
        coro::cede();
        drop(receiver);
        let came_back = putters.map(|c| c.join().unwrap_or(true));
        assert_eq!(came_back, [true, true]);
    });
}

// Hazard: who need not wait takes what was there for a coro that was woken, and that one forgets it.
#[test]
fn newcomers_lose_and_double_nothing() {
    for capacity in [0, 1] {
        explore(&format!("newcomers, {capacity}"), &faults(), move || {
            let (sender, receiver) = shared::bounded(capacity);
            let (into, out) = (Log::default(), Log::default());
            let (theirs, log) = (sender.clone(), into.clone());
            let putter = named("putter", move || put(&theirs, 1, &log));
            let (theirs, logs) = (receiver.clone(), (into.clone(), out.clone()));
            let newcomer = named("newcomer", move || {
                if sender.try_put(2).is_ok() {
                    logs.0.borrow_mut().push(2);
                }
                coro::cede();
                logs.1.borrow_mut().extend(theirs.try_get());
            });
            get_all(&receiver, &out);
            _ = (putter.join(), newcomer.join());
            assert_eq!(into, out);
        });
    }
}
