//! What may happen beside the coros' own doing, and how often.

use crate::Builder;
use crate::budget::Budget;
use crate::fault::Fault;

/// What may happen beside the coros' own doing.
impl Builder {
    /// Allows so many spurious wake-ups in one execution: a blocked coro runs, for nothing.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro_explore::{Builder, Verdict};
    /// // It takes any wake-up for that of the other.
    /// let body = || {
    ///     let me = coro::current();
    ///     let other = coro::spawn(move || _ = me.ready());
    ///     coro::schedule();
    ///     assert!(other.coro().is_finished());
    /// };
    /// assert!(Builder::new().spurious(0).run(body).is_ok());
    /// assert_eq!(Builder::new().spurious(1).run(body).unwrap_err().verdict(), Verdict::Panic);
    /// ```
    pub fn spurious(mut self, most: u32) -> Builder {
        *self.0.budget.fault(Fault::Spurious) = most;
        self
    }

    /// Allows so many early timers in one execution: the earliest one goes off although coros are
    /// ready, as it does when the OS thread was held up.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(coro_explore::Builder::new().timers(0).run(|| ()).is_ok());
    /// ```
    pub fn timers(mut self, most: u32) -> Builder {
        self.0.budget.timers = most;
        self
    }

    /// Allows so many throws of [`Thrown`](crate::Thrown) in one execution, into coros that do not
    /// run. They strike all but the body; see [`victims`](Builder::victims).
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let report = coro_explore::Builder::new().throws(1).check(|| {
    ///     let other = coro::spawn(coro::cede);
    ///     _ = other.join();
    /// });
    /// assert!(report.is_exhaustive());
    /// ```
    pub fn throws(mut self, most: u32) -> Builder {
        *self.0.budget.fault(Fault::Throw) = most;
        self
    }

    /// Allows so many cancels in one execution: a coro that has begun and does not run unwinds at
    /// once, as by [`Coro::cancel`](coro::Coro::cancel).
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let report = coro_explore::Builder::new().cancels(1).check(|| {
    ///     let other = coro::spawn(coro::cede);
    ///     _ = other.join();
    /// });
    /// assert!(report.is_exhaustive());
    /// ```
    pub fn cancels(mut self, most: u32) -> Builder {
        *self.0.budget.fault(Fault::Cancel) = most;
        self
    }

    /// Allows so many [`safe_cancel`](coro::Coro::safe_cancel)s in one execution: the coro leaves
    /// its wait at once, and unwinds when its turn comes.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let report = coro_explore::Builder::new().safe_cancels(1).check(|| {
    ///     let other = coro::spawn(coro::cede);
    ///     _ = other.join();
    /// });
    /// assert!(report.is_exhaustive());
    /// ```
    pub fn safe_cancels(mut self, most: u32) -> Builder {
        *self.0.budget.fault(Fault::SafeCancel) = most;
        self
    }

    /// Allows so many timeouts in one execution: a coro is [overdue](coro::Coro::set_overdue), as if
    /// all of it were the body of a timeout. What it waits for it may still take if it is there.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let report = coro_explore::Builder::new().timeouts(1).check(|| {
    ///     let other = coro::spawn(coro::cede);
    ///     _ = other.join();
    /// });
    /// assert!(report.is_exhaustive());
    /// ```
    pub fn timeouts(mut self, most: u32) -> Builder {
        *self.0.budget.fault(Fault::Timeout) = most;
        self
    }

    /// Lets faults strike the coros with these descriptions only. The body's is `body`.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let report = coro_explore::Builder::new().throws(1).victims(["worker"]).check(|| {
    ///     coro::spawn(coro::cede).join().unwrap();
    /// });
    /// assert!(report.is_exhaustive());
    /// ```
    pub fn victims(mut self, names: impl IntoIterator<Item: AsRef<str>>) -> Builder {
        self.0.victims = Some(
            names
                .into_iter()
                .map(|name| name.as_ref().to_owned())
                .collect(),
        );
        self
    }

    /// Strikes the coros with this description, once in an execution, and does nothing else.
    fn everywhere(mut self, name: &str, fault: Fault) -> Builder {
        self.0.budget = Budget::NONE;
        *self.0.budget.fault(fault) = 1;
        self.victims([name])
    }

    /// Cancels the coro of this description at each point where it does not run: one execution for
    /// each, in production order, and no other fault.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro_explore::Builder;
    /// let report = Builder::new().cancel_everywhere("worker").check(|| {
    ///     let worker = coro::Builder::new().desc("worker").spawn(|| {
    ///         coro::cede();
    ///         coro::cede();
    ///     });
    ///     _ = worker.join();
    /// });
    /// assert_eq!(report.executions(), 3);
    /// ```
    pub fn cancel_everywhere(self, name: &str) -> Builder {
        self.everywhere(name, Fault::Cancel)
    }

    /// As [`cancel_everywhere`](Builder::cancel_everywhere), with throws.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`Thrown`](crate::Thrown).
    pub fn throw_everywhere(self, name: &str) -> Builder {
        self.everywhere(name, Fault::Throw)
    }

    /// As [`cancel_everywhere`](Builder::cancel_everywhere), with [timeouts](Builder::timeouts).
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let report = coro_explore::Builder::new().timeout_everywhere("body").check(|| coro::cede());
    /// assert_eq!(report.executions(), 2);
    /// ```
    pub fn timeout_everywhere(self, name: &str) -> Builder {
        self.everywhere(name, Fault::Timeout)
    }

    /// As [`cancel_everywhere`](Builder::cancel_everywhere), with spurious wake-ups.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let report = coro_explore::Builder::new().spurious_everywhere("body").check(|| {
    ///     coro::spawn(coro::cede).join().unwrap();
    /// });
    /// assert_eq!(report.executions(), 3);
    /// ```
    pub fn spurious_everywhere(self, name: &str) -> Builder {
        self.everywhere(name, Fault::Spurious)
    }
}
