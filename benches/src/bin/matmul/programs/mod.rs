//! The programs that are compared, behind one face.

mod coros;
mod kernels;
mod perl;
mod threads;

use std::fmt;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use serde::Serialize;

use crate::job::{Element, Row};
use crate::matrix::{Factors, Matrix};
use crate::product;

/// How many jobs, and how many results, may wait in a channel of coros, ours and Perl's.
///
/// Bounded, because an unbounded job channel would hold all 16 384 jobs before the first is taken, and one worker
/// would then do them all without ever blocking: a loop over a queue, not communication. (Coro's channels have no bound
/// unless one is given.) With 1024, feeder, workers and collector take turns 16 times for the elements at n = 128. With
/// 128 a job costs 1.6 ns more, for each turn wakes all workers; with more than 1024 nothing is gained. OS threads and
/// ithreads run at once, so they need no bound to take turns, and are faster without: theirs have none.
const CAPACITY: usize = 1024;

/// What one job is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Jobs {
    /// One element of the product
    Element,
    /// One row of the product
    Row,
}

impl Jobs {
    pub(crate) const ALL: [Self; 2] = [Self::Element, Self::Row];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Element => "element",
            Self::Row => "row",
        }
    }
}

/// Who works.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Crew {
    pub(crate) workers: usize,
    /// How many OS threads share the coros of [`Program::CoroThreads`], if it takes part.
    pub(crate) threads: Option<usize>,
}

/// A program that multiplies.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Program {
    Plain,
    Sequential,
    Coro,
    Threads,
    CoroThreads,
    PerlSequential,
    PerlCoro,
    PerlIthreads,
}

impl Program {
    /// Those in this process that always take part; `Sequential`, which the ratios refer to, comes before all that need it.
    pub(crate) const RUST: [Self; 4] = [Self::Plain, Self::Sequential, Self::Coro, Self::Threads];
    pub(crate) const PERL: [Self; 3] = [Self::PerlSequential, Self::PerlCoro, Self::PerlIthreads];

    /// Returns those in this process that take part.
    pub(crate) fn in_rust(crew: Crew) -> Vec<Self> {
        let asked_for = crew.threads.map(|_| Self::CoroThreads);
        Self::RUST.into_iter().chain(asked_for).collect()
    }

    /// Returns what the table calls it.
    pub(crate) fn title(self, crew: Crew) -> String {
        let title = match self {
            Self::Plain => "plain triple loop",
            Self::Sequential => "sequential, same dot product",
            Self::Coro => "coros",
            Self::Threads => "OS threads, std channels",
            Self::PerlSequential => "Perl, sequential",
            Self::PerlCoro => "Perl Coro",
            Self::CoroThreads => {
                let threads = self.threads(crew);
                let s = if threads == 1 { "" } else { "s" };
                return format!("coros on {threads} OS thread{s}");
            }
            Self::PerlIthreads => "Perl ithreads, Thread::Queue",
        };
        title.to_owned()
    }

    /// Returns how many do the jobs.
    pub(crate) fn workers(self, crew: Crew) -> usize {
        match self {
            Self::Plain | Self::Sequential | Self::PerlSequential => 1,
            Self::Coro
            | Self::Threads
            | Self::CoroThreads
            | Self::PerlCoro
            | Self::PerlIthreads => crew.workers,
        }
    }

    /// Returns how many OS threads it uses: the feeder and the collector count.
    pub(crate) fn threads(self, crew: Crew) -> usize {
        match self {
            Self::Threads | Self::PerlIthreads => crew.workers + 2,
            Self::CoroThreads => crew.threads.unwrap_or(1),
            _ => 1,
        }
    }

    /// Returns the largest square it is asked to multiply: Perl would take minutes for a larger one.
    pub(crate) fn largest(self) -> usize {
        match self {
            Self::PerlIthreads => 64,
            Self::PerlSequential | Self::PerlCoro => 128,
            _ => usize::MAX,
        }
    }

    /// Refuses more OS threads than a machine should be asked for: std aborts when a thread that has begun gets no
    /// memory, and an ithread is a whole interpreter, of megabytes.
    fn admit(self, workers: usize) -> Result<(), Refusal> {
        let most = match self {
            Self::Threads => 1024,
            Self::PerlIthreads => 256,
            _ => return Ok(()),
        };
        if workers > most {
            let refusal = format!("not tried with more than {most} workers");
            return Err(Refusal::Failed(refusal));
        }
        Ok(())
    }

    /// Multiplies once in this process, and returns the time from the first spawn to the last join.
    ///
    /// # Errors
    ///
    /// If the system refuses what the program needs; the product is not complete then.
    pub(crate) fn run(
        self,
        factors: &Factors,
        jobs: Jobs,
        crew: Crew,
        product: &mut Matrix,
    ) -> Result<Duration, Refusal> {
        let Crew { workers, .. } = crew;
        let threads = self.threads(crew);
        self.admit(workers)?;
        let start = Instant::now();
        match (self, jobs) {
            (Self::Plain, _) => product::plain(factors, product),
            (Self::Sequential, _) => product::sequential(factors, product),
            (Self::Coro, Jobs::Element) => coros::multiply::<Element>(factors, workers, product),
            (Self::Coro, Jobs::Row) => coros::multiply::<Row>(factors, workers, product),
            (Self::Threads, Jobs::Element) => {
                threads::multiply::<Element>(factors, workers, product)?;
            }
            (Self::Threads, Jobs::Row) => threads::multiply::<Row>(factors, workers, product)?,
            (Self::CoroThreads, Jobs::Element) => {
                kernels::multiply::<Element>(factors, workers, threads, product)?;
            }
            (Self::CoroThreads, Jobs::Row) => {
                kernels::multiply::<Row>(factors, workers, threads, product)?;
            }
            (Self::PerlSequential | Self::PerlCoro | Self::PerlIthreads, _) => {
                unreachable!("Perl runs in its own process: run_perl")
            }
        }
        Ok(start.elapsed())
    }

    /// Multiplies `repeat` times in Perl.
    ///
    /// # Errors
    ///
    /// If perl, or what it needs, is missing, or the script fails.
    pub(crate) fn run_perl(
        self,
        factors: &Factors,
        jobs: Jobs,
        workers: usize,
        repeat: usize,
    ) -> Result<Vec<(Duration, Matrix)>, Refusal> {
        self.admit(workers)?;
        let script = match self {
            Self::PerlSequential => perl::SEQUENTIAL,
            Self::PerlCoro => perl::CORO,
            Self::PerlIthreads => perl::ITHREADS,
            Self::Plain | Self::Sequential | Self::Coro | Self::Threads | Self::CoroThreads => {
                unreachable!("runs in this process: run")
            }
        };
        perl::multiply(script, factors, jobs, workers, repeat)
    }
}

/// Says why a program has no result.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Refusal {
    /// It is not installed.
    Missing(String),
    /// It ran, and failed.
    Failed(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(what) => write!(f, "missing: {what}"),
            Self::Failed(why) => write!(f, "failed: {why}"),
        }
    }
}

impl std::error::Error for Refusal {}

impl From<std::io::Error> for Refusal {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2 x 3 times 3 x 4, worked out by hand.
    #[test]
    fn every_program_multiplies_rectangles_as_by_hand() {
        let a = Matrix::new(2, 3, vec![1.0, 2.0, 3.0, -1.0, 0.5, 4.0]);
        let b = [1.0, 0.0, 2.0, 1.0, 0.0, 1.0, 3.0, 1.0, 2.0, 2.0, 0.0, 1.0];
        let b = Matrix::new(3, 4, b.to_vec());
        let c = Matrix::new(2, 4, vec![7.0, 8.0, 8.0, 6.0, 7.0, 8.5, -0.5, 3.5]);
        let factors = Factors::new(a, b).unwrap();
        // Fewer workers than jobs, and more; fewer than OS threads, too.
        for (workers, threads) in [(1, 2), (3, 1), (3, 3), (20, 2)] {
            let crew = Crew {
                workers,
                threads: Some(threads),
            };
            for program in Program::in_rust(crew) {
                for jobs in Jobs::ALL {
                    let mut product = factors.blank_product();
                    program.run(&factors, jobs, crew, &mut product).unwrap();
                    assert_eq!(product, c, "{program:?}, {jobs:?}, {crew:?}");
                }
            }
        }
    }

    #[test]
    fn more_results_than_the_channels_hold_arrive_all() {
        let factors = Factors::scrambled(64);
        const { assert!(64 * 64 > 3 * CAPACITY) };
        let mut c = factors.blank_product();
        product::sequential(&factors, &mut c);
        for program in [Program::Coro, Program::Threads, Program::CoroThreads] {
            let mut product = factors.blank_product();
            let crew = Crew {
                workers: 16,
                threads: Some(2),
            };
            program
                .run(&factors, Jobs::Element, crew, &mut product)
                .unwrap();
            assert!(product.is_exactly(&c), "{program:?}");
        }
    }
}
