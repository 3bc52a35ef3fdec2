//! Oneshots: the value arrives once, or comes back, or goes with the receiver; nobody waits for ever.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use coro::JoinHandle;
use coro_channel::{Arm, Dropped, Select, oneshot};
use coro_explore::{Builder, finally};

/// Explores all within the budgets.
#[track_caller]
fn explore(name: &str, builder: &Builder, body: impl Fn() + Send + Sync + 'static) {
    let builder = builder.clone().name(name).max_executions(1_000_000);
    let report = builder.check(body);
    println!("oneshot, {name}: {report}");
    assert!(report.is_exhaustive());
}

/// Strikes coros of this name; then wakes any of them for nothing.
#[track_caller]
fn explore_strikes<F>(name: &str, builder: &Builder, victim: &str, body: F)
where
    F: Fn() + Clone + Send + Sync + 'static,
{
    explore(name, &builder.clone().victims([victim]), body.clone());
    let spurious = Builder::new().spurious(2);
    explore(&format!("{name}, spurious"), &spurious, body);
}

fn faults() -> Builder {
    Builder::new().spurious(2).throws(1).cancels(1)
}

fn named<T: 'static>(desc: &str, f: impl FnOnce() -> T + 'static) -> JoinHandle<T> {
    coro::Builder::new().desc(desc).spawn(f)
}

/// A value of which it is known whether it was dropped.
fn value() -> (Rc<()>, Rc<()>) {
    let value = Rc::new(());
    let watched = value.clone();
    let seen = value.clone();
    finally(move || assert_eq!(Rc::strong_count(&seen), 1, "it was not dropped"));
    (value, watched)
}

// The receiver gets what was sent, or learns that nothing will be. Hazards: the sender ends between
// the look of the receiver and its wait; the receiver is woken for nothing.
#[test]
fn the_value_arrives_if_it_was_sent() {
    explore_strikes("arrive", &faults(), "sender", || {
        let (sender, receiver) = oneshot();
        let (value, _watched) = value();
        let sent = Rc::new(Cell::new(false));
        let seen = sent.clone();
        let sending = named("sender", move || {
            coro::cede();
            seen.set(true);
            assert!(sender.send(value).is_ok());
            coro::cede();
        });
        let getter = named("getter", move || receiver.get().is_ok());
        let got = getter.join().unwrap();
        assert_eq!(got, sent.get());
        _ = sending.join();
    });
}

// Hazard: the value stays with a receiver that has ended.
#[test]
fn the_value_goes_with_an_interrupted_receiver_or_comes_back() {
    for (name, builder) in [
        ("return", faults()),
        ("return, safe", Builder::new().spurious(2).safe_cancels(2)),
        ("return, overdue", Builder::new().spurious(2).timeouts(2)),
    ] {
        explore(name, &builder, || {
            let (sender, receiver) = oneshot();
            let (value, watched) = value();
            let getter = named("getter", move || receiver.get());
            let receiving = getter.coro().clone();
            let sending = named("sender", move || {
                coro::cede();
                let is_gone = receiving.is_finished();
                let came_back = sender.send(value).is_err();
                assert!(came_back || !is_gone, "nobody can get it");
                came_back
            });
            let got = getter.join();
            let came_back = sending.join();
            match (&got, &came_back) {
                (Ok(Ok(_)), Ok(came_back)) => assert!(!came_back),
                (Ok(Ok(_)), Err(_)) => panic!("it was got, and the sender had not sent it"),
                (Ok(Err(Dropped)), Ok(_)) => panic!("it was sent"),
                (Ok(Err(Dropped)), Err(_)) | (Err(_), _) => {}
            }
            drop(got);
            assert_eq!(Rc::strong_count(&watched), 2, "it was not dropped");
        });
    }
}

// Hazard: the drop of the sender wakes one of them, and the other waits for ever.
#[test]
fn one_of_several_waiters_gets_the_value_and_the_others_learn_of_it() {
    explore("share", &faults(), || {
        let (sender, receiver) = oneshot();
        let receiver = Rc::new(receiver);
        let (value, _watched) = value();
        let results = Rc::new(RefCell::new(vec![]));
        let getters = [1, 2].map(|_| {
            let (receiver, results) = (receiver.clone(), results.clone());
            named("getter", move || {
                let arm = receiver.get_arm();
                Select::new(&[&arm]).wait();
                results.borrow_mut().push(arm.take());
            })
        });
        drop(receiver);
        coro::cede();
        _ = sender.send(value);
        let ended = getters.map(|c| c.join().is_ok());
        let ended = ended.iter().filter(|is_ok| **is_ok).count();
        let results = results.take();
        assert_eq!(results.len(), ended);
        // Nobody takes it and ends afterwards.
        let got = results.iter().filter(|result| result.is_ok()).count();
        assert_eq!(got, ended.min(1));
    });
}

// Hazards: the limit is over when the value is there; who gives up stays in the queue.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_limit_leaves_the_receiver_and_the_value() {
    explore("limit", &faults().timers(2), || {
        let (sender, receiver) = oneshot();
        let (value, _watched) = value();
        let getter = named("getter", move || {
            let limit = Duration::from_millis(1);
            match receiver.get_timeout(limit) {
                Ok(result) => result,
                Err(_elapsed) => receiver.get(),
            }
        });
        let sending = named("sender", move || {
            coro_time::sleep(Duration::from_millis(1));
            sender.send(value).is_ok()
        });
        let got = getter.join();
        let sent = sending.join();
        if let Ok(got) = got {
            assert_eq!(got.is_ok(), sent.is_ok_and(|sent| sent));
        }
    });
}
