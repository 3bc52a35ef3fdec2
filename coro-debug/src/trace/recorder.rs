//! Starting and stopping a recording.

use std::rc::Rc;

use super::Trace;
use super::hook::Link;
use super::story::{Names, Story};
use super::tape::{Id, Tape};

/// How to record what the coros of this OS thread do.
///
/// # Examples
///
/// ```
/// use coro_debug::trace::Recorder;
///
/// let recording = Recorder::new().last(100).timed().start();
/// coro::spawn(|| ()).join().unwrap();
/// assert!(recording.stop().to_string().contains("returns"));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Recorder {
    is_timed: bool,
    last: Option<usize>,
}

impl Recorder {
    /// Returns a recorder that keeps all events, without time stamps.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let recording = coro_debug::trace::Recorder::new().start();
    /// assert_eq!(recording.stop().steps(), 0);
    /// ```
    #[must_use]
    pub fn new() -> Recorder {
        Recorder::default()
    }

    /// Stamps each event with the time, by [`coro::now`].
    ///
    /// The stamps are in [`to_perfetto`](Trace::to_perfetto), and in what a picture tells when the mouse
    /// is over it. The picture's axis is still one of steps.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let recording = coro_debug::trace::Recorder::new().timed().start();
    /// coro::note("now");
    /// let json = recording.stop().to_perfetto();
    /// assert!(json.contains("microseconds of the clock"));
    /// ```
    #[must_use]
    pub fn timed(mut self) -> Recorder {
        self.is_timed = true;
        self
    }

    /// Keeps the last `count` events only, at least one: the memory is bounded, however long it goes
    /// on and however many coros come and go. To switch from one coro to the next counts as one event, or
    /// as two with time stamps.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let recording = coro_debug::trace::Recorder::new().last(10).start();
    /// (0..1000).for_each(coro::note);
    /// let text = recording.stop().to_string();
    /// assert!(text.contains("“999”") && !text.contains("“989”"));
    /// ```
    #[must_use]
    pub fn last(mut self, count: usize) -> Recorder {
        self.last = Some(count);
        self
    }

    /// Records from now on. An [`Observer`](coro::Observer) that is there goes on being told.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`Recorder`].
    #[must_use = "what is recorded is lost when the recording is dropped"]
    pub fn start(self) -> Recording {
        let current = coro::current();
        let runs = current.is_running().then(|| current.id() as Id);
        Recording {
            link: Link::install(Tape::new(self.last, self.is_timed, runs)),
        }
    }
}

/// A recording that goes on until it is stopped or dropped.
///
/// Then the observer that was there before is put back; or, if another has come since, it goes on being
/// told by that one's way.
///
/// # Examples
///
/// See [`Recorder`].
#[derive(Debug)]
pub struct Recording {
    link: Rc<Link>,
}

impl Recording {
    /// Ends the recording; returns what was recorded.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`Recorder`].
    #[must_use]
    pub fn stop(self) -> Trace {
        self.link.stop();
        self.so_far()
    }

    /// Returns what has been recorded so far, and goes on.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let recording = coro_debug::trace::Recorder::new().start();
    /// coro::note("one");
    /// assert_eq!(recording.so_far().steps(), 1);
    /// coro::note("two");
    /// assert_eq!(recording.stop().steps(), 2);
    /// ```
    #[must_use]
    pub fn so_far(&self) -> Trace {
        self.so_far_by(Names::InOrder)
    }

    pub(super) fn so_far_by(&self, names: Names) -> Trace {
        let story = self.link.with_tape(|tape| Story::of(tape, names));
        Trace {
            story: story.unwrap_or_default(),
        }
    }

    pub(super) fn link(&self) -> &Rc<Link> {
        &self.link
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.link.stop();
    }
}
