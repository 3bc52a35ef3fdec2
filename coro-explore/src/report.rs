//! What was explored.

use std::fmt;

use crate::budget::Budget;

/// How much of all that could happen was run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Extent {
    #[default]
    Nothing,
    /// Everything within the budget.
    Exhaustive(Budget),
    /// All that have fewer deviations than that, and some others.
    Cut { below: usize },
    /// With this seed.
    Random(u64),
    /// With this seed, and for bugs of this depth.
    Pct(u64, u32),
    /// One schedule.
    Replay,
}

/// What was explored, and found to be well.
///
/// # Examples
///
/// ```
/// let report = coro_explore::Builder::new().spurious(0).check(|| {
///     let other = coro::spawn(coro::cede);
///     coro::cede();
///     other.join().unwrap();
/// });
/// assert!(report.is_exhaustive());
/// assert_eq!(
///     report.to_string(),
///     format!("exhaustive, {} executions (early timers ≤ 1)", report.executions()),
/// );
/// ```
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub(crate) executions: u64,
    pub(crate) steps: u32,
    pub(crate) costs: Vec<u64>,
    /// How many went on in production order, as they had too many steps.
    pub(crate) long: u64,
    pub(crate) extent: Extent,
    /// Where a replay departed from its schedule.
    pub(crate) divergence: Option<String>,
}

impl Report {
    /// Returns how many executions there were.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(coro_explore::Builder::new().check(|| ()).executions(), 1);
    /// ```
    #[must_use]
    pub fn executions(&self) -> u64 {
        self.executions
    }

    /// Returns `true` if every schedule within the budgets was run.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let builder = coro_explore::Builder::new().max_executions(1);
    /// assert!(builder.check(|| ()).is_exhaustive());
    /// let two = || coro::spawn(coro::cede).join().unwrap();
    /// assert!(!builder.spurious(1).check(two).is_exhaustive());
    /// ```
    #[must_use]
    pub fn is_exhaustive(&self) -> bool {
        matches!(self.extent, Extent::Exhaustive(_)) && self.long == 0
    }

    /// Returns how many switches the longest execution had.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let report = coro_explore::Builder::new().check(|| coro::cede());
    /// assert_eq!(report.steps(), 2); // into the body, and back from `cede`
    /// ```
    #[must_use]
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// Returns how many executions had no deviation, one, two, and so on.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let report = coro_explore::Builder::new().check(|| ());
    /// assert_eq!(report.by_deviations(), [1]);
    /// ```
    #[must_use]
    pub fn by_deviations(&self) -> &[u64] {
        &self.costs
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = Count(self.executions, "execution");
        match self.extent {
            Extent::Nothing => write!(f, "{count}"),
            Extent::Exhaustive(_) if self.long > 0 => {
                let long = self.long;
                write!(
                    f,
                    "{count}, {long} of which had too many steps to be explored to their ends"
                )
            }
            Extent::Exhaustive(budget) if budget.delays == u32::MAX => {
                let budget = match budget.to_string() {
                    none if none.is_empty() => String::new(),
                    budget => format!(" ({budget})"),
                };
                write!(f, "exhaustive, {count}{budget}")
            }
            Extent::Exhaustive(budget) => {
                write!(f, "all schedules with {budget}: {count}")
            }
            Extent::Cut { below } => {
                let below = Count(below as u64, "deviation");
                write!(f, "cut after {count}; all schedules with less than {below}")
            }
            Extent::Random(seed) => write!(f, "random, seed {seed}, {count}"),
            Extent::Pct(seed, depth) => write!(f, "PCT of depth {depth}, seed {seed}, {count}"),
            Extent::Replay => {
                f.write_str("the schedule passes")?;
                match &self.divergence {
                    Some(divergence) => write!(f, ", but {divergence}"),
                    None => Ok(()),
                }
            }
        }
    }
}

/// `1 204 executions`.
pub(crate) struct Count(pub(crate) u64, pub(crate) &'static str);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                f.write_str(" ")?;
            }
            write!(f, "{digit}")?;
        }
        let plural = if self.0 == 1 { "" } else { "s" };
        write!(f, " {}{plural}", self.1)
    }
}
