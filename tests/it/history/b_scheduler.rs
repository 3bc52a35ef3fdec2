//! Section B: the scheduler.

use std::cell::Cell;
use std::panic::catch_unwind;
use std::rc::Rc;

use coro::{
    Builder, Coro, Event, JoinHandle, Observer, Outlook, Prio, cede, cede_notself, current,
    killall, ready_count, schedule, set_idle, set_observer, spawn,
};

use super::settle;
use crate::support::{Log, caught, counted, fresh, in_a_process, semaphore};

#[test]
fn bug_29_a_coro_suspended_while_ready_runs_after_resume_and_ready() {
    fresh(|| {
        let log = Log::new();
        let c = spawn(move || {
            log.say("first");
            schedule();
            log.say("second");
        });
        for line in ["first", "second"] {
            c.ready();
            assert_eq!(ready_count(), 1);
            c.suspend();
            // The scheduler passes it over, by `cede` and by `cede_notself`.
            spawn(|| ());
            cede();
            cede_notself();
            assert_eq!(ready_count(), 0);
            assert!(!c.is_ready());
            c.resume();
            settle();
            log.expect([]);
            assert!(c.ready());
            assert_eq!(ready_count(), 1);
            settle();
            log.expect([line]);
        }
        // Resumed before the scheduler came by, it has its place still.
        let c = spawn(move || log.say("ran"));
        c.suspend();
        c.resume();
        assert_eq!((ready_count(), c.ready()), (1, false));
        settle();
        log.expect(["ran"]);
    });
}

#[test]
fn bug_30_a_double_ready_is_one_run_and_the_second_call_returns_false() {
    fresh(|| {
        let c = spawn(|| {
            schedule();
            schedule();
        });
        settle();
        assert!(c.ready());
        assert!(!c.ready());
        assert_eq!(ready_count(), 1);
        let uses = c.use_count();
        settle();
        assert_eq!(c.use_count(), uses + 1);
        assert!(!c.is_finished());
        // The current one too.
        assert!(current().ready());
        assert!(!current().ready());
        assert_eq!(ready_count(), 1);
        schedule();
        assert_eq!(ready_count(), 0);
    });
}

#[test]
fn bug_31_the_cancel_of_a_ready_coro_is_counted_and_idle_is_not_entered_for_it() {
    fresh(|| {
        let idles = Rc::new(Cell::new(0));
        let count = Rc::clone(&idles);
        drop(set_idle(Some(Box::new(move || {
            count.set(count.get() + 1);
            Outlook::Hopeless
        }))));
        let new: Vec<_> = (0..3).map(|_| spawn(|| ())).collect();
        let begun: Vec<_> = (0..3).map(|_| spawn(schedule)).collect();
        settle();
        for c in &begun {
            c.ready();
        }
        drop(new);
        let ready = [spawn(|| ()), spawn(|| ())];
        assert_eq!(ready_count(), 5);
        begun[1].cancel();
        assert_eq!(ready_count(), 4);
        ready[0].cancel();
        assert_eq!(ready_count(), 3);
        settle();
        let last = spawn(|| ());
        last.cancel();
        assert_eq!(ready_count(), 0);
        cede_notself();
        cede();
        assert_eq!(idles.get(), 0);
        assert!(caught(schedule).is_err());
        assert_eq!(idles.get(), 1);
        drop(set_idle(None));
    });
}

#[test]
fn bug_32_nice_lowers_is_clamped_and_returns_the_old_priority() {
    let c = spawn(|| ());
    for from in -4..=3_i8 {
        for by in [-128, -8, -1, 0, 1, 3, 8, 127_i8] {
            c.set_prio(Prio::new(from));
            assert_eq!(c.nice(by), Prio::new(from));
            let expected = (i32::from(from) - i32::from(by)).clamp(-4, 3);
            assert_eq!(i32::from(c.prio().get()), expected, "{from} - {by}");
        }
    }
    assert_eq!((Prio::new(-100), Prio::new(100)), (Prio::MIN, Prio::MAX));
    // And the queue believes it.
    let log = Log::new();
    let [nice, normal] = ["nice", "normal"].map(|name| Builder::new().build(move || log.say(name)));
    nice.nice(1);
    assert!(nice.ready() && nice.is_ready() && normal.ready());
    nice.coro().join();
    log.expect(["normal", "nice"]);
}

#[test]
fn bug_33_a_directed_switch_that_fails_leaves_everything_as_it_was() {
    fresh(|| {
        let dead = spawn(|| ());
        settle();
        let frozen = spawn(schedule);
        frozen.suspend();
        let caller = spawn({
            let targets = [dead.coro().clone(), frozen.coro().clone()];
            move || {
                let count = ready_count();
                for target in &targets {
                    assert!(target.schedule_to().is_err());
                    assert!(target.cede_to().is_err());
                    assert!(!current().is_ready());
                    assert_eq!(ready_count(), count);
                }
                // Every kind of blocking call still works.
                let sem = semaphore(0);
                let up = Rc::clone(&sem);
                spawn(move || up.up());
                sem.down();
                cede();
                assert!(spawn(|| 7).cede_to().is_ok());
                spawn(|| 7).join().unwrap()
            }
        });
        assert_eq!(caller.join().unwrap(), 7);
        assert!(frozen.is_suspended() && !frozen.is_finished());
        frozen.resume();
        assert!(frozen.cede_to().is_ok());
        assert_eq!(frozen.use_count(), 1);
    });
}

/// Watches that nobody who has ended is switched to.
struct NoDead;

impl Observer for NoDead {
    fn event(&mut self, event: &Event<'_>) {
        if let Event::SwitchedIn { coro } = event {
            assert!(!coro.is_finished(), "{coro} has ended");
        }
    }
}

#[test]
fn bug_43_the_scheduler_never_switches_to_a_dead_coro() {
    let name = "history::b_scheduler::bug_43_the_scheduler_never_switches_to_a_dead_coro";
    // An observer that panics ends the process.
    in_a_process(name, || {
        for observed in [true, false] {
            if observed {
                drop(set_observer(Some(Box::new(NoDead))));
            }
            let dead = |how: fn(&Coro)| {
                let all: Vec<JoinHandle<()>> = (0..4)
                    .map(|_| spawn(|| (0..3).for_each(|_| cede())))
                    .collect();
                cede();
                all.iter().for_each(|c| how(c));
                // In the queue again, though dead or about to be.
                all.iter().for_each(|c| _ = c.ready());
                settle();
                let uses: Vec<_> = all.iter().map(|c| c.use_count()).collect();
                for c in &all {
                    assert!(c.is_finished() && !c.is_ready() && !c.ready());
                    assert!(c.cede_to().is_err() && c.schedule_to().is_err());
                }
                settle();
                assert!(all.iter().map(|c| c.use_count()).eq(uses));
            };
            dead(|c| c.cancel());
            dead(|c| assert!(c.safe_cancel().is_ok()));
            dead(|c| drop(c.throw("ex")));
            dead(|_| killall());
            dead(|_| ());
            let (value, drops) = counted();
            let terminated = spawn(move || {
                let _value = value;
                current().ready();
                coro::terminate(());
            });
            settle();
            assert!(terminated.is_finished() && drops.get() == 1);
            assert!(catch_unwind(settle).is_ok());
            drop(set_observer(None));
        }
    });
}
