//! scope: as `std::thread::scope`, and when its owner is interrupted as DESIGN §3.5 says.

use std::cell::{Cell, RefCell};

use coro::{Coro, cede, current, schedule, scope, spawn, terminate};

use crate::support::{Log, caught, defer, die, fresh, in_a_process, outcome, semaphore, text};

mod many;

#[test]
fn a_scope_returns_the_value_of_its_closure() {
    assert_eq!(scope(|_| 5), 5);
}

#[test]
fn a_scope_waits_for_children_that_nobody_joined() {
    let log = Log::new();
    scope(|s| {
        for name in ["a", "b"] {
            s.spawn(move || {
                cede();
                cede();
                log.say(name);
            });
        }
        log.say("closure ends");
    });
    log.say("after the scope");
    log.expect(["closure ends", "a", "b", "after the scope"]);
}

#[test]
fn spawn_in_a_scope_does_not_switch() {
    let log = Log::new();
    scope(|s| {
        coro::no_switch(|| s.spawn(move || log.say("child")));
        log.say("owner");
    });
    log.expect(["owner", "child"]);
}

#[test]
fn children_borrow_from_the_owner() {
    let words = vec![String::from("one"), String::from("two")];
    let total = Cell::new(0);
    scope(|s| {
        for word in &words {
            let total = &total;
            s.spawn(move || {
                cede();
                total.set(total.get() + word.len());
            });
        }
    });
    assert_eq!(total.get(), 6);
    assert_eq!(words.len(), 2);
}

#[test]
fn children_borrow_mutably() {
    let mut numbers = [1, 2, 3, 4];
    let mut log = Vec::new();
    let (left, right) = numbers.split_at_mut(2);
    scope(|s| {
        s.spawn(|| {
            for n in left {
                *n *= 10;
                cede();
            }
        });
        s.spawn(|| {
            for n in right {
                *n *= 100;
                cede();
            }
        });
        log.push("owner");
    });
    log.push("done");
    assert_eq!(numbers, [10, 20, 300, 400]);
    assert_eq!(log, ["owner", "done"]);
}

#[test]
fn join_gives_the_value_of_a_child() {
    let text = String::from("borrowed");
    let length = scope(|s| {
        let child = s.spawn(|| {
            cede();
            text.len()
        });
        child.join().ok()
    });
    assert_eq!(length, Some(8));
}

#[test]
fn a_child_may_spawn_siblings() {
    let log = RefCell::new(Vec::new());
    let say = |line| log.borrow_mut().push(line);
    scope(|s| {
        s.spawn(move || {
            say("child");
            s.spawn(move || {
                cede();
                say("grandchild");
            });
        });
    });
    assert_eq!(*log.borrow(), ["child", "grandchild"]);
}

#[test]
fn scopes_nest() {
    let mut counts = [0; 2];
    let [outer, inner] = &mut counts;
    scope(|s| {
        s.spawn(|| {
            scope(|t| {
                t.spawn(|| {
                    cede();
                    *inner += 1;
                });
            });
            *outer += 1;
        });
    });
    assert_eq!(counts, [1, 1]);
}

#[test]
fn a_scope_in_a_coro_borrows_from_that_coros_stack() {
    let c = spawn(|| {
        let mut sum = 0;
        scope(|s| {
            s.spawn(|| {
                for n in 1..=4 {
                    sum += n;
                    cede();
                }
            });
        });
        sum
    });
    assert_eq!(c.join().ok(), Some(10));
}

#[test]
fn an_unjoined_childs_panic_makes_the_scope_panic_after_all_children_ended() {
    let log = Log::new();
    let failed = caught(|| {
        scope(|s| {
            s.spawn(|| die("child"));
            s.spawn(move || {
                cede();
                cede();
                log.say("sibling ends");
            });
            log.say("closure ends");
        });
    });
    assert!(failed.is_err());
    log.expect(["closure ends", "sibling ends"]);
}

#[test]
fn a_joined_childs_panic_is_an_error_of_the_join_alone() {
    let value = scope(|s| {
        let child = s.spawn(|| die("child"));
        let error = child.join().expect_err("it panicked");
        assert!(error.is_panic());
        assert_eq!(text(&*error.into_panic()), "child");
        7
    });
    assert_eq!(value, 7);
}

#[test]
fn a_child_cannot_terminate_as_its_type_may_borrow() {
    let error = scope(|s| {
        let child = s.spawn(|| -> i32 { terminate(3) });
        child.join().expect_err("it panicked")
    });
    assert!(error.is_panic());
    assert!(text(&*error.into_panic()).contains("may borrow"));
}

#[test]
fn a_cancelled_child_does_not_make_the_scope_panic() {
    let log = Log::new();
    scope(|s| {
        s.spawn(move || {
            let _mark = log.mark("child unwound");
            let me = current();
            spawn(move || me.cancel());
            schedule();
        });
    });
    log.say("after the scope");
    log.expect(["child unwound", "after the scope"]);
}

#[test]
fn a_panic_of_the_closure_cancels_the_children_waits_and_goes_on() {
    let log = Log::new();
    let failed = caught(|| {
        scope(|s| {
            s.spawn(move || {
                let _mark = log.mark("child unwound");
                schedule();
            });
            cede();
            die("closure");
        });
    });
    assert_eq!(text(&*failed.expect_err("the panic")), "closure");
    log.expect(["child unwound"]);
}

#[test]
fn a_panic_of_the_closure_waits_for_a_destructor_that_blocks() {
    let log = Log::new();
    let sem = semaphore(0);
    spawn({
        let sem = std::rc::Rc::clone(&sem);
        move || {
            for _ in 0..5 {
                cede();
            }
            log.say("released");
            sem.up();
        }
    });
    let failed = caught(|| {
        scope(|s| {
            s.spawn(|| {
                let _block = defer(|| {
                    log.say("cleanup begins");
                    sem.down();
                    log.say("cleanup ends");
                });
                schedule();
            });
            cede();
            die("closure");
        });
    });
    assert_eq!(text(&*failed.expect_err("the panic")), "closure");
    log.expect(["cleanup begins", "released", "cleanup ends"]);
}

#[test]
fn all_children_are_cancelled_before_the_owner_waits_for_the_first() {
    let log = Log::new();
    let begun = Cell::new(0);
    let failed = caught(|| {
        scope(|s| {
            for _ in 0..2 {
                s.spawn(|| {
                    let _slow = defer(|| {
                        begun.set(begun.get() + 1);
                        cede();
                        cede();
                        log.say(format!("{} began", begun.get()));
                    });
                    schedule();
                });
            }
            cede();
            die("closure");
        });
    });
    assert_eq!(text(&*failed.expect_err("the panic")), "closure");
    log.expect(["2 began", "2 began"]);
}

#[test]
fn destructors_of_siblings_may_wait_for_each_other() {
    // A kernel that cancels one child and waits for its end before it cancels the next aborts here.
    in_a_process(
        "scopes::destructors_of_siblings_may_wait_for_each_other",
        || {
            let log = Log::new();
            let gates = [semaphore(0), semaphore(0)];
            let failed = caught(|| {
                scope(|s| {
                    for (mine, others) in [(0, 1), (1, 0)] {
                        let gates = &gates;
                        s.spawn(move || {
                            let _meet = defer(move || {
                                gates[others].up();
                                gates[mine].down();
                                log.say("met");
                            });
                            schedule();
                        });
                    }
                    cede();
                    die("closure");
                });
            });
            assert_eq!(text(&*failed.expect_err("the panic")), "closure");
            log.expect(["met", "met"]);
        },
    );
}

/// Spawns an owner whose scope has a child that waits for ever; both work on the owner's locals.
fn owner_of_a_sleeping_child(log: Log) -> coro::JoinHandle<()> {
    let owner = spawn(move || {
        let mut data = vec![1, 2, 3];
        let result = outcome(|| {
            scope(|s| {
                s.spawn(|| {
                    let _mark = log.mark("child unwound");
                    data.push(4);
                    let _push = defer(|| data.push(5));
                    schedule();
                });
            });
        });
        log.say(format!("{result} {data:?}"));
    });
    cede();
    cede();
    owner
}

#[test]
fn cancel_of_the_waiting_owner_cancels_its_children_first() {
    let log = Log::new();
    let owner = owner_of_a_sleeping_child(log);
    owner.on_destroy(move || log.say("owner ended"));
    owner.cancel();
    owner.coro().join();
    log.expect(["child unwound", "owner ended"]);
    assert!(owner.join().is_err_and(|error| error.is_cancelled()));
}

#[test]
fn throw_at_the_waiting_owner_cancels_its_children_first_and_is_then_raised() {
    let log = Log::new();
    let owner = owner_of_a_sleeping_child(log);
    owner.throw("boom");
    owner.coro().join();
    log.expect(["child unwound", "boom [1, 2, 3, 4, 5]"]);
    assert!(owner.join().is_ok());
}

#[test]
fn a_spurious_wake_up_of_the_owner_does_not_end_the_scope() {
    let log = Log::new();
    let owner = owner_of_a_sleeping_child(log);
    for _ in 0..3 {
        owner.ready();
        cede();
    }
    log.expect([]);
    assert!(!owner.is_finished());
    owner.cancel();
    owner.coro().join();
    log.expect(["child unwound"]);
}

#[test]
fn cancel_of_an_owner_that_blocks_inside_its_closure_cancels_the_children() {
    let log = Log::new();
    let owner = spawn(move || {
        let _mark = log.mark("owner unwound");
        scope(|s| {
            s.spawn(|| {
                let _mark = log.mark("child unwound");
                schedule();
            });
            schedule();
            log.say("not reached");
        });
        log.say("not reached either");
    });
    cede();
    cede();
    owner.cancel();
    owner.coro().join();
    log.expect(["child unwound", "owner unwound"]);
}

#[test]
fn a_child_that_cancels_its_owner_is_cancelled_with_it() {
    let log = Log::new();
    let owner = spawn(move || {
        let me = current();
        scope(|s| {
            s.spawn(|| {
                let _mark = log.mark("child unwound");
                me.cancel();
                schedule();
                log.say("not reached");
            });
        });
        log.say("not reached either");
    });
    owner.coro().join();
    log.expect(["child unwound"]);
    assert!(owner.join().is_err_and(|error| error.is_cancelled()));
}

#[test]
fn a_child_handle_that_outlives_the_scope_is_of_a_finished_coro() {
    let mut escaped: Option<Coro> = None;
    scope(|s| {
        let slot = &mut escaped;
        s.spawn(move || *slot = Some(current()));
    });
    assert!(escaped.is_some_and(|c| c.is_finished()));
}

#[test]
fn all_children_are_gone_after_the_scope() {
    fresh(|| {
        scope(|s| {
            for turns in 0..10 {
                s.spawn(move || {
                    for _ in 0..turns {
                        cede();
                    }
                });
            }
        });
        assert_eq!(coro::all(), [coro::main()]);
    });
}

#[test]
fn a_deadlock_of_the_waiting_owner_main_cancels_the_children() {
    in_a_process(
        "scopes::a_deadlock_of_the_waiting_owner_main_cancels_the_children",
        || {
            let log = Log::new();
            let failed = caught(|| {
                scope(|s| {
                    s.spawn(move || {
                        let _mark = log.mark("child unwound");
                        schedule();
                    });
                });
            });
            let payload = failed.expect_err("the deadlock");
            assert!(
                text(&*payload).starts_with("deadlock"),
                "{}",
                text(&*payload)
            );
            log.expect(["child unwound"]);
        },
    );
}
