//! H18: destructors and closures of users call back into the kernel, from every place where the
//! kernel drops or calls them; so it never does that while it is in the middle of something.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use coro::{
    Builder, Coro, Event, Observer, Outlook, Policy, cede, current, on_enter, on_leave, schedule,
    spawn,
};

use crate::support::{caught, fresh};

/// Calls everything that the kernel offers.
///
/// A switch may be refused where it is called from, and nothing else.
fn meddle() {
    let switches: [fn(); 4] = [cede, coro::cede_notself, coro::check, || {
        drop(spawn(|| 1).join());
    }];
    for switch in switches {
        if let Err(payload) = caught(switch) {
            let text = payload.downcast_ref::<String>().map(String::as_str);
            let refused = text.is_some_and(|text| text.starts_with("cannot switch inside "));
            assert!(refused || coro::is_cancel(&*payload), "{text:?}");
        }
    }
    let others = coro::all();
    let c = spawn(schedule).coro().clone();
    drop(spawn(|| ()));
    let never = Builder::new().desc("never").build(|| ());
    drop(never.throw("at a new one"));
    drop(never);
    c.ready();
    c.set_desc("meddled");
    c.set_prio(coro::Prio::HIGH);
    c.on_destroy(|| drop(coro::all()));
    drop(c.throw("one"));
    assert!(c.throw("two").retract());
    c.clear_throw();
    c.suspend();
    c.resume();
    c.waker().wake();
    _ = c.safe_cancel();
    _ = caught(|| c.cancel());
    let me = current();
    me.set_desc("meddler");
    me.on_destroy(|| ());
    drop(me.waker());
    drop(coro::rouse::<i32>());
    drop(caught(|| (on_enter(|| ()), on_leave(|| ()))));
    coro::no_switch(|| drop(coro::report().to_string()));
    coro::shield(|| ());
    _ = coro::unwinding();
    drop(others);
}

/// What may be asserted whenever no hook is being called.
#[track_caller]
fn consistent() {
    let ready = coro::all().iter().filter(|c| c.is_ready()).count();
    // One that has ended is listed no more, but its destroy handlers may be ready.
    assert!(
        coro::ready_count() >= ready,
        "{} {ready}",
        coro::ready_count()
    );
}

/// A value whose destructor meddles, and counts.
#[derive(Clone)]
struct Meddler(Arc<AtomicUsize>);

impl Drop for Meddler {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
        meddle();
        consistent();
    }
}

/// Runs a test with a maker of meddlers; asserts that each was dropped, and that all is well.
fn meddling(test: impl FnOnce(&dyn Fn() -> Meddler) + Send + 'static) {
    fresh(move || {
        let count = Arc::new(AtomicUsize::new(0));
        let made = Cell::new(0);
        let make = || {
            made.set(made.get() + 1);
            Meddler(Arc::clone(&count))
        };
        test(&make);
        // Some of the meddling goes on in coros.
        for _ in 0..50 {
            cede();
        }
        assert_eq!(count.load(Ordering::Relaxed), made.get());
        consistent();
        let left = coro::shutdown();
        assert!(left.is_empty(), "{left:?}");
        assert_eq!(coro::ready_count(), 0);
        assert_eq!(coro::all(), [current()]);
        assert_eq!(spawn(|| 5).join().ok(), Some(5));
    });
}

#[test]
fn from_a_local_however_its_coro_ends() {
    let ends: [fn(&Coro); 5] = [
        |c| _ = c.ready(),
        Coro::cancel,
        |c| _ = c.safe_cancel(),
        |c| drop(c.throw("thrown")),
        |_| coro::killall(),
    ];
    for end in ends {
        meddling(move |make| {
            let value = make();
            let c = spawn(move || {
                let _value = value;
                schedule();
            });
            cede();
            end(&c);
            c.coro().join();
        });
    }
}

#[test]
fn from_the_closure_of_a_new_coro_that_is_cancelled() {
    meddling(|make| {
        let value = make();
        let c = spawn(move || drop(value));
        c.cancel();
        assert!(c.is_finished());
    });
}

#[test]
fn a_new_coro_does_not_run_while_its_closure_is_dropped() {
    // It has an entry in the ready queue and no stack: the destructor gives it the occasion.
    fresh(|| {
        for _ in 0..3 {
            let done = Rc::new(Cell::new(false));
            let was_done = Rc::clone(&done);
            let switches = crate::support::defer(move || {
                for _ in 0..3 {
                    cede();
                }
                done.set(true);
            });
            let c = spawn(move || {
                drop(switches);
                unreachable!("cancelled before it ran");
            });
            let target = c.coro().clone();
            let other = spawn(move || {
                // In the middle of it.
                target.cancel();
                drop(target.throw("late"));
                target.ready();
                target.schedule_to().ok();
                target.join();
            });
            c.cancel();
            other.join().unwrap();
            assert!(c.join().unwrap_err().is_cancelled());
            // A panic in it would be swallowed.
            assert!(was_done.get());
            assert_eq!(coro::ready_count(), 0);
        }
    });
}

#[test]
fn from_the_closure_of_a_new_coro_that_is_thrown_at() {
    meddling(|make| {
        let value = make();
        let c = spawn(move || drop(value));
        drop(c.throw("before it ran"));
        assert!(c.join().unwrap_err().is_thrown());
    });
}

#[test]
fn from_the_closure_of_a_new_coro_that_nobody_holds() {
    meddling(|make| {
        let value = make();
        drop(Builder::new().build(move || drop(value)));
    });
}

#[test]
fn from_the_locals_of_a_blocked_coro_that_nobody_holds() {
    meddling(|make| {
        let value = make();
        drop(spawn(move || {
            let _value = value;
            schedule();
        }));
    });
}

#[test]
fn from_a_result_that_nobody_takes() {
    meddling(|make| {
        let (detached, dropped, late) = (make(), make(), make());
        drop(spawn(move || detached));
        let dropped = spawn(move || dropped);
        dropped.coro().join();
        drop(dropped);
        let late = spawn(move || late);
        drop(late.coro().clone());
        cede();
        drop(late);
    });
}

#[test]
fn from_a_shared_result() {
    meddling(|make| {
        let value = make();
        let c = spawn(move || Rc::new(value)).shared();
        drop(c.join().unwrap());
        drop(c.clone());
        drop(c);
    });
}

#[test]
fn from_a_result_of_a_scoped_coro() {
    meddling(|make| {
        let (value, kept) = (make(), make());
        coro::scope(|s| {
            s.spawn(move || value);
            drop(s.spawn(move || kept).join());
        });
    });
}

#[test]
fn from_a_value_of_terminate() {
    meddling(|make| {
        let (value, refused) = (make(), make());
        let c = spawn(move || -> Meddler { coro::terminate(value) });
        drop(c);
        cede();
        let c = spawn(move || -> u8 { coro::terminate(refused) });
        assert!(c.join().unwrap_err().is_panic());
    });
}

#[test]
fn from_a_cancellers_value() {
    meddling(|make| {
        let (first, second, third) = (make(), make(), make());
        let c = spawn(|| -> Meddler {
            coro::shield(|| {
                schedule();
            });
            coro::check();
            unreachable!()
        });
        cede();
        // Shielded, so the second replaces the first.
        c.cancel_with(first);
        c.cancel_with(second);
        c.ready();
        drop(c.join());
        let c = spawn(|| -> Meddler { unreachable!("cancelled") });
        c.cancel_with(third);
        drop(c);
    });
}

#[test]
fn from_a_payload_that_is_replaced_cleared_retracted_or_left_over() {
    meddling(|make| {
        let c = spawn(|| coro::shield(schedule));
        cede();
        drop(c.throw(make()));
        drop(c.throw(make()));
        c.clear_throw();
        assert!(c.throw(make()).retract());
        drop(c.throw(make()));
        drop(c.throw(make()));
        c.ready();
        drop(c.join());
    });
}

#[test]
fn from_a_payload_at_a_coro_that_has_ended_or_is_new_and_cancelled() {
    meddling(|make| {
        let c = spawn(|| ());
        c.coro().join();
        drop(c.throw(make()));
        let c = spawn(|| ());
        drop(c.throw(make()));
        c.cancel();
    });
}

#[test]
fn from_a_payload_that_is_caught_or_that_ends_its_coro() {
    meddling(|make| {
        let c = spawn(|| drop(caught(schedule)));
        let d = spawn(schedule);
        let value = make();
        let e = spawn(move || std::panic::resume_unwind(Box::new(value)));
        cede();
        drop(c.throw(make()));
        drop(d.throw(make()));
        drop((c.join(), d.join(), e.join()));
    });
}

#[test]
fn from_a_destroy_handler_called_or_dropped() {
    meddling(|make| {
        let c = spawn(|| ());
        let (called, dropped, of_a_new_one) = (make(), make(), make());
        c.on_destroy(move || {
            let _called = called;
            meddle();
        });
        c.coro().join();
        c.on_destroy(move || drop(dropped));
        let new = spawn(|| ());
        new.on_destroy(move || drop(of_a_new_one));
        new.cancel();
    });
}

#[test]
fn from_a_winders_block() {
    meddling(|make| {
        let (enter, leave, left_over) = (make(), make(), make());
        let c = spawn(move || {
            let guards = (
                on_enter(move || {
                    let _enter = &enter;
                    meddle();
                }),
                on_leave(move || {
                    let _leave = &leave;
                    meddle();
                }),
            );
            cede();
            drop(guards);
            // Of this one the guard outlives the coro.
            on_leave(move || {
                let _left_over = &left_over;
            })
        });
        cede();
        drop(c.join());
    });
}

#[test]
fn from_a_rouse() {
    meddling(|make| {
        let (callback, rouse) = coro::rouse();
        callback.call(make());
        drop(rouse);
        let (callback, rouse) = coro::rouse();
        drop(rouse);
        callback.call(make());
        let (callback, rouse) = coro::rouse();
        let c = spawn(move || drop(rouse.wait()));
        cede();
        callback.call(make());
        c.join().unwrap();
        let value = make();
        let f = coro::unblock_fn(move |(): ()| {
            let _value = &value;
            meddle();
        });
        f(());
        drop(f);
    });
}

/// A hook that meddles, in its calls and when it is dropped.
struct Hook {
    _dropped: Meddler,
    calls: usize,
}

impl Observer for Hook {
    fn event(&mut self, _: &Event<'_>) {
        // Each meddling spawns, which is an event again.
        if self.calls > 0 {
            self.calls -= 1;
            meddle();
        }
    }
}

impl Policy for Hook {
    fn next(&mut self, _: &[Coro]) -> usize {
        if self.calls > 0 {
            self.calls -= 1;
            meddle();
        }
        0
    }
}

#[test]
fn from_hooks() {
    meddling(|make| {
        drop(coro::set_observer(Some(Box::new(Hook {
            _dropped: make(),
            calls: 20,
        }))));
        drop(spawn(cede).join());
        drop(coro::set_observer(None));
        drop(coro::set_policy(Some(Box::new(Hook {
            _dropped: make(),
            calls: 20,
        }))));
        drop(spawn(cede).join());
        drop(coro::set_policy(None));
        let main = coro::main();
        let value = make();
        drop(coro::set_idle(Some(Box::new(move || {
            let _value = &value;
            meddle();
            main.ready();
            Outlook::Progress
        }))));
        schedule();
        drop(coro::set_idle(None));
    });
}

#[test]
fn from_a_hook_that_replaces_itself() {
    struct Replaces;
    impl Observer for Replaces {
        fn event(&mut self, _: &Event<'_>) {
            drop(coro::set_observer(None));
        }
    }
    impl Policy for Replaces {
        fn next(&mut self, ready: &[Coro]) -> usize {
            drop(coro::set_policy(None));
            ready.len() - 1
        }
    }
    meddling(|_| {
        drop(coro::set_observer(Some(Box::new(Replaces))));
        drop(coro::set_policy(Some(Box::new(Replaces))));
        let coros = [spawn(cede), spawn(cede)];
        for c in coros {
            c.join().unwrap();
        }
    });
}
