//! Saying what is to be explored, and how far.

mod faults;
mod play;

use std::env;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::budget::Budget;
use crate::failure::Failure;
use crate::fault::Fault;
use crate::report::Report;
use crate::run::Run;
use crate::schedule::Schedule;
use crate::search;
use crate::settings::{Search, Settings};
use crate::world::Body;

/// What is to be explored, and how far.
///
/// A *delay* passes over one coro that is ready: the coro behind it runs before. Everything else that
/// production would not do by itself has a budget of its own, which is zero but for one spurious
/// wake-up and one early timer.
///
/// # Examples
///
/// ```
/// use coro_explore::Builder;
///
/// let report = Builder::new().delays(3).spurious(0).check(|| {
///     let all: Vec<_> = (0..4).map(|_| coro::spawn(coro::cede)).collect();
///     all.into_iter().for_each(|c| c.join().unwrap());
/// });
/// assert!(report.executions() > 10);
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder explores nothing before `check` or `run`"]
pub struct Builder(Settings);

impl Default for Builder {
    fn default() -> Builder {
        Builder::new()
    }
}

impl Builder {
    /// Returns a builder for the test that runs now: any number of delays, one spurious wake-up, one
    /// early timer, at most 100 000 executions of 10 000 steps, on one OS thread.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`Builder`].
    pub fn new() -> Builder {
        let thread = thread::current();
        let name = thread.name().unwrap_or("main");
        let mut budget = Budget::NONE;
        budget.delays = u32::MAX;
        budget.timers = 1;
        *budget.fault(Fault::Spurious) = 1;
        Builder(Settings {
            command: command(name),
            name: name.to_owned(),
            search: Search::Exhaustive,
            budget,
            victims: None,
            panics: false,
            max_executions: 100_000,
            max_time: None,
            max_steps: 10_000,
            seed: 0,
            threads: 1,
            samples: 0,
            replay: None,
            from: 0,
        })
    }

    /// Names what is explored, which tells the schedules of several explorations in one test apart.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let failure = coro_explore::Builder::new().name("one").run(|| coro::schedule());
    /// assert!(failure.unwrap_err().schedule().starts_with("v1:one:"));
    /// ```
    pub fn name(mut self, name: &str) -> Builder {
        name.clone_into(&mut self.0.name);
        self
    }

    /// Allows so many delays in one execution. To run the i-th ready coro behind the first costs i.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro_explore::Builder;
    /// let body = || {
    ///     let all: Vec<_> = (0..3).map(|_| coro::spawn(|| ())).collect();
    ///     all.into_iter().for_each(|c| c.join().unwrap());
    /// };
    /// let builder = Builder::new().spurious(0);
    /// let executions = |delays| builder.clone().delays(delays).check(body).executions();
    /// assert_eq!((executions(0), executions(1)), (1, 4));
    /// ```
    ///
    /// # Source
    ///
    /// Emmi, Qadeer, Rakamarić, "Delay-bounded scheduling", POPL 2011.
    pub fn delays(mut self, most: u32) -> Builder {
        self.0.budget.delays = most;
        self
    }

    /// Lets coros other than the body panic: what their joiners make of it counts.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro_explore::Builder;
    /// let body = || assert!(coro::spawn(|| panic!("no")).join().is_err());
    /// assert!(Builder::new().run(body).is_err());
    /// assert!(Builder::new().panics().run(body).is_ok());
    /// ```
    pub fn panics(mut self) -> Builder {
        self.0.panics = true;
        self
    }

    /// Ends the exploration after so many executions.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`Report::is_exhaustive`].
    pub fn max_executions(mut self, most: u64) -> Builder {
        self.0.max_executions = most;
        self
    }

    /// Ends the exploration after so much time, by the OS's clock: how far it gets then depends on
    /// the machine.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// let report = coro_explore::Builder::new().max_time(Duration::ZERO).check(|| ());
    /// assert_eq!(report.executions(), 0);
    /// ```
    pub fn max_time(mut self, most: Duration) -> Builder {
        self.0.max_time = Some(most);
        self
    }

    /// Lets an execution have so many steps; after these it goes on in production order, and if it
    /// does not end within as many steps again, the verdict is
    /// [`Livelock`](crate::Verdict::Livelock).
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro_explore::{Builder, Verdict};
    /// let failure = Builder::new().max_steps(100).run(|| loop { coro::cede() }).unwrap_err();
    /// assert_eq!(failure.verdict(), Verdict::Livelock);
    /// ```
    pub fn max_steps(mut self, most: u32) -> Builder {
        self.0.max_steps = most.max(1);
        self
    }

    /// Chooses at random, as often as [`max_executions`](Builder::max_executions) says: for what is
    /// too large to be run in full.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let report = coro_explore::Builder::new().random().seed(7).max_executions(100).check(|| {
    ///     coro::spawn(coro::cede).join().unwrap();
    /// });
    /// assert_eq!(report.to_string(), "random, seed 7, 100 executions");
    /// ```
    pub fn random(mut self) -> Builder {
        self.0.search = Search::Random;
        self
    }

    /// Chooses by probabilistic concurrency testing: each coro has a random priority, and at
    /// `depth - 1` random steps the coro that would run gets a low one. A bug that needs `depth`
    /// orderings is found with a chance that does not vanish as the program grows.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let report = coro_explore::Builder::new().pct(3).max_executions(100).check(|| {
    ///     coro::spawn(coro::cede).join().unwrap();
    /// });
    /// assert_eq!(report.to_string(), "PCT of depth 3, seed 0, 100 executions");
    /// ```
    ///
    /// # Source
    ///
    /// Burckhardt, Kothari, Musuvathi, Nagarakatte, ASPLOS 2010.
    pub fn pct(mut self, depth: u32) -> Builder {
        self.0.search = Search::Pct(depth);
        self
    }

    /// Says which executions [`random`](Builder::random) and [`pct`](Builder::pct) run.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`Builder::random`].
    pub fn seed(mut self, seed: u64) -> Builder {
        self.0.seed = seed;
        self
    }

    /// Explores on so many OS threads, each with a kernel of its own. If there are several failures
    /// with as few deviations, it is not always the same that is found first.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let body = || coro::spawn(coro::cede).join().unwrap();
    /// let builder = coro_explore::Builder::new();
    /// let one = builder.clone().check(body).executions();
    /// assert_eq!(builder.threads(2).check(body).executions(), one);
    /// ```
    pub fn threads(mut self, count: usize) -> Builder {
        self.0.threads = count.max(1);
        self
    }

    /// Runs only this schedule, which a [`Failure`] has told. The environment variable
    /// `CORO_SCHEDULE` does the same for the exploration that it names.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro_explore::Builder;
    /// let body = || coro::schedule();
    /// let failure = Builder::new().run(body).unwrap_err();
    /// let again = Builder::new().replay(failure.schedule()).run(body).unwrap_err();
    /// assert_eq!(again.verdict(), failure.verdict());
    /// ```
    pub fn replay(mut self, schedule: &str) -> Builder {
        self.0.replay = Some(schedule.to_owned());
        self
    }

    /// Explores `body`, and panics with the [`Failure`] if an execution fails; that is written to a
    /// file under `target/coro` too, as JSON.
    ///
    /// # Switches
    ///
    /// Never: the coros of `body` run on OS threads of their own.
    ///
    /// # Panics
    ///
    /// If an execution fails.
    ///
    /// # Examples
    ///
    /// See [`Builder`].
    #[track_caller]
    pub fn check(&self, body: impl Fn() + Send + Sync + 'static) -> Report {
        match self.run(body) {
            Ok(report) => report,
            Err(failure) => match failure.write_trace() {
                Ok(path) => panic!("{failure}\ntrace: {}", path.display()),
                Err(error) => panic!("{failure}\n(no trace was written: {error})"),
            },
        }
    }

    /// Explores `body`.
    ///
    /// # Errors
    ///
    /// The first execution that fails; among those with as few deviations, any.
    ///
    /// # Switches
    ///
    /// Never: the coros of `body` run on OS threads of their own.
    ///
    /// # Panics
    ///
    /// If [`replay`](Builder::replay) or the environment has what is no schedule.
    ///
    /// # Examples
    ///
    /// See [`Verdict`](crate::Verdict).
    pub fn run(&self, body: impl Fn() + Send + Sync + 'static) -> Result<Report, Failure> {
        let mut settings = self.0.clone();
        let asked_for = Schedule::asked_for(&settings.name);
        let is_asked_for = asked_for.is_some();
        settings.replay = asked_for.or(settings.replay);
        let body: Body = Arc::new(body);
        let (report, runs) = search::search(&settings, &body)?;
        if is_asked_for {
            runs.iter().for_each(|run| eprintln!("{run}\n{report}"));
        }
        Ok(report)
    }

    /// Returns the first `count` executions, to be looked at.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Panics
    ///
    /// If an execution fails.
    ///
    /// # Examples
    ///
    /// ```
    /// let samples = coro_explore::Builder::new().samples(2, || {
    ///     coro::spawn(coro::cede).join().unwrap();
    /// });
    /// assert!(samples.iter().all(|run| run.to_string().contains("#0 body")));
    /// ```
    #[track_caller]
    pub fn samples(&self, count: usize, body: impl Fn() + Send + Sync + 'static) -> Vec<Run> {
        let mut settings = self.0.clone();
        settings.samples = count;
        settings.max_executions = settings.max_executions.min(count as u64);
        let body: Body = Arc::new(body);
        match search::search(&settings, &body) {
            Ok((_, runs)) => runs,
            Err(failure) => panic!("{failure}"),
        }
    }
}

/// What runs the test of this name again.
fn command(test: &str) -> String {
    match env::var("CARGO_PKG_NAME") {
        Ok(package) if test != "main" => {
            let profile = if cfg!(debug_assertions) {
                ""
            } else {
                " --release"
            };
            format!(
                "cargo test -p {package}{profile} -- --exact {test} --include-ignored --nocapture"
            )
        }
        _ => env::args().collect::<Vec<_>>().join(" "),
    }
}
