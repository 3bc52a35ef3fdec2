//! What is found, each beside a program that is well.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use coro::{Coro, Wait};
use coro_explore::{Builder, Failure, Verdict, finally, invariant};

fn failure(body: impl Fn() + Send + Sync + 'static) -> Failure {
    match Builder::new().max_steps(200).run(body) {
        Ok(report) => panic!("nothing was found: {report}"),
        Err(failure) => failure,
    }
}

#[test]
fn a_panic_of_any_coro() {
    let found = failure(|| {
        coro::Builder::new()
            .desc("clerk")
            .spawn(|| panic!("no paper"));
    });
    assert_eq!(found.verdict(), Verdict::Panic);
    let told = &found.details()[0];
    assert!(told.starts_with("#1 \"clerk\" panicked at verdicts.rs:"));
    assert!(told.ends_with(": no paper"));
    assert_eq!((found.executions(), found.deviations()), (1, 0));
}

#[test]
fn a_panic_that_is_caught_is_none() {
    let report = coro_explore::check(|| {
        let calm = coro::spawn(|| coro::catch(|| panic!("caught")).is_err());
        assert!(calm.join().unwrap());
    });
    assert!(report.is_exhaustive());
}

#[test]
fn a_coro_that_ends_by_the_explorers_faults_has_not_panicked() {
    let all = Builder::new()
        .throws(1)
        .cancels(1)
        .safe_cancels(1)
        .timeouts(1);
    let report = all.check(|| {
        let other = coro::spawn(|| {
            coro::cede();
            coro::cede();
        });
        _ = other.join();
    });
    assert!(report.is_exhaustive() && report.executions() > 20);
}

#[test]
fn an_unwrap_of_an_interrupted_joins_result_is_a_panic_of_the_body() {
    let found = Builder::new()
        .throws(1)
        .run(|| coro::spawn(coro::cede).join().unwrap());
    assert_eq!(found.unwrap_err().verdict(), Verdict::Panic);
}

#[test]
fn an_invariant_at_the_switch_at_which_it_breaks() {
    let found = failure(|| {
        let sum = Rc::new(Cell::new(0));
        let seen = sum.clone();
        invariant("the sum is even", move || seen.get() % 2 == 0);
        sum.set(sum.get() + 1);
        coro::cede();
        sum.set(sum.get() + 1);
    });
    assert_eq!(found.verdict(), Verdict::Invariant);
    assert_eq!(found.details(), ["the sum is even"]);
    coro_explore::check(|| {
        let sum = Rc::new(Cell::new(0));
        let seen = sum.clone();
        invariant("the sum is even", move || seen.get() % 2 == 0);
        sum.set(sum.get() + 1);
        sum.set(sum.get() + 1);
        coro::cede();
    });
}

#[test]
fn an_invariant_is_looked_at_when_one_coro_hands_over_to_another_too() {
    let found = failure(|| {
        let sum = Rc::new(Cell::new(0));
        let seen = sum.clone();
        invariant("the sum is even", move || seen.get() % 2 == 0);
        let other = sum.clone();
        let c = coro::spawn(move || other.set(other.get() + 1));
        sum.set(1);
        _ = c.coro().schedule_to();
        // It has come and gone.
        assert_eq!(sum.get(), 2);
    });
    assert_eq!(found.verdict(), Verdict::Invariant);
}

#[test]
fn an_invariant_that_panics_tells_why() {
    let found = failure(|| invariant("sorted", || panic!("1 after 2")));
    assert_eq!(found.verdict(), Verdict::Invariant);
    assert!(found.details()[0].starts_with("sorted: verdicts.rs:"));
}

#[test]
fn an_invariant_that_blocks_is_an_error() {
    let found = failure(|| {
        invariant("patient", || {
            coro::schedule();
            true
        });
    });
    assert_eq!(found.verdict(), Verdict::Invariant);
}

#[test]
fn what_finally_asserts() {
    let found = failure(|| finally(|| assert_eq!(1, 2, "at the end")));
    assert_eq!(found.verdict(), Verdict::Panic);
    assert!(found.details()[0].contains("at the end"));
}

#[test]
fn finally_comes_after_all_coros() {
    coro_explore::check(|| {
        let count = Rc::new(Cell::new(0));
        let seen = count.clone();
        finally(move || assert_eq!(seen.get(), 2));
        for _ in 0..2 {
            let count = count.clone();
            coro::spawn(move || {
                coro::cede();
                count.set(count.get() + 1);
            });
        }
    });
}

#[test]
fn a_deadlock_names_all_who_are_in_it() {
    let found = failure(|| {
        let first = coro::Builder::new()
            .desc("first")
            .spawn(|| coro::schedule());
        first.join().unwrap();
    });
    assert_eq!(found.verdict(), Verdict::Deadlock);
    let lines = found.details().join("\n");
    assert!(
        lines.contains("#0 \"body\" is blocked at verdicts.rs:"),
        "{lines}"
    );
    assert!(lines.contains(": joins #1 \"first\""), "{lines}");
    assert!(
        lines.contains("#1 \"first\" is blocked at verdicts.rs:"),
        "{lines}"
    );
}

#[test]
fn a_cycle_is_drawn() {
    let found = failure(|| {
        let place = Rc::<RefCell<Option<Coro>>>::default();
        let seen = place.clone();
        let a = coro::Builder::new().desc("a").spawn(move || {
            let other = seen.borrow().clone();
            other.into_iter().for_each(|coro| coro.join());
        });
        let other = a.coro().clone();
        let b = coro::Builder::new().desc("b").spawn(move || other.join());
        *place.borrow_mut() = Some(b.coro().clone());
    });
    assert_eq!(found.verdict(), Verdict::Deadlock);
    let lines = found.details().join("\n");
    assert!(
        lines.contains("cycle: #1 \"a\" → #2 \"b\" → #1 \"a\""),
        "{lines}"
    );
}

#[test]
fn a_coro_that_was_never_readied_is_told_of() {
    let found = failure(|| {
        let place = Rc::<RefCell<Option<Coro>>>::default();
        let held = place.clone();
        let new = coro::Builder::new().build(move || drop(held));
        *place.borrow_mut() = Some(new.coro().clone());
    });
    assert_eq!(found.verdict(), Verdict::Deadlock);
    assert!(
        found.details()[0].contains("#1 was never readied"),
        "{:?}",
        found.details()
    );
}

/// A gate whose opener may forget those who wait.
#[derive(Default)]
struct Gate {
    is_open: Cell<bool>,
    waiters: RefCell<VecDeque<Coro>>,
}

struct Closed<'a>(&'a Gate);

impl Wait for Closed<'_> {
    fn what(&self) -> &'static str {
        "gate"
    }

    fn is_stranded(&self) -> bool {
        self.0.is_open.get()
    }
}

impl Gate {
    fn pass(&self) {
        while !self.is_open.get() {
            self.waiters.borrow_mut().push_back(coro::current());
            coro::wait_for(&Closed(self));
            let me = coro::current();
            self.waiters.borrow_mut().retain(|waiter| *waiter != me);
        }
    }

    fn open(&self, for_all: bool) {
        self.is_open.set(true);
        let waiters = self.waiters.take();
        waiters
            .iter()
            .take(if for_all { 9 } else { 1 })
            .for_each(|waiter| {
                waiter.ready();
            });
    }
}

fn gate(for_all: bool, rescue: Option<Duration>) -> impl Fn() + Send + Sync {
    move || {
        let gate = Rc::new(Gate::default());
        let both = [0, 1].map(|_| {
            let gate = gate.clone();
            coro::spawn(move || {
                coro::cede();
                gate.pass();
            })
        });
        coro::cede();
        gate.open(for_all);
        if let Some(after) = rescue {
            // Somebody who would come later, and wake them all.
            let sleepers = both.iter().map(|c| c.coro().clone()).collect();
            let at = coro::now() + after;
            coro::set_timers(Some(Box::new(Later(Some(at), sleepers))));
        }
        both.into_iter()
            .for_each(|c| c.join().expect("nobody panics"));
        coro::set_timers(None);
    }
}

struct Later(Option<std::time::Instant>, Vec<Coro>);

impl coro::Timers for Later {
    fn fire(&mut self, now: std::time::Instant) {
        if self.0.is_some_and(|at| at <= now) {
            self.0 = None;
            self.1.iter().for_each(|coro| {
                coro.ready();
            });
        }
    }

    fn deadline(&self) -> Option<std::time::Instant> {
        self.0
    }
}

#[test]
fn a_lost_wake_up_is_told_from_a_deadlock() {
    coro_explore::check(gate(true, None));
    let builder = Builder::new();
    let found = builder.run(gate(false, None));
    // In production order the gate is open before anybody comes.
    let found = found.unwrap_err();
    assert_eq!(found.verdict(), Verdict::LostWakeUp);
    assert!(found.deviations() > 0);
    let lines = found.details().join("\n");
    assert!(
        lines.contains("on the gate, although it can be had now"),
        "{lines}"
    );
}

#[test]
fn a_lost_wake_up_that_a_timer_would_hide_is_found() {
    let found = Builder::new()
        .timers(0)
        .run(gate(false, Some(Duration::from_secs(1))));
    assert_eq!(found.unwrap_err().verdict(), Verdict::LostWakeUp);
}

#[test]
fn a_livelock_is_told_from_a_long_run() {
    let found = failure(|| {
        let flag = Rc::new(Cell::new(false));
        let seen = flag.clone();
        let waiter = coro::spawn(move || {
            while !seen.get() {
                coro::cede();
            }
        });
        waiter.join().unwrap();
        flag.set(true);
    });
    assert_eq!(found.verdict(), Verdict::Livelock);
    assert_eq!(found.deviations(), 0);
    // This one ends, however unfair the beginning.
    let builder = Builder::new().delays(2).max_steps(20);
    let report = builder.check(|| {
        let flag = Rc::new(Cell::new(false));
        let seen = flag.clone();
        let waiter = coro::spawn(move || {
            while !seen.get() {
                coro::cede();
            }
        });
        (0..15).for_each(|_| coro::cede());
        flag.set(true);
        waiter.join().unwrap();
    });
    assert!(report.steps() > 20);
}

#[test]
fn a_leaked_handle_of_an_ended_coro() {
    let found = failure(|| {
        let c = coro::Builder::new().desc("gone").spawn(|| ());
        let _forgotten = std::mem::ManuallyDrop::new(c.coro().clone());
        c.join().unwrap();
    });
    assert_eq!(found.verdict(), Verdict::Leak);
    let line = &found.details()[0];
    assert_eq!(
        line,
        "#1 \"gone\" has ended, and something still has 1 of its handles"
    );
}

#[test]
fn a_failure_leaves_the_explorer_as_it_was() {
    for _ in 0..50 {
        failure(|| {
            let _open = std::iter::repeat_with(|| coro::spawn(coro::schedule))
                .take(3)
                .last();
            coro::schedule();
        });
    }
    coro_explore::check(|| coro::spawn(|| ()).join().unwrap());
    // And this OS thread's own coros know nothing of it.
    assert_eq!(coro::spawn(|| 1).join().unwrap(), 1);
}

#[test]
#[should_panic(expected = "invariant is for the body of an exploration")]
fn an_invariant_outside_is_a_mistake() {
    invariant("lost", || true);
}

#[test]
#[should_panic(expected = "deadlock in production order (execution 1)")]
fn check_panics_with_all_of_it() {
    Builder::new()
        .name("check_panics_with_all_of_it")
        .check(coro::schedule);
}
