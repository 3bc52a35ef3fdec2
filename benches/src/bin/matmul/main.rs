//! The communication-intensive matrix multiplication of the Coro manual.
//!
//! Workers take jobs from one channel, compute, and put results into another; a collector builds the product. The same is
//! done by OS threads, by coros on several OS threads if asked for, and in Perl, and every product is compared, number by number, with the sequential one.

mod cli;
mod csv;
mod job;
mod matrix;
mod measure;
mod product;
mod programs;
mod report;

use std::fmt;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;

use cli::Args;
use matrix::{Factors, Matrix};
use measure::{Task, measure};
use report::Tables;

/// Side of the additional matrices that Perl's ithreads multiply.
const SMALL: usize = 64;

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("matmul: {failure}");
            ExitCode::from(failure.status())
        }
    }
}

fn run(args: &Args) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    let mut tables = Tables::new();
    let mut product = None;
    let mut wrong = false;
    let own = own_factors(args)?;
    let perl = own.is_none();
    let main = own.unwrap_or_else(|| Factors::scrambled(args.n));
    let small = (perl && args.n > SMALL).then(|| Factors::scrambled(SMALL));
    for factors in std::iter::once(&main).chain(&small) {
        for jobs in args.job_sizes() {
            let outcome = measure(Task {
                factors,
                jobs,
                crew: args.crew(),
                repeat: args.repeat(),
                perl,
            });
            wrong |= outcome.is_wrong();
            if args.json {
                report::json(&mut stdout, factors, args.crew(), &outcome)?;
            } else {
                tables.add(factors, args.crew(), &outcome);
            }
            product.get_or_insert(outcome.product);
        }
    }
    if !args.json {
        tables.print(&mut stdout)?;
    }
    if wrong {
        return Err(Failure::Wrong);
    }
    if let (Some(path), Some(product)) = (&args.out, product) {
        csv::write_file(&product, path).map_err(|error| Failure::file(path, error))?;
    }
    Ok(())
}

/// Reads the user's own matrices, if there are any.
fn own_factors(args: &Args) -> Result<Option<Factors>, Failure> {
    let (Some(a), Some(b)) = (&args.a, &args.b) else {
        return Ok(None);
    };
    let read = |path: &Path| -> Result<Matrix, Failure> {
        csv::read_file(path).map_err(|error| Failure::file(path, error))
    };
    let (a, b) = (read(a)?, read(b)?);
    match Factors::new(a, b) {
        Ok(factors) => Ok(Some(factors)),
        Err(error) => Err(Failure::Input(error.to_string())),
    }
}

/// Says why there is no result.
#[derive(Debug)]
enum Failure {
    /// What the user gave cannot be used.
    Input(String),
    /// A product is not the sequential one: the table says whose.
    Wrong,
    /// Standard output is gone.
    Output(io::Error),
}

impl Failure {
    fn file(path: &Path, error: impl fmt::Display) -> Self {
        Self::Input(format!("{}: {error}", path.display()))
    }

    fn status(&self) -> u8 {
        match self {
            Self::Input(_) => 2,
            Self::Wrong | Self::Output(_) => 1,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(message) => f.write_str(message),
            Self::Wrong => f.write_str("a product differs from the sequential one"),
            Self::Output(error) => write!(f, "standard output: {error}"),
        }
    }
}

impl std::error::Error for Failure {}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}
