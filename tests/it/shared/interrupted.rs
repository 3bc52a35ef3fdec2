//! Interrupted at every place where it may block, and in every way, an operation has done nothing, and a wake-up that it
//! was given passes on.

use coro::{JoinHandle, spawn};
use coro_channel::shared::{self, Receiver, Sender, TryPutError};

use super::settle;
use crate::support::{Counted, Log, caught, counted, fresh};

/// A way to interrupt a coro.
type Interrupt = fn(&JoinHandle<()>);

const WAYS: [Interrupt; 4] = [
    |c| c.cancel(),
    |c| assert!(c.safe_cancel().is_ok()),
    |c| drop(c.throw("interrupted")),
    // It runs first, sees nothing, and waits again.
    |c| {
        c.ready();
        settle();
        c.throw("interrupted");
    },
];

/// Runs a test for each way to interrupt.
fn in_every_way(test: fn(Interrupt)) {
    for interrupt in WAYS {
        fresh(move || test(interrupt));
    }
}

/// Spawns a coro that gets, and says what.
fn getter(log: Log, name: &'static str, receiver: &Receiver<u8>) -> JoinHandle<()> {
    let receiver = receiver.clone();
    let c = spawn(move || {
        if let Ok(got) = coro::catch(|| receiver.get()) {
            log.say(format!("{name} {got:?}"));
        }
    });
    settle();
    c
}

fn putter(log: Log, value: u8, sender: &Sender<u8>) -> JoinHandle<()> {
    let sender = sender.clone();
    let c = spawn(move || {
        if coro::catch(|| sender.put(value)).is_ok() {
            log.say(format!("put {value}"));
        }
    });
    settle();
    c
}

#[test]
fn a_getter_that_waits_takes_nothing_and_leaves_the_line() {
    in_every_way(|interrupt| {
        let log = Log::new();
        let (sender, receiver) = shared::bounded(1);
        let first = getter(log, "first", &receiver);
        let _second = getter(log, "second", &receiver);
        interrupt(&first);
        // Out of the line before it runs, if that was asked for.
        assert!(sender.put(1).is_ok());
        settle();
        log.expect(["second Some(1)"]);
        assert!(first.is_finished());
    });
}

#[test]
fn a_getter_that_was_woken_takes_nothing_and_wakes_the_next() {
    in_every_way(|interrupt| {
        let log = Log::new();
        let (sender, receiver) = shared::unbounded();
        let first = getter(log, "first", &receiver);
        let second = getter(log, "second", &receiver);
        if std::ptr::fn_addr_eq(interrupt, WAYS[3]) {
            // What it was woken for is gone when it runs, so it comes to wait again.
            assert!(sender.put(0).is_ok());
            assert_eq!(receiver.try_get(), Ok(0));
            settle();
        }
        assert!(sender.put(1).is_ok());
        interrupt_woken(interrupt, &first);
        settle();
        log.expect(["second Some(1)"]);
        assert!(first.is_finished() && second.is_finished());
    });
}

/// Interrupts one that was woken; it may not run before.
fn interrupt_woken(interrupt: Interrupt, c: &JoinHandle<()>) {
    if std::ptr::fn_addr_eq(interrupt, WAYS[3]) {
        c.throw("interrupted");
    } else {
        interrupt(c);
    }
}

#[test]
fn a_putter_that_waits_puts_nothing_and_leaves_the_line() {
    in_every_way(|interrupt| {
        let log = Log::new();
        let (sender, receiver) = shared::bounded(1);
        assert!(sender.put(0).is_ok());
        let first = putter(log, 1, &sender);
        let _second = putter(log, 2, &sender);
        interrupt(&first);
        assert_eq!(receiver.get(), Some(0));
        settle();
        log.expect(["put 2"]);
        assert_eq!((receiver.get(), receiver.len()), (Some(2), 0));
        assert!(first.is_finished());
    });
}

#[test]
fn a_putter_that_was_woken_puts_nothing_and_wakes_the_next() {
    in_every_way(|interrupt| {
        let log = Log::new();
        let (sender, receiver) = shared::bounded(1);
        assert!(sender.put(0).is_ok());
        let first = putter(log, 1, &sender);
        let _second = putter(log, 2, &sender);
        assert_eq!(receiver.get(), Some(0));
        interrupt_woken(interrupt, &first);
        settle();
        log.expect(["put 2"]);
        assert_eq!((receiver.get(), receiver.len()), (Some(2), 0));
        assert!(first.is_finished());
    });
}

#[test]
fn without_a_buffer_an_interrupted_putter_puts_nothing() {
    in_every_way(|interrupt| {
        let log = Log::new();
        let (sender, receiver) = shared::bounded(0);
        let first = putter(log, 1, &sender);
        let _second = putter(log, 2, &sender);
        interrupt(&first);
        let _getter = getter(log, "getter", &receiver);
        assert_eq!(log.sorted(), ["getter Some(2)", "put 2"]);
    });
}

#[test]
fn without_a_buffer_a_woken_putter_that_is_interrupted_wakes_the_next() {
    in_every_way(|interrupt| {
        let log = Log::new();
        let (sender, receiver) = shared::bounded(0);
        let first = putter(log, 1, &sender);
        let _second = putter(log, 2, &sender);
        let get = spawn(move || receiver.get());
        // It waits, and has woken the first putter, which comes after this in the ready queue.
        let main = coro::current();
        main.ready();
        coro::cede();
        interrupt_woken(interrupt, &first);
        assert_eq!(get.join().unwrap(), Some(2));
        settle();
        log.expect(["put 2"]);
    });
}

#[test]
fn without_a_buffer_a_getter_that_leaves_takes_its_slot_along() {
    in_every_way(|interrupt| {
        let log = Log::new();
        let (sender, receiver) = shared::bounded(0);
        let first = getter(log, "first", &receiver);
        interrupt(&first);
        settle();
        assert_eq!(sender.try_put(1), Err(TryPutError::Full(1)));
        let _second = getter(log, "second", &receiver);
        assert_eq!(sender.try_put(2), Ok(()));
        settle();
        log.expect(["second Some(2)"]);
    });
}

#[test]
fn without_a_buffer_what_was_put_for_an_interrupted_getter_stays_for_the_next() {
    in_every_way(|interrupt| {
        let log = Log::new();
        let (sender, receiver) = shared::bounded(0);
        let first = getter(log, "first", &receiver);
        assert_eq!(sender.try_put(1), Ok(()));
        interrupt_woken(interrupt, &first);
        settle();
        assert_eq!(sender.try_put(2), Err(TryPutError::Full(2)));
        log.expect([]);
        let _second = getter(log, "second", &receiver);
        log.expect(["second Some(1)"]);
    });
}

#[test]
fn the_value_of_an_interrupted_put_is_dropped_after_it_has_left() {
    struct Looks(Receiver<Option<Looks>>, Counted);
    impl Drop for Looks {
        fn drop(&mut self) {
            // The next putter has been woken in this one's stead.
            let _ = &self.1;
            settle();
            assert!(matches!(self.0.try_get(), Ok(None)));
        }
    }
    fresh(|| {
        let (sender, receiver) = shared::bounded(1);
        assert!(sender.put(None).is_ok());
        let (value, drops) = counted();
        let looks = Looks(receiver.clone(), value);
        let theirs = sender.clone();
        let first = spawn(move || theirs.put(Some(looks)).is_ok());
        settle();
        let _second = spawn(move || sender.put(None).is_ok());
        settle();
        assert!(matches!(receiver.get(), Some(None)));
        first.cancel();
        assert!(first.join().unwrap_err().is_cancelled());
        assert_eq!(drops.get(), 1);
    });
}

#[test]
fn what_is_pending_is_raised_at_the_entry_and_nothing_is_done() {
    fresh(|| {
        let (sender, receiver) = shared::bounded(2);
        coro::current().throw("pending");
        assert!(caught(|| sender.put(1)).is_err());
        assert_eq!(sender.len(), 0);
        assert!(sender.put(2).is_ok());
        coro::current().throw("pending");
        assert!(caught(|| receiver.get()).is_err());
        assert_eq!(receiver.get(), Some(2));
    });
}

#[test]
fn who_is_woken_for_nothing_keeps_the_place() {
    fresh(|| {
        let log = Log::new();
        let (sender, receiver) = shared::bounded(1);
        let first = getter(log, "first", &receiver);
        let _second = getter(log, "second", &receiver);
        for _ in 0..3 {
            first.ready();
            settle();
        }
        // Overtaken: the value that it is woken for is gone.
        assert!(sender.put(0).is_ok());
        assert_eq!(receiver.get(), Some(0));
        settle();
        log.expect([]);
        assert!(sender.put(1).is_ok());
        settle();
        log.expect(["first Some(1)"]);
        assert!(sender.put(2).is_ok());
        settle();
        log.expect(["second Some(2)"]);
        let (sender, receiver) = shared::bounded(1);
        assert!(sender.put(0).is_ok());
        let first = putter(log, 1, &sender);
        let _second = putter(log, 2, &sender);
        first.ready();
        settle();
        assert_eq!(receiver.get(), Some(0));
        assert!(sender.put(3).is_ok());
        settle();
        log.expect([]);
        assert_eq!(receiver.get(), Some(3));
        settle();
        log.expect(["put 1"]);
    });
}

#[test]
fn a_safe_cancel_takes_the_getter_out_before_it_runs() {
    fresh(|| {
        let log = Log::new();
        let (sender, receiver) = shared::bounded(0);
        let first = getter(log, "first", &receiver);
        assert!(first.safe_cancel().is_ok());
        assert_eq!(sender.try_put(1), Err(TryPutError::Full(1)));
        settle();
        log.expect([]);
    });
}
