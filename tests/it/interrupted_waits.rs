//! What an interrupted wait does: CORO-SEMANTICS §11, its BUG cells mended as HISTORY-BUGS 1-6, 13-15, 17, 22, 51 and
//! DESIGN §4 say.

use std::rc::Rc;

use coro::{JoinHandle, cede, rouse, schedule, spawn};
use coro_channel::Channel;
use coro_semaphore::Semaphore;

use crate::support::{Log, counted, outcome, semaphore};

/// Spawns a coro that does `wait` and says its name with what came out, and lets it begin.
fn waiter(log: Log, name: &'static str, wait: impl FnOnce() + 'static) -> JoinHandle<()> {
    let c = spawn(move || {
        let result = outcome(wait);
        log.say(format!("{name}: {result}"));
    });
    cede();
    c
}

fn in_down(log: Log, name: &'static str, sem: &Rc<Semaphore>) -> JoinHandle<()> {
    let sem = Rc::clone(sem);
    waiter(log, name, move || sem.down())
}

fn in_wait(log: Log, name: &'static str, sem: &Rc<Semaphore>) -> JoinHandle<()> {
    let sem = Rc::clone(sem);
    waiter(log, name, move || sem.wait())
}

fn in_get(log: Log, name: &'static str, channel: &Rc<Channel<i32>>) -> JoinHandle<()> {
    let channel = Rc::clone(channel);
    waiter(log, name, move || assert!(channel.get().is_some()))
}

fn in_put(log: Log, name: &'static str, channel: &Rc<Channel<i32>>, item: i32) -> JoinHandle<()> {
    let channel = Rc::clone(channel);
    waiter(log, name, move || channel.put(item))
}

#[test]
fn down_keeps_its_place_through_spurious_wake_ups() {
    let log = Log::new();
    let sem = semaphore(0);
    let first = in_down(log, "first", &sem);
    let _second = in_down(log, "second", &sem);
    for _ in 0..3 {
        assert!(first.ready());
        cede();
    }
    assert_eq!(sem.waiters(), 2);
    log.expect([]);
    sem.up();
    cede();
    log.expect(["first: returned"]);
    sem.up();
    cede();
    log.expect(["second: returned"]);
    assert_eq!(sem.count(), 0);
}

#[test]
fn down_thrown_at_takes_nothing_and_leaves_the_list() {
    let log = Log::new();
    let sem = semaphore(0);
    let first = in_down(log, "first", &sem);
    let _second = in_down(log, "second", &sem);
    first.throw("ex");
    cede();
    log.expect(["first: ex"]);
    assert_eq!((sem.count(), sem.waiters()), (0, 1));
    sem.up();
    cede();
    log.expect(["second: returned"]);
    assert_eq!(sem.count(), 0);
}

#[test]
fn down_has_left_the_list_before_the_handler_of_the_throw_runs() {
    let log = Log::new();
    let sem = semaphore(0);
    let c = spawn({
        let sem = Rc::clone(&sem);
        move || {
            let result = outcome(|| sem.down());
            log.say(format!("{result}, waiters: {}", sem.waiters()));
        }
    });
    cede();
    assert_eq!(sem.waiters(), 1);
    c.throw("ex");
    cede();
    log.expect(["ex, waiters: 0"]);
}

#[test]
fn down_thrown_at_when_woken_passes_the_permit_on() {
    let log = Log::new();
    let sem = semaphore(0);
    let first = in_down(log, "first", &sem);
    let _second = in_down(log, "second", &sem);
    sem.up();
    first.throw("ex");
    cede();
    cede();
    log.expect(["first: ex", "second: returned"]);
    assert_eq!((sem.count(), sem.waiters()), (0, 0));
}

#[test]
fn an_up_between_the_throw_and_its_delivery_is_passed_on() {
    let log = Log::new();
    let sem = semaphore(0);
    let first = in_down(log, "first", &sem);
    let _second = in_down(log, "second", &sem);
    first.throw("ex");
    sem.up();
    cede();
    cede();
    log.expect(["first: ex", "second: returned"]);
    assert_eq!((sem.count(), sem.waiters()), (0, 0));
}

#[test]
fn down_cancelled_leaves_the_list_and_the_next_up_goes_to_the_next() {
    let log = Log::new();
    let sem = semaphore(0);
    let first = in_down(log, "first", &sem);
    let _second = in_down(log, "second", &sem);
    first.cancel();
    assert_eq!(sem.waiters(), 1);
    sem.up();
    cede();
    log.expect(["second: returned"]);
    assert_eq!(sem.count(), 0);
}

#[test]
fn down_cancelled_when_woken_passes_the_permit_on() {
    let log = Log::new();
    let sem = semaphore(0);
    let first = in_down(log, "first", &sem);
    let _second = in_down(log, "second", &sem);
    sem.up();
    first.cancel();
    cede();
    log.expect(["second: returned"]);
    assert_eq!((sem.count(), sem.waiters()), (0, 0));
}

#[test]
fn the_permit_is_passed_on_after_spurious_wake_ups_too() {
    let log = Log::new();
    let sem = semaphore(0);
    let first = in_down(log, "first", &sem);
    let _second = in_down(log, "second", &sem);
    first.ready();
    cede();
    first.ready();
    cede();
    sem.up();
    first.cancel();
    cede();
    log.expect(["second: returned"]);
    assert_eq!((sem.count(), sem.waiters()), (0, 0));
}

#[test]
fn after_cancels_of_waiters_n_ups_let_n_live_waiters_through() {
    let log = Log::new();
    let sem = semaphore(0);
    let names = ["w0", "w1", "w2", "w3", "w4", "w5", "w6", "w7"];
    let all = names.map(|name| in_down(log, name, &sem));
    for n in [0, 3, 4, 7] {
        all[n].cancel();
    }
    assert_eq!(sem.waiters(), 4);
    sem.up();
    sem.up();
    sem.up();
    for _ in 0..3 {
        cede();
    }
    // Three live waiters got through, whichever: consecutive ups may wake more, who queue again.
    assert_eq!(all.iter().filter(|c| c.is_finished()).count(), 4 + 3);
    assert_eq!((sem.count(), sem.waiters()), (0, 1));
}

#[test]
fn safe_cancel_of_a_woken_waiter_passes_the_permit_on() {
    let log = Log::new();
    let sem = semaphore(0);
    let first = in_down(log, "first", &sem);
    let _second = in_down(log, "second", &sem);
    sem.up();
    assert!(first.safe_cancel().is_ok());
    for _ in 0..3 {
        cede();
    }
    log.expect(["second: returned"]);
    assert!(first.is_finished());
    assert_eq!((sem.count(), sem.waiters()), (0, 0));
}

#[test]
fn sem_wait_keeps_its_place_and_takes_nothing() {
    let log = Log::new();
    let sem = semaphore(0);
    let c = in_wait(log, "wait", &sem);
    let _down = in_down(log, "down", &sem);
    c.ready();
    cede();
    log.expect([]);
    sem.up();
    cede();
    cede();
    log.expect(["wait: returned", "down: returned"]);
    assert_eq!((sem.count(), sem.waiters()), (0, 0));
}

#[test]
fn an_interrupted_sem_wait_passes_on() {
    for woken in [false, true] {
        for cancel in [false, true] {
            let log = Log::new();
            let sem = semaphore(0);
            let c = in_wait(log, "wait", &sem);
            let _down = in_down(log, "down", &sem);
            if woken {
                sem.up();
            }
            if cancel {
                c.cancel();
            } else {
                c.throw("ex");
            }
            cede();
            if !woken {
                sem.up();
            }
            cede();
            if cancel {
                log.expect(["down: returned"]);
            } else {
                log.expect(["wait: ex", "down: returned"]);
            }
            assert_eq!((sem.count(), sem.waiters()), (0, 0));
        }
    }
}

#[test]
fn get_keeps_its_place_through_spurious_wake_ups() {
    let log = Log::new();
    let channel = Rc::new(Channel::unbounded());
    let first = in_get(log, "first", &channel);
    let _second = in_get(log, "second", &channel);
    first.ready();
    cede();
    log.expect([]);
    channel.put(1);
    cede();
    log.expect(["first: returned"]);
    channel.put(2);
    cede();
    log.expect(["second: returned"]);
}

#[test]
fn an_interrupted_get_leaves_the_item_to_the_next_getter() {
    for woken in [false, true] {
        for cancel in [false, true] {
            let log = Log::new();
            let channel = Rc::new(Channel::unbounded());
            let first = in_get(log, "first", &channel);
            let _second = in_get(log, "second", &channel);
            if woken {
                channel.put(1);
            }
            if cancel {
                first.cancel();
            } else {
                first.throw("ex");
            }
            cede();
            if !woken {
                channel.put(1);
            }
            cede();
            if cancel {
                log.expect(["second: returned"]);
            } else {
                log.expect(["first: ex", "second: returned"]);
            }
            assert!(channel.is_empty());
        }
    }
}

#[test]
fn put_sleeps_on_through_spurious_wake_ups() {
    let log = Log::new();
    let channel = Rc::new(Channel::bounded(0));
    let putter = in_put(log, "put", &channel, 1);
    putter.ready();
    cede();
    log.expect([]);
    assert_eq!(channel.len(), 1);
    assert_eq!(channel.get(), Some(1));
    cede();
    log.expect(["put: returned"]);
}

#[test]
fn an_interrupted_put_has_put_and_the_capacity_stays() {
    for capacity in [0, 2] {
        for cancel in [false, true] {
            let log = Log::new();
            let channel = Rc::new(Channel::bounded(capacity));
            for n in 0..capacity {
                assert!(channel.try_put(n as i32).is_ok());
            }
            let putter = in_put(log, "put", &channel, 100);
            assert!(!putter.is_finished());
            if cancel {
                putter.cancel();
                log.expect([]);
            } else {
                putter.throw("ex");
                cede();
                log.expect(["put: ex"]);
            }
            assert_eq!(channel.len(), capacity + 1);
            for n in 0..capacity {
                assert_eq!(channel.get(), Some(n as i32));
            }
            assert_eq!(channel.get(), Some(100));
            assert_eq!(channel.capacity(), Some(capacity));
            // As many puts as the capacity pass, and the next one blocks.
            for n in 0..capacity {
                let c = in_put(log, "fits", &channel, n as i32);
                log.expect(["fits: returned"]);
                assert!(c.is_finished());
            }
            let last = in_put(log, "blocks", &channel, 200);
            assert!(!last.is_finished());
            log.expect([]);
            last.cancel();
        }
    }
}

#[test]
fn a_put_interrupted_when_woken_gives_its_slot_back() {
    for cancel in [false, true] {
        let log = Log::new();
        let channel = Rc::new(Channel::bounded(0));
        let first = in_put(log, "first", &channel, 1);
        let second = in_put(log, "second", &channel, 2);
        assert_eq!(channel.get(), Some(1));
        if cancel {
            first.cancel();
        } else {
            first.throw("ex");
        }
        cede();
        assert_eq!(channel.get(), Some(2));
        cede();
        assert!(first.is_finished() && second.is_finished());
        assert!(log.sorted().contains(&String::from("second: returned")));
        let third = in_put(log, "third", &channel, 3);
        assert!(!third.is_finished());
        assert_eq!(channel.get(), Some(3));
        cede();
        log.expect(["third: returned"]);
    }
}

#[test]
fn schedule_returns_when_readied_raises_when_thrown_at() {
    let log = Log::new();
    let c = waiter(log, "c", schedule);
    c.ready();
    cede();
    log.expect(["c: returned"]);
    let c = waiter(log, "c", schedule);
    c.ready();
    c.throw("ex");
    cede();
    log.expect(["c: ex"]);
}

#[test]
fn rouse_keeps_waiting_raises_when_thrown_at_and_the_late_call_is_harmless() {
    let log = Log::new();
    let (callback, answer) = rouse();
    let c = waiter(log, "c", move || drop(answer.wait()));
    c.ready();
    cede();
    log.expect([]);
    c.throw("ex");
    cede();
    log.expect(["c: ex"]);
    let (value, drops) = counted();
    callback.call(value);
    cede();
    log.expect([]);
    assert_eq!(drops.get(), 1);
}

#[test]
fn rouse_cancelled_or_thrown_at_when_woken_drops_the_values() {
    for cancel in [false, true] {
        let log = Log::new();
        let (callback, answer) = rouse();
        let c = waiter(log, "c", move || drop(answer.wait()));
        let (value, drops) = counted();
        callback.call(value);
        if cancel {
            c.cancel();
        } else {
            c.throw("ex");
        }
        cede();
        assert!(c.is_finished());
        assert_eq!(drops.get(), 1);
        if cancel {
            log.expect([]);
        } else {
            log.expect(["c: ex"]);
        }
    }
}

#[test]
fn a_join_thrown_at_after_the_target_ended_raises() {
    let log = Log::new();
    let target = spawn(schedule);
    let held = target.coro().clone();
    let joiner = waiter(log, "joiner", move || held.join());
    target.cancel();
    assert!(joiner.is_ready());
    joiner.throw("ex");
    cede();
    log.expect(["joiner: ex"]);
}
