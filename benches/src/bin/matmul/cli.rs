//! The command line.

use std::path::PathBuf;

use clap::Parser;

use crate::measure::Repeat;
use crate::programs::{Crew, Jobs};

/// Multiplies two matrices by coros that share out the work through channels, and compares.
///
/// Without options: n = 128, both job sizes, a table of the sequential product, coros, OS threads and, where they are
/// installed, Perl's Coro and ithreads. Every product is checked against the sequential one, number by number.
#[derive(Debug, Parser)]
#[command(name = "matmul", version)]
pub(crate) struct Args {
    /// Rows and columns of the two generated matrices
    #[arg(long, value_name = "N", default_value = "128", value_parser = side, conflicts_with = "a")]
    pub(crate) n: usize,

    /// Workers that take the jobs
    #[arg(long, value_name = "N", default_value = "16", value_parser = workers)]
    pub(crate) workers: usize,

    /// Multiplies also by coros on N OS threads, of which the main one is the first, and which share the workers
    #[arg(long, value_name = "N", value_parser = threads)]
    pub(crate) threads: Option<usize>,

    /// What one job is; both, one after the other, if not given
    #[arg(long)]
    pub(crate) jobs: Option<Jobs>,

    /// The first factor, a CSV file of numbers without a heading; Perl does not take part then
    #[arg(long, value_name = "A.csv", requires = "b")]
    pub(crate) a: Option<PathBuf>,

    /// The second factor
    #[arg(long, value_name = "B.csv", requires = "a")]
    pub(crate) b: Option<PathBuf>,

    /// Where the product that the coros made goes, as CSV
    #[arg(long, value_name = "C.csv")]
    pub(crate) out: Option<PathBuf>,

    /// Prints an object a line instead of tables
    #[arg(long)]
    pub(crate) json: bool,

    /// Repeats, of which the fastest counts; at most 10 by OS threads, 3 in Perl. If not given: as many as it takes for
    /// a steady minimum, 2 to 5 seconds for each size of matrix and job
    #[arg(long, value_name = "N", value_parser = repeat)]
    pub(crate) repeat: Option<usize>,
}

impl Args {
    /// Returns the job sizes to measure.
    pub(crate) fn job_sizes(&self) -> Vec<Jobs> {
        self.jobs.map_or(Jobs::ALL.to_vec(), |jobs| vec![jobs])
    }

    /// Returns who works.
    pub(crate) fn crew(&self) -> Crew {
        Crew {
            workers: self.workers,
            threads: self.threads,
        }
    }

    /// Returns how often to measure.
    pub(crate) fn repeat(&self) -> Repeat {
        self.repeat.map_or(Repeat::Steady, Repeat::Times)
    }
}

fn side(text: &str) -> Result<usize, String> {
    // Three matrices of 4096 are 400 MB; a larger product takes minutes and says nothing more.
    within(text, 4096, "a matrix is not empty: at least 1 is needed")
}

fn workers(text: &str) -> Result<usize, String> {
    within(text, 10_000, "nobody would work: at least 1 is needed")
}

fn threads(text: &str) -> Result<usize, String> {
    within(text, 256, "nobody would work: at least 1 is needed")
}

fn repeat(text: &str) -> Result<usize, String> {
    within(
        text,
        1_000_000,
        "nothing would be measured: at least 1 is needed",
    )
}

fn within(text: &str, most: usize, at_zero: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err(at_zero.into()),
        Ok(x) if x <= most => Ok(x),
        _ => Err(format!("not a whole number from 1 to {most}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        assert_eq!(side("1"), Ok(1));
        assert!(side("0").unwrap_err().contains("not empty"));
        assert!(workers("0").unwrap_err().contains("nobody"));
        assert!(threads("0").unwrap_err().contains("nobody"));
        assert_eq!((threads("256"), threads("257").is_err()), (Ok(256), true));
        for text in ["4097", "-1", "1.5", "many", "99999999999999999999"] {
            assert_eq!(side(text).unwrap_err(), "not a whole number from 1 to 4096");
        }
    }
}
