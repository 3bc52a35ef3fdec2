//! The last events before a panic.

use std::cell::RefCell;
use std::fs;
use std::io::{self, Write};
use std::panic;
use std::path::PathBuf;
use std::rc::{Rc, Weak};
use std::sync::Once;
use std::thread;

use super::hook::Link;
use super::recorder::{Recorder, Recording};
use super::story::{Names, Story};
use super::{Trace, columns};

thread_local! {
    /// What flies on this OS thread.
    static FLIGHTS: RefCell<Vec<Weak<Flying>>> = const { RefCell::new(Vec::new()) };
}

/// Keeps the last events of this OS thread, and shows them if a coro panics.
///
/// At each panic on the OS thread, after its message, the columns of the last events are printed to
/// standard error, or written into a file. A deadlock is a panic of main, so it is shown too. It is
/// also shown if the panic will be caught, as nobody can know that then: join an ending coro
/// or not, its panic has had a message and so it has its last events. Throws, cancels and
/// [`resume_unwind`](std::panic::resume_unwind) are no panics, and print nothing.
///
/// The text is made on an OS thread of its own, as the stack of a coro is small: it is whole before
/// the coro unwinds.
///
/// # Examples
///
/// ```
/// use coro_debug::trace::FlightRecorder;
///
/// let flight = FlightRecorder::new(64).start();
/// coro::spawn(|| ()).join().unwrap();
/// assert!(flight.so_far().to_string().contains("returns"));
/// ```
#[derive(Clone, Debug)]
pub struct FlightRecorder {
    recorder: Recorder,
    file: Option<PathBuf>,
}

impl FlightRecorder {
    /// Returns a recorder of the last `count` events.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`FlightRecorder`].
    #[must_use]
    pub fn new(count: usize) -> FlightRecorder {
        FlightRecorder {
            recorder: Recorder::new().last(count),
            file: None,
        }
    }

    /// Writes the events into this file, in place of what is in it, and not to standard error. If
    /// that fails, they go to standard error.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro_debug::trace::FlightRecorder;
    ///
    /// let path = std::env::temp_dir().join(format!("flight-{}", std::process::id()));
    /// let _flight = FlightRecorder::new(64).file(&path).start();
    /// coro::spawn(|| panic!("oh")).join().unwrap_err();
    /// let text = std::fs::read_to_string(&path).unwrap();
    /// assert!(text.contains("spawns #1"));
    /// # std::fs::remove_file(path).unwrap();
    /// ```
    #[must_use]
    pub fn file(mut self, path: impl Into<PathBuf>) -> FlightRecorder {
        self.file = Some(path.into());
        self
    }

    /// Records from now on, until the flight is dropped.
    ///
    /// The first one of a process puts a panic hook before the one that is there. A program that
    /// sets a hook of its own later shall call the one before it.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`FlightRecorder`].
    #[must_use = "the flight ends when it is dropped"]
    pub fn start(self) -> Flight {
        install();
        let recording = self.recorder.start();
        let flying = Rc::new(Flying {
            link: recording.link().clone(),
            file: self.file,
        });
        // At the end of the OS thread there is nowhere to be found.
        _ = FLIGHTS.try_with(|flights| {
            if let Ok(mut flights) = flights.try_borrow_mut() {
                flights.retain(|flight| flight.strong_count() > 0);
                flights.push(Rc::downgrade(&flying));
            }
        });
        Flight {
            recording,
            _flying: flying,
        }
    }
}

/// A [`FlightRecorder`] that records, until it is dropped.
///
/// # Examples
///
/// See [`FlightRecorder`].
#[derive(Debug)]
pub struct Flight {
    recording: Recording,
    _flying: Rc<Flying>,
}

impl Flight {
    /// Returns the last events.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`FlightRecorder`].
    #[must_use]
    pub fn so_far(&self) -> Trace {
        self.recording.so_far_by(Names::ById)
    }
}

/// What the panic hook finds.
#[derive(Debug)]
struct Flying {
    link: Rc<Link>,
    file: Option<PathBuf>,
}

fn install() {
    // The kernel's hook, which names the coro, is installed when the first one runs; ours, which calls
    // it, shall be asked before.
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        // On this OS thread somebody may be unwinding, and then it cannot be done.
        let elsewhere = thread::Builder::new().spawn(|| {
            let others = panic::take_hook();
            panic::set_hook(Box::new(move |info| {
                others(info);
                dump();
            }));
        });
        _ = elsewhere.map(thread::JoinHandle::join);
    });
}

/// Shows what flies on this OS thread. A panic in here would end the process, so nothing here does.
fn dump() {
    _ = FLIGHTS.try_with(|flights| {
        let Ok(flights) = flights.try_borrow() else {
            return;
        };
        for flying in flights.iter().filter_map(Weak::upgrade) {
            flying.dump();
        }
    });
}

impl Flying {
    fn dump(&self) {
        let Some(story) = self.link.with_tape(|tape| Story::of(tape, Names::ById)) else {
            return;
        };
        // What panics there is caught there; and this stack may be too small for it.
        let text = thread::Builder::new().spawn(move || columns::draw(&story, true, None));
        let text = text.map(thread::JoinHandle::join);
        let Ok(Ok(text)) = text else {
            complain("the last events cannot be shown\n");
            return;
        };
        let text = format!("the last events of this OS thread:\n{text}\n");
        match &self.file {
            Some(path) if fs::write(path, &text).is_ok() => {
                complain(&format!("the last events are in {}\n", path.display()));
            }
            _ => complain(&text),
        }
    }
}

/// Prints to standard error, if that can be.
fn complain(text: &str) {
    // Not by `eprint`, which panics when it cannot.
    _ = io::stderr().write_all(text.as_bytes());
}
