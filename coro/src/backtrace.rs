//! The backtrace of a coro, whether it runs or not.

use std::backtrace;
use std::fmt;

use crate::control::Coro;
use crate::probe;
use crate::root;
use crate::state::{DEAD, ENDED, NEW, ROOT};

impl Coro {
    /// Returns the calls that the coro is in, whether it runs or is switched out.
    ///
    /// Places of calls need debug information, and take milliseconds to be found when the backtrace
    /// is shown; to take it costs some microseconds.
    ///
    /// `None` if there are no such calls, as it has never run or has ended, or if its stack has not
    /// 12 KiB left to look.
    ///
    /// # Switches
    ///
    /// Never, as far as any code can see.
    ///
    /// # Examples
    ///
    /// ```
    /// fn wait_here() {
    ///     coro::schedule();
    /// }
    /// let c = coro::spawn(wait_here);
    /// assert!(c.backtrace().is_none());
    /// coro::cede();
    /// let backtrace = c.backtrace().unwrap().to_string();
    /// assert!(backtrace.contains("wait_here"), "{backtrace}");
    /// # c.cancel();
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `Coro::Debug`, `bt`.
    #[must_use]
    pub fn backtrace(&self) -> Option<Backtrace> {
        let k = root::kernel();
        let c = self.control();
        if c.has(NEW | ENDED | DEAD) || k.is_over() {
            return None;
        }
        let all = if c.has(ROOT) || k.is_running(c) {
            // Main's calls are those below the dispatcher, on which every coro's stack ends.
            backtrace::Backtrace::force_capture()
        } else {
            probe::look(k, c)?
        };
        let is_main = c.has(ROOT);
        Some(Backtrace { all, is_main })
    }
}

/// The calls that a coro is in, innermost first: see [`Coro::backtrace`].
///
/// # Examples
///
/// See [`Coro::backtrace`].
pub struct Backtrace {
    all: backtrace::Backtrace,
    is_main: bool,
}

/// What the kernel itself calls between a coro's call and the look at it.
const LOOKING: [&str; 5] = [
    "coro::backtrace::",
    "coro::probe::",
    "coro::passage::",
    "coro::scheduler::",
    "std::backtrace",
];
/// What stands between the first call of a coro, or of main, and what called that.
pub(crate) const BENEATH: [&str; 5] = [
    "FnOnce",
    "std::panicking::",
    "std::panic::",
    "__rust_try",
    "core::panic::",
];
/// The outermost calls: of a coro, and of an OS thread.
pub(crate) const OUTERMOST: [&str; 5] = [
    "coro::task::Task",
    "coro::life::",
    "corosensei::",
    "stack_init_trampoline",
    "__rust_begin_short_backtrace",
];

/// As [`std::backtrace::Backtrace`] shows it, without the calls of the kernel itself.
impl fmt::Display for Backtrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.all.to_string();
        let frames = frames(&text);
        let is = |frame: &Frame<'_>, any: &[&str]| any.iter().any(|name| frame.name.contains(name));
        // Above main's calls stand, if it does not run, those of the dispatcher and of who does.
        let dispatcher = |frame: &Frame<'_>| frame.name.contains("coro::scheduler::dispatch");
        let above = if self.is_main {
            frames.iter().position(dispatcher)
        } else {
            None
        };
        let frames = &frames[above.map_or(0, |above| above + 1)..];
        let looking = frames
            .iter()
            .take_while(|frame| is(frame, &LOOKING))
            .count();
        let frames = &frames[looking..];
        let outermost = frames.iter().position(|frame| is(frame, &OUTERMOST));
        let mut end = outermost.unwrap_or(frames.len());
        while end > 0 && is(&frames[end - 1], &BENEATH) {
            end -= 1;
        }
        for (number, frame) in frames[..end].iter().enumerate() {
            writeln!(f, "{number:>4}: {}", frame.name)?;
            for line in &frame.places {
                writeln!(f, "{line}")?;
            }
        }
        Ok(())
    }
}

struct Frame<'a> {
    name: &'a str,
    /// The lines that say where, if it is known.
    places: Vec<&'a str>,
}

/// Takes the text of a backtrace apart.
fn frames(text: &str) -> Vec<Frame<'_>> {
    let mut frames: Vec<Frame<'_>> = Vec::new();
    for line in text.lines() {
        let numbered = line.trim_start().split_once(": ");
        match numbered.filter(|(number, _)| number.parse::<u32>().is_ok()) {
            Some((_, name)) => frames.push(Frame {
                name,
                places: Vec::new(),
            }),
            None => frames
                .iter_mut()
                .last()
                .into_iter()
                .for_each(|frame| frame.places.push(line)),
        }
    }
    frames
}

impl fmt::Debug for Backtrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
