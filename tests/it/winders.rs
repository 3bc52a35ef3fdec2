//! on_enter and on_leave: CORO-SEMANTICS §2.4; HISTORY-BUGS 63, 64.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use coro::{cede, current, on_enter, on_leave, schedule, spawn, terminate};

use crate::support::{Log, caught, fresh};

#[test]
fn an_enter_block_runs_at_once_and_at_every_switch_in() {
    let log = Log::new();
    let c = spawn(move || {
        let _enter = on_enter(move || log.say("enter"));
        log.say("body 1");
        cede();
        log.say("body 2");
        cede();
        log.say("body 3");
    });
    for _ in 0..3 {
        cede();
        log.say("main");
    }
    assert!(c.is_finished());
    log.expect([
        "enter", "body 1", "main", "enter", "body 2", "main", "enter", "body 3", "main",
    ]);
}

#[test]
fn a_leave_block_runs_at_every_switch_out_and_when_the_guard_is_dropped() {
    let log = Log::new();
    let c = spawn(move || {
        {
            let _leave = on_leave(move || log.say("leave"));
            log.say("body 1");
            cede();
            log.say("body 2");
        }
        log.say("body 3");
        cede();
        log.say("body 4");
    });
    for _ in 0..3 {
        cede();
        log.say("main");
    }
    assert!(c.is_finished());
    log.expect([
        "body 1", "leave", "main", "body 2", "leave", "body 3", "main", "body 4", "main",
    ]);
}

#[test]
fn enters_run_in_order_of_installation_and_leaves_in_reverse() {
    let log = Log::new();
    spawn(move || {
        let _enter1 = on_enter(move || log.say("enter1"));
        let _leave1 = on_leave(move || log.say("leave1"));
        {
            let _enter2 = on_enter(move || log.say("enter2"));
            let _leave2 = on_leave(move || log.say("leave2"));
            log.say("body1");
            cede();
            log.say("body2");
        }
        log.say("inner scope left");
        cede();
        log.say("body3");
    });
    spawn(move || {
        log.say("other1");
        cede();
        log.say("other2");
    });
    cede();
    log.say("main");
    cede();
    log.say("main2");
    cede();
    log.say("main3");
    log.expect([
        "enter1",
        "enter2",
        "body1",
        "leave2",
        "leave1",
        "other1",
        "main",
        "enter1",
        "enter2",
        "body2",
        "leave2",
        "inner scope left",
        "leave1",
        "other2",
        "main2",
        "enter1",
        "body3",
        "leave1",
        "main3",
    ]);
}

#[test]
fn cancel_runs_the_enter_blocks_then_the_cleanup_with_the_leave_block() {
    let log = Log::new();
    let c = spawn(move || {
        let _enter = on_enter(move || log.say("enter"));
        let _leave = on_leave(move || log.say("leave"));
        let _guard = log.mark("guard");
        schedule();
    });
    cede();
    log.say("main cancels");
    c.cancel();
    log.say("main");
    log.expect([
        "enter",
        "leave",
        "main cancels",
        "enter",
        "guard",
        "leave",
        "main",
    ]);
}

#[test]
fn terminate_runs_the_leave_block_once() {
    let log = Log::new();
    let c = spawn(move || {
        let _enter = on_enter(move || log.say("enter"));
        let _leave = on_leave(move || log.say("leave"));
        terminate(());
    });
    c.coro().join();
    log.expect(["enter", "leave"]);
}

#[test]
fn a_body_that_returns_runs_the_leave_block_once() {
    let log = Log::new();
    let c = spawn(move || {
        let _leave = on_leave(move || log.say("leave"));
    });
    c.coro().join();
    log.expect(["leave"]);
}

#[test]
fn a_dropped_guard_runs_no_more() {
    let log = Log::new();
    let c = spawn(move || {
        let enter = on_enter(move || log.say("enter"));
        let leave = on_leave(move || log.say("leave"));
        cede();
        drop(enter);
        drop(leave);
        log.say("dropped");
        cede();
    });
    for _ in 0..3 {
        cede();
    }
    assert!(c.is_finished());
    log.expect(["enter", "leave", "enter", "leave", "dropped"]);
}

#[test]
fn guards_may_be_dropped_in_any_order() {
    let log = Log::new();
    let c = spawn(move || {
        let first = on_leave(move || log.say("first"));
        let second = on_leave(move || log.say("second"));
        let third = on_leave(move || log.say("third"));
        drop(second);
        log.say("second dropped");
        cede();
        drop(first);
        log.say("first dropped");
        cede();
        drop(third);
    });
    spawn(|| {
        cede();
        cede();
        cede();
    });
    c.coro().join();
    log.expect([
        "second",
        "second dropped",
        "third",
        "first",
        "first",
        "first dropped",
        "third",
        "third",
    ]);
}

#[test]
fn the_blocks_of_one_coro_do_not_run_for_another() {
    let log = Log::new();
    let c = spawn(move || {
        let _enter = on_enter(move || log.say("enter"));
        let _leave = on_leave(move || log.say("leave"));
        schedule();
    });
    cede();
    log.expect(["enter", "leave"]);
    spawn(|| {
        cede();
        cede();
    });
    cede();
    cede();
    cede();
    log.expect([]);
    c.cancel();
    log.expect(["enter", "leave"]);
}

#[test]
fn a_cede_that_switches_to_nobody_runs_no_block() {
    fresh(|| {
        let log = Log::new();
        let _enter = on_enter(move || log.say("enter"));
        let _leave = on_leave(move || log.say("leave"));
        log.expect(["enter"]);
        cede();
        cede();
        log.expect([]);
    });
}

#[test]
fn a_coros_cede_that_switches_to_nobody_runs_no_block() {
    fresh(|| {
        let log = Log::new();
        let c = spawn(move || {
            let _enter = on_enter(move || log.say("enter"));
            let _leave = on_leave(move || log.say("leave"));
            cede();
            cede();
        });
        c.coro().join();
        log.expect(["enter", "leave"]);
    });
}

#[test]
fn main_has_winders_too() {
    let log = Log::new();
    {
        let _enter = on_enter(move || log.say("enter main"));
        let _leave = on_leave(move || log.say("leave main"));
        spawn(move || log.say("coro"));
        cede();
    }
    log.expect([
        "enter main",
        "leave main",
        "coro",
        "enter main",
        "leave main",
    ]);
}

#[test]
fn the_current_coro_in_a_block_is_its_own() {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let note = {
        let seen = Rc::clone(&seen);
        move || {
            let me = current();
            seen.borrow_mut().push(me);
        }
    };
    let c = spawn(move || {
        let _enter = on_enter(note.clone());
        let _leave = on_leave(note);
        cede();
    });
    cede();
    cede();
    assert!(c.is_finished());
    assert_eq!(*seen.borrow(), vec![c.coro().clone(); 4]);
}

#[test]
fn a_pair_of_blocks_makes_a_global_a_variable_of_the_coro() {
    thread_local! {
        static GLOBAL: Cell<i32> = const { Cell::new(0) };
    }
    /// Exchanges the global with the value the current coro keeps for it.
    fn swap(own: &Rc<Cell<i32>>) -> impl FnMut() + 'static {
        let own = Rc::clone(own);
        move || own.set(GLOBAL.replace(own.get()))
    }
    GLOBAL.set(1);
    let counters = [10, 20, 30].map(|start| {
        spawn(move || {
            let own = Rc::new(Cell::new(start));
            let _enter = on_enter(swap(&own));
            let _leave = on_leave(swap(&own));
            for n in 0..5 {
                assert_eq!(GLOBAL.get(), start + n);
                GLOBAL.set(GLOBAL.get() + 1);
                cede();
            }
            GLOBAL.get()
        })
    });
    for _ in 0..3 {
        assert_eq!(GLOBAL.get(), 1);
        cede();
    }
    let ends = counters.map(|c| c.join().ok());
    assert_eq!(ends, [Some(15), Some(25), Some(35)]);
    assert_eq!(GLOBAL.get(), 1);
}

#[test]
fn enters_and_leaves_balance_over_many_switches() {
    let depth = Rc::new(Cell::new(0));
    let coros: Vec<_> = (0..10)
        .map(|turns| {
            let depth = Rc::clone(&depth);
            spawn(move || {
                let up = Rc::clone(&depth);
                let _enter = on_enter(move || up.set(up.get() + 1));
                let down = Rc::clone(&depth);
                let _leave = on_leave(move || down.set(down.get() - 1));
                for _ in 0..turns {
                    assert_eq!(depth.get(), 1);
                    cede();
                }
                if turns % 3 == 0 {
                    schedule();
                }
            })
        })
        .collect();
    for _ in 0..12 {
        cede();
        assert_eq!(depth.get(), 0);
    }
    for c in coros {
        c.cancel();
        assert!(c.is_finished());
    }
    assert_eq!(depth.get(), 0);
}

#[test]
fn a_block_cannot_switch() {
    let log = Log::new();
    let c = spawn(move || {
        let _enter =
            on_enter(move || log.say(format!("enter, switches: {}", caught(schedule).is_ok())));
        let _leave =
            on_leave(move || log.say(format!("leave, switches: {}", caught(schedule).is_ok())));
        cede();
    });
    cede();
    cede();
    assert!(c.is_finished());
    log.expect([
        "enter, switches: false",
        "leave, switches: false",
        "enter, switches: false",
        "leave, switches: false",
    ]);
}

#[test]
fn a_block_may_install_no_lasting_harm_by_readying_and_spawning() {
    let log = Log::new();
    let c = spawn(move || {
        let _leave = on_leave(move || {
            spawn(move || log.say("spawned by a leave block"));
        });
        schedule();
    });
    cede();
    cede();
    log.expect(["spawned by a leave block"]);
    c.cancel();
    cede();
    log.expect(["spawned by a leave block"]);
}
