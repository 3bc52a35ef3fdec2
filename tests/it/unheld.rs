//! Coros that nobody holds: CORO-SEMANTICS §2.1 ("destroying the last reference") as DESIGN §3.1 changes it (at the next
//! switch, never inside a `Drop`); HISTORY-BUGS 56.

use std::cell::RefCell;
use std::rc::Rc;

use coro::{Builder, cede, current, rouse, schedule, spawn};

use crate::support::{Log, counted, defer, fresh, semaphore};

#[test]
fn nobody_holds_a_coro_that_blocks_so_it_is_unwound_at_the_next_switch() {
    fresh(|| {
        let log = Log::new();
        drop(spawn(move || {
            let _mark = log.mark("unwound");
            schedule();
        }));
        spawn(move || log.say("other"));
        cede();
        cede();
        assert_eq!(log.sorted(), ["other", "unwound"]);
        assert_eq!(coro::all(), [coro::main()]);
    });
}

#[test]
fn dropping_the_last_handle_unwinds_at_the_next_switch_never_inside_the_drop() {
    let log = Log::new();
    let c = spawn(move || {
        let _mark = log.mark("unwound");
        schedule();
    });
    c.on_destroy(move || log.say("on_destroy"));
    cede();
    drop(c);
    log.say("after the drop");
    cede();
    log.expect(["after the drop", "unwound", "on_destroy"]);
}

#[test]
fn a_destructor_of_an_unheld_coro_may_block() {
    let log = Log::new();
    let sem = semaphore(0);
    drop(spawn({
        let sem = Rc::clone(&sem);
        move || {
            let _block = defer(move || {
                log.say("blocks");
                sem.down();
                log.say("done");
            });
            schedule();
        }
    }));
    cede();
    cede();
    log.expect(["blocks"]);
    sem.up();
    cede();
    log.expect(["done"]);
}

#[test]
fn an_unheld_new_coro_is_destroyed_and_its_handlers_called() {
    let log = Log::new();
    let (captured, drops) = counted();
    let c = Builder::new().build(move || {
        drop(captured);
        log.say("ran");
    });
    c.on_destroy(move || log.say("on_destroy"));
    drop(c);
    cede();
    log.expect(["on_destroy"]);
    assert_eq!(drops.get(), 1);
}

#[test]
fn the_ready_queue_holds_a_coro() {
    let log = Log::new();
    drop(spawn(move || {
        cede();
        log.say("ran");
    }));
    cede();
    cede();
    log.expect(["ran"]);
}

#[test]
fn a_wait_list_holds_a_coro() {
    let log = Log::new();
    let sem = semaphore(0);
    drop(spawn({
        let sem = Rc::clone(&sem);
        move || {
            sem.down();
            log.say("got it");
        }
    }));
    cede();
    cede();
    sem.up();
    cede();
    log.expect(["got it"]);
}

#[test]
fn a_rouse_callback_holds_the_waiting_coro() {
    let log = Log::new();
    let (callback, answer) = rouse::<i32>();
    drop(spawn(move || {
        log.say(format!("{:?}", answer.wait()));
    }));
    cede();
    cede();
    log.expect([]);
    callback.call(4);
    cede();
    log.expect(["Some(4)"]);
}

#[test]
fn a_waker_holds_a_coro_until_it_is_dropped() {
    let log = Log::new();
    let slot = Rc::new(RefCell::new(None));
    drop(spawn({
        let slot = Rc::clone(&slot);
        move || {
            let _mark = log.mark("unwound");
            let waker = current().waker();
            *slot.borrow_mut() = Some(waker);
            schedule();
        }
    }));
    cede();
    cede();
    log.expect([]);
    let waker = slot.borrow_mut().take();
    drop(waker);
    cede();
    cede();
    log.expect(["unwound"]);
}

#[test]
fn a_joiner_holds_the_coro_it_waits_for() {
    let log = Log::new();
    let target = spawn(schedule);
    let held = target.coro().clone();
    let joiner = spawn(move || {
        held.join();
        log.say("joined");
    });
    drop(target);
    cede();
    cede();
    log.expect([]);
    joiner.cancel();
    cede();
}

#[test]
fn coros_whose_last_handles_go_unwind_in_that_order() {
    let log = Log::new();
    let [a, b, c, d] = ["a", "b", "c", "d"].map(|name| {
        spawn(move || {
            let _mark = log.mark(name);
            schedule();
        })
    });
    cede();
    drop((c, a));
    cede();
    log.expect(["c", "a"]);
    drop((d, b));
    cede();
    log.expect(["d", "b"]);
}
