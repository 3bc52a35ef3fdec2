//! What an exploration costs: the budgets, the limits, and what comes first.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use coro::Prio;
use coro_explore::{Builder, Verdict, finally};

fn plain() -> Builder {
    Builder::new().spurious(0).timers(0)
}

fn three() {
    let all = [0; 3].map(|_| coro::spawn(coro::cede));
    all.into_iter()
        .for_each(|c| c.join().expect("no fault is allowed"));
}

#[test]
fn a_limit_cuts_off_what_departs_most() {
    // A delay may cost up to four at once.
    let body = || drop([0; 5].map(|_| coro::spawn(|| ())));
    let whole = plain().check(body);
    assert!(whole.is_exhaustive());
    let (all, costs) = (whole.executions(), whole.by_deviations().to_vec());
    assert_eq!(all, 120);
    for most in 1..=all + 1 {
        let report = plain().max_executions(most).check(body);
        assert_eq!(report.executions(), most.min(all));
        assert_eq!(report.is_exhaustive(), most >= all, "{most}");
        // As many as there are of each cost, and what is left of the last.
        let mut left = most;
        let mut expected = Vec::new();
        for count in &costs {
            expected.push((*count).min(left));
            left -= expected.last().expect("one was pushed");
        }
        while expected.last() == Some(&0) {
            expected.pop();
        }
        assert_eq!(report.by_deviations(), expected, "{most}");
        if most < all {
            let mut before = 0;
            let is_full = |count: &&u64| {
                before += **count;
                before <= most
            };
            let full = costs.iter().take_while(is_full).count();
            let plural = if full == 1 { "" } else { "s" };
            let told = format!("all schedules with less than {full} deviation{plural}");
            assert!(report.to_string().ends_with(&told), "{report}, not {told}");
        }
    }
}

#[test]
fn a_data_choice_costs_a_delay() {
    let count = |delays| {
        let body = || _ = (0..3).map(|_| coro::choose(3)).max();
        plain().delays(delays).check(body).executions()
    };
    // None, one of three to two others, two of three to two others each, all.
    assert_eq!([0, 1, 2, 3].map(count), [1, 1 + 6, 1 + 6 + 12, 27]);
}

#[test]
fn whoever_wakes_up_for_nothing_runs_at_once() {
    let found = plain().delays(0).spurious(1).run(|| {
        let is_first = Rc::new(Cell::new(true));
        let theirs = is_first.clone();
        let sleeper = coro::spawn(move || {
            coro::schedule();
            assert!(!theirs.get(), "it has come before");
        });
        // When the sleeper has gone to sleep, this one is ready, and so is the body.
        coro::spawn(move || is_first.set(false));
        coro::cede();
        sleeper.coro().ready();
        sleeper.join().expect("no fault is allowed");
    });
    let found = found.expect_err("it comes before");
    assert_eq!((found.verdict(), found.deviations()), (Verdict::Panic, 1));
}

#[test]
fn whoever_is_cancelled_unwinds_at_once() {
    let orders = Arc::new(Mutex::new(HashSet::new()));
    let seen = orders.clone();
    let report = plain()
        .delays(0)
        .cancels(1)
        .victims(["victim"])
        .check(move || {
            struct Tell(Rc<RefCell<String>>);
            impl Drop for Tell {
                fn drop(&mut self) {
                    self.0.borrow_mut().push('v');
                }
            }
            let log = Rc::<RefCell<String>>::default();
            let [tell, other, ours] = [0; 3].map(|_| log.clone());
            let victim = coro::Builder::new().desc("victim").spawn(move || {
                let _tell = Tell(tell);
                (0..3).for_each(|_| coro::cede());
            });
            coro::spawn(move || other.borrow_mut().push('o'));
            (0..2).for_each(|_| {
                coro::cede();
                ours.borrow_mut().push('b');
            });
            _ = victim.join();
            let seen = seen.clone();
            finally(move || _ = seen.lock().expect("nobody panics").insert(log.take()));
        });
    assert!(report.is_exhaustive());
    let orders = orders.lock().expect("nobody panics");
    // When it has begun, both others are ready, and were before it.
    assert!(orders.contains("vobb"), "{orders:?}");
}

#[test]
fn faults_do_not_break_the_promise_of_priorities() {
    let report = plain().spurious(2).cancels(1).throws(1).check(|| {
        let ran = Rc::new(Cell::new(0));
        let theirs = ran.clone();
        let low = coro::Builder::new().prio(Prio::LOW).spawn(move || {
            theirs.set(theirs.get() + 1);
            coro::schedule();
            theirs.set(theirs.get() + 1);
        });
        coro::current().set_prio(Prio::MIN);
        coro::cede();
        coro::current().set_prio(Prio::NORMAL);
        let before = ran.get();
        let other = coro::spawn(|| (0..2).for_each(|_| coro::cede()));
        (0..2).for_each(|_| coro::cede());
        assert!(other.coro().is_finished() || ran.get() == before);
        low.coro().ready();
        _ = low.join();
        _ = other.join();
    });
    assert!(report.is_exhaustive());
}

#[test]
fn nothing_departs_from_production_order_behind_the_most_steps() {
    // Whoever waits here can be passed over for ever: but the second half is fair.
    let body = || {
        let flag = Rc::new(Cell::new(false));
        let seen = flag.clone();
        coro::spawn(move || {
            while !seen.get() {
                coro::cede();
            }
        });
        (0..2).for_each(|_| coro::cede());
        flag.set(true);
    };
    let report = plain().max_steps(10).check(body);
    let text = report.to_string();
    assert!(
        text.ends_with("too many steps to be explored to their ends"),
        "{text}"
    );
    assert!(!report.is_exhaustive());
    assert!(report.steps() > 10 && report.steps() < 20, "{report:?}");
}

#[test]
fn a_livelock_is_told_after_twice_the_steps() {
    for most in [1, 7, 100] {
        let found = plain().max_steps(most).run(|| {
            loop {
                coro::cede();
            }
        });
        let found = found.expect_err("it never ends");
        assert_eq!(found.verdict(), Verdict::Livelock);
        let told = format!("no end after {} steps", 2 * most);
        assert_eq!(found.details()[0], told);
    }
}

#[test]
fn several_os_threads_work() {
    #[expect(clippy::disallowed_methods, reason = "gives way to an OS thread")]
    let give_way = thread::yield_now;
    let workers = Arc::new(Mutex::new(HashSet::new()));
    let (seen, executions, turns) = (workers.clone(), AtomicU32::new(0), AtomicU32::new(0));
    plain().threads(2).max_executions(100).check(move || {
        let count = || {
            let mut seen = seen.lock().expect("nobody panics");
            seen.insert(thread::current().id());
            seen.len()
        };
        // One begins alone, and gives the other time to wait for it. As soon as there is enough for
        // two, it waits for the other.
        let most = match executions.fetch_add(1, Ordering::Relaxed) {
            0 => 50_000,
            1..40 => 0,
            _ => 5_000_000,
        };
        while count() < 2 && turns.fetch_add(1, Ordering::Relaxed) < most {
            give_way();
        }
        three();
    });
    assert_eq!(workers.lock().expect("nobody panics").len(), 2);
}
