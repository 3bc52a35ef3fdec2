//! What a watchdog has seen.

use std::env;
use std::fmt::{self, Write};
use std::panic::Location;
use std::path::Path;
use std::ptr;
use std::time::Duration;

use super::Watcher;
use super::board::State;
use super::look::{Calls, look};
use crate::backtrace::{BENEATH, OUTERMOST};

/// A coro that has not given way for longer than the limit of a [`watchdog`](crate::watchdog()).
///
/// As text it is what the watchdog writes to the standard error.
///
/// # Examples
///
/// See [`watchdog_with`](crate::watchdog_with).
#[derive(Debug)]
pub struct Stall {
    pub(super) slice: Option<u64>,
    id: u64,
    desc: Option<String>,
    spawned: &'static Location<'static>,
    ran: Duration,
    backtrace: Option<String>,
    flaw: Option<&'static str>,
}

impl Stall {
    pub(super) fn new(state: &State, ran: Duration) -> Stall {
        Stall {
            slice: state.running(),
            id: state.id,
            desc: state.desc.clone(),
            spawned: state.spawned,
            ran,
            backtrace: None,
            flaw: None,
        }
    }

    /// Finds out what the coro is doing.
    pub(super) fn look(&mut self, watcher: &Watcher<'_>) {
        let Calls { addresses, flaw } = look(watcher, self.slice);
        self.backtrace = (!addresses.is_empty()).then(|| text(&addresses));
        self.flaw = flaw;
    }

    /// Returns the number of the coro: see [`Coro::id`](crate::Coro::id).
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::{sync::mpsc, time::Duration};
    /// let (tell, told) = mpsc::channel();
    /// let _watchdog = coro::watchdog_with(Duration::from_millis(10), move |stall| {
    ///     let _ = tell.send(stall.id());
    /// });
    /// let id = told.recv().unwrap(); // stalls
    /// assert_eq!(id, coro::current().id());
    /// ```
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Returns the description that the coro had when it was switched to.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::{sync::mpsc, time::Duration};
    /// let (tell, told) = mpsc::channel();
    /// let _watchdog = coro::watchdog_with(Duration::from_millis(10), move |stall| {
    ///     let _ = tell.send(stall.desc() == Some("main"));
    /// });
    /// assert!(told.recv().unwrap()); // stalls
    /// ```
    #[must_use]
    pub fn desc(&self) -> Option<&str> {
        self.desc.as_deref()
    }

    /// Returns where the coro was spawned.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::{sync::mpsc, time::Duration};
    /// let (tell, told) = mpsc::channel();
    /// let _watchdog = coro::watchdog_with(Duration::from_millis(10), move |stall| {
    ///     let _ = tell.send((stall.id(), stall.spawned().line()));
    /// });
    /// let c = coro::spawn(move || loop {
    ///     let (id, line) = told.recv().unwrap(); // stalls
    ///     if id == coro::current().id() {
    ///         return line;
    ///     }
    /// });
    /// assert_eq!(c.join().unwrap() + 6, line!());
    /// ```
    #[must_use]
    pub fn spawned(&self) -> &'static Location<'static> {
        self.spawned
    }

    /// Returns for how long the coro was seen not to give way: at least the limit. It has run for up
    /// to a quarter of the limit longer.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::{sync::mpsc, time::Duration};
    /// let (tell, told) = mpsc::channel();
    /// let _watchdog = coro::watchdog_with(Duration::from_millis(10), move |stall| {
    ///     let _ = tell.send(stall.ran());
    /// });
    /// assert!(told.recv().unwrap() >= Duration::from_millis(10)); // stalls
    /// ```
    #[must_use]
    pub fn ran(&self) -> Duration {
        self.ran
    }

    /// Returns the calls that the coro is in, innermost first, as lines of text; `None` if they could
    /// not be found out: the text of the whole says why.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::{sync::mpsc, time::Duration};
    /// let (tell, told) = mpsc::channel();
    /// let _watchdog = coro::watchdog_with(Duration::from_millis(10), move |stall| {
    ///     let _ = tell.send(stall.backtrace().map(str::to_owned));
    /// });
    /// let calls = told.recv().unwrap(); // stalls
    /// # if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
    /// assert!(calls.unwrap().contains("mpsc"));
    /// # }
    /// ```
    #[must_use]
    pub fn backtrace(&self) -> Option<&str> {
        self.backtrace.as_deref()
    }
}

impl fmt::Display for Stall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "coro #{}", self.id)?;
        if let Some(desc) = &self.desc {
            write!(f, " {desc:?}")?;
        }
        write!(f, " (spawned at {}) has run for ", self.spawned)?;
        if self.ran < Duration::from_secs(1) {
            write!(f, "{} ms", self.ran.as_millis())?;
        } else {
            write!(f, "{:.1} s", self.ran.as_secs_f64())?;
        }
        f.write_str(" without giving way; ")?;
        match (&self.backtrace, self.flaw) {
            (Some(lines), None) => write!(f, "it is in:\n{lines}"),
            (Some(lines), Some(flaw)) => write!(f, "it is in:\n{lines}\n      ({flaw})"),
            (None, flaw) => write!(
                f,
                "what it does is not known: {}",
                flaw.unwrap_or("no call of it has a name")
            ),
        }
    }
}

struct Frame {
    name: String,
    place: Option<String>,
}

/// Returns the lines that name the calls at these addresses, each of which follows the call.
fn text(addresses: &[usize]) -> String {
    let here = env::current_dir().unwrap_or_default();
    let mut frames = Vec::new();
    for address in addresses {
        let known = frames.len();
        backtrace::resolve(ptr::without_provenance_mut(*address), |symbol| {
            let name = symbol.name();
            frames.push(Frame {
                name: name.map_or_else(|| unnamed(*address), |name| format!("{name:#}")),
                place: symbol.filename().map(|file| {
                    let file = file.strip_prefix(&here).unwrap_or(file);
                    place(file, symbol.lineno(), symbol.colno())
                }),
            });
        });
        if frames.len() == known {
            frames.push(Frame {
                name: unnamed(*address),
                place: None,
            });
        }
    }
    let mut lines = String::new();
    for (number, frame) in own(&frames).iter().enumerate() {
        let end = if number == 0 { "" } else { "\n" };
        // A `String` takes all that is written to it.
        let _ = write!(lines, "{end}{number:>4}: {}", frame.name);
        if let Some(place) = &frame.place {
            let _ = write!(lines, "\n             at {place}");
        }
    }
    lines
}

fn unnamed(address: usize) -> String {
    format!("<unknown at {address:#x}>")
}

fn place(file: &Path, line: Option<u32>, column: Option<u32>) -> String {
    let mut place = file.display().to_string();
    for number in [line, column].into_iter().flatten().filter(|n| *n > 0) {
        let _ = write!(place, ":{number}");
    }
    place
}

/// Cuts off the calls of the kernel and of std below those of the coro.
fn own(frames: &[Frame]) -> &[Frame] {
    let is = |frame: &Frame, any: &[&str]| any.iter().any(|name| frame.name.contains(name));
    let outermost = frames.iter().position(|frame| is(frame, &OUTERMOST));
    let Some(mut end) = outermost else {
        return frames;
    };
    while end > 0 && is(&frames[end - 1], &BENEATH) {
        end -= 1;
    }
    // If there are no others, the kernel's will do.
    if end == 0 { frames } else { &frames[..end] }
}
