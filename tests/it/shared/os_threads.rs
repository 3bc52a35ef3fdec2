//! Coros that wait for other OS threads: those beside them go on, and those that are left when their OS thread ends hold
//! nobody up.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;

use coro::{cede, spawn};
use coro_channel::shared::{self, Receiver, Sender};

use super::settle;
use crate::support::{Defer, caught, defer, fresh};

#[test]
fn other_coros_go_on_while_one_waits_for_another_os_thread() {
    fresh(|| {
        let (start, started) = shared::bounded(0);
        let (sender, receiver) = shared::bounded(0);
        // It puts only when a coro beside the getter has told it to.
        let other = thread::spawn(move || {
            assert_eq!(started.get(), Some(100));
            sender.put("value").is_ok()
        });
        let getter = spawn(move || receiver.get());
        settle();
        let steps = Rc::new(Cell::new(0));
        let mine = steps.clone();
        let busy = spawn(move || {
            while mine.get() < 100 {
                mine.set(mine.get() + 1);
                cede();
            }
            start.put(mine.get()).is_ok()
        });
        assert_eq!(getter.join().unwrap(), Some("value"));
        assert!(busy.join().unwrap() && other.join().unwrap());
        assert_eq!(steps.get(), 100);
    });
}

#[test]
fn a_getter_among_busy_coros_is_woken_by_another_os_thread() {
    fresh(|| {
        let (sender, receiver) = shared::bounded(1);
        let got = Rc::new(Cell::new(false));
        let done = got.clone();
        let getter = spawn(move || {
            let value = receiver.get();
            done.set(true);
            value
        });
        settle();
        let other = thread::spawn(move || sender.put(1).is_ok());
        // Never idle, so it hears of the value between two switches.
        while !got.get() {
            cede();
        }
        assert_eq!(getter.join().unwrap(), Some(1));
        assert!(other.join().unwrap());
    });
}

#[test]
fn a_putter_blocks_only_its_coro() {
    fresh(|| {
        let (sender, receiver) = shared::bounded(1);
        let (start, started) = mpsc::channel();
        let other = thread::spawn(move || {
            started.recv().unwrap();
            receiver.iter().sum::<i32>()
        });
        let putter = spawn(move || (1..=10).all(|n| sender.put(n).is_ok()));
        settle();
        assert!(!putter.is_finished());
        start.send(()).unwrap();
        assert!(putter.join().unwrap());
        assert_eq!(other.join().unwrap(), 55);
    });
}

/// Ends an OS thread in which coros wait that `spawn_them` has spawned. Between `before` and `after`, which run here, they
/// wait, and their OS thread does not switch.
fn end_with_waiters(spawn_them: impl FnOnce() + Send + 'static, before: impl FnOnce()) {
    let (wait, waiting) = mpsc::channel();
    let (end, ending) = mpsc::channel::<()>();
    let other = thread::spawn(move || {
        spawn_them();
        settle();
        wait.send(()).unwrap();
        // This stalls the OS thread, so none of them runs from here on.
        assert!(ending.recv().is_err());
    });
    waiting.recv().unwrap();
    before();
    drop(end);
    other.join().unwrap();
}

fn two_getters(receiver: Receiver<u8>) -> impl FnOnce() + Send {
    move || {
        for receiver in [receiver.clone(), receiver] {
            // Held by its waker.
            drop(spawn(move || receiver.get()));
        }
    }
}

fn two_putters(sender: Sender<u8>) -> impl FnOnce() + Send {
    move || {
        for (sender, n) in [(sender.clone(), 101), (sender, 102)] {
            drop(spawn(move || sender.put(n)));
        }
    }
}

#[test]
fn getters_whose_os_thread_has_ended_take_no_wake_up() {
    for capacity in [0, 2] {
        fresh(move || {
            let (sender, receiver) = shared::bounded(capacity);
            end_with_waiters(two_getters(receiver.clone()), || ());
            // Nor are they slots.
            assert_eq!(sender.try_put(1).is_ok(), capacity > 0);
            let _ = receiver.try_get();
            let getter = spawn(move || receiver.get());
            settle();
            assert!(sender.put(2).is_ok());
            assert_eq!(getter.join().unwrap(), Some(2));
        });
    }
}

#[test]
fn a_wake_up_passes_on_from_a_getter_whose_os_thread_ends() {
    for capacity in [0, 2] {
        fresh(move || {
            let (sender, receiver) = shared::bounded(capacity);
            let (theirs, ours) = (receiver.clone(), Cell::new(None));
            end_with_waiters(two_getters(theirs), || {
                ours.set(Some(spawn(move || [receiver.get(), receiver.get()])));
                settle();
                assert!(sender.put(1).is_ok() && sender.put(2).is_ok());
            });
            let getter = ours.take().unwrap();
            assert_eq!(getter.join().unwrap(), [Some(1), Some(2)]);
        });
    }
}

#[test]
fn a_wake_up_passes_on_from_a_putter_whose_os_thread_ends() {
    fresh(|| {
        let (sender, receiver) = shared::bounded(2);
        assert!(sender.put(1).is_ok() && sender.put(2).is_ok());
        let (theirs, ours) = (sender.clone(), Cell::new(None));
        end_with_waiters(two_putters(theirs), || {
            ours.set(Some(spawn(move || [3, 4].map(|n| sender.put(n).is_ok()))));
            settle();
            assert_eq!([receiver.get(), receiver.get()], [Some(1), Some(2)]);
        });
        let putter = ours.take().unwrap();
        assert_eq!(putter.join().unwrap(), [true, true]);
        assert_eq!([receiver.get(), receiver.get()], [Some(3), Some(4)]);
        assert!(receiver.is_empty());
    });
}

#[test]
fn putters_whose_os_thread_has_ended_take_no_wake_up() {
    for capacity in [0, 1] {
        fresh(move || {
            let (sender, receiver) = shared::bounded(capacity);
            for _ in 0..capacity {
                assert!(sender.put(0).is_ok());
            }
            end_with_waiters(two_putters(sender.clone()), || ());
            let putter = spawn(move || sender.put(1).is_ok());
            settle();
            for _ in 0..capacity {
                assert_eq!(receiver.get(), Some(0));
            }
            assert_eq!(receiver.get(), Some(1));
            assert!(putter.join().unwrap());
        });
    }
}

/// What is done when the thread-local goes that holds it.
type Late = Defer<Box<dyn FnOnce()>>;

#[test]
fn a_destructor_of_a_thread_local_may_use_the_channel_but_not_block() {
    thread_local! {
        static AT_THE_END: Cell<Option<Late>> = const { Cell::new(None) };
    }
    let (report, reported) = mpsc::channel();
    let (sender, receiver) = shared::bounded(1);
    let theirs = sender.clone();
    fresh(move || {
        let call = move || {
            let put = theirs.put(1).is_ok();
            // The channel is full, so this would block.
            let refused = caught(|| theirs.put(2)).is_err();
            report.send((put, refused)).unwrap();
        };
        AT_THE_END.set(Some(defer(Box::new(call) as Box<dyn FnOnce()>)));
        // The list of waiters is younger, so it goes first.
        let (ours, from_us) = shared::bounded(0);
        let getter = spawn(move || from_us.get());
        settle();
        assert!(ours.put(0).is_ok());
        assert_eq!(getter.join().unwrap(), Some(0));
    });
    assert_eq!(reported.recv(), Ok((true, true)));
    let putter = spawn(move || sender.put(3).is_ok());
    settle();
    assert_eq!([receiver.get(), receiver.get()], [Some(1), Some(3)]);
    assert!(putter.join().unwrap());
}

#[test]
fn a_wait_that_is_over_is_not_given_up_when_its_os_thread_ends() {
    fresh(|| {
        let (sender, receiver) = shared::bounded(0);
        let theirs = receiver.clone();
        let other = thread::spawn(move || theirs.get());
        assert!(sender.put(1).is_ok());
        assert_eq!(other.join().unwrap(), Some(1));
        assert!(sender.try_put(2).is_err());
        drop(receiver);
    });
}
