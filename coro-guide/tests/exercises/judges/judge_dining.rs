//! Transfers in a circle and back and forth all end, show nothing in the middle, and do not wait for
//! what they do not touch.

use std::rc::Rc;

use coro::JoinHandle;
use coro_explore::{Builder, Failure, Report};

use super::super::answers::dining::Bank;
use super::all;

pub(crate) fn judge() -> Result<Report, Failure> {
    all(
        &Builder::new().spurious(0).delays(4),
        &[
            back_and_forth_while_somebody_counts,
            in_a_circle,
            others_are_not_waited_for,
            to_the_same_account,
        ],
    )
}

/// Lets others run.
fn record() {
    coro::note("records");
    coro::cede();
}

fn spawn(name: &str, f: impl FnOnce() + 'static) -> JoinHandle<()> {
    coro::Builder::new().desc(name).spawn(f)
}

fn join<const N: usize>(all: [JoinHandle<()>; N]) {
    for coro in all {
        coro.join().expect("nobody cancels it");
    }
}

fn back_and_forth_while_somebody_counts() {
    let bank = Rc::new(Bank::new(&[5, 5]));
    let (there, back, count) = (bank.clone(), bank.clone(), bank.clone());
    join([
        spawn("there", move || assert!(there.transfer(0, 1, 2, record))),
        spawn("back", move || assert!(back.transfer(1, 0, 3, record))),
        spawn("count", move || assert_eq!(count.total(), 10)),
    ]);
    assert!(!bank.transfer(0, 1, 7, || ()), "there are 6 now");
    assert!(bank.transfer(0, 1, 6, || ()));
}

fn in_a_circle() {
    let bank = Rc::new(Bank::new(&[1, 1, 1]));
    let [a, b, c] = [0, 1, 2].map(|from| {
        let bank = bank.clone();
        let transfer = move || assert!(bank.transfer(from, (from + 1) % 3, 1, record));
        spawn(&format!("from {from}"), transfer)
    });
    // Who counts needs all three: it has to take them in the same order.
    let theirs = bank.clone();
    let count = spawn("count", move || assert_eq!(theirs.total(), 3));
    join([a, b, c, count]);
    assert_eq!(bank.total(), 3);
}

fn others_are_not_waited_for() {
    let bank = Rc::new(Bank::new(&[1, 0, 1, 0]));
    let theirs = bank.clone();
    let other = spawn("other", move || {
        assert!(theirs.transfer(3, 2, 0, || ()));
        assert!(theirs.transfer(2, 3, 1, || ()));
    });
    // This one is recorded only when the other one is done.
    assert!(bank.transfer(0, 1, 1, || join([other])));
}

fn to_the_same_account() {
    let bank = Bank::new(&[3]);
    assert!(bank.transfer(0, 0, 2, record));
    assert!(!bank.transfer(0, 0, 4, record));
    assert_eq!(bank.total(), 3);
}
