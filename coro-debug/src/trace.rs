//! What coros did, from a recording: as a picture, as columns, and for trace viewers.
//!
//! ```
//! use coro_debug::trace;
//!
//! let (sum, trace) = trace::record(|| {
//!     let c = coro::Builder::new().desc("adder").spawn(|| {
//!         coro::note("adds");
//!         1 + 2
//!     });
//!     c.join().unwrap()
//! });
//! assert_eq!(sum, 3);
//! assert!(trace.to_svg().starts_with("<svg "));
//! let columns = trace.to_string();
//! assert!(columns.contains("#1 adder") && columns.contains("“adds”") && columns.contains("■ join"));
//! ```
//!
//! # Time
//!
//! The time of a picture is counted in steps, so the same run gives the same picture, to the byte. A
//! step is one thing that a coro did: it spawned one, readied one, threw, cancelled, said something
//! ([`coro::note`]), blocked, ceded or ended. That it was switched to takes no step, nor does what
//! belongs to another step: that a new coro is readied, and that the end of one readies its joiners.
//!
//! # Who is who
//!
//! Coros are numbered from 1 in the order in which they appear in the recording, so that it is the same
//! wherever in a program it is made; main is called `main`. A [`FlightRecorder`] calls them by
//! [`Coro::id`](coro::Coro::id), as the report of a deadlock does. A name is a coro's
//! [`desc`](coro::Coro::desc): the one that it had at last.

use std::fmt;

mod columns;
mod flight;
mod hook;
mod perfetto;
mod recorder;
mod spans;
mod story;
mod svg;
mod tape;
mod text;
mod words;

pub use self::flight::{Flight, FlightRecorder};
pub use self::recorder::{Recorder, Recording};

/// Runs `f` and records what the coros of this OS thread do meanwhile.
///
/// If `f` panics, the recording is lost: a [`FlightRecorder`] shows what came before a panic.
///
/// # Switches
///
/// If `f` does.
///
/// # Cancel safety
///
/// A cancel or a throw ends the recording, and whoever watched before watches again.
///
/// # Examples
///
/// ```
/// let ((), trace) = coro_debug::trace::record(|| {
///     let c = coro::spawn(|| ());
///     c.join().unwrap();
/// });
/// assert!(trace.to_string().contains("#1"));
/// ```
///
/// # Source
///
/// New here.
pub fn record<R>(f: impl FnOnce() -> R) -> (R, Trace) {
    let recording = Recorder::new().start();
    let result = f();
    (result, recording.stop())
}

/// What coros did while it was recorded.
///
/// Displayed, it is a table with a column for each coro; each row is what one coro did between two
/// switches, and its number is that of the step with which it begins. `■` is where a coro blocks, and
/// what on. If there are more than ten coros, the rows name them instead. Of a long trace the first and
/// the last rows are shown; the alternate form, `{:#}`, shows all. With a width, as `{:80}`, it is at
/// most so wide. Long lines are broken, and what a terminal would obey is replaced.
///
/// # Examples
///
/// ```
/// let ((), trace) = coro_debug::trace::record(|| coro::spawn(coro::cede).join().unwrap());
/// let text = trace.to_string();
/// assert!(text.contains("spawns #1") && text.contains("■ join (") && text.contains("cede ("));
/// let narrow = format!("{trace:40}");
/// assert!(narrow.lines().all(|line| line.chars().count() <= 40), "{narrow}");
/// ```
#[derive(Clone, Debug)]
pub struct Trace {
    story: story::Story,
}

impl Trace {
    /// Returns a picture: a row for each coro, time from left to right.
    ///
    /// It explains itself: it has a legend, and each part tells what it is when the mouse is over it.
    /// Who runs, who is ready and who is blocked differ in colour, for all kinds of sight, and in
    /// shape, for print. It fits into documentation: a file that is included into a doc comment, or
    /// pasted into HTML, needs nothing else, and several do not disturb each other.
    ///
    /// A picture shows up to 300 steps, broken into lines like text, and up to 24 coros, or half the
    /// steps if there are more than 8 coros. It says what it leaves out.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let ((), trace) = coro_debug::trace::record(|| coro::spawn(|| ()).join().unwrap());
    /// let picture = trace.to_svg();
    /// assert!(picture.contains("main wakes") || picture.contains("wakes main"));
    /// assert!(!picture.contains("\n\n")); // so Markdown takes it as one block
    /// ```
    #[must_use]
    pub fn to_svg(&self) -> String {
        svg::draw(&self.story)
    }

    /// Returns the trace as JSON in Chrome's trace-event format, for <https://ui.perfetto.dev> and
    /// `chrome://tracing`: a track for each coro, arrows for wake-ups.
    ///
    /// Without time stamps, a step is shown as a microsecond.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let ((), trace) = coro_debug::trace::record(|| coro::spawn(|| ()).join().unwrap());
    /// let json: serde_json::Value = serde_json::from_str(&trace.to_perfetto()).unwrap();
    /// assert!(json["traceEvents"].as_array().unwrap().len() > 3);
    /// ```
    #[must_use]
    pub fn to_perfetto(&self) -> String {
        perfetto::write(&self.story)
    }

    /// Returns how many steps were recorded.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let ((), trace) = coro_debug::trace::record(|| {
    ///     coro::note("one");
    ///     coro::note("two");
    /// });
    /// assert_eq!(trace.steps(), 2);
    /// ```
    #[must_use]
    pub fn steps(&self) -> usize {
        self.story.steps() as usize
    }

    /// Returns how many events were forgotten before the first one here, as the recorder keeps the
    /// last ones only.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let recording = coro_debug::trace::Recorder::new().last(2).start();
    /// (0..5).for_each(coro::note);
    /// assert_eq!(recording.stop().forgotten(), 3);
    /// ```
    #[must_use]
    pub fn forgotten(&self) -> u64 {
        self.story.forgotten
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&columns::draw(&self.story, f.alternate(), f.width()))
    }
}
