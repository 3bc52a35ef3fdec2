//! Virtual time: it passes when nobody is ready, and begins anew with each execution.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use coro::Coro;
use coro_explore::{Builder, finally};

/// Readies one coro at one time.
pub(crate) struct Alarm {
    at: Rc<Cell<Option<Instant>>>,
    coro: Coro,
}

impl Alarm {
    /// Sets one for the current coro, in place of the one before; returns what is empty when it has
    /// gone off.
    pub(crate) fn set(after: Duration) -> Rc<Cell<Option<Instant>>> {
        let at = Rc::new(Cell::new(Some(coro::now() + after)));
        let alarm = Alarm {
            at: at.clone(),
            coro: coro::current(),
        };
        coro::set_timers(Some(Box::new(alarm)));
        at
    }
}

impl coro::Timers for Alarm {
    fn fire(&mut self, now: Instant) {
        if self.at.get().is_some_and(|at| at <= now) {
            self.at.set(None);
            self.coro.ready();
        }
    }

    fn deadline(&self) -> Option<Instant> {
        self.at.get()
    }
}

fn sleep(seconds: u64) {
    let alarm = Alarm::set(Duration::from_secs(seconds));
    while alarm.get().is_some() {
        coro::schedule();
    }
    coro::set_timers(None);
}

#[test]
fn each_execution_begins_at_the_same_time_and_time_adds_up() {
    let first = Arc::new(Mutex::new(None));
    let report = Builder::new().check(move || {
        let start = coro::now();
        let mut first = first.lock().expect("nobody panics");
        assert_eq!(*first.get_or_insert(start), start);
        drop(first);
        let other = coro::spawn(coro::cede);
        for seconds in 1..4 {
            sleep(seconds);
        }
        assert_eq!(coro::now() - start, Duration::from_secs(6));
        other.join().expect("no fault is allowed");
    });
    assert!(report.executions() > 10);
}

#[test]
fn faults_strike_while_all_are_asleep_too() {
    let wakes_seen = Arc::new(Mutex::new(Vec::new()));
    let seen = wakes_seen.clone();
    let report = Builder::new().timers(0).check(move || {
        let seen = seen.clone();
        let alarm = Alarm::set(Duration::from_secs(60));
        let mut wakes = 0;
        while alarm.get().is_some() {
            coro::schedule();
            wakes += 1;
        }
        coro::set_timers(None);
        finally(move || seen.lock().expect("nobody panics").push(wakes));
    });
    assert_eq!(report.executions(), 2);
    let mut wakes_seen = wakes_seen.lock().expect("nobody panics").clone();
    wakes_seen.dedup();
    assert_eq!(wakes_seen, [1, 2]);
}
