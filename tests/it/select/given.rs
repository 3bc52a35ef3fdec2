//! What an arm is given while its select is between looking and waiting: it keeps it.

use std::cell::Cell;
use std::panic::Location;
use std::rc::Rc;

use coro::{JoinHandle, spawn};
use coro_channel::{Arm, Channel, Select, select};
use coro_sync::Semaphore;

use crate::select::{KINDS, NOTHING, Things};
use crate::semaphore::settle;
use crate::support::outcome;

/// An arm that is never selected, and calls its closure when the select enters the queues.
struct Meddles<F: Fn()>(F);

impl<F: Fn()> Arm for Meddles<F> {
    type Output = ();

    fn commit(&self) -> bool {
        false
    }

    fn enter(&self) {
        (self.0)();
    }

    fn quit(&self) {}

    fn what(&self) -> (&'static str, Option<&'static Location<'static>>) {
        ("meddler", None)
    }

    fn take(self) {}
}

/// Spawns a coro that selects an arm of this kind, to which another one, before it, gives what it
/// waits for, when the select enters for the `round`th time.
fn selects(things: &Rc<Things>, kind: usize, round: usize) -> JoinHandle<usize> {
    let things = Rc::clone(things);
    spawn(move || {
        let rounds = Cell::new(0);
        let meddles = Meddles(|| {
            rounds.set(rounds.get() + 1);
            if rounds.get() == round {
                things.give(kind);
            }
        });
        let wait = |arm: &dyn Arm| Select::new(&[&meddles, arm]).biased().wait();
        match kind {
            0 => {
                let arm = things.get.get_arm();
                let selected = wait(&arm);
                assert_eq!(arm.take(), Some(7));
                selected
            }
            1 => {
                let arm = things.put.put_arm(8);
                let selected = wait(&arm);
                assert_eq!(arm.into_value(), None);
                selected
            }
            2 => wait(&things.down.down_arm()),
            3 => {
                let arm = things.acquire.acquire_arm();
                let selected = wait(&arm);
                arm.take().forget();
                selected
            }
            _ => wait(&things.signal.wait_arm()),
        }
    })
}

#[test]
fn an_arm_takes_what_it_was_given_before_it_entered() {
    for fair in [false, true] {
        for kind in 0..KINDS - 1 {
            for round in 1..4 {
                let name = format!("fair: {fair}, kind {kind}, round {round}");
                let things = Things::new(fair);
                let c = selects(&things, kind, round);
                settle();
                for _ in 1..round {
                    assert!(!c.is_finished(), "{name}");
                    // A spurious wake-up makes it look and enter again.
                    c.ready();
                    settle();
                }
                assert!(c.is_finished(), "{name}");
                assert_eq!(c.join().unwrap(), 1, "{name}");
                assert_eq!(things.state(), NOTHING, "{name}");
                things.nobody_waits(&name);
            }
        }
    }
}

#[test]
fn what_an_arm_was_given_before_it_entered_passes_on_if_it_is_interrupted() {
    for fair in [false, true] {
        for kind in 0..KINDS - 1 {
            let name = format!("fair: {fair}, kind {kind}");
            let things = Things::new(fair);
            let c = selects(&things, kind, 2);
            settle();
            let theirs = things.clone();
            let behind = spawn(move || theirs.wait(kind));
            settle();
            assert!(!behind.is_finished(), "{name}");
            c.ready();
            // It was given what it waits for, and is cancelled before it looks.
            let target = c.coro().clone();
            let killer = spawn(move || target.cancel());
            settle();
            assert!(killer.is_finished(), "{name}");
            assert!(c.join().is_err_and(|end| end.is_cancelled()), "{name}");
            assert!(behind.is_finished(), "{name}");
            assert_eq!(things.state(), NOTHING, "{name}");
            things.nobody_waits(&name);
        }
    }
}

#[test]
fn a_put_arm_that_was_selected_cannot_be_selected_again() {
    for channel in [Channel::bounded(2), Channel::fair(2)] {
        let arm = channel.put_arm(1);
        assert_eq!(Select::new(&[&arm]).wait(), 0);
        let panic = outcome(|| Select::new(&[&arm]).wait());
        assert_eq!(
            panic,
            "an arm that was selected before cannot be selected again"
        );
        assert_eq!(channel.try_iter().collect::<Vec<_>>(), [1]);
    }
}

#[test]
fn a_select_that_was_overtaken_after_its_wake_up_waits_again() {
    let channel = Rc::new(Channel::unbounded());
    let theirs = channel.clone();
    let getter = spawn(move || select! { value = theirs.get_arm() => value });
    let sem = Rc::new(Semaphore::new(0));
    let theirs = sem.clone();
    let taker = spawn(move || select! { () = theirs.down_arm() => () });
    settle();
    for round in 0..3 {
        channel.put(round);
        sem.up();
        assert!(getter.is_ready() && taker.is_ready());
        assert_eq!((channel.try_get(), sem.try_down()), (Some(round), true));
        settle();
        assert!(!getter.is_finished() && !taker.is_finished());
        assert_eq!(sem.waiters(), 1);
    }
    channel.put(7);
    sem.up();
    settle();
    assert_eq!(getter.join().unwrap(), Some(7));
    assert!(taker.is_finished());
    assert_eq!((channel.len(), sem.count()), (0, 0));
}
