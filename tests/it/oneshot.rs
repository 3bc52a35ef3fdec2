//! Oneshots: the value or the news that there will be none, to one receiver, whatever happens to either end.

use std::cell::Cell;
use std::fmt::Debug;
use std::rc::Rc;

use coro::{JoinHandle, cede, no_switch, schedule, spawn};
use coro_channel::{
    Arm, Channel, Dropped, OneshotArm, OneshotReceiver, OneshotSender, Select, oneshot, select,
};
use coro_sync::wait_queue::WaitQueue;
use static_assertions::assert_not_impl_any;

use crate::signal::{INTERRUPTIONS, settle};
use crate::support::{Log, counted, defer, die, outcome};

assert_not_impl_any!(OneshotSender<u8>: Send, Sync, Clone);
assert_not_impl_any!(OneshotReceiver<u8>: Send, Sync, Clone);
assert_not_impl_any!(OneshotArm<'static, u8>: Send, Sync);

/// Spawns a coro that gets and says what came out, and lets it begin.
fn getter<T: Debug + 'static>(log: Log, receiver: OneshotReceiver<T>) -> JoinHandle<()> {
    let c = spawn(move || {
        let result = outcome(|| {
            let result = receiver.get();
            log.say(format!("{result:?}"));
        });
        log.say(result);
    });
    cede();
    c
}

#[test]
fn a_value_that_was_sent_is_got_without_a_switch() {
    no_switch(|| {
        let (sender, receiver) = oneshot();
        assert_eq!(sender.send(1), Ok(()));
        assert_eq!(receiver.get(), Ok(1));
    });
}

#[test]
fn a_receiver_sleeps_until_the_value_is_sent() {
    let log = Log::new();
    let (sender, receiver) = oneshot();
    let c = getter(log, receiver);
    for _ in 0..3 {
        c.ready();
        settle();
        log.expect([]);
    }
    no_switch(|| sender.send(1).unwrap());
    assert!(c.is_ready());
    settle();
    log.expect(["Ok(1)", "returned"]);
}

#[test]
fn a_receiver_wakes_when_the_sender_is_dropped_however() {
    let ends: [fn(OneshotSender<u8>); 4] = [
        |sender| no_switch(|| drop(sender)),
        |sender| {
            let c = spawn(move || {
                let _sender = sender;
                die("with the sender");
            });
            assert!(c.join().is_err());
        },
        |sender| {
            let c = spawn(move || {
                let _sender = sender;
                schedule();
            });
            cede();
            c.cancel();
        },
        |sender| spawn(move || sender.is_closed()).cancel(),
    ];
    for end in ends {
        let log = Log::new();
        let (sender, receiver) = oneshot();
        let _c = getter(log, receiver);
        log.expect([]);
        end(sender);
        settle();
        log.expect(["Err(Dropped)", "returned"]);
    }
}

#[test]
fn a_value_for_nobody_comes_back() {
    let (sender, receiver) = oneshot();
    let c = getter(Log::new(), receiver);
    assert!(!sender.is_closed());
    c.cancel();
    assert!(sender.is_closed());
    let (value, drops) = counted();
    let back = sender.send(value).unwrap_err();
    assert_eq!(drops.get(), 0);
    drop(back);
    assert_eq!(drops.get(), 1);
}

#[test]
fn try_get_tells_what_there_is() {
    no_switch(|| {
        let (sender, receiver) = oneshot();
        assert_eq!(receiver.try_get(), None);
        sender.send(1).unwrap();
        assert_eq!(receiver.try_get(), Some(Ok(1)));
        assert_eq!(receiver.try_get(), Some(Err(Dropped)));
        assert_eq!(receiver.get(), Err(Dropped));
        let (sender, receiver) = oneshot::<u8>();
        drop(sender);
        assert_eq!(receiver.try_get(), Some(Err(Dropped)));
    });
}

#[test]
fn the_value_goes_with_an_interrupted_receiver() {
    for (how, interrupt, result) in INTERRUPTIONS {
        for sent in [false, true] {
            let log = Log::new();
            let (sender, receiver) = oneshot();
            let c = getter(log, receiver);
            let (value, drops) = counted();
            let mut sender = Some(sender);
            if sent {
                sender.take().unwrap().send(value).unwrap();
                assert_eq!(drops.get(), 0);
            }
            interrupt(&c);
            settle();
            assert_eq!(drops.get(), usize::from(sent), "{how}");
            assert!(sender.is_none_or(|sender| sender.is_closed()), "{how}");
            let said: Vec<_> = result.iter().map(ToString::to_string).collect();
            assert_eq!(log.sorted(), said, "{how}");
        }
    }
}

#[test]
fn a_value_that_nobody_gets_is_dropped_with_the_receiver() {
    let (value, drops) = counted();
    let (sender, receiver) = oneshot();
    sender.send(value).unwrap();
    assert_eq!(drops.get(), 0);
    drop(receiver);
    assert_eq!(drops.get(), 1);
}

#[test]
fn the_destructor_of_a_value_may_use_the_ends() {
    let (sender, receiver) = oneshot();
    let (other, late) = oneshot();
    let value = defer(move || other.send(late.try_get().is_none()).unwrap());
    assert!(sender.send(value).is_ok());
    drop(receiver);

    let (sender, receiver) = oneshot();
    let seen = Rc::new(Cell::new(false));
    let here = seen.clone();
    let (inner, news) = oneshot::<u8>();
    let c = spawn(move || here.set(news.get() == Err(Dropped)));
    cede();
    assert!(sender.send(inner).is_ok());
    drop(receiver);
    c.join().unwrap();
    assert!(seen.get());
}

#[test]
fn a_pending_throw_is_raised_by_a_get_that_need_not_block() {
    let (sender, receiver) = oneshot();
    sender.send(1).unwrap();
    coro::current().throw("ex");
    assert_eq!(outcome(|| receiver.get()), "ex");
    cede();
}

#[test]
fn a_get_where_nothing_may_switch_panics_and_closes() {
    let (sender, receiver) = oneshot::<u8>();
    assert!(outcome(|| no_switch(|| receiver.get())).contains("no_switch"));
    assert!(sender.is_closed());
}

#[test]
fn an_arm_waits_beside_others_and_leaves_the_receiver() {
    let (sender, receiver) = oneshot();
    let ticks = Rc::new(Channel::unbounded());
    let tick = ticks.clone();
    spawn(move || {
        tick.put(());
        cede();
        sender.send("value").unwrap();
    });
    let mut seen = Vec::new();
    for _ in 0..2 {
        select! {
            _ = ticks.get_arm() => seen.push("tick"),
            value = receiver.get_arm() => seen.push(value.unwrap()),
        }
    }
    assert_eq!(seen, ["tick", "value"]);
    assert_eq!(receiver.try_get(), Some(Err(Dropped)));
}

#[test]
fn an_arm_tells_that_the_sender_was_dropped() {
    let (sender, receiver) = oneshot::<u8>();
    spawn(move || drop(sender));
    select! {
        result = receiver.get_arm() => assert_eq!(result, Err(Dropped)),
    }
}

#[test]
fn a_select_that_is_interrupted_leaves_the_value_to_the_receiver() {
    for (how, interrupt, _) in INTERRUPTIONS {
        for sent in [false, true] {
            let (sender, receiver) = oneshot();
            let receiver = Rc::new(receiver);
            let theirs = receiver.clone();
            let c = spawn(move || {
                select! {
                    _ = theirs.get_arm() => unreachable!(),
                }
            });
            cede();
            if sent {
                sender.send(1).unwrap();
                interrupt(&c);
                settle();
            } else {
                interrupt(&c);
                settle();
                sender.send(1).unwrap();
            }
            assert!(c.is_finished(), "{how}");
            assert_eq!(receiver.try_get(), Some(Ok(1)), "{how}, sent: {sent}");
        }
    }
}

#[test]
fn all_selects_on_a_shared_receiver_end_and_one_has_the_value() {
    let (sender, receiver) = oneshot();
    let receiver = Rc::new(receiver);
    let results = Rc::new(Channel::unbounded());
    for _ in 0..3 {
        let (receiver, results) = (receiver.clone(), results.clone());
        spawn(move || {
            select! {
                result = receiver.get_arm() => results.put(result),
            }
        });
    }
    settle();
    sender.send(1).unwrap();
    settle();
    let results: Vec<_> = results.try_iter().collect();
    assert_eq!(results, [Ok(1), Err(Dropped), Err(Dropped)]);
}

/// An arm that calls a callback when the select enters its queue.
pub(crate) struct Calls(Cell<Option<Box<dyn FnOnce()>>>);

impl Calls {
    pub(crate) fn new(call: impl FnOnce() + 'static) -> Calls {
        Calls(Cell::new(Some(Box::new(call))))
    }
}

impl Arm for Calls {
    type Output = ();

    fn commit(&self) -> bool {
        false
    }

    fn enter(&self) {
        if let Some(call) = self.0.take() {
            let queue = WaitQueue::<()>::new("calls");
            queue.enter_callback(call);
            queue.wake_one();
        }
    }

    fn quit(&self) {}

    fn what(&self) -> (&'static str, Option<&'static std::panic::Location<'static>>) {
        ("calls", None)
    }

    fn take(self) {}
}

#[test]
fn a_sender_that_goes_while_a_select_enters_wakes_it() {
    for before in [false, true] {
        let (sender, receiver) = oneshot::<u8>();
        let calls = Calls::new(move || drop(sender));
        let arm = receiver.get_arm();
        let arms: [&dyn Arm; 2] = if before {
            [&calls, &arm]
        } else {
            [&arm, &calls]
        };
        let index = Select::new(&arms).biased().wait();
        assert_eq!(index, usize::from(before));
        assert_eq!(arm.take(), Err(Dropped));
    }
}

#[test]
fn the_debug_forms_tell_the_state() {
    let (sender, receiver) = oneshot::<u8>();
    assert_eq!(format!("{sender:?}"), "OneshotSender { closed: false, .. }");
    assert_eq!(
        format!("{receiver:?}"),
        "OneshotReceiver { sender_gone: false, .. }"
    );
    assert_eq!(
        format!("{:?}", receiver.get_arm()),
        "OneshotArm { sender_gone: false, .. }"
    );
    assert_eq!(receiver.get_arm().what().0, "oneshot");
}
