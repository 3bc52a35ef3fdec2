//! Locks that are taken in the wrong order.

use std::rc::Rc;

use coro_explore::{Builder, Verdict};
use coro_sync::Mutex;

use super::{join, right, spawn, wrong};

/// Each philosopher takes the left fork first, and all have one. No deviation is needed. In the
/// right twin the last one begins with the right fork.
#[test]
fn the_philosophers_starve() {
    fn dine(first: fn(usize) -> usize) {
        let forks: Rc<Vec<_>> = Rc::new((0..3).map(|_| Mutex::new(())).collect());
        let names = ["kant", "hume", "mill"];
        let all = names.into_iter().enumerate().map(|(seat, name)| {
            let forks = forks.clone();
            spawn(name, move || {
                let first = first(seat);
                let second = if first == seat { (seat + 1) % 3 } else { seat };
                let _one = forks[first].lock();
                coro::cede(); // reaches over
                let _other = forks[second].lock();
            })
        });
        join(all.collect::<Vec<_>>());
    }
    let explorer = Builder::new().spurious(0);
    wrong("philosophers", &explorer, Verdict::Deadlock, || {
        dine(|seat| seat);
    });
    right("philosophers", &explorer, 174, || {
        dine(|seat| if seat == 2 { 0 } else { seat });
    });
}

/// Two accounts, locked in the order in which they are named: two transfers in opposite directions
/// wait for each other. No deviation is needed.
#[test]
fn two_locks_are_taken_in_either_order() {
    struct Account(u32, Mutex<i32>);
    fn transfer(from: &Account, to: &Account) {
        let mut payer = from.1.lock();
        coro::cede(); // asks whether there is enough
        let mut payee = to.1.lock();
        *payer -= 1;
        *payee += 1;
    }
    fn transfer_in_order(from: &Account, to: &Account) {
        let (mut payer, mut payee);
        if from.0 < to.0 {
            payer = from.1.lock();
            coro::cede();
            payee = to.1.lock();
        } else {
            payee = to.1.lock();
            coro::cede();
            payer = from.1.lock();
        }
        *payer -= 1;
        *payee += 1;
    }
    fn cross(transfer: fn(&Account, &Account)) {
        let bank = Rc::new([1, 2].map(|number| Account(number, Mutex::new(10))));
        let theirs = bank.clone();
        let there = spawn("there", move || transfer(&theirs[0], &theirs[1]));
        let back = spawn("back", move || transfer(&bank[1], &bank[0]));
        join([there, back]);
    }
    let explorer = Builder::new();
    wrong("lock_order", &explorer, Verdict::Deadlock, || {
        cross(transfer);
    });
    right("lock_order", &explorer, 106, || cross(transfer_in_order));
}
