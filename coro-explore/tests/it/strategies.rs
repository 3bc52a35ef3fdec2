//! Random walks and priorities that change, for what is too large.

use std::cell::Cell;
use std::collections::HashSet;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use coro_explore::{Builder, finally};

/// Fails if a chain of so many coros runs in reverse order, at some length of their lives.
fn ordered(depth: usize) -> impl Fn() + Send + Sync + 'static {
    move || {
        let next = Rc::new(Cell::new(depth));
        for number in 0..depth {
            let next = next.clone();
            coro::spawn(move || {
                for _ in 0..4 {
                    coro::cede();
                }
                if next.get() == number + 1 {
                    next.set(number);
                }
                for _ in 0..4 {
                    coro::cede();
                }
            });
        }
        finally(move || assert_ne!(next.get(), 0, "in reverse order"));
    }
}

#[test]
fn a_random_walk_finds_what_is_deep_and_the_failure_is_made_small() {
    let builder = Builder::new().spurious(0).random().max_executions(100_000);
    let found = builder.run(ordered(4)).unwrap_err();
    assert!(found.details()[0].contains("in reverse order"), "{found}");
    // No departure can be left out of it.
    let marks = found.schedule().matches('@').count() - 1;
    assert!((3..=12).contains(&marks), "{found}");
}

#[test]
fn pct_finds_what_is_deep() {
    let found = Builder::new()
        .spurious(0)
        .pct(4)
        .max_executions(100_000)
        .run(ordered(4));
    assert!(found.unwrap_err().executions() > 1);
}

#[test]
fn pct_of_depth_one_never_lets_go_of_the_first() {
    // Without a change point, each coro runs until it ends, or blocks.
    let orders = Arc::new(Mutex::new(HashSet::new()));
    let seen = orders.clone();
    let report = Builder::new()
        .spurious(0)
        .pct(1)
        .max_executions(200)
        .check(move || {
            let order = Rc::new(std::cell::RefCell::new(Vec::new()));
            for number in 0..3 {
                let order = order.clone();
                coro::spawn(move || {
                    order.borrow_mut().push(number);
                    coro::cede();
                    order.borrow_mut().push(number);
                });
            }
            let seen = seen.clone();
            finally(move || _ = seen.lock().unwrap().insert(order.take()));
        });
    assert_eq!(report.executions(), 200);
    let orders = orders.lock().unwrap();
    assert_eq!(orders.len(), 6, "each order of the three");
    assert!(
        orders
            .iter()
            .all(|order| order[0] == order[1] && order[2] == order[3])
    );
}

#[test]
fn the_seed_says_which_executions_are_run() {
    let executions = |seed| {
        let builder = Builder::new()
            .spurious(0)
            .random()
            .seed(seed)
            .max_executions(100_000);
        builder.run(ordered(3)).unwrap_err().executions()
    };
    assert_eq!(executions(1), executions(1));
    let distinct: HashSet<_> = (0..8).map(executions).collect();
    assert!(distinct.len() > 4);
}

#[test]
fn random_faults_stay_within_their_budgets() {
    let most = Arc::new(Mutex::new((0, 0)));
    let seen = most.clone();
    let builder = Builder::new()
        .random()
        .throws(2)
        .spurious(0)
        .max_executions(2_000);
    builder.check(move || {
        let all: Vec<_> = (0..4).map(|_| coro::spawn(coro::cede)).collect();
        let mut thrown = 0;
        for one in all {
            thrown += u32::from(one.join().is_err_and(|error| error.is_thrown()));
        }
        let mut most = seen.lock().unwrap();
        *most = (most.0.max(thrown), most.1 + u32::from(thrown == 2));
    });
    let (most, twice) = *most.lock().unwrap();
    assert_eq!(most, 2);
    assert!(twice > 10);
}
