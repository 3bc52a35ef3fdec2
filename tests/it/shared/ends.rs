//! What happens when an end goes, or all are there and nothing may come in any more.

use coro::{JoinHandle, cede, spawn};
use coro_channel::shared::{self, PutError, Receiver, Sender, TryGetError, TryPutError};

use super::settle;
use crate::support::{Counted, counted, defer, fresh};

fn getters<T: Send + 'static>(receiver: &Receiver<T>, count: usize) -> Vec<JoinHandle<Option<T>>> {
    let spawn = |_| {
        let receiver = receiver.clone();
        spawn(move || receiver.get())
    };
    let coros = (0..count).map(spawn).collect();
    settle();
    coros
}

#[test]
fn when_the_last_sender_goes_what_is_left_comes_out_then_none() {
    let (sender, receiver) = shared::unbounded();
    let other = sender.clone();
    assert!(sender.put(1).is_ok());
    drop(sender);
    assert_eq!(receiver.try_get(), Ok(1));
    assert_eq!(receiver.try_get(), Err(TryGetError::Empty));
    assert!(other.put(2).is_ok());
    drop(other);
    assert_eq!([receiver.get(), receiver.get()], [Some(2), None]);
    assert_eq!(receiver.try_get(), Err(TryGetError::ShutDown));
}

#[test]
fn the_last_sender_that_goes_wakes_the_getters_of_all_os_threads() {
    fresh(|| {
        let (sender, receiver) = shared::bounded::<u8>(1);
        let (waits, wait) = std::sync::mpsc::channel();
        let others = [(); 2].map(|()| {
            let (receiver, waits) = (receiver.clone(), waits.clone());
            std::thread::spawn(move || {
                let coros = getters(&receiver, 3);
                drop(receiver);
                waits.send(()).unwrap();
                coros.into_iter().all(|c| c.join().unwrap().is_none())
            })
        });
        let ours = getters(&receiver, 3);
        wait.recv().unwrap();
        wait.recv().unwrap();
        drop(sender);
        assert!(ours.into_iter().all(|c| c.join().unwrap().is_none()));
        assert!(others.into_iter().all(|other| other.join().unwrap()));
    });
}

#[test]
fn when_the_last_receiver_goes_puts_fail_and_what_is_left_is_dropped() {
    fresh(|| {
        let (sender, receiver) = shared::bounded(1);
        let (value, drops) = counted();
        assert!(sender.put(value).is_ok());
        let (value, blocked) = counted();
        let theirs = sender.clone();
        let putter = spawn(move || theirs.put(value).is_err());
        settle();
        let clone = receiver.clone();
        drop(receiver);
        settle();
        assert_eq!((drops.get(), blocked.get()), (0, 0));
        drop(clone);
        assert_eq!((drops.get(), blocked.get()), (1, 0));
        assert!(putter.join().unwrap());
        assert_eq!(blocked.get(), 1);
        let (value, drops) = counted();
        let refused = sender.put(value);
        assert_eq!((refused.is_err(), drops.get()), (true, 0));
        assert!(matches!(refused, Err(PutError(_))));
    });
}

#[test]
fn a_shutdown_ends_the_waits_of_both_ends() {
    fresh(|| {
        let (sender, receiver) = shared::bounded::<u8>(1);
        let waiting = getters(&receiver, 2);
        sender.shutdown();
        assert!(waiting.into_iter().all(|c| c.join().unwrap().is_none()));
        let (sender, receiver) = shared::bounded(1);
        assert!(sender.put(1).is_ok());
        let theirs = sender.clone();
        let putter = spawn(move || theirs.put(2));
        settle();
        receiver.shutdown();
        assert_eq!(putter.join().unwrap(), Err(PutError(2)));
        assert_eq!(sender.put(3), Err(PutError(3)));
        assert_eq!(sender.try_put(3), Err(TryPutError::ShutDown(3)));
        assert!(sender.is_shut_down() && receiver.is_shut_down());
        assert_eq!([receiver.get(), receiver.get()], [Some(1), None]);
    });
}

#[test]
fn without_a_buffer_the_ends_go_in_every_order() {
    fresh(|| {
        let (sender, receiver) = shared::bounded(0);
        let putter = spawn(move || sender.put(1));
        settle();
        drop(receiver);
        assert_eq!(putter.join().unwrap(), Err(PutError(1)));
        let (sender, receiver) = shared::bounded::<u8>(0);
        let getter = spawn(move || receiver.get());
        settle();
        drop(sender);
        assert_eq!(getter.join().unwrap(), None);
        let (sender, receiver) = shared::bounded(0);
        let getter = spawn(move || [receiver.get(), receiver.get()]);
        settle();
        // It goes before the getter runs that the value is for.
        assert!(sender.put(1).is_ok());
        drop(sender);
        assert_eq!(getter.join().unwrap(), [Some(1), None]);
    });
}

/// A value that talks to its own channel when it drops.
struct Talks(
    Sender<Talks>,
    #[expect(dead_code, reason = "counts drops")] Counted,
);

impl Drop for Talks {
    fn drop(&mut self) {
        let _ = self.0.len();
        drop(self.0.clone());
        self.0.shutdown();
    }
}

#[test]
fn values_that_use_the_channel_may_be_dropped_by_it() {
    fresh(|| {
        let (sender, receiver) = shared::bounded(2);
        let (first, drops) = counted();
        assert!(sender.put(Talks(sender.clone(), first)).is_ok());
        let (second, second_drops) = counted();
        assert!(sender.put(Talks(sender.clone(), second)).is_ok());
        let (third, third_drops) = counted();
        let theirs = sender.clone();
        let putter = spawn(move || theirs.put(Talks(theirs.clone(), third)).is_ok());
        settle();
        // The interrupted put drops its value, which shuts the channel down.
        putter.cancel();
        assert_eq!((third_drops.get(), drops.get()), (1, 0));
        assert!(sender.is_shut_down());
        // The last receiver drops the rest, whose senders would keep the channel alive.
        drop(receiver);
        assert_eq!((drops.get(), second_drops.get()), (1, 1));
    });
}

#[test]
fn a_value_whose_drop_blocks_holds_nobody_else_up() {
    fresh(|| {
        let (sender, receiver) = shared::bounded(1);
        assert!(
            sender
                .put(Some(defer(
                    Box::new(|| (0..3).for_each(|_| cede())) as Box<dyn FnOnce()>
                )))
                .is_ok()
        );
        let theirs = sender.clone();
        let putter = spawn(move || theirs.put(None).is_err());
        settle();
        drop(receiver);
        // It has run while the value dropped.
        assert!(putter.is_finished());
        assert!(putter.join().unwrap());
    });
}
