//! Barriers: the form of std's, and arrivals that are taken back.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use coro::{JoinHandle, cede, no_switch, spawn};
use coro_sync::{Barrier, BarrierWaitResult};
use static_assertions::assert_not_impl_any;

use crate::signal::{INTERRUPTIONS, random, settle, waiter};
use crate::support::{Log, fresh, outcome};

assert_not_impl_any!(Barrier: Send, Sync);
assert_not_impl_any!(BarrierWaitResult: Copy);

fn arrive(log: Log, name: &'static str, barrier: &Rc<Barrier>) -> JoinHandle<()> {
    let barrier = barrier.clone();
    waiter(log, name, move || {
        if barrier.wait().is_leader() {
            log.say(format!("{name} leads"));
        }
    })
}

#[test]
fn the_last_to_arrive_leads_and_all_pass_again_and_again() {
    let log = Log::new();
    let barrier = Rc::new(Barrier::new(3));
    for _ in 0..3 {
        let _a = arrive(log, "a", &barrier);
        let _b = arrive(log, "b", &barrier);
        assert_eq!(barrier.waiters(), 2);
        log.expect([]);
        let _c = arrive(log, "c", &barrier);
        settle();
        // Who arrives last does not switch.
        log.expect(["c leads", "c: returned", "a: returned", "b: returned"]);
        assert_eq!(barrier.waiters(), 0);
    }
}

#[test]
fn one_for_none_is_as_one_for_a_single_coro() {
    for n in [0, 1] {
        let barrier = Barrier::new(n);
        for _ in 0..3 {
            assert!(no_switch(|| barrier.wait().is_leader()));
        }
    }
}

#[test]
fn who_arrives_again_before_the_released_ones_ran_belongs_to_the_next_round() {
    let barrier = Rc::new(Barrier::new(2));
    let rounds = Rc::new(RefCell::new([0_u32; 2]));
    let all: Vec<_> = (0..2)
        .map(|who| {
            let (barrier, rounds) = (barrier.clone(), rounds.clone());
            spawn(move || {
                for _ in 0..100 {
                    rounds.borrow_mut()[who] += 1;
                    let behind = rounds.borrow()[0].abs_diff(rounds.borrow()[1]);
                    assert!(behind <= 1);
                    barrier.wait();
                }
            })
        })
        .collect();
    all.into_iter().for_each(|c| c.join().unwrap());
    assert_eq!((*rounds.borrow(), barrier.waiters()), ([100, 100], 0));
}

#[test]
fn a_spurious_wake_up_lets_nobody_pass_and_counts_nobody_twice() {
    let log = Log::new();
    let barrier = Rc::new(Barrier::new(3));
    let first = arrive(log, "first", &barrier);
    for _ in 0..3 {
        first.ready();
        settle();
    }
    let _second = arrive(log, "second", &barrier);
    assert_eq!(barrier.waiters(), 2);
    log.expect([]);
}

#[test]
fn an_interrupted_arrival_is_taken_back() {
    for (name, interrupt, result) in INTERRUPTIONS {
        for spurious in [false, true] {
            let log = Log::new();
            let barrier = Rc::new(Barrier::new(3));
            let first = arrive(log, "first", &barrier);
            let _second = arrive(log, "second", &barrier);
            if spurious {
                first.ready();
                settle();
            }
            interrupt(&first);
            settle();
            let said: Vec<_> = result.iter().map(|text| format!("first: {text}")).collect();
            assert_eq!(log.sorted(), said, "{name}");
            assert_eq!(barrier.waiters(), 1, "{name}");
            let _third = arrive(log, "third", &barrier);
            settle();
            log.expect([]);
            let _fourth = arrive(log, "fourth", &barrier);
            settle();
            log.expect([
                "fourth leads",
                "fourth: returned",
                "second: returned",
                "third: returned",
            ]);
        }
    }
}

#[test]
fn a_released_coro_that_is_interrupted_owes_nothing() {
    for (name, interrupt, result) in INTERRUPTIONS {
        let log = Log::new();
        let barrier = Rc::new(Barrier::new(2));
        let first = arrive(log, "first", &barrier);
        let theirs = barrier.clone();
        let last = spawn(move || theirs.wait().is_leader());
        // The last one arrives, and nobody runs in between.
        last.cede_to().unwrap();
        assert!(last.is_finished() && !first.is_finished());
        interrupt(&first);
        settle();
        let said: Vec<_> = result.iter().map(|text| format!("first: {text}")).collect();
        assert_eq!(log.sorted(), said, "{name}");
        assert!(last.join().unwrap(), "{name}");
        assert_eq!(barrier.waiters(), 0, "{name}");
        // The next round takes two, neither less nor more.
        let third = arrive(log, "third", &barrier);
        assert!(!third.is_finished());
        let fourth = arrive(log, "fourth", &barrier);
        settle();
        assert!(third.is_finished() && fourth.is_finished(), "{name}");
    }
}

#[test]
fn thrown_at_and_then_released_is_released() {
    let log = Log::new();
    let barrier = Rc::new(Barrier::new(2));
    let first = arrive(log, "first", &barrier);
    first.throw("ex");
    assert!(no_switch(|| barrier.wait().is_leader()));
    settle();
    log.expect(["first: ex"]);
    assert_eq!(barrier.waiters(), 0);
}

#[test]
fn an_arrival_where_nothing_may_switch_does_not_count() {
    let barrier = Barrier::new(2);
    assert!(outcome(|| no_switch(|| barrier.wait())).contains("no_switch"));
    assert_eq!(barrier.waiters(), 0);
}

#[test]
fn a_pending_throw_is_raised_on_entry() {
    let barrier = Barrier::new(1);
    coro::current().throw("ex");
    assert_eq!(outcome(|| barrier.wait()), "ex");
    cede();
}

#[test]
fn the_debug_form_lists_the_waiters() {
    let log = Log::new();
    let barrier = Rc::new(Barrier::new(2));
    let first = arrive(log, "first", &barrier);
    let listed = format!("Barrier {{ size: 2, waiters: [{:?}] }}", first.coro());
    assert_eq!(format!("{barrier:?}"), listed);
    first.cancel();
    assert_eq!(
        format!("{:?}", Barrier::new(1).wait()),
        "BarrierWaitResult(true)"
    );
}

#[test]
fn random_programs_release_a_round_for_every_n_arrivals_that_stay() {
    fresh(|| {
        let mut interrupted = 0;
        for seed in 0..300 {
            let mut below = random(seed);
            let size = 1 + below(4);
            let barrier = Rc::new(Barrier::new(size));
            let (passed, led) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
            let (mut waiting, mut rounds) = (Vec::<JoinHandle<()>>::new(), 0);
            for step in 0..100 {
                if waiting.is_empty() || below(3) > 0 {
                    let (theirs, passed, led) = (barrier.clone(), passed.clone(), led.clone());
                    waiting.push(spawn(move || {
                        let leads = theirs.wait().is_leader();
                        passed.set(passed.get() + 1);
                        led.set(led.get() + usize::from(leads));
                    }));
                    settle();
                    if waiting.len() == size {
                        waiting.clear();
                        rounds += 1;
                    }
                } else {
                    let victim = waiting.swap_remove(below(waiting.len()));
                    if below(4) == 0 {
                        victim.ready();
                        waiting.push(victim);
                    } else {
                        INTERRUPTIONS[below(3)].1(&victim);
                        interrupted += 1;
                    }
                    settle();
                }
                let place = format!("seed {seed}, step {step}");
                assert_eq!(barrier.waiters(), waiting.len(), "{place}");
                assert_eq!(
                    (passed.get(), led.get()),
                    (rounds * size, rounds),
                    "{place}"
                );
            }
            waiting.iter().for_each(|c| c.cancel());
        }
        assert!(interrupted > 1_000, "{interrupted}");
    });
}
