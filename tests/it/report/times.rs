//! For how long coros have been blocked, by a clock that stands still unless it is moved.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use coro::{Clock, cede, enable_times, schedule, set_clock, spawn};

use super::{row, settle};
use crate::support::{Log, fresh};

struct Stands(Rc<Cell<Instant>>);

impl Clock for Stands {
    fn now(&self) -> Instant {
        self.0.get()
    }

    fn skip_to(&self, _: Instant) -> bool {
        false
    }
}

/// Installs a clock, and returns what moves it by milliseconds.
fn clock() -> impl Fn(u64) {
    let time = Rc::new(Cell::new(Instant::now()));
    drop(set_clock(Some(Box::new(Stands(Rc::clone(&time))))));
    move |ms| time.set(time.get() + Duration::from_millis(ms))
}

fn blocked_for(id: u64) -> Option<u128> {
    let time = row(&coro::report(), id).blocked_for();
    time.map(|time| time.as_millis())
}

#[test]
fn a_report_says_for_how_long_each_is_blocked() {
    fresh(|| {
        let pass = clock();
        assert!(!enable_times(true));
        assert!(enable_times(true));
        let early = spawn(schedule);
        settle();
        pass(1_200);
        let late = spawn(|| {
            schedule();
            schedule();
        });
        settle();
        assert_eq!(blocked_for(early.id()), Some(1_200));
        assert_eq!(blocked_for(late.id()), Some(0));
        pass(2_000);
        late.ready();
        assert_eq!(blocked_for(late.id()), None, "it is ready");
        settle();
        pass(34);
        assert_eq!(
            (blocked_for(early.id()), blocked_for(late.id())),
            (Some(3_234), Some(34))
        );
        assert_eq!(blocked_for(0), None, "main runs");
        let text = coro::report().to_string();
        assert!(text.contains("     for  "), "{text}");
        assert!(
            text.contains("  3.2 s  ") && text.contains("34.0 ms  "),
            "{text}"
        );
        early.cancel();
        late.cancel();
    });
}

#[test]
fn main_is_timed_too() {
    fresh(|| {
        let pass = Rc::new(clock());
        enable_times(true);
        let told = Rc::new(Cell::new(None));
        let (theirs, tell) = (Rc::clone(&pass), Rc::clone(&told));
        let main = coro::main();
        spawn(move || {
            theirs(7);
            tell.set(blocked_for(0));
            main.ready();
        });
        schedule();
        assert_eq!(told.get(), Some(7));
    });
}

#[test]
fn no_time_is_told_of_what_nobody_noted() {
    fresh(|| {
        let pass = clock();
        let c = spawn(|| {
            schedule();
            schedule();
        });
        settle();
        assert_eq!(blocked_for(c.id()), None, "times are off");
        enable_times(true);
        pass(5);
        assert_eq!(blocked_for(c.id()), None, "it was switched out before");
        assert!(enable_times(false));
        c.ready();
        settle();
        enable_times(true);
        assert_eq!(blocked_for(c.id()), None, "nor since");
        c.cancel();
        let c = spawn(|| {
            schedule();
            schedule();
        });
        settle();
        pass(5);
        enable_times(false);
        assert_eq!(blocked_for(c.id()), None);
        c.ready();
        settle();
        enable_times(true);
        // The note that is there is of an earlier wait.
        assert_eq!(blocked_for(c.id()), None);
        assert!(!coro::report().to_string().contains(" for  "));
        c.cancel();
    });
}

#[test]
fn times_run_no_winder_more() {
    let run = |on| {
        let log = Log::new();
        enable_times(on);
        let alone = spawn(move || {
            let _in = coro::on_enter(move || log.say("in"));
            let _out = coro::on_leave(move || log.say("out"));
            log.say("alone");
            // There is nobody else to switch to.
            cede();
            log.say("in company");
            spawn(move || log.say("other"));
            cede();
            log.say("end");
        });
        alone.join().expect("it returns");
        log.expect([
            "in",
            "alone",
            "in company",
            "out",
            "other",
            "in",
            "end",
            "out",
        ]);
    };
    fresh(move || run(false));
    fresh(move || run(true));
}
