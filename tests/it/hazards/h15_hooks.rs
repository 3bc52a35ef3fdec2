//! H15: a panic in a hook has no frame that could take it. It ends the process with a message, or
//! stays where it is; it never unwinds the dispatcher.

use std::panic::Location;
use std::time::Instant;

use coro::{
    Clock, Driver, Event, Observer, Outlook, Policy, Timers, Turn, Wait, cede, on_enter, on_leave,
    schedule, spawn, wait_for,
};

use crate::programs::aborts;
use crate::support::{Log, die, fresh};

/// Asserts that a test's panic in a hook ends the process, and that the message names the hook.
macro_rules! aborts {
    ($name:ident, $says:literal, $body:expr) => {
        #[test]
        fn $name() {
            let complaint = aborts(concat!("hazards::h15_hooks::", stringify!($name)), || $body);
            let line = concat!("coro: ", $says, " panicked; aborting");
            assert!(complaint.contains(line), "{complaint}");
        }
    };
}

aborts!(a_panic_in_an_on_leave_block_aborts, "an on_leave block", {
    let c = spawn(|| {
        let _winder = on_leave(|| die("leaving"));
        cede();
    });
    drop(c.join());
});

aborts!(
    a_panic_in_an_on_leave_block_of_main_aborts,
    "an on_leave block",
    {
        let _winder = on_leave(|| die("leaving"));
        spawn(|| ());
        cede();
    }
);

aborts!(a_panic_in_an_on_enter_block_aborts, "an on_enter block", {
    let mut first = true;
    let c = spawn(move || {
        let _winder = on_enter(move || {
            if !std::mem::take(&mut first) {
                die("entering");
            }
        });
        cede();
    });
    spawn(cede);
    drop(c.join());
});

struct Dies;

impl Policy for Dies {
    fn next(&mut self, _: &[coro::Coro]) -> usize {
        die("choosing")
    }
}

struct OutOfRange;

impl Policy for OutOfRange {
    fn next(&mut self, ready: &[coro::Coro]) -> usize {
        ready.len()
    }
}

impl Observer for Dies {
    fn event(&mut self, event: &Event<'_>) {
        if let Event::SwitchedIn { .. } = event {
            die("watching");
        }
    }
}

impl Timers for Dies {
    fn fire(&mut self, _: Instant) {
        die("firing")
    }
    fn deadline(&self) -> Option<Instant> {
        None
    }
}

impl Clock for Dies {
    fn now(&self) -> Instant {
        die("reading the clock")
    }
    fn skip_to(&self, _: Instant) -> bool {
        false
    }
}

impl Driver for Dies {
    fn turn(&mut self, _: Turn) -> Outlook {
        die("turning")
    }
    fn waker(&self) -> std::task::Waker {
        std::task::Waker::noop().clone()
    }
}

aborts!(a_panic_in_a_policy_aborts, "a policy", {
    drop(coro::set_policy(Some(Box::new(Dies))));
    drop(spawn(|| ()).join());
});

aborts!(a_policy_that_answers_out_of_range_aborts, "a policy", {
    drop(coro::set_policy(Some(Box::new(OutOfRange))));
    drop(spawn(|| ()).join());
});

aborts!(a_panic_in_the_timers_aborts, "the timers", {
    drop(coro::set_timers(Some(Box::new(Dies))));
    schedule();
});

aborts!(a_panic_in_a_driver_aborts, "a driver", {
    drop(coro::set_driver(Some(Box::new(Dies))));
    schedule();
});

aborts!(a_panic_in_the_idle_hook_aborts, "the idle hook", {
    drop(coro::set_idle(Some(Box::new(|| die("idling")))));
    schedule();
});

aborts!(a_panic_in_an_observer_aborts, "an observer", {
    drop(coro::set_observer(Some(Box::new(Dies))));
    drop(spawn(cede).join());
});

aborts!(a_panic_in_an_observer_of_an_end_aborts, "an observer", {
    struct Ends;
    impl Observer for Ends {
        fn event(&mut self, event: &Event<'_>) {
            if let Event::Ended { .. } = event {
                die("watching an end");
            }
        }
    }
    drop(coro::set_observer(Some(Box::new(Ends))));
    drop(spawn(cede).join());
});

/// Cannot say what it is.
struct Nameless;

impl Wait for Nameless {
    fn what(&self) -> &'static str {
        die("naming")
    }
    fn made(&self) -> Option<&'static Location<'static>> {
        None
    }
}

#[test]
fn a_wait_that_panics_when_asked_ends_nobody_in_the_dispatcher() {
    // The deadlock's report asks it, on the dispatcher's frames.
    let complaint = aborts(
        "hazards::h15_hooks::a_wait_that_panics_when_asked_ends_nobody_in_the_dispatcher",
        || {
            let c = spawn(|| wait_for(&Nameless));
            schedule();
            drop(c);
        },
    );
    assert!(complaint.contains("panicked; aborting"), "{complaint}");
}

#[test]
fn a_panic_in_a_destroy_handler_stays_there() {
    let log = Log::new();
    let c = spawn(|| 1);
    c.on_destroy(move || log.say("the others are called"));
    c.on_destroy(|| die("in a handler"));
    assert_eq!(c.join().unwrap(), 1);
    log.expect(["the others are called"]);
}

#[test]
fn hooks_cannot_switch() {
    fresh(|| {
        let main = coro::main();
        drop(coro::set_idle(Some(Box::new(move || {
            let refused = std::panic::catch_unwind(cede).unwrap_err();
            let text = refused.downcast_ref::<String>().unwrap();
            assert!(
                text.starts_with("cannot switch inside the idle hook"),
                "{text}"
            );
            main.ready();
            Outlook::Progress
        }))));
        schedule();
    });
}
