//! What is left to chance, and what becomes of its failures: small ones, of the same kind.

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use coro_explore::{Builder, Verdict, finally, note};

use crate::clock::Alarm;

/// Returns the orders in which some coros ran that only give way so often.
fn orders(builder: &Builder, coros: u32, cedes: u32) -> HashSet<Vec<u32>> {
    let all = Arc::new(Mutex::new(HashSet::new()));
    let seen = all.clone();
    builder.clone().spurious(0).check(move || {
        let order = Rc::<RefCell<Vec<u32>>>::default();
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
        finally(move || _ = seen.lock().expect("nobody panics").insert(order.take()));
    });
    std::mem::take(&mut *all.lock().expect("nobody panics"))
}

/// How many coros did not run in one piece.
fn split(order: &[u32]) -> usize {
    let mut pieces: Vec<u32> = order.to_vec();
    pieces.dedup();
    let distinct: HashSet<_> = pieces.iter().copied().collect();
    let split = |number: &&u32| pieces.iter().filter(|piece| piece == number).count() > 1;
    distinct.iter().filter(split).count()
}

#[test]
fn a_random_walk_goes_everywhere() {
    let builder = Builder::new().random().max_executions(500);
    assert_eq!(orders(&builder, 4, 0).len(), 24);
    for builder in [builder, Builder::new().pct(2).max_executions(500)] {
        let all = Arc::new(Mutex::new(HashSet::new()));
        let seen = all.clone();
        builder.check(move || {
            let pair = (coro::choose(3), coro::choose(2));
            seen.lock().expect("nobody panics").insert(pair);
        });
        assert_eq!(all.lock().expect("nobody panics").len(), 6);
    }
}

#[test]
fn each_change_point_of_pct_lets_go_of_one_coro() {
    for depth in 1..4 {
        let builder = Builder::new().pct(depth).max_executions(1_000);
        let orders = orders(&builder, 4, 2);
        let splits: HashSet<_> = orders.iter().map(|order| split(order)).collect();
        // A coro that gets a low priority runs when the others have ended.
        let expected: HashSet<_> = (0..depth as usize).collect();
        assert_eq!(splits, expected, "depth {depth}");
    }
}

#[test]
fn change_points_of_pct_come_as_late_as_the_steps() {
    let builder = Builder::new().pct(2).max_executions(1_000);
    let first_piece = |order: Vec<u32>| order.iter().take_while(|n| **n == order[0]).count();
    let pieces: HashSet<_> = orders(&builder, 2, 39)
        .into_iter()
        .map(first_piece)
        .collect();
    assert!(pieces.len() > 35, "{pieces:?}");
}

#[test]
fn a_failure_by_chance_is_made_as_small_as_it_can_be() {
    for seed in 0..8 {
        let builder = Builder::new().random().seed(seed);
        // Either departure comes first.
        for needed in 0..3 {
            let found = builder.run(move || {
                let all = [0; 3].map(|_| coro::choose(3));
                assert_eq!(all[needed], 0);
            });
            let found = found.expect_err("it fails");
            assert_eq!(found.deviations(), 1, "{found}");
            let mark = format!(":{}=", needed + 2);
            assert!(found.schedule().contains(&mark), "{found}");
        }
    }
}

#[test]
fn a_failure_by_chance_stays_what_it_is() {
    for seed in 0..8 {
        let found = Builder::new().random().seed(seed).run(|| {
            // Without the second it would be another.
            if coro::choose(1_000) > 0 {
                assert_eq!(coro::choose(1_000), 0);
                coro::schedule();
            }
        });
        let found = found.expect_err("it fails");
        assert_eq!((found.verdict(), found.deviations()), (Verdict::Panic, 2));
    }
}

#[test]
fn every_kind_of_departure_can_be_replayed() {
    let builder = Builder::new().throws(1).spurious(0);
    // Fails after an early timer, a data choice, and a throw.
    let body = || {
        let alarm = Alarm::set(Duration::from_secs(1));
        coro::cede();
        let is_early = alarm.take().is_none();
        coro::set_timers(None);
        let chosen = coro::choose(3);
        let order = Rc::<RefCell<Vec<u32>>>::default();
        let both = [1, 2].map(|number| {
            let order = order.clone();
            coro::spawn(move || order.borrow_mut().push(number))
        });
        let ends = both.map(|c| c.join().is_ok());
        let is_alone = *order.borrow() == [2];
        assert!(!(is_early && chosen == 2 && is_alone && ends == [false, true]));
    };
    let found = builder.run(body).expect_err("it fails");
    let schedule = found.schedule();
    assert!(
        ["t@", "=2@", "x1@"]
            .iter()
            .all(|kind| schedule.contains(kind)),
        "{schedule}"
    );
    let again = builder.replay(schedule).run(body).expect_err("it fails");
    assert_eq!(again.schedule(), schedule);
    assert_eq!(again.execution().to_string(), found.execution().to_string());
}

#[test]
fn every_so_often_a_late_execution_is_done_twice() {
    let calls = AtomicU32::new(0);
    // Not the ones whose number is a power of two.
    let found = Builder::new().random().max_executions(16_000).run(move || {
        let call = calls.fetch_add(1, Ordering::Relaxed);
        if call > 9_000 {
            note(call.to_string());
        }
    });
    let found = found.expect_err("the words differ");
    assert_eq!(found.verdict(), Verdict::Nondeterminism);
}
