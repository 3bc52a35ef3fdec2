//! Who waits for what, and who never will go on.
//!
//! A report is taken in one pass over the living coros and owns all that it says, so it is shown
//! without a look at the coros, which may have gone on by then.

use std::env;

use crate::kernel::Kernel;
use crate::root;

mod cycles;
mod notes;
mod rows;
mod show;
mod table;
mod take;
mod text;
mod waits;

pub use self::cycles::Cycle;
pub use self::rows::{CoroReport, CoroState};
pub use self::take::enable_times;
pub use self::waits::{HolderReport, WaitReport};

/// A listing of all coros of an OS thread, as [`report`] takes it.
///
/// It is shown as a text for people: a sentence that counts the coros, then what is wrong, a line
/// each, then a table. Coros that wait at the same place for the same thing are listed once and
/// counted, so it is readable with thousands of them; `coros` has them all.
///
/// # Examples
///
/// See [`report`].
#[derive(Clone, Debug)]
pub struct Report {
    /// By their numbers.
    coros: Vec<CoroReport>,
    /// Nothing was ready when it was taken, nobody ran, and nothing could come from outside.
    hopeless: bool,
}

impl Report {
    /// Returns what is known of each coro that has not ended, by their numbers: main comes first.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro::CoroState;
    /// let c = coro::spawn(coro::schedule);
    /// let report = coro::report();
    /// let [main, ready] = report.coros() else { panic!("{report}") };
    /// assert_eq!((main.id(), main.state()), (0, CoroState::Running));
    /// assert_eq!((ready.id(), ready.state()), (c.id(), CoroState::Ready));
    /// ```
    #[must_use]
    pub fn coros(&self) -> &[CoroReport] {
        &self.coros
    }

    /// Adds the backtraces of the coros that are blocked or suspended.
    ///
    /// Those that have run since the report was taken get none. To take one costs some
    /// microseconds, to show one some milliseconds. Those that are equal are shown once, and those of
    /// coros that the table only counts are not.
    ///
    /// With the environment variable `CORO_BACKTRACE` set, and not to `0`, the report of a deadlock
    /// has them too.
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
    /// coro::cede();
    /// let text = coro::report().with_backtraces().to_string();
    /// assert!(text.contains("wait_here"), "{text}");
    /// # c.cancel();
    /// ```
    #[must_use]
    pub fn with_backtraces(mut self) -> Report {
        take::add_backtraces(root::kernel(), &mut self.coros);
        self
    }
}

/// Returns a listing of all coros of this OS thread: state, priority, number of switches, where
/// each blocks, on what, who holds that and since where, how much of its stack it uses, and where
/// it was spawned.
///
/// Circles of coros that wait for each other are found, and shown as a line of arrows. The message
/// of a deadlock is such a report.
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// ```
/// let c = coro::Builder::new().desc("waiter").spawn(coro::schedule);
/// coro::cede();
/// let report = coro::report().to_string();
/// assert!(report.starts_with("2 coros: 1 running, 1 blocked"), "{report}");
/// assert!(report.contains("waiter"));
/// # c.cancel();
/// ```
///
/// # Source
///
/// Coro 6.57, `Coro::Debug`, `ps`.
#[must_use]
#[track_caller]
pub fn report() -> Report {
    let k = root::kernel();
    Report {
        coros: take::all(k),
        hopeless: false,
    }
}

/// Returns the listing as text, at a time when nothing is ready.
pub(crate) fn listing(k: &'static Kernel) -> String {
    let report = Report {
        coros: take::all(k),
        hopeless: !k.has_wakers(),
    };
    let backtraces = env::var_os("CORO_BACKTRACE").is_some_and(|value| value != "0");
    if backtraces {
        report.with_backtraces().to_string()
    } else {
        report.to_string()
    }
}
