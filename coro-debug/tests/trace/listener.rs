//! An observer of our own: what the recordings are checked against.

use std::cell::RefCell;
use std::rc::Rc;

use coro::{End, Event, Observer};
use coro_debug::trace::{Recorder, Trace};

/// What the kernel told, in the order in which it did.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Told {
    Spawned(u64),
    Readied {
        coro: u64,
        by: u64,
    },
    Out {
        coro: u64,
        is_ready: bool,
        wait: Option<&'static str>,
    },
    In(u64),
    Thrown {
        coro: u64,
        by: u64,
    },
    Cancelled {
        coro: u64,
        by: u64,
    },
    Noted(u64, String),
    Ended(u64, End),
}

/// Writes down what it is told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listener(pub(crate) Rc<RefCell<Vec<Told>>>);

impl Observer for Listener {
    fn event(&mut self, event: &Event<'_>) {
        let told = match *event {
            Event::Spawned { coro } => Told::Spawned(coro.id()),
            Event::Readied { coro, by } => Told::Readied {
                coro: coro.id(),
                by: by.id(),
            },
            Event::SwitchedOut { coro, wait, .. } => Told::Out {
                coro: coro.id(),
                is_ready: coro.is_ready(),
                wait,
            },
            Event::SwitchedIn { coro } => Told::In(coro.id()),
            Event::Thrown { coro, by } => Told::Thrown {
                coro: coro.id(),
                by: by.id(),
            },
            Event::Cancelled { coro, by } => Told::Cancelled {
                coro: coro.id(),
                by: by.id(),
            },
            Event::Noted { coro, text } => Told::Noted(coro.id(), text.to_owned()),
            Event::Ended { coro, how } => Told::Ended(coro.id(), how),
            _ => panic!("the kernel tells more than it did: {event:?}"),
        };
        self.0.borrow_mut().push(told);
    }
}

impl Listener {
    /// Returns one that listens on this OS thread.
    pub(crate) fn install() -> Listener {
        let listener = Listener::default();
        coro::set_observer(Some(Box::new(listener.clone())));
        listener
    }

    pub(crate) fn heard(&self) -> Vec<Told> {
        self.0.borrow().clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.0.borrow().len()
    }
}

/// Runs `f` in main; returns what was recorded, and what a listener was told, who was there before.
pub(crate) fn watch(recorder: Recorder, f: impl FnOnce()) -> (Trace, Vec<Told>) {
    let listener = Listener::install();
    let recording = recorder.start();
    f();
    let trace = recording.stop();
    coro::set_observer(None);
    (trace, listener.heard())
}

/// Runs `f` on an OS thread of its own, so in a kernel that nobody has used before.
pub(crate) fn fresh<R: Send + 'static>(f: impl FnOnce() -> R + Send + 'static) -> R {
    match std::thread::spawn(f).join() {
        Ok(result) => result,
        Err(payload) => std::panic::resume_unwind(payload),
    }
}
