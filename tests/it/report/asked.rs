//! A report may be taken anywhere: in hooks, where nothing may switch, in the midst of an unwinding, and
//! while a wait is asked for a report.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Instant;

use coro::{
    Clock, Coro, CoroState, Driver, Event, Holder, Observer, Outlook, Policy, Timers, Turn, Wait,
    cede, current, no_switch, schedule, set_driver, set_idle, set_observer, set_policy, set_timers,
    spawn, wait_for,
};
use coro_sync::Mutex;

use super::{row, settle};
use crate::support::{caught, defer, die, fresh, in_a_process};

/// Counts the reports that were taken.
#[derive(Clone, Default)]
struct Taken(Rc<Cell<u32>>);

impl Taken {
    /// Takes a report, with backtraces, in which main and the coro 1, which waits for main, must be.
    fn take(&self) {
        let report = coro::report();
        let main = report.coros()[0].state();
        assert!(
            main == CoroState::Running || main == CoroState::Blocked || main == CoroState::Ready
        );
        let wait = row(&report, 1).wait().expect("it waits");
        assert_eq!((wait.what(), wait.holders()[0].id()), ("mutex", 0));
        let text = report.with_backtraces().to_string();
        assert!(text.contains("held by #0 \"main\" since"), "{text}");
        self.0.set(self.0.get() + 1);
    }
}

/// Runs `f` where coro 1 waits for a mutex of main; it must take a report.
fn takes(f: impl FnOnce(Taken)) {
    let mutex = Rc::new(Mutex::new(()));
    let guard = mutex.lock();
    let theirs = Rc::clone(&mutex);
    let c = spawn(move || drop(theirs.lock()));
    settle();
    let taken = Taken::default();
    f(taken.clone());
    assert!(taken.0.get() > 0, "no report was taken");
    drop(guard);
    c.join().expect("it gets the mutex");
}

impl Policy for Taken {
    fn next(&mut self, _: &[Coro]) -> usize {
        self.take();
        0
    }
}

impl Observer for Taken {
    fn event(&mut self, _: &Event<'_>) {
        self.take();
    }
}

impl Timers for Taken {
    fn fire(&mut self, _: Instant) {
        self.take();
    }

    fn deadline(&self) -> Option<Instant> {
        self.take();
        None
    }
}

impl Clock for Taken {
    fn now(&self) -> Instant {
        self.take();
        Instant::now()
    }

    fn skip_to(&self, _: Instant) -> bool {
        false
    }
}

impl Driver for Taken {
    fn turn(&mut self, _: Turn) -> Outlook {
        self.take();
        coro::main().ready();
        Outlook::Progress
    }

    fn waker(&self) -> std::task::Waker {
        std::task::Waker::noop().clone()
    }
}

#[test]
fn in_a_policy() {
    fresh(|| {
        takes(|taken| {
            set_policy(Some(Box::new(taken)));
            cede();
            set_policy(None);
        });
    });
}

#[test]
fn in_an_observer() {
    fresh(|| {
        takes(|taken| {
            set_observer(Some(Box::new(taken)));
            spawn(cede).join().expect("it returns");
            set_observer(None);
        });
    });
}

#[test]
fn in_an_idle_hook() {
    fresh(|| {
        takes(|taken| {
            set_idle(Some(Box::new(move || {
                taken.take();
                coro::main().ready();
                Outlook::Progress
            })));
            schedule();
            set_idle(None);
        });
    });
}

#[test]
fn in_timers_and_a_driver() {
    fresh(|| {
        takes(|taken| {
            set_timers(Some(Box::new(taken.clone())));
            set_driver(Some(Box::new(taken)));
            schedule();
            set_driver(None);
            set_timers(None);
        });
    });
}

#[test]
fn in_a_clock_whether_times_are_on_or_off() {
    fresh(|| {
        takes(|taken| {
            coro::set_clock(Some(Box::new(taken)));
            assert!(coro::now() <= Instant::now());
            coro::enable_times(true);
            assert!(coro::now() <= Instant::now());
            cede();
            spawn(cede).join().expect("it returns");
            coro::enable_times(false);
            coro::set_clock(None);
        });
    });
}

#[test]
fn in_winders() {
    fresh(|| {
        takes(|taken| {
            let (enter, leave) = (taken.clone(), taken);
            spawn(move || {
                let _in = coro::on_enter(move || enter.take());
                let _out = coro::on_leave(move || leave.take());
                coro::main().ready();
                cede();
            })
            .join()
            .expect("it returns");
        });
    });
}

#[test]
fn in_no_switch_and_in_a_destroy_handler_and_in_a_deferred_call() {
    fresh(|| {
        takes(|taken| {
            no_switch(|| taken.take());
            let (handler, deferred) = (taken.clone(), taken.clone());
            let c = spawn(move || coro::defer(move || deferred.take()));
            c.on_destroy(move || handler.take());
            c.join().expect("it returns");
            assert_eq!(taken.0.get(), 3);
        });
    });
}

#[test]
fn in_destructors_while_their_coro_unwinds() {
    fresh(|| {
        takes(|taken| {
            let (panics, cancelled) = (taken.clone(), taken.clone());
            drop(caught(|| {
                let _reports = defer(move || panics.take());
                die("a panic")
            }));
            let c = spawn(move || {
                let _reports = defer(move || {
                    cancelled.take();
                    // It is looked at from outside while it unwinds, too.
                    cede();
                });
                schedule();
            });
            settle();
            let before = taken.0.get();
            c.cancel();
            taken.take();
            settle();
            assert_eq!(taken.0.get(), before + 2);
        });
    });
}

#[test]
fn in_the_panic_hook() {
    in_a_process("report::asked::in_the_panic_hook", || {
        fresh(|| {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(|_| drop(coro::report().to_string())));
            let c = spawn(|| panic!("a panic"));
            assert!(c.join().is_err());
            std::panic::set_hook(before);
        });
    });
}

/// Takes a report whenever it is asked anything.
struct Curious {
    asked: Cell<u32>,
    holder: Holder,
}

impl Curious {
    fn ask(&self) {
        self.asked.set(self.asked.get() + 1);
        let report = coro::report();
        assert!(report.coros().iter().all(|coro| coro.wait().is_none()));
        drop(report.to_string());
    }
}

impl Wait for Curious {
    fn what(&self) -> &'static str {
        self.ask();
        "curiosity"
    }

    fn made(&self) -> Option<&'static std::panic::Location<'static>> {
        self.ask();
        None
    }

    fn holders(&self, tell: &mut dyn FnMut(Holder)) {
        self.ask();
        tell(self.holder);
    }
}

#[test]
fn a_wait_that_takes_a_report_when_it_is_asked_is_not_asked_for_that_one() {
    fresh(|| {
        let curious = || Curious {
            asked: Cell::new(0),
            holder: Holder::current(),
        };
        let both = Rc::new([curious(), curious()]);
        let wait = |at: usize| {
            let both = Rc::clone(&both);
            spawn(move || wait_for(&both[at]))
        };
        let coros = [0, 1].map(wait);
        settle();
        let report = coro::report();
        for (curious, c) in both.iter().zip(&coros) {
            assert_eq!(curious.asked.get(), 3);
            let wait = row(&report, c.id()).wait().expect("it waits");
            assert_eq!((wait.what(), wait.holders()[0].id()), ("curiosity", 0));
        }
        // And the next one asks again.
        drop(coro::report());
        assert_eq!(both[1].asked.get(), 6);
        coros.iter().for_each(|c| c.cancel());
        assert!(current().is_running());
    });
}

#[test]
fn the_end_of_a_scope_says_whom_it_waits_for() {
    fresh(|| {
        let told = Rc::new(Cell::new((0, 0)));
        let tell = Rc::clone(&told);
        drop(caught(|| {
            coro::scope(|s| {
                s.spawn(move || {
                    let me = current().id();
                    let _slow = defer(move || {
                        cede();
                        let report = coro::report();
                        let wait = row(&report, 0).wait().expect("main waits");
                        assert_eq!(wait.what(), "scope");
                        tell.set((wait.holders()[0].id(), me));
                    });
                    schedule();
                });
                cede();
                die("the owner panics");
            });
        }));
        let (holder, child) = told.get();
        assert!(child > 0 && holder == child);
    });
}
