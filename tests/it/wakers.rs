//! The door from other OS threads: DESIGN §3.6. No wake-up is lost, and a held waker is no deadlock.

use std::future::Future;
use std::pin::pin;
use std::sync::mpsc;
use std::task::{Context, Poll};
use std::thread;

use coro::{
    Builder, Driver, Event, Observer, Outlook, Turn, Waker, cede, current, schedule, set_driver,
    set_idle, set_observer, set_patience, spawn,
};

use crate::support::{Log, defer, fresh, outcome, semaphore};

mod linger;
mod many;
mod patience;

#[test]
fn a_waker_outlives_the_os_thread_of_its_coro() {
    let (ended, end) = mpsc::channel();
    let (give, take) = mpsc::channel::<Waker>();
    let user = thread::spawn(move || {
        let waker = take.recv().unwrap();
        let clone = waker.clone();
        end.recv().unwrap();
        (0..10).for_each(|_| clone.wake());
        drop(waker);
        let waker: std::task::Waker = clone.into();
        waker.wake();
    });
    fresh(move || {
        spawn(move || {
            give.send(current().waker()).unwrap();
            schedule();
            unreachable!("its OS thread ends before");
        });
        cede();
    });
    ended.send(()).unwrap();
    user.join().unwrap();
}

#[test]
fn the_waker_of_an_ended_coro_does_nothing() {
    fresh(|| {
        let c = spawn(|| 1);
        let waker = c.waker();
        let early = waker.clone();
        early.wake();
        assert_eq!(c.join().unwrap(), 1);
        waker.wake();
        cede();
        assert_eq!(coro::ready_count(), 0);
        drop((early, waker));
        assert!(outcome(schedule).starts_with("deadlock"));
    });
}

#[test]
fn a_waker_dropped_while_its_coro_runs_changes_nothing_for_it() {
    fresh(|| {
        let log = Log::new();
        let c = spawn(move || {
            let _mark = log.mark("the end");
            drop(current().waker());
            let waker = current().waker();
            waker.wake();
            thread::spawn(move || drop(waker)).join().unwrap();
            schedule();
            log.say("woken");
            cede();
            log.say("still held");
        });
        c.join().unwrap();
        log.expect(["woken", "still held", "the end"]);
    });
}

#[test]
fn a_coro_that_only_a_waker_holds_is_unwound_when_its_last_clone_goes() {
    fresh(|| {
        // Else it would look again, and find what it should have been woken for.
        set_patience(None);
        let log = Log::new();
        let main = current();
        let (give, take) = mpsc::channel::<Waker>();
        drop(spawn(move || {
            let _mark = defer(move || {
                log.say("unwound");
                main.ready();
            });
            let waker = current().waker();
            give.send(waker.clone()).unwrap();
            give.send(waker).unwrap();
            schedule();
        }));
        (0..3).for_each(|_| cede());
        let first = take.recv().unwrap();
        drop(first);
        (0..3).for_each(|_| cede());
        log.expect([]);
        // Dropped by another OS thread, after a while, so that this one is parked most likely; and
        // its destructor readies main, so that this is no deadlock.
        let other = thread::spawn(move || {
            (0..1_000_000).for_each(|_| std::hint::spin_loop());
            drop(take);
        });
        schedule();
        log.expect(["unwound"]);
        other.join().unwrap();
    });
}

#[test]
fn a_waker_used_on_its_own_os_thread_readies_at_the_next_switch() {
    fresh(|| {
        let log = Log::new();
        let c = spawn(move || {
            schedule();
            log.say("woken");
        });
        cede();
        let waker = c.waker();
        coro::no_switch(|| waker.wake());
        assert!(!c.is_ready());
        // At a switch, so behind main, which switches.
        cede();
        assert!(c.is_ready());
        log.expect([]);
        cede();
        log.expect(["woken"]);
        // And by a blocked coro's own neighbour, with nobody else ready.
        let main = current().waker();
        spawn(move || main.wake());
        schedule();
    });
}

#[test]
fn a_wake_is_heard_while_others_are_busy() {
    fresh(|| {
        let log = Log::new();
        let c = spawn(move || {
            schedule();
            log.say("woken");
        });
        cede();
        let waker = c.waker();
        // That one is gone says nothing of the others.
        drop(c.waker());
        cede();
        thread::spawn(move || waker.wake()).join().unwrap();
        // Main is ready all the time, so nobody idles.
        (0..2).for_each(|_| cede());
        log.expect(["woken"]);
    });
}

#[test]
fn wakes_ready_in_the_order_of_their_first_call() {
    fresh(|| {
        let log = Log::new();
        let wakers: Vec<_> = ["a", "b", "c"]
            .map(|name| {
                let c = spawn(move || {
                    schedule();
                    log.say(name);
                });
                c.waker()
            })
            .into();
        cede();
        for i in [2, 0, 2, 1, 0] {
            wakers[i].wake();
        }
        (0..2).for_each(|_| cede());
        log.expect(["c", "a", "b"]);
    });
}

/// Calls its closure at every event.
struct Watch<F>(F);

impl<F: FnMut()> Observer for Watch<F> {
    fn event(&mut self, _: &Event<'_>) {
        (self.0)();
    }
}

/// Takes its turns with a closure.
struct Loop<F>(F);

impl<F: FnMut(Turn) -> Outlook> Driver for Loop<F> {
    fn turn(&mut self, how: Turn) -> Outlook {
        (self.0)(how)
    }
    fn waker(&self) -> std::task::Waker {
        std::task::Waker::noop().clone()
    }
}

#[test]
fn a_wake_during_a_hook_is_heard() {
    fresh(|| {
        let waker = current().waker();
        let theirs = waker.clone();
        drop(set_idle(Some(Box::new(move || {
            theirs.wake();
            drop(current().waker());
            Outlook::Hopeless
        }))));
        schedule();
        drop(set_idle(None));
        let theirs = waker.clone();
        drop(set_driver(Some(Box::new(Loop(move |_| {
            theirs.wake();
            Outlook::Hopeless
        })))));
        schedule();
        drop(set_driver(None));
        drop(set_observer(Some(Box::new(Watch(move || waker.wake())))));
        schedule();
        drop(set_observer(None));
        // What the hooks had left in the box is heard first.
        let said = loop {
            let said = outcome(schedule);
            if said != "returned" {
                break said;
            }
        };
        assert!(said.starts_with("deadlock"), "{said}");
    });
}

#[test]
fn a_wake_ends_the_sleep_beside_a_driver_that_has_no_hope() {
    fresh(|| {
        drop(set_driver(Some(Box::new(Loop(|_| Outlook::Hopeless)))));
        for _ in 0..100 {
            let waker = current().waker();
            let other = thread::spawn(move || waker.wake());
            schedule();
            other.join().unwrap();
        }
        drop(set_driver(None));
    });
}

/// Runs a future in the current coro.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = current().waker().into();
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
        schedule();
    }
}

#[test]
fn futures_are_polled_with_a_waker() {
    fresh(|| {
        // Pending as often as `left` says; woken by this OS thread and by others in turn.
        let yields = |mut left: u32| {
            std::future::poll_fn(move |context| {
                if left == 0 {
                    return Poll::Ready(());
                }
                left -= 1;
                let waker = context.waker().clone();
                assert!(waker.will_wake(context.waker()));
                if left.is_multiple_of(2) {
                    waker.wake_by_ref();
                } else {
                    drop(thread::spawn(move || waker.wake()));
                }
                Poll::Pending
            })
        };
        let coros: Vec<_> = (0..10)
            .map(|i| {
                spawn(move || {
                    block_on(async {
                        yields(i).await;
                        yields(10 - i).await;
                        i
                    })
                })
            })
            .collect();
        for (i, c) in (0..10).zip(coros) {
            assert_eq!(c.join().unwrap(), i);
        }
        assert!(
            outcome(schedule).starts_with("deadlock"),
            "no waker is left"
        );
    });
}

#[test]
fn the_last_waker_to_go_leaves_a_deadlock_that_names_the_coro() {
    let (give, take) = mpsc::channel::<Waker>();
    let kernel = thread::spawn(move || {
        set_patience(None);
        let sem = semaphore(0);
        let c = Builder::new()
            .desc("waits for the world")
            .spawn(move || sem.down());
        cede();
        give.send(c.waker()).unwrap();
        outcome(|| c.coro().join())
    });
    let waker = take.recv().unwrap();
    // A spurious wake-up does no harm to the semaphore, and is the last word but one.
    waker.wake();
    let clone = waker.clone();
    thread::spawn(move || drop(waker)).join().unwrap();
    drop(clone);
    let said = kernel.join().unwrap();
    assert!(said.starts_with("deadlock"), "{said}");
    assert!(said.contains("waits for the world"), "{said}");
}

#[test]
fn a_waker_says_what_it_is() {
    let waker = current().waker();
    assert_eq!(format!("{waker:?}"), "Waker");
    let one: std::task::Waker = waker.clone().into();
    let other: std::task::Waker = waker.into();
    assert!(one.will_wake(&other), "clones of one waker");
    assert!(one.will_wake(&one.clone()));
    let stranger: std::task::Waker = spawn(|| ()).waker().into();
    assert!(!one.will_wake(&stranger));
}
