//! What is told of an execution that failed.

use std::env;
use std::error::Error;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::report::{Count, Report};
use crate::run::Run;
use crate::search::Found;
use crate::settings::{Search, Settings};
use crate::verdict::Verdict;

/// The environment variable that replays a schedule.
pub(crate) const VARIABLE: &str = "CORO_SCHEDULE";

/// An execution that failed: how, the schedule that leads there, and what happened on the way.
///
/// Displayed, it is all that a person needs; with a width, as `{:80}`, the table of steps is at most so
/// wide.
///
/// # Examples
///
/// ```
/// let failure = coro_explore::Builder::new().run(|| coro::schedule()).unwrap_err();
/// let text = failure.to_string();
/// assert!(text.starts_with("deadlock in production order (execution 1)"));
/// assert!(text.contains("replay: CORO_SCHEDULE="));
/// let narrow = format!("{failure:30}");
/// let table = narrow.lines().filter(|line| line.starts_with('│'));
/// let widths: Vec<_> = table.map(|line| line.chars().count()).collect();
/// assert!(widths.len() > 2 && widths.iter().all(|width| *width <= 30), "{narrow}");
/// ```
#[derive(Clone)]
pub struct Failure(Box<Told>);

#[derive(Clone)]
struct Told {
    verdict: Verdict,
    details: Vec<String>,
    deviations: usize,
    /// All executions with fewer deviations were run.
    is_least: bool,
    number: u64,
    schedule: String,
    command: String,
    name: String,
    run: Run,
    explored: Report,
}

impl Failure {
    pub(crate) fn new(settings: &Settings, found: Found, explored: Report) -> Failure {
        let schedule = found.schedule.to_string();
        Failure(Box::new(Told {
            verdict: found.trouble.verdict,
            details: found.trouble.details,
            deviations: found.schedule.deviations(),
            is_least: settings.search == Search::Exhaustive
                && settings.threads == 1
                && settings.from <= 1
                && settings.replay.is_none(),
            number: found.number,
            command: settings.command.clone(),
            name: settings.name.clone(),
            schedule,
            run: found.run,
            explored,
        }))
    }

    /// Returns what is wrong.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`Verdict`].
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.0.verdict
    }

    /// Returns how often the execution departs from production order; to pass over several coros at
    /// once counts for each.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let failure = coro_explore::Builder::new().run(|| coro::schedule()).unwrap_err();
    /// assert_eq!(failure.deviations(), 0);
    /// ```
    #[must_use]
    pub fn deviations(&self) -> usize {
        self.0.deviations
    }

    /// Returns the number of the execution, from one on: how many it took to find the failure.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let failure = coro_explore::Builder::new().run(|| coro::schedule()).unwrap_err();
    /// assert_eq!(failure.executions(), 1);
    /// ```
    #[must_use]
    pub fn executions(&self) -> u64 {
        self.0.number
    }

    /// Returns the schedule, for [`Builder::replay`](crate::Builder::replay).
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let builder = coro_explore::Builder::new().name("stuck");
    /// let failure = builder.run(|| coro::schedule()).unwrap_err();
    /// assert!(failure.schedule().starts_with("v1:stuck:"));
    /// ```
    #[must_use]
    pub fn schedule(&self) -> &str {
        &self.0.schedule
    }

    /// Returns what the panic said, which invariant it is, or who stands where: a line for each.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let failure = coro_explore::Builder::new().run(|| panic!("oh")).unwrap_err();
    /// assert!(failure.details()[0].starts_with("#0 \"body\" panicked at "));
    /// ```
    #[must_use]
    pub fn details(&self) -> &[String] {
        &self.0.details
    }

    /// Returns the execution.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let failure = coro_explore::Builder::new().run(|| coro::schedule()).unwrap_err();
    /// assert!(failure.execution().to_string().contains("■ schedule"));
    /// ```
    #[must_use]
    pub fn execution(&self) -> &Run {
        &self.0.run
    }

    /// Returns all of it for programs, as JSON.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let failure = coro_explore::Builder::new().run(|| coro::schedule()).unwrap_err();
    /// assert!(failure.to_json().contains(r#""verdict": "deadlock""#));
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        let trace = json!({
            "name": self.0.name,
            "verdict": self.0.verdict.to_string(),
            "details": self.0.details,
            "schedule": self.0.schedule,
            "execution": self.0.number,
            "deviations": self.0.deviations,
            "steps": self.0.run.to_json(),
        });
        format!("{trace:#}")
    }

    /// Writes [`to_json`](Failure::to_json) to a file under `target/coro`, and returns its path.
    pub(crate) fn write_trace(&self) -> io::Result<PathBuf> {
        let folder = target().join("coro");
        fs::create_dir_all(&folder)?;
        let file: String = self
            .0
            .name
            .chars()
            .map(|c| if c.is_alphanumeric() { c } else { '-' })
            .collect();
        let path = folder.join(file + ".json");
        fs::write(&path, self.to_json())?;
        Ok(path)
    }
}

/// The folder in which cargo has built this program.
fn target() -> PathBuf {
    let program = env::current_exe().unwrap_or_default();
    // target/debug/deps/program
    let profile = program.ancestors().find(|folder| folder.ends_with("deps"));
    let target = profile.and_then(Path::parent).and_then(Path::parent);
    target.map_or_else(|| PathBuf::from("target"), Path::to_owned)
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Told {
            verdict, number, ..
        } = &*self.0;
        match self.0.deviations {
            0 => write!(f, "{verdict} in production order")?,
            count => write!(f, "{verdict} after {}", Count(count as u64, "deviation"))?,
        }
        write!(f, " (execution {number}")?;
        match &self.0.explored.divergence {
            Some(divergence) => writeln!(f, "; {divergence})")?,
            None if self.0.is_least && self.0.deviations > 0 => {
                writeln!(f, "; all with fewer are well)")?;
            }
            None => writeln!(f, ")")?,
        }
        for detail in &self.0.details {
            writeln!(f, "  {}", detail.replace('\n', "\n    "))?;
        }
        writeln!(
            f,
            "replay: {VARIABLE}={} {}",
            self.0.schedule, self.0.command
        )?;
        self.0.run.fmt(f)
    }
}

/// As [`Display`](fmt::Display), so that an `unwrap` tells all.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for Failure {}
