//! Callbacks that become waits, waits that become callbacks; blocks around switches; own variables.

use std::rc::Rc;

use coro::{cede, on_enter, on_leave, rouse, schedule, spawn, unblock_fn};
use coro_specific::Specific;

use super::{cede_times, join_all};
use crate::support::{Log, semaphore};

/// A rouse's callback, and its wait: the order as in Coro.
#[test]
fn a_call_wakes_the_waiter_and_the_caller_goes_on() {
    let log = Log::new();
    let (callback, answer) = rouse();
    spawn(move || {
        log.say("before");
        callback.call((1, 2));
        log.say("after");
    });
    log.say(format!("{:?}", answer.wait()));
    log.expect(["before", "after", "Some((1, 2))"]);
}

/// Two callbacks called in the other order: as in Coro.
#[test]
fn two_answers_are_waited_for_in_any_order() {
    let log = Log::new();
    let ((first, one), (second, two)) = (rouse(), rouse());
    spawn(move || {
        second.call("two");
        first.call("one");
        log.say("called");
    });
    let answers = (one.wait(), two.wait());
    assert_eq!(answers, (Some("one"), Some("two")));
    log.expect(["called"]);
}

/// `unblock_fn`: the jobs begin in the order of the calls, and not within them, as in Coro; here they
/// run side by side, there the second begins when the first has ceded twice.
#[test]
fn an_unblocked_function_runs_later_in_the_order_of_the_calls() {
    let log = Log::new();
    let sem = semaphore(0);
    let waits = Rc::clone(&sem);
    let job = unblock_fn(move |n: u32| {
        log.say(format!("begin {n}"));
        waits.down();
        log.say(format!("end {n}"));
    });
    job(1);
    job(2);
    log.say("called");
    cede();
    log.say("main");
    sem.adjust(2);
    cede();
    log.expect(["called", "begin 1", "begin 2", "main", "end 1", "end 2"]);
}

/// `on_enter` and `on_leave` in two blocks, one within the other: as in Coro.
#[test]
fn blocks_run_around_each_turn_inside_out_when_left() {
    let log = Log::new();
    spawn(move || {
        let _enter = on_enter(move || log.say("+1"));
        let _leave = on_leave(move || log.say("-1"));
        {
            let _enter = on_enter(move || log.say("+2"));
            let _leave = on_leave(move || log.say("-2"));
            log.say("in");
            cede();
            log.say("back");
        }
        log.say("out of the block");
        cede();
        log.say("end");
    });
    for _ in 0..3 {
        cede();
        log.say("main");
    }
    log.expect([
        "+1",
        "+2",
        "in",
        "-2",
        "-1",
        "main",
        "+1",
        "+2",
        "back",
        "-2",
        "out of the block",
        "-1",
        "main",
        "+1",
        "end",
        "-1",
        "main",
    ]);
}

/// The blocks of a coro that is cancelled while others run: entered, unwound, left, as in Coro.
#[test]
fn blocks_run_when_a_coro_is_cancelled_as_well() {
    let log = Log::new();
    let c = spawn(move || {
        let _enter = on_enter(move || log.say("+"));
        let _leave = on_leave(move || log.say("-"));
        let _mark = log.mark("unwinds");
        schedule();
    });
    cede();
    log.say("main");
    c.cancel();
    log.say("main");
    log.expect(["+", "-", "main", "+", "unwinds", "-", "main"]);
}

/// A variable of each coro's own, through `cede`s: values and order as in Coro.
#[test]
fn each_coro_has_its_own_value_and_begins_with_none() {
    let log = Log::new();
    let own = Rc::new(Specific::new());
    own.set(0);
    let all = [1, 2, 3].map(|n| {
        let own = Rc::clone(&own);
        spawn(move || {
            log.say(format!("{:?}", own.get()));
            own.set(n);
            for _ in 0..2 {
                cede();
                log.say(format!("{n} {:?}", own.get()));
            }
        })
    });
    join_all(all);
    log.expect([
        "None",
        "None",
        "None",
        "1 Some(1)",
        "2 Some(2)",
        "3 Some(3)",
        "1 Some(1)",
        "2 Some(2)",
        "3 Some(3)",
    ]);
    assert_eq!(own.get(), Some(0));
    cede_times(1);
}
