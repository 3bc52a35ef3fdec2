//! What is run: everything, and each schedule once.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard};

use coro::Prio;
use coro_explore::{Builder, Report, finally};

/// Explores some coros that only give way so often; returns the orders in which they ran too.
fn orders(builder: &Builder, coros: u32, cedes: u32) -> (Report, Vec<Vec<u32>>) {
    let all = Arc::new(Mutex::new(Vec::new()));
    let seen = all.clone();
    let report = builder.check(move || {
        let order = Rc::new(RefCell::new(Vec::new()));
        for number in 0..coros {
            let order = order.clone();
            coro::spawn(move || {
                for _ in 0..cedes {
                    order.borrow_mut().push(number);
                    coro::cede();
                }
                order.borrow_mut().push(number);
            });
        }
        let seen = seen.clone();
        finally(move || locked(&seen).push(order.take()));
    });
    let all = std::mem::take(&mut *locked(&all));
    (report, all)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nobody panics")
}

fn plain() -> Builder {
    Builder::new().spurious(0).timers(0)
}

/// How many orders there are of so many coros with so many slices each.
fn multinomial(coros: u64, slices: u64) -> u64 {
    let mut count = 1;
    for coro in 0..coros {
        for slice in 1..=slices {
            count = count * (coro * slices + slice) / slice;
        }
    }
    count
}

#[test]
fn every_order_is_run_once() {
    for (coros, cedes) in [(1, 5), (2, 3), (3, 2), (4, 1), (5, 0)] {
        let (report, all) = orders(&plain(), coros, cedes);
        let count = multinomial(u64::from(coros), u64::from(cedes) + 1);
        assert_eq!(report.executions(), count, "{coros} coros, {cedes} cedes");
        assert!(report.is_exhaustive());
        // Some executions are done twice, to see whether they are the same.
        let distinct: HashSet<_> = all.into_iter().collect();
        assert_eq!(distinct.len() as u64, count);
    }
}

/// How many orders cost how much, by walking through all of them: to take the i-th of the queue
/// costs i, and who has slices left goes to the end.
fn by_cost(queue: VecDeque<u32>, cost: usize, counts: &mut HashMap<usize, u64>) {
    if queue.is_empty() {
        *counts.entry(cost).or_default() += 1;
    }
    for i in 0..queue.len() {
        let mut rest = queue.clone();
        let left = rest.remove(i).unwrap_or(0);
        if left > 1 {
            rest.push_back(left - 1);
        }
        by_cost(rest, cost + i, counts);
    }
}

#[test]
fn the_number_of_deviations_is_that_of_the_coros_passed_over() {
    let report = orders(&plain(), 3, 2).0;
    let mut counts = HashMap::new();
    by_cost([3, 3, 3].into(), 0, &mut counts);
    let counted: HashMap<_, _> = report
        .by_deviations()
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, count)| *count > 0)
        .collect();
    assert_eq!(counted, counts);
    for delays in 0..4 {
        let bounded = orders(&plain().delays(delays), 3, 2).0;
        let expected: u64 = (0..=delays as usize)
            .filter_map(|cost| counts.get(&cost))
            .sum();
        assert_eq!(bounded.executions(), expected);
    }
}

#[test]
fn production_order_comes_first_and_fewer_deviations_before_more() {
    let (report, all) = orders(&plain(), 3, 1);
    assert_eq!(all[0], [0, 1, 2, 0, 1, 2]);
    assert_eq!(report.by_deviations()[0], 1);
    let few = orders(&plain().max_executions(1), 3, 1);
    assert!(!few.0.is_exhaustive());
    let text = few.0.to_string();
    assert_eq!(
        text,
        "cut after 1 execution; all schedules with less than 1 deviation"
    );
}

#[test]
fn several_os_threads_run_the_same_schedules() {
    let (alone, mut one) = orders(&plain(), 3, 2);
    let (together, mut three) = orders(&plain().threads(3), 3, 2);
    assert_eq!(alone.executions(), together.executions());
    assert_eq!(alone.by_deviations(), together.by_deviations());
    one.sort();
    one.dedup();
    three.sort();
    three.dedup();
    assert_eq!(one, three);
}

#[test]
fn priorities_are_kept() {
    let report = plain().check(|| {
        let order = Rc::new(RefCell::new(Vec::new()));
        for prio in [Prio::LOW, Prio::HIGH, Prio::LOW, Prio::HIGH] {
            let order = order.clone();
            let note = move || order.borrow_mut().push(prio);
            coro::Builder::new().prio(prio).spawn(note);
        }
        finally(move || {
            let order = order.take();
            assert_eq!(order, [Prio::HIGH, Prio::HIGH, Prio::LOW, Prio::LOW]);
        });
    });
    assert_eq!(report.executions(), 4); // the two of each, either way round
}

#[test]
fn a_spurious_wake_up_comes_at_each_step_of_each_blocked_coro_and_no_oftener_than_allowed() {
    let count = |spurious| {
        let builder = plain().delays(0).spurious(spurious);
        let report = builder.check(move || {
            let waiter = coro::spawn(move || {
                let mut wakes = 0;
                while coro::current().desc().is_none() {
                    wakes += 1;
                    coro::schedule();
                }
                assert!(wakes <= 1 + spurious);
            });
            for _ in 0..3 {
                coro::cede();
            }
            waiter.coro().set_desc("go");
            waiter.coro().ready();
            waiter.join().unwrap();
        });
        assert!(report.is_exhaustive());
        report.executions()
    };
    // Steps: the body, the waiter, then the body thrice; it blocks in `join` for the last.
    // While the waiter is blocked the body is given way to three times, so there are as many places;
    // and one at which the body is blocked itself.
    assert_eq!(count(0), 1);
    assert_eq!(count(1), 1 + 3 + 1);
    assert!(count(2) > count(1));
}

#[test]
fn data_choices_are_explored() {
    let all = Arc::new(Mutex::new(HashSet::new()));
    let seen = all.clone();
    let report = plain().check(move || {
        let pair = (coro::choose(3), coro::choose(2));
        seen.lock().unwrap().insert(pair);
    });
    assert_eq!(report.executions(), 6);
    assert_eq!(all.lock().unwrap().len(), 6);
}

#[test]
fn a_fault_everywhere_is_one_execution_for_each_step_at_which_the_coro_is_off() {
    let builder = plain().throw_everywhere("worker");
    let report = builder.check(|| {
        let worker = coro::Builder::new().desc("worker").spawn(|| {
            coro::cede();
            coro::cede();
        });
        let idler = coro::spawn(coro::cede);
        _ = worker.join();
        idler.join().unwrap();
    });
    // Production order has the worker off at five of its steps: before it begins, and after each of
    // its two cedes before both of the coros that run next … until it has ended.
    assert_eq!(report.by_deviations()[0], 1);
    assert_eq!(report.executions(), 1 + report.by_deviations()[1]);
    assert_eq!(report.by_deviations().len(), 2);
    let struck = report.executions() - 1;
    assert_eq!(struck, 5);
}

#[test]
fn early_timers_are_explored_where_one_is_armed() {
    // A timer that says when it went off.
    struct Alarm(Option<std::time::Instant>, coro::Coro);
    impl coro::Timers for Alarm {
        fn fire(&mut self, now: std::time::Instant) {
            if self.0.is_some_and(|at| at <= now) {
                self.0 = None;
                self.1.ready();
            }
        }
        fn deadline(&self) -> Option<std::time::Instant> {
            self.0
        }
    }
    let all = Arc::new(Mutex::new(HashSet::new()));
    let seen = all.clone();
    let report = Builder::new()
        .spurious(0)
        .delays(0)
        .timers(1)
        .check(move || {
            let steps = Rc::new(RefCell::new(0));
            let (busy, seen) = (steps.clone(), seen.clone());
            let at = coro::now() + std::time::Duration::from_secs(1);
            let sleeper = coro::spawn(move || {
                while coro::now() < at {
                    coro::schedule();
                }
                seen.lock().unwrap().insert(*steps.borrow());
            });
            let timers = Alarm(Some(at), sleeper.coro().clone());
            coro::set_timers(Some(Box::new(timers)));
            for _ in 0..3 {
                coro::cede();
                *busy.borrow_mut() += 1;
            }
            sleeper.join().unwrap();
            coro::set_timers(None);
        });
    assert!(report.is_exhaustive());
    // Early, after each number of steps, or when nobody is ready any more.
    assert_eq!(*all.lock().unwrap(), HashSet::from([0, 1, 2, 3]));
}

#[test]
fn the_limits_of_time_and_number_are_kept() {
    let (report, _) = orders(&plain().max_executions(10), 3, 3);
    assert_eq!(report.executions(), 10);
    let (report, _) = orders(&plain().max_time(std::time::Duration::ZERO), 3, 3);
    assert_eq!(report.executions(), 0);
    assert!(!report.is_exhaustive());
}
