//! throw and check: CORO-SEMANTICS §2.3 with the changes of DESIGN §3.5; HISTORY-BUGS 48-50, 53.

use std::rc::Rc;

use coro::{
    Builder, catch, cede, cede_notself, check, current, is_cancel, no_switch, rouse, schedule,
    spawn,
};
use coro_channel::Channel;

use crate::support::{Counted, Log, caught, counted, outcome, semaphore, text};

/// Spawns a coro that blocks in `schedule` and says what came out of it.
fn sleeper(log: Log) -> coro::JoinHandle<()> {
    let c = spawn(move || log.say(outcome(schedule)));
    cede();
    c
}

#[test]
fn throw_readies_a_blocked_target_and_never_switches() {
    let log = Log::new();
    let c = sleeper(log);
    no_switch(|| c.throw("boom"));
    assert!(c.is_ready());
    log.expect([]);
    cede();
    log.expect(["boom"]);
}

#[test]
fn a_throw_is_a_panic_that_catch_unwind_catches() {
    let log = Log::new();
    let c = spawn(move || {
        let payload = caught(schedule).expect_err("the throw");
        assert!(!is_cancel(&*payload));
        log.say(payload.downcast_ref::<u64>().copied().unwrap_or_default());
    });
    cede();
    c.throw(77_u64);
    cede();
    log.expect(["77"]);
    assert!(c.join().is_ok());
}

#[test]
fn an_uncaught_throw_unwinds_and_ends_the_coro() {
    let log = Log::new();
    let c = spawn(move || {
        let _mark = log.mark("unwound");
        schedule();
        log.say("not reached");
    });
    cede();
    c.throw("boom");
    cede();
    log.expect(["unwound"]);
    let error = c.join().expect_err("it was thrown at");
    assert!(error.is_thrown() && !error.is_cancelled());
    assert!(!error.to_string().is_empty());
    assert_eq!(text(&*error.into_panic()), "boom");
}

#[test]
fn a_throw_is_one_shot() {
    let log = Log::new();
    let c = spawn(move || {
        log.say(outcome(schedule));
        log.say(outcome(cede));
        log.say(outcome(check));
    });
    cede();
    c.throw("boom");
    cede();
    cede();
    log.expect(["boom", "returned", "returned"]);
}

#[test]
fn a_later_throw_replaces_an_earlier_one() {
    let log = Log::new();
    let c = spawn(move || {
        log.say(outcome(schedule));
        log.say(outcome(check));
    });
    cede();
    c.throw("A");
    c.throw("B");
    cede();
    log.expect(["B", "returned"]);
}

#[test]
fn a_throw_at_a_ready_coro_waits_for_its_turn() {
    let log = Log::new();
    let c = spawn(move || log.say(outcome(cede)));
    cede();
    spawn(move || log.say("behind it"));
    assert!(c.is_ready());
    c.throw("boom");
    cede();
    log.expect(["boom", "behind it"]);
}

#[test]
fn a_throw_at_oneself_is_not_immediate() {
    let log = Log::new();
    let c = spawn(move || {
        current().throw("self");
        log.say("not immediately");
        log.say(outcome(cede));
        log.say(outcome(cede));
    });
    c.coro().join();
    log.expect(["not immediately", "self", "returned"]);
    assert!(c.join().is_ok());
}

#[test]
fn a_throw_at_main_is_raised_where_main_blocks() {
    let log = Log::new();
    let main = current();
    spawn(move || {
        main.throw("from a coro");
        log.say("thrower goes on");
    });
    log.say(outcome(schedule));
    log.say(outcome(cede));
    log.expect(["thrower goes on", "from a coro", "returned"]);
}

#[test]
fn every_scheduling_call_raises_when_it_returns() {
    let me = current();
    let calls: [fn(); 5] = [
        schedule,
        cede,
        || {
            spawn(|| ());
            cede_notself();
        },
        || assert!(Builder::new().build(|| ()).cede_to().is_ok()),
        check,
    ];
    for call in calls {
        me.throw("pending");
        assert_eq!(outcome(call), "pending");
        assert_eq!(outcome(check), "returned");
    }
}

#[test]
fn blocking_calls_raise_on_entry_even_if_they_need_not_block() {
    let raised = |call: &dyn Fn()| {
        current().throw("entry");
        assert_eq!(outcome(call), "entry");
        assert_eq!(outcome(check), "returned");
    };
    let sem = semaphore(1);
    raised(&|| sem.down());
    assert_eq!((sem.count(), sem.waiters()), (1, 0));
    raised(&|| sem.wait());
    raised(&|| drop(sem.acquire()));
    assert_eq!(sem.count(), 1);
    let channel = Channel::unbounded();
    channel.put(5);
    raised(&|| assert!(channel.get().is_none()));
    assert_eq!((channel.len(), channel.get()), (1, Some(5)));
    let c = spawn(|| ());
    cede();
    raised(&|| c.coro().join());
    let (callback, answer) = rouse();
    callback.call(5);
    current().throw("entry");
    assert_eq!(outcome(|| answer.wait()), "entry");
}

#[test]
fn calls_that_never_block_do_not_raise() {
    let other = spawn(schedule);
    cede();
    let sem = semaphore(1);
    let channel = Channel::unbounded();
    current().throw("pending");
    let calls = outcome(|| {
        sem.up();
        assert!(sem.try_down());
        sem.adjust(1);
        other.ready();
        other.suspend();
        other.resume();
        spawn(|| ());
        assert!(channel.try_put(1).is_ok());
        assert_eq!(channel.try_get(), Some(1));
        other.throw("another exception");
        other.clear_throw();
        let _ = (coro::all(), coro::ready_count());
    });
    assert_eq!(calls, "returned");
    assert_eq!(outcome(check), "pending");
    cede();
}

#[test]
fn check_does_nothing_but_deliver() {
    let log = Log::new();
    spawn(move || log.say("other"));
    check();
    no_switch(check);
    log.expect([]);
    current().throw("pending");
    assert_eq!(outcome(check), "pending");
    log.expect([]);
    cede();
    log.expect(["other"]);
}

#[test]
fn clear_throw_takes_the_exception_away() {
    let log = Log::new();
    let c = sleeper(log);
    c.throw("boom");
    c.clear_throw();
    cede();
    // The throw had readied the target.
    log.expect(["returned"]);
}

#[test]
fn clear_throw_readies_like_every_throw() {
    let log = Log::new();
    let c = sleeper(log);
    c.clear_throw();
    assert!(c.is_ready());
    cede();
    log.expect(["returned"]);
}

#[test]
fn a_retracted_throw_never_arrives() {
    let log = Log::new();
    let sem = semaphore(0);
    let c = spawn({
        let sem = Rc::clone(&sem);
        move || log.say(outcome(|| sem.down()))
    });
    cede();
    let ticket = c.throw("timeout");
    assert!(ticket.retract());
    cede();
    log.expect([]);
    sem.up();
    cede();
    log.expect(["returned"]);
    assert_eq!(sem.count(), 0);
}

#[test]
fn a_throw_cannot_be_retracted_after_its_delivery() {
    let log = Log::new();
    let c = sleeper(log);
    let ticket = c.throw("timeout");
    cede();
    log.expect(["timeout"]);
    assert!(!ticket.retract());
}

#[test]
fn a_ticket_does_not_retract_the_throw_that_replaced_its_own() {
    let log = Log::new();
    let c = sleeper(log);
    let ticket = c.throw("A");
    c.throw("B");
    assert!(!ticket.retract());
    cede();
    log.expect(["B"]);
}

#[test]
fn a_ticket_does_not_retract_a_throw_made_after_its_own_arrived() {
    let log = Log::new();
    let c = spawn(move || {
        log.say(outcome(schedule));
        log.say(outcome(schedule));
    });
    cede();
    let ticket = c.throw("A");
    cede();
    c.throw("B");
    assert!(!ticket.retract());
    cede();
    log.expect(["A", "B"]);
}

#[test]
fn a_new_coro_thrown_at_ends_before_its_first_statement() {
    let log = Log::new();
    let (captured, drops) = counted();
    let c = Builder::new().build(move || {
        drop(captured);
        log.say("body");
    });
    c.on_destroy(move || log.say("on_destroy"));
    let joiner = spawn({
        let c = c.coro().clone();
        move || {
            c.join();
            log.say("joined");
        }
    });
    cede();
    c.throw("boom");
    assert!(c.is_ready() && c.is_new());
    cede();
    cede();
    log.expect(["on_destroy", "joined"]);
    assert!(joiner.is_finished());
    assert_eq!(drops.get(), 1);
    let error = c.join().expect_err("it was thrown at");
    assert!(error.is_thrown());
    assert_eq!(text(&*error.into_panic()), "boom");
}

#[test]
fn a_throw_at_a_finished_coro_has_no_effect() {
    let c = spawn(|| 3);
    cede();
    let (payload, drops) = counted();
    let ticket = c.throw(payload);
    c.clear_throw();
    drop(ticket);
    cede();
    assert_eq!(c.coro().clone().prio(), coro::Prio::NORMAL);
    assert_eq!(drops.get(), 1);
    assert_eq!(c.join().ok(), Some(3));
}

#[test]
fn a_pending_exception_survives_what_its_coro_does_to_others() {
    let log = Log::new();
    let victim = spawn(move || {
        let _mark = log.mark("unwound");
        schedule();
    });
    cede();
    let c = spawn(move || {
        current().throw("mine");
        // The cancel does its work, whether it or the next call raises.
        let during = outcome(|| victim.cancel());
        log.say(format!("finished: {}", victim.is_finished()));
        let after = outcome(check);
        assert!([during.as_str(), after.as_str()].contains(&"mine"));
        assert!([during.as_str(), after.as_str()].contains(&"returned"));
    });
    assert!(c.join().is_ok());
    log.expect(["unwound", "finished: true"]);
}

#[test]
fn a_destructor_does_not_receive_the_exception_of_its_canceller() {
    let log = Log::new();
    let victim = spawn(move || {
        let _cleanup = crate::support::defer(move || {
            check();
            log.say("cleanup");
        });
        schedule();
    });
    cede();
    current().throw("mine");
    let during = outcome(|| victim.cancel());
    let after = outcome(check);
    log.expect(["cleanup"]);
    assert!(during == "mine" || after == "mine");
}

#[test]
fn a_thrown_value_is_dropped_exactly_once() {
    let blocked = || {
        let c = spawn(|| {
            let _ = catch(schedule);
            schedule();
        });
        cede();
        c
    };
    let once = |case: &str, act: &dyn Fn(Counted)| {
        let (payload, drops) = counted();
        act(payload);
        assert_eq!(drops.get(), 1, "{case}");
        cede();
        assert_eq!(drops.get(), 1, "{case}, later");
    };
    once("caught", &|payload| {
        let c = blocked();
        c.throw(payload);
        cede();
    });
    once("uncaught, the error dropped", &|payload| {
        let c = spawn(schedule);
        cede();
        c.throw(payload);
        assert!(c.join().is_err_and(|error| error.is_thrown()));
    });
    once("uncaught, taken from the error", &|payload| {
        let c = spawn(schedule);
        cede();
        c.throw(payload);
        let error = c.join().expect_err("it was thrown at");
        assert!(error.into_panic().is::<Counted>());
    });
    once("uncaught, never joined", &|payload| {
        let c = spawn(schedule);
        cede();
        c.throw(payload);
        cede();
        drop(c);
    });
    once("replaced", &|payload| {
        let c = blocked();
        c.throw(payload);
        c.throw("other");
        cede();
    });
    once("cleared", &|payload| {
        let c = blocked();
        c.throw(payload);
        c.clear_throw();
    });
    once("retracted", &|payload| {
        let c = blocked();
        assert!(c.throw(payload).retract());
    });
    once("cancelled before the delivery", &|payload| {
        let c = blocked();
        c.throw(payload);
        c.cancel();
        assert!(c.is_finished());
    });
    once("at a new coro that is cancelled", &|payload| {
        let c = Builder::new().build(|| ());
        c.throw(payload);
        c.cancel();
    });
    once("at a new coro", &|payload| {
        let c = Builder::new().build(|| ());
        c.throw(payload);
        cede();
        drop(c);
    });
}
