//! H15: panics, and switches, in what is not a hook of the kernel's dispatcher but is called by it
//! or by a primitive: waits, wakers, rouse callbacks, callbacks in queues, clocks.

use std::cell::Cell;
use std::panic::Location;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Wake, Waker};
use std::time::Instant;

use coro::{
    Clock, Driver, Event, Observer, Outlook, Policy, Timers, Turn, Wait, cede, on_enter, on_leave,
    schedule, spawn, wait_for,
};
use coro_semaphore::Semaphore;
use coro_sync::Signal;

use crate::programs::aborts;
use crate::support::{caught, defer, die, fresh, text};

/// Asserts that a test's panic ends the process, and that the message names where it was.
macro_rules! aborts {
    ($name:ident, $says:literal, $body:expr) => {
        #[test]
        fn $name() {
            let complaint = aborts(
                concat!("hazards::h15_callbacks::", stringify!($name)),
                || $body,
            );
            let line = concat!("coro: ", $says, " panicked; aborting");
            assert!(complaint.contains(line), "{complaint}");
        }
    };
}

struct Dies;

impl Clock for Dies {
    fn now(&self) -> Instant {
        die("reading the clock")
    }
    fn skip_to(&self, _: Instant) -> bool {
        die("skipping")
    }
}

aborts!(a_panic_of_a_clock_that_is_read_aborts, "a clock", {
    drop(coro::set_clock(Some(Box::new(Dies))));
    _ = coro::now();
});

aborts!(a_panic_of_a_clock_that_skips_aborts, "a clock", {
    struct Skips(Instant);
    impl Clock for Skips {
        fn now(&self) -> Instant {
            self.0
        }
        fn skip_to(&self, _: Instant) -> bool {
            die("skipping")
        }
    }
    struct Due(Instant);
    impl Timers for Due {
        fn fire(&mut self, _: Instant) {}
        fn deadline(&self) -> Option<Instant> {
            Some(self.0)
        }
    }
    let now = coro::now();
    drop(coro::set_clock(Some(Box::new(Skips(now)))));
    drop(coro::set_timers(Some(Box::new(Due(now)))));
    schedule();
});

aborts!(
    a_panic_of_timers_asked_for_their_deadline_aborts,
    "the timers",
    {
        struct Asked;
        impl Timers for Asked {
            fn fire(&mut self, _: Instant) {}
            fn deadline(&self) -> Option<Instant> {
                die("asked")
            }
        }
        drop(coro::set_timers(Some(Box::new(Asked))));
        schedule();
    }
);

/// A wait whose methods do something.
struct Does<W, M, L>(W, M, L);

impl<W: Fn(), M: Fn(), L: Fn()> Wait for Does<W, M, L> {
    fn what(&self) -> &'static str {
        self.0();
        "does"
    }
    fn made(&self) -> Option<&'static Location<'static>> {
        self.1();
        None
    }
    fn leave(&self, _: &coro::Coro) {
        self.2();
    }
}

aborts!(
    a_panic_of_a_wait_asked_where_it_was_made_aborts,
    "a Wait",
    {
        let c = spawn(|| wait_for(&Does(|| (), || die("asked"), || ())));
        cede();
        drop(coro::report());
        drop(c);
    }
);

aborts!(a_panic_of_a_wait_that_is_left_aborts, "a Wait", {
    let c = spawn(|| wait_for(&Does(|| (), || (), || die("left"))));
    cede();
    _ = c.safe_cancel();
});

/// Runs `f`, which must be refused a switch inside `what`; the message names both places.
#[track_caller]
fn refused(what: &str, f: impl FnOnce()) {
    let payload = caught(f).expect_err("it must panic");
    let said = text(&*payload);
    let begins = format!("cannot switch inside {what}, which began at ");
    assert!(said.starts_with(&begins), "{said}");
    let place = &said[begins.len()..];
    // A file, a line, a column.
    assert!(
        place.split(':').count() >= 3 && place.contains(".rs:"),
        "{said}"
    );
}

/// Counts the times that something was refused.
#[derive(Clone, Default)]
struct Refusals(Rc<Cell<u32>>);

impl Refusals {
    fn try_to_switch(&self, what: &str) {
        refused(what, cede);
        refused(what, schedule);
        self.0.set(self.0.get() + 1);
    }

    #[track_caller]
    fn some(&self) {
        assert!(self.0.take() > 0, "it was not called");
    }
}

impl Policy for Refusals {
    fn next(&mut self, _: &[coro::Coro]) -> usize {
        self.try_to_switch("a policy");
        0
    }
    fn choose(&mut self, _: usize) -> Option<usize> {
        self.try_to_switch("a policy");
        None
    }
}

impl Observer for Refusals {
    fn event(&mut self, _: &Event<'_>) {
        self.try_to_switch("an observer");
    }
}

impl Driver for Refusals {
    fn turn(&mut self, _: Turn) -> Outlook {
        self.try_to_switch("a driver");
        coro::main().ready();
        Outlook::Progress
    }
    fn waker(&self) -> Waker {
        Waker::noop().clone()
    }
}

impl Timers for Refusals {
    fn fire(&mut self, _: Instant) {
        self.try_to_switch("the timers");
    }
    fn deadline(&self) -> Option<Instant> {
        self.try_to_switch("the timers");
        None
    }
}

impl Clock for Refusals {
    fn now(&self) -> Instant {
        self.try_to_switch("a clock");
        Instant::now()
    }
    fn skip_to(&self, _: Instant) -> bool {
        false
    }
}

#[test]
fn every_hook_is_refused_a_switch_and_told_both_places() {
    fresh(|| {
        let tried = Refusals::default();
        drop(coro::set_policy(Some(Box::new(tried.clone()))));
        spawn(cede).join().unwrap();
        tried.some();
        _ = coro::choose(2);
        tried.some();
        drop(coro::set_policy(None));
        drop(coro::set_observer(Some(Box::new(tried.clone()))));
        spawn(cede).join().unwrap();
        drop(coro::set_observer(None));
        tried.some();
        drop(coro::set_clock(Some(Box::new(tried.clone()))));
        _ = coro::now();
        drop(coro::set_clock(None));
        tried.some();
        drop(coro::set_driver(Some(Box::new(tried.clone()))));
        schedule();
        tried.some();
        drop(coro::set_timers(Some(Box::new(tried.clone()))));
        schedule();
        drop(coro::set_timers(None));
        drop(coro::set_driver(None));
        tried.some();
    });
}

#[test]
fn blocks_and_waits_are_refused_a_switch_and_told_both_places() {
    fresh(|| {
        let tried = Refusals::default();
        let (enters, leaves) = (tried.clone(), tried.clone());
        let c = spawn(move || {
            let _winders = (
                on_enter(move || enters.try_to_switch("an on_enter block")),
                on_leave(move || leaves.try_to_switch("an on_leave block")),
            );
            cede();
        });
        // So that there is somebody to cede to.
        spawn(cede);
        c.join().unwrap();
        assert!(tried.0.take() >= 3);
        let (what, made, left) = (tried.clone(), tried.clone(), tried.clone());
        let c = spawn(move || {
            let switch = |tried: Refusals| move || tried.try_to_switch("a Wait");
            wait_for(&Does(switch(what), switch(made), switch(left)));
        });
        cede();
        drop(coro::report());
        assert!(tried.0.take() >= 2);
        c.safe_cancel().unwrap();
        tried.some();
        assert!(c.join().unwrap_err().is_cancelled());
    });
}

#[test]
fn a_callback_in_a_queue_that_panics_or_switches_stops_nobody() {
    fresh(|| {
        let sem = Rc::new(Semaphore::new(0));
        let signal = Rc::new(Signal::new());
        let tried = Refusals::default();
        sem.wait_with(|| die("in a semaphore's queue"));
        signal.wait_with(|| die("in a signal's queue"));
        let (one, two) = (tried.clone(), tried.clone());
        sem.wait_with(move || one.try_to_switch("no_switch"));
        signal.wait_with(move || two.try_to_switch("no_switch"));
        let (theirs, others) = (Rc::clone(&sem), Rc::clone(&signal));
        let coros = [spawn(move || theirs.down()), spawn(move || others.wait())];
        cede();
        sem.up();
        signal.broadcast();
        assert_eq!(tried.0.get(), 2);
        for c in coros {
            c.join().unwrap();
        }
    });
}

#[test]
fn a_rouse_callback_and_an_unblocked_function_panic_in_their_own_context() {
    let (callback, rouse) = coro::rouse();
    let c = spawn(move || rouse.wait().is_none());
    cede();
    // The callback goes in the unwinding, and tells the waiter that nothing will come.
    let payload = caught(|| {
        let _callback: coro::RouseCallback<u8> = callback;
        die("before it is called");
    });
    assert_eq!(text(&*payload.unwrap_err()), "before it is called");
    assert!(c.join().unwrap());
    let done = Rc::new(Cell::new(0));
    let count = Rc::clone(&done);
    let f = coro::unblock_fn(move |dies: bool| {
        let _counts = defer({
            let count = Rc::clone(&count);
            move || count.set(count.get() + 1)
        });
        cede();
        if dies {
            die("in its own coro");
        }
    });
    for dies in [true, false] {
        f(dies);
    }
    for _ in 0..3 {
        cede();
    }
    assert_eq!(done.get(), 2);
}

/// A waker of somebody else's, that dies when it is woken.
struct Fuse;

impl Wake for Fuse {
    fn wake(self: Arc<Self>) {
        die("woken")
    }
}

#[test]
fn a_drivers_waker_that_panics_does_so_in_whoever_wakes_and_the_message_is_there() {
    struct Sleeps(std::sync::mpsc::Sender<()>);
    impl Driver for Sleeps {
        fn turn(&mut self, how: Turn) -> Outlook {
            if let Turn::Wait(_) = how {
                _ = self.0.send(());
                // As long as the other OS thread needs to wake us.
                while !coro::main().is_ready() {
                    std::hint::spin_loop();
                    if WOKEN.load(std::sync::atomic::Ordering::Acquire) {
                        break;
                    }
                }
            }
            Outlook::Progress
        }
        fn waker(&self) -> Waker {
            Arc::new(Fuse).into()
        }
    }
    static WOKEN: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);
    fresh(|| {
        let (tell, told) = std::sync::mpsc::channel();
        drop(coro::set_driver(Some(Box::new(Sleeps(tell)))));
        let waker = coro::current().waker();
        let other = std::thread::spawn(move || {
            told.recv().expect("the driver sleeps");
            let payload = caught(|| waker.wake());
            WOKEN.store(true, std::sync::atomic::Ordering::Release);
            text(&*payload.unwrap_err()).to_owned()
        });
        schedule();
        assert_eq!(other.join().unwrap(), "woken");
        drop(coro::set_driver(None));
        assert_eq!(spawn(|| 1).join().unwrap(), 1);
    });
}
