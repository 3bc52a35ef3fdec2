//! Section A: spurious wake-ups, and answers that coros wait for.

use std::cell::RefCell;
use std::rc::Rc;

use coro::{Coro, JoinHandle, Rouse, current, ready_count, rouse, schedule, spawn};
use coro_channel::Channel;

use super::settle;
use crate::support::{counted, fresh, outcome, semaphore};

/// A wait, and what ends it.
pub(super) type Waits = (&'static str, Box<dyn FnOnce()>, Box<dyn FnOnce()>);

/// Readies coros in these waits, which only their ends may end.
#[track_caller]
pub(super) fn never_completed_by_ready(waits: Vec<Waits>) {
    for (what, wait, end) in waits {
        let c = spawn(wait);
        settle();
        for _ in 0..3 {
            assert!(c.ready(), "{what}");
            settle();
            assert!(c.cede_to().is_ok(), "{what}");
            settle();
            assert!(!c.is_finished(), "{what}");
        }
        end();
        settle();
        assert!(c.is_finished(), "{what}");
        c.join().expect("nobody interrupts it");
    }
}

fn waits() -> Vec<Waits> {
    let sem = || {
        let sem = semaphore(0);
        (Rc::clone(&sem), sem)
    };
    let (down, up_down) = sem();
    let (wait, up_wait) = sem();
    let (acquire, up_acquire) = sem();
    let get = Rc::new(Channel::unbounded());
    let put_get = Rc::clone(&get);
    let put = Rc::new(Channel::bounded(0));
    let get_put = Rc::clone(&put);
    let (callback, answer) = rouse();
    let target = spawn(schedule);
    let join = target.coro().clone();
    let inner = spawn(schedule);
    let child = inner.coro().clone();
    vec![
        (
            "down",
            Box::new(move || down.down()),
            Box::new(move || up_down.up()),
        ),
        (
            "sem wait",
            Box::new(move || wait.wait()),
            Box::new(move || up_wait.up()),
        ),
        (
            "acquire",
            Box::new(move || acquire.acquire().forget()),
            Box::new(move || up_acquire.up()),
        ),
        (
            "get",
            Box::new(move || assert_eq!(get.get(), Some(1))),
            Box::new(move || put_get.put(1)),
        ),
        (
            "put",
            Box::new(move || put.put(1)),
            Box::new(move || assert_eq!(get_put.get(), Some(1))),
        ),
        (
            "rouse",
            Box::new(move || assert_eq!(answer.wait(), Some(1))),
            Box::new(move || callback.call(1)),
        ),
        (
            "join",
            Box::new(move || join.join()),
            Box::new(move || target.cancel()),
        ),
        (
            "scope",
            Box::new(move || coro::scope(|s| drop(s.spawn(move || child.join())))),
            Box::new(move || inner.cancel()),
        ),
    ]
}

#[test]
fn bug_17_ready_on_a_blocked_coro_never_completes_its_wait() {
    fresh(|| {
        never_completed_by_ready(waits());
    });
}

#[test]
fn bug_18_an_outstanding_request_survives_a_ready_and_is_harmless_after_a_throw() {
    fresh(|| {
        let (value, drops) = counted();
        let (complete, request) = rouse();
        let c = spawn(move || {
            let result = outcome(|| request.wait());
            schedule();
            (result, "woken by the request that was given up")
        });
        settle();
        c.ready();
        settle();
        assert!(!c.is_ready() && !c.is_finished());
        c.throw("ex");
        settle();
        complete.call(value);
        assert_eq!(drops.get(), 1);
        assert_eq!(ready_count(), 0);
        settle();
        assert!(!c.is_finished());
        c.ready();
        assert_eq!(c.join().unwrap().0, "ex");
    });
}

#[test]
fn bug_20_all_who_wait_for_one_end_wake() {
    fresh(|| {
        let promise = spawn(|| {
            schedule();
            42
        })
        .shared();
        let waiters: Vec<_> = (0..5)
            .map(|_| {
                let promise = promise.clone();
                spawn(move || promise.join().ok())
            })
            .collect();
        settle();
        promise.coro().ready();
        settle();
        for waiter in waiters {
            assert!(waiter.is_finished());
            assert_eq!(waiter.join().unwrap(), Some(42));
        }
    });
}

#[test]
fn bug_21_any_coro_may_wait_for_a_rouse_and_exactly_that_one_is_woken() {
    fresh(|| {
        let hand_over = Rc::new(RefCell::new(None));
        let creator = spawn({
            let hand_over = Rc::clone(&hand_over);
            move || {
                *hand_over.borrow_mut() = Some(rouse());
                schedule();
            }
        });
        settle();
        let (callback, answer) = hand_over.take().unwrap();
        let waiter = spawn(move || answer.wait());
        let bystander = spawn(schedule);
        settle();
        callback.call(5);
        assert!(waiter.is_ready());
        assert!(!creator.is_ready() && !bystander.is_ready() && !current().is_ready());
        assert_eq!(waiter.join().unwrap(), Some(5));
    });
}

#[test]
fn bug_22_a_called_rouse_delivers_whatever_happens_to_the_caller() {
    fresh(|| {
        for end in [
            |c: &Coro| c.cancel(),
            |c: &Coro| drop(c.throw("ex")),
            |c: &Coro| _ = c.ready(),
        ] {
            let (callback, answer) = rouse();
            let waiter = spawn(move || answer.wait());
            settle();
            let caller = spawn(move || {
                callback.call(vec![1, 2]);
                schedule();
            });
            // The caller runs, and ends before the waiter has its turn.
            assert!(caller.cede_to().is_ok());
            assert!(waiter.is_ready());
            end(&caller);
            drop(caller);
            assert_eq!(waiter.join().unwrap(), Some(vec![1, 2]));
        }
    });
}

#[test]
fn bug_23_values_arrive_whenever_they_are_asked_for_and_again() {
    fresh(|| {
        // Sent first, received later.
        let (callback, answer) = rouse();
        callback.call("sent");
        settle();
        assert_eq!(answer.wait(), Some("sent"));
        // Before the end, after it, and again.
        let promise = spawn(|| String::from("value")).shared();
        for _ in 0..3 {
            assert_eq!(promise.join().ok().as_deref(), Some("value"));
        }
        let late = promise.clone();
        drop(promise);
        assert_eq!(late.join().ok().as_deref(), Some("value"));
    });
}

#[test]
fn bug_24_nested_waits_of_different_coros_are_independent() {
    fresh(|| {
        for order in [
            [0, 1, 2],
            [0, 2, 1],
            [1, 0, 2],
            [1, 2, 0],
            [2, 0, 1],
            [2, 1, 0],
        ] {
            let mut callbacks = Vec::new();
            // Each waits for its own answer within its wait for another coro's.
            let mut inner: Option<JoinHandle<Option<usize>>> = None;
            let all = [(); 3].map(|()| {
                let (callback, answer) = rouse();
                callbacks.push(Some(callback));
                let c = spawn(answer_of(answer));
                let joined = inner.take();
                let outer = spawn(move || joined.map(|c| c.join().unwrap()));
                let coro = c.coro().clone();
                inner = Some(c);
                (coro, outer)
            });
            settle();
            for (nth, i) in order.into_iter().enumerate() {
                callbacks[i].take().unwrap().call(i);
                settle();
                let ended = all.iter().filter(|(c, _)| c.is_finished()).count();
                assert_eq!(ended, nth + 1, "{order:?}");
                assert!(all[i].0.is_finished(), "{order:?}");
            }
            for (i, (_, outer)) in all.into_iter().enumerate() {
                assert_eq!(
                    outer.join().unwrap(),
                    i.checked_sub(1).map(Some),
                    "{order:?}"
                );
            }
        }
    });
}

fn answer_of(answer: Rouse<usize>) -> impl FnOnce() -> Option<usize> + 'static {
    move || answer.wait()
}
