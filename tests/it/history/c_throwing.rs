//! Section C: throws, and the values that are thrown.

use std::cell::Cell;
use std::rc::Rc;

use coro::{
    Builder, Coro, cede, check, current, killall, ready_count, rouse, schedule, shield, spawn,
};
use coro_channel::Channel;

use super::{Deed, settle};
use crate::support::{Counted, caught, counted, die, fresh, outcome, semaphore, text};

#[test]
fn bug_48_a_pending_exception_survives_whatever_its_coro_does_to_others() {
    fresh(|| {
        let deeds: [fn(&Coro); 8] = [
            |c| c.cancel(),
            |c| assert!(c.safe_cancel().is_ok()),
            |c| drop(c.throw("for the other")),
            |c| c.clear_throw(),
            |c| assert!(c.throw("for the other").retract()),
            |c| _ = c.ready(),
            |c| {
                c.suspend();
                c.resume();
            },
            |c| c.on_destroy(|| die("handler")),
        ];
        for deed in deeds {
            for kind in 0..3 {
                let other = match kind {
                    0 => Builder::new().build(schedule),
                    _ => spawn(schedule),
                };
                if kind == 2 {
                    settle();
                }
                let (value, drops) = counted();
                current().throw(value);
                // Raised by the deed, if that switches, or at the next switch point; once.
                let raised = [caught(|| deed(&other)), caught(check), caught(cede)];
                let mine = raised.iter().filter_map(|result| result.as_ref().err());
                let mine: Vec<_> = mine.collect();
                assert_eq!(mine.len(), 1);
                assert!(mine[0].is::<Counted>());
                assert_eq!(drops.get(), 0);
                drop(raised);
                assert_eq!(drops.get(), 1);
                killall();
            }
        }
    });
}

#[test]
fn bug_49_a_throw_at_a_new_coro_ends_it_before_its_body_and_joiners_see_it() {
    fresh(|| {
        for readied in [false, true] {
            let (value, drops) = counted();
            let c = Builder::new().build(move || {
                drop(value);
                unreachable!("the body does not begin")
            });
            if readied {
                c.ready();
            }
            let joiner = spawn({
                let c = c.coro().clone();
                move || c.join()
            });
            let called = Rc::new(Cell::new(false));
            c.on_destroy({
                let called = Rc::clone(&called);
                move || called.set(true)
            });
            c.throw("stop");
            assert!(c.is_ready() && !c.is_finished());
            settle();
            assert!(joiner.is_finished() && called.get());
            assert_eq!(drops.get(), 1);
            let error = match c.join() {
                Ok(()) => panic!("it has a result"),
                Err(error) => error,
            };
            assert!(error.is_thrown());
            assert_eq!(text(&*error.into_panic()), "stop");
        }
    });
}

#[test]
fn bug_50_a_throw_readies_a_blocked_target() {
    fresh(|| {
        let sem = semaphore(0);
        let channel = Rc::new(Channel::<u8>::bounded(0));
        let (_callback, answer) = rouse::<u8>();
        let sleeper = spawn(schedule);
        let target = sleeper.coro().clone();
        let waits: [Box<dyn FnOnce()>; 7] = [
            Box::new(schedule),
            Box::new({
                let sem = Rc::clone(&sem);
                move || sem.down()
            }),
            Box::new(move || sem.wait()),
            Box::new({
                let channel = Rc::clone(&channel);
                move || _ = channel.get()
            }),
            Box::new(move || Channel::bounded(0).put(1)),
            Box::new(move || _ = answer.wait()),
            Box::new(move || target.join()),
        ];
        for wait in waits {
            let c = spawn(move || outcome(wait));
            settle();
            assert!(!c.is_ready());
            c.throw("ex");
            assert!(c.is_ready());
            assert_eq!(ready_count(), 1);
            settle();
            assert_eq!(c.join().unwrap(), "ex");
        }
    });
}

#[test]
fn bug_51_a_throw_interrupts_join() {
    fresh(|| {
        let target = spawn(schedule);
        let joiner = spawn({
            let target = target.coro().clone();
            move || {
                let said = outcome(|| target.join());
                schedule();
                said
            }
        });
        settle();
        joiner.throw("ex");
        settle();
        assert!(!target.is_finished());
        // It no longer waits: the end of the target is not for it.
        target.cancel();
        assert!(!joiner.is_ready());
        joiner.ready();
        assert_eq!(joiner.join().unwrap(), "ex");
    });
}

#[test]
fn bug_53_a_thrown_value_is_dropped_exactly_once() {
    fresh(|| {
        let fates: [Deed; 8] = [
            ("uncaught", |_| settle()),
            ("replaced", |c| drop(c.throw("another"))),
            ("cleared", Coro::clear_throw),
            ("cancelled first", Coro::cancel),
            ("safely cancelled first", |c| _ = c.safe_cancel()),
            ("suspended, then cancelled", |c| {
                c.suspend();
                settle();
                c.cancel();
            }),
            ("killed", |_| killall()),
            ("its coro's handler", |c| c.on_destroy(|| die("handler"))),
        ];
        for (fate, meet) in fates {
            for kind in 0..4 {
                let c = match kind {
                    0 => spawn(schedule),
                    1 => spawn(|| drop(outcome(schedule))),
                    2 => spawn(|| shield(schedule)),
                    _ => Builder::new().build(|| ()),
                };
                if kind < 3 {
                    settle();
                }
                let (value, drops) = counted();
                c.throw(value);
                meet(&c);
                settle();
                c.cancel();
                c.ready();
                settle();
                drop(c);
                assert_eq!(drops.get(), 1, "{fate}, {kind}");
            }
        }
        let (retracted, retractions) = counted();
        let c = spawn(schedule);
        assert!(c.throw(retracted).retract());
        assert_eq!(retractions.get(), 1);
        c.cancel();
        let (late, lates) = counted();
        c.throw(late);
        drop(c);
        assert_eq!(lates.get(), 1);
    });
}
