//! Flights, each for a process of its own: what they print goes to standard error.

use std::cell::RefCell;
use std::env;
use std::rc::Rc;

use coro::{Builder, Event, Observer, cede, current, note, schedule, spawn};
use coro_debug::trace::{Flight, FlightRecorder, Recorder};

use super::picture::Picture;

/// In the environment: which of them it shall be, and its file.
pub(crate) const WHICH: &str = "CORO_TRACE_FLIGHT";
pub(crate) const FILE: &str = "CORO_TRACE_FILE";

/// The test that is one of them.
pub(crate) const TEST: &str = "flights::a_process";

/// What a process of its own does.
const FLIGHTS: &[(&str, fn())] = &[
    ("panic in main", || {
        let _flight = start();
        note("before");
        _ = std::panic::catch_unwind(|| panic!("ouch"));
    }),
    ("panic in a coro", || {
        let _flight = start();
        let c = Builder::new().desc("unlucky").spawn(|| {
            note("before");
            panic!("ouch");
        });
        c.join().unwrap_err();
    }),
    ("small stack", || {
        let _flight = FlightRecorder::new(1000).start();
        let busy: Vec<_> = (0..20)
            .map(|_| spawn(|| (0..20).for_each(|_| cede())))
            .collect();
        let c = Builder::new().stack_size(1).spawn(|| {
            (0..10).for_each(|_| cede());
            panic!("ouch");
        });
        c.join().unwrap_err();
        busy.into_iter().for_each(|c| c.join().unwrap());
    }),
    ("deadlock", || {
        let _flight = start();
        let _c = Builder::new().desc("stuck").spawn(schedule);
        schedule();
    }),
    ("caught deadlock", || {
        let _flight = start();
        coro::catch(schedule).unwrap_err();
        note("goes on");
    }),
    ("throw", || {
        let _flight = start();
        let c = spawn(schedule);
        cede();
        c.coro().throw("ball");
        c.join().unwrap_err();
        let c = spawn(|| std::panic::resume_unwind(Box::new("no panic")));
        c.join().unwrap_err();
    }),
    ("cancel", || {
        let _flight = start();
        let c = spawn(schedule);
        cede();
        c.coro().cancel();
        spawn(|| current().cancel()).join().unwrap_err();
        drop(spawn(schedule));
        cede();
        cede();
        coro::killall();
    }),
    ("no panic", || {
        let _flight = start();
        spawn(|| ()).join().unwrap();
    }),
    ("over", || {
        let flight = start();
        note("before");
        drop(flight);
        _ = std::panic::catch_unwind(|| panic!("ouch"));
    }),
    ("several", || {
        let _one = start();
        note("for one");
        let two = FlightRecorder::new(10).start();
        note("for both");
        _ = std::panic::catch_unwind(|| panic!("ouch"));
        drop(two);
        _ = std::panic::catch_unwind(|| panic!("again"));
    }),
    ("two OS threads", || {
        let _flight = start();
        note("of the first");
        let other = std::thread::spawn(|| {
            let _flight = start();
            note("of the second");
            panic!("ouch");
        });
        other.join().unwrap_err();
    }),
    ("another OS thread without one", || {
        let _flight = start();
        note("of the first");
        std::thread::spawn(|| panic!("ouch")).join().unwrap_err();
    }),
    ("panic in a hook", || {
        struct Panics;
        impl Observer for Panics {
            fn event(&mut self, event: &Event<'_>) {
                assert!(!matches!(event, Event::Noted { text: "bad", .. }), "ouch");
            }
        }
        coro::set_observer(Some(Box::new(Panics)));
        let _flight = start();
        note("good");
        note("bad");
    }),
    ("panic while an event is written", || {
        struct Stopped;
        impl coro::Clock for Stopped {
            fn now(&self) -> std::time::Instant {
                panic!("ouch")
            }
            fn skip_to(&self, _: std::time::Instant) -> bool {
                false
            }
        }
        let _flight = start();
        note("before");
        let _recording = Recorder::new().timed().start();
        coro::set_clock(Some(Box::new(Stopped)));
        note("during");
    }),
    ("panic of a destructor while it unwinds", || {
        struct Bad;
        impl Drop for Bad {
            fn drop(&mut self) {
                panic!("second");
            }
        }
        let _flight = start();
        note("before");
        let _bad = Bad;
        panic!("first");
    }),
    ("begun while it unwinds", || {
        struct Begins(Rc<RefCell<Option<Flight>>>);
        impl Drop for Begins {
            fn drop(&mut self) {
                *self.0.borrow_mut() = Some(start());
                note("begun");
            }
        }
        let place = Rc::default();
        let begins = Begins(Rc::clone(&place));
        let c = spawn(move || {
            let _begins = begins;
            schedule();
        });
        cede();
        c.coro().cancel();
        _ = std::panic::catch_unwind(|| panic!("ouch"));
        assert!(place.take().is_some());
    }),
    ("file", || {
        let _flight = FlightRecorder::new(64)
            .file(env::var(FILE).unwrap())
            .start();
        note("first");
        _ = std::panic::catch_unwind(|| panic!("ouch"));
        note("second");
        _ = std::panic::catch_unwind(|| panic!("again"));
    }),
    ("last two", || {
        let _flight = FlightRecorder::new(2).start();
        (0..100).for_each(note);
        _ = std::panic::catch_unwind(|| panic!("ouch"));
    }),
    ("hook set later", || {
        let _flight = start();
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            eprintln!("a hook set later");
            before(info);
        }));
        spawn(|| panic!("ouch")).join().unwrap_err();
    }),
    ("begun before the kernel", || {
        let flight = start();
        spawn(|| panic!("ouch")).join().unwrap_err();
        drop(flight);
        let _again = start();
        spawn(|| panic!("again")).join().unwrap_err();
    }),
    ("no stack", || {
        let recording = Recorder::new().start();
        let all: Vec<_> = (0..8)
            .map(|_| Builder::new().stack_size(1 << 30).spawn(schedule))
            .collect();
        cede();
        let trace = recording.stop();
        eprintln!("{trace}");
        let picture = Picture::read(&trace.to_svg());
        let ends = picture
            .with("end")
            .filter(|end| end.get("end") == Some("ends: there is no stack"));
        let none = all.into_iter().filter(|c| c.coro().is_finished()).count();
        assert_eq!(ends.count(), none);
        eprintln!("{none} had no stack");
    }),
];

fn start() -> Flight {
    FlightRecorder::new(64).start()
}

#[test]
#[ignore = "the other tests run it, in a process of its own"]
fn a_process() {
    let which = env::var(WHICH).expect("another test says which");
    let (_, flight) = FLIGHTS.iter().find(|(name, _)| *name == which).unwrap();
    flight();
}
