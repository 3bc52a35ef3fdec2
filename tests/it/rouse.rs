//! rouse and unblock_fn: CORO-SEMANTICS §2.5, §2.6 with the changes of DESIGN §3.6; HISTORY-BUGS 21, 22.

use std::cell::RefCell;
use std::rc::Rc;

use coro::{cede, current, no_switch, ready_count, rouse, schedule, spawn, unblock_fn};

use crate::support::{Log, counted, die, fresh, semaphore};

#[test]
fn a_wait_after_the_call_returns_at_once() {
    let (callback, answer) = rouse();
    callback.call((1, "two", 3.0));
    assert_eq!(no_switch(|| answer.wait()), Some((1, "two", 3.0)));
}

#[test]
fn a_call_after_the_wait_readies_the_waiter_and_never_switches() {
    let log = Log::new();
    let (callback, answer) = rouse();
    let c = spawn(move || log.say(format!("{:?}", answer.wait())));
    cede();
    assert!(!c.is_ready());
    no_switch(|| callback.call(5));
    assert!(c.is_ready());
    log.expect([]);
    cede();
    log.expect(["Some(5)"]);
}

#[test]
fn main_may_wait() {
    let (callback, answer) = rouse();
    spawn(move || callback.call("from a coro"));
    assert_eq!(answer.wait(), Some("from a coro"));
}

#[test]
fn a_callback_dropped_uncalled_wakes_the_waiter_with_nothing() {
    let log = Log::new();
    let (callback, answer) = rouse::<i32>();
    let c = spawn(move || log.say(format!("{:?}", answer.wait())));
    cede();
    drop(callback);
    assert!(c.is_ready());
    log.expect([]);
    cede();
    log.expect(["None"]);
}

#[test]
fn a_wait_after_the_drop_of_the_callback_returns_nothing_at_once() {
    let (callback, answer) = rouse::<i32>();
    drop(callback);
    assert_eq!(no_switch(|| answer.wait()), None);
}

#[test]
fn a_callback_lost_by_its_coros_cancel_wakes_the_waiter_with_nothing() {
    let (callback, answer) = rouse::<i32>();
    let helper = spawn(move || {
        schedule();
        callback.call(1);
    });
    cede();
    let waiter = spawn(move || answer.wait());
    cede();
    helper.cancel();
    assert_eq!(waiter.join().ok(), Some(None));
}

#[test]
fn any_coro_may_wait_and_only_the_waiting_one_is_woken() {
    let log = Log::new();
    let hand_over = Rc::new(RefCell::new(None));
    let creator = spawn({
        let hand_over = Rc::clone(&hand_over);
        move || {
            let pair = rouse();
            *hand_over.borrow_mut() = Some(pair);
            schedule();
            log.say("the creator woke");
        }
    });
    cede();
    let pair = hand_over.borrow_mut().take();
    let (callback, answer) = pair.expect("the creator made it");
    let waiter = spawn(move || log.say(format!("{:?}", answer.wait())));
    cede();
    callback.call('x');
    assert!(waiter.is_ready() && !creator.is_ready());
    cede();
    log.expect(["Some('x')"]);
}

#[test]
fn a_call_before_anybody_waits_readies_nobody() {
    fresh(|| {
        let (callback, answer) = rouse();
        let _creator_elsewhere = spawn(schedule);
        cede();
        callback.call(1);
        assert_eq!(ready_count(), 0);
        assert!(!current().is_ready());
        assert_eq!(answer.wait(), Some(1));
    });
}

#[test]
fn a_spurious_wake_up_does_not_end_the_wait() {
    let log = Log::new();
    let (callback, answer) = rouse();
    let c = spawn(move || log.say(format!("{:?}", answer.wait())));
    cede();
    for _ in 0..3 {
        assert!(c.ready());
        cede();
    }
    log.expect([]);
    callback.call("late");
    cede();
    log.expect(["Some(\"late\")"]);
}

#[test]
fn values_arrive_though_the_sender_is_long_gone() {
    let (callback, answer) = rouse();
    let caller = spawn(move || callback.call(vec![1, 2, 3]));
    let waiter = spawn(move || answer.wait());
    cede();
    drop(caller);
    cede();
    assert_eq!(waiter.join().ok(), Some(Some(vec![1, 2, 3])));
}

#[test]
fn two_outstanding_callbacks_are_independent() {
    let (first_callback, first) = rouse();
    let (second_callback, second) = rouse();
    second_callback.call("second");
    first_callback.call("first");
    assert_eq!(first.wait(), Some("first"));
    assert_eq!(second.wait(), Some("second"));
}

#[test]
fn a_value_nobody_waits_for_is_dropped_once() {
    let (value, drops) = counted();
    let (callback, answer) = rouse();
    callback.call(value);
    assert_eq!(drops.get(), 0);
    drop(answer);
    assert_eq!(drops.get(), 1);
    let (value, drops) = counted();
    let (callback, answer) = rouse();
    drop(answer);
    callback.call(value);
    assert_eq!(drops.get(), 1);
}

#[test]
fn a_value_whose_waiter_was_cancelled_is_dropped_once() {
    let (value, drops) = counted();
    let (callback, answer) = rouse();
    let c = spawn(move || drop(answer.wait()));
    cede();
    c.cancel();
    callback.call(value);
    cede();
    assert_eq!(drops.get(), 1);
}

#[test]
fn unblocked_calls_run_later_each_in_a_coro_of_its_own_in_call_order() {
    let log = Log::new();
    let main = current();
    let seen = Rc::new(RefCell::new(Vec::new()));
    let callback = unblock_fn({
        let seen = Rc::clone(&seen);
        move |name: &'static str| {
            let me = current();
            seen.borrow_mut().push(me);
            log.say(name);
        }
    });
    no_switch(|| {
        callback("a");
        callback("b");
        callback("c");
    });
    log.expect([]);
    for _ in 0..4 {
        cede();
    }
    log.expect(["a", "b", "c"]);
    let seen = seen.borrow();
    assert!(seen[0] != seen[1] && seen[1] != seen[2] && seen[0] != seen[2]);
    assert!(!seen.contains(&main));
}

#[test]
fn an_unblocked_call_may_block_without_holding_up_the_next() {
    let log = Log::new();
    let sem = semaphore(0);
    let callback = unblock_fn({
        let sem = Rc::clone(&sem);
        move |n: i32| {
            log.say(format!("{n} begins"));
            if n == 1 {
                sem.down();
            }
            log.say(format!("{n} ends"));
        }
    });
    callback(1);
    callback(2);
    for _ in 0..3 {
        cede();
    }
    log.expect(["1 begins", "2 begins", "2 ends"]);
    sem.up();
    cede();
    log.expect(["1 ends"]);
}

#[test]
fn a_panic_in_an_unblocked_call_ends_that_call_alone() {
    let log = Log::new();
    let callback = unblock_fn(move |n: i32| {
        if n == 1 {
            die("boom");
        }
        log.say(n);
    });
    callback(1);
    callback(2);
    for _ in 0..3 {
        cede();
    }
    callback(3);
    for _ in 0..3 {
        cede();
    }
    log.expect(["2", "3"]);
}

#[test]
fn an_unblocked_function_may_be_called_from_a_no_switch_callback_of_a_coro() {
    let log = Log::new();
    let callback = Rc::new(unblock_fn(move |n: i32| log.say(n)));
    let c = spawn({
        let callback = Rc::clone(&callback);
        move || {
            no_switch(|| callback(1));
            log.say("caller goes on");
        }
    });
    c.coro().join();
    callback(2);
    for _ in 0..3 {
        cede();
    }
    log.expect(["caller goes on", "1", "2"]);
}
