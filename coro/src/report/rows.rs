//! What a report says of one coro.

use std::fmt;
use std::panic::Location;
use std::rc::Rc;
use std::time::Duration;

use super::waits::WaitReport;
use crate::backtrace::Backtrace;
use crate::prio::Prio;

/// What a coro does.
///
/// # Examples
///
/// ```
/// assert_eq!(coro::report().coros()[0].state(), coro::CoroState::Running);
/// assert_eq!(coro::CoroState::Running.to_string(), "running");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CoroState {
    /// It runs.
    Running,
    /// It is in the ready queue.
    Ready,
    /// Somebody has to ready it.
    Blocked,
    /// It is frozen: somebody has to [`resume`](crate::Coro::resume) it.
    Suspended,
    /// It was made and never readied.
    New,
}

impl fmt::Display for CoroState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            CoroState::Running => "running",
            CoroState::Ready => "ready",
            CoroState::Blocked => "blocked",
            CoroState::Suspended => "suspended",
            CoroState::New => "new",
        })
    }
}

/// What a [`Report`](crate::Report) says of one coro.
///
/// # Examples
///
/// See [`Report::coros`](crate::Report::coros).
#[derive(Clone, Debug)]
pub struct CoroReport {
    pub(super) id: u64,
    pub(super) desc: Option<Rc<str>>,
    pub(super) state: CoroState,
    pub(super) prio: Prio,
    pub(super) switches: u64,
    pub(super) place: Option<&'static Location<'static>>,
    pub(super) wait: Option<WaitReport>,
    pub(super) blocked_for: Option<Duration>,
    pub(super) stack_used: Option<usize>,
    pub(super) stack_peak: Option<usize>,
    pub(super) stack_size: Option<usize>,
    pub(super) spawned: &'static Location<'static>,
    pub(super) backtrace: Option<Rc<Backtrace>>,
    /// It is blocked, and nothing is pending that would unwind it if it ran.
    pub(super) stays: bool,
}

impl CoroReport {
    /// Returns the number of the coro: see [`Coro::id`](crate::Coro::id).
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`Report::coros`](crate::Report::coros).
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Returns the description, if one was set.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(coro::report().coros()[0].desc(), Some("main"));
    /// ```
    #[must_use]
    pub fn desc(&self) -> Option<&str> {
        self.desc.as_deref()
    }

    /// Returns what the coro does.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`CoroState`].
    #[must_use]
    pub fn state(&self) -> CoroState {
        self.state
    }

    /// Returns the priority.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(coro::report().coros()[0].prio(), coro::Prio::NORMAL);
    /// ```
    #[must_use]
    pub fn prio(&self) -> Prio {
        self.prio
    }

    /// Returns how many times the coro was switched to.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(coro::schedule);
    /// coro::cede();
    /// assert_eq!(coro::report().coros()[1].switches(), 1);
    /// # c.cancel();
    /// ```
    #[must_use]
    pub fn switches(&self) -> u64 {
        self.switches
    }

    /// Returns where the coro last called the scheduler; `None` if it runs, or never has.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let line = line!() + 1;
    /// let c = coro::spawn(|| coro::schedule());
    /// coro::cede();
    /// assert_eq!(coro::report().coros()[1].place().unwrap().line(), line);
    /// # c.cancel();
    /// ```
    #[must_use]
    pub fn place(&self) -> Option<&'static Location<'static>> {
        self.place
    }

    /// Returns what the coro waits for, if it has said so and does not run.
    ///
    /// A coro that was woken and has not run yet still tells what it waited for.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`WaitReport`].
    #[must_use]
    pub fn wait(&self) -> Option<&WaitReport> {
        self.wait.as_ref()
    }

    /// Returns for how long the coro has been blocked or suspended, if times were
    /// [enabled](crate::enable_times) when it switched out.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`enable_times`](crate::enable_times).
    #[must_use]
    pub fn blocked_for(&self) -> Option<Duration> {
        self.blocked_for
    }

    /// Returns how many bytes of its stack the coro uses: see [`Coro::stack_used`](crate::Coro::stack_used).
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(coro::schedule);
    /// coro::cede();
    /// let report = coro::report();
    /// let c_report = &report.coros()[1];
    /// assert!(0 < c_report.stack_used().unwrap());
    /// assert!(c_report.stack_used() <= c_report.stack_peak());
    /// assert!(c_report.stack_peak() <= c_report.stack_size());
    /// # c.cancel();
    /// ```
    #[must_use]
    pub fn stack_used(&self) -> Option<usize> {
        self.stack_used
    }

    /// Returns how many bytes of its stack are in memory: see [`Coro::stack_peak`](crate::Coro::stack_peak).
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`stack_used`](CoroReport::stack_used).
    #[must_use]
    pub fn stack_peak(&self) -> Option<usize> {
        self.stack_peak
    }

    /// Returns the size of its stack in bytes: see [`Coro::stack_size`](crate::Coro::stack_size).
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`stack_used`](CoroReport::stack_used).
    #[must_use]
    pub fn stack_size(&self) -> Option<usize> {
        self.stack_size
    }

    /// Returns where the coro was spawned; of main, where the kernel was first used.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let (c, line) = (coro::spawn(|| ()), line!());
    /// assert_eq!(coro::report().coros()[1].spawned().line(), line);
    /// ```
    #[must_use]
    pub fn spawned(&self) -> &'static Location<'static> {
        self.spawned
    }

    /// Returns the calls that the coro is in, if they were
    /// [asked for](crate::Report::with_backtraces).
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(coro::schedule);
    /// coro::cede();
    /// assert!(coro::report().coros()[1].backtrace().is_none());
    /// assert!(coro::report().with_backtraces().coros()[1].backtrace().is_some());
    /// # c.cancel();
    /// ```
    #[must_use]
    pub fn backtrace(&self) -> Option<&Backtrace> {
        self.backtrace.as_deref()
    }
}
