//! What an operation costs against how many there are: of coros, of waiters, of timers, of keys.
//!
//! Nothing may grow with the number of those who have nothing to do with it, but for what caches
//! explain and a logarithm of timers. Which growth is too much says [`verdict`]; then the program
//! fails.

mod control;
mod coros;
mod crowd;
mod keys;
mod lines;
mod measure;
mod plot;
mod report;
mod stopwatch;
mod strained;
mod timers;
mod twins;
mod verdict;
mod waiters;
mod workload;

use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use measure::Row;
use workload::Workload;

/// Measures what operations cost against how many coros, waiters, timers and keys there are.
#[derive(Debug, Parser)]
#[command(name = "growth", version)]
struct Args {
    /// Only workloads whose name contains this, as `semaphore` or `/cancel`
    #[arg(long, value_name = "NAME")]
    only: Option<String>,

    /// The largest size; sizes are powers of ten
    #[arg(long, value_name = "N", default_value = "1000000", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    most: u64,

    /// Prints an object a line instead of a table
    #[arg(long)]
    json: bool,

    /// Draws what was measured
    #[arg(long, value_name = "FILE.svg")]
    plot: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(Outcome::Holds) => ExitCode::SUCCESS,
        Ok(Outcome::Grows(names)) => {
            eprintln!("growth: too much: {}", names.join(", "));
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("growth: {error}");
            ExitCode::from(2)
        }
    }
}

enum Outcome {
    Holds,
    /// These grow too much.
    Grows(Vec<&'static str>),
}

fn run(args: &Args) -> Result<Outcome, Failure> {
    let chosen = choose(args.only.as_deref())?;
    let control = control::measure(args.most);
    let mut stdout = io::stdout().lock();
    if args.json {
        report::json(&mut stdout, &control)?;
    }
    let mut rows: Vec<Row> = Vec::new();
    measure::all(&chosen, args.most, |row| {
        if args.json {
            report::json(&mut stdout, &row)?;
        }
        rows.push(row);
        Ok(())
    })
    .map_err(Failure::Workload)?;
    if !args.json {
        writeln!(stdout, "{}", report::table(&control, &rows))?;
    }
    if let Some(path) = &args.plot {
        let drawn = plot::draw(path, &control, &rows);
        drawn.map_err(|error| Failure::Plot(path.clone(), error))?;
    }
    let too_much = rows.iter().filter(|row| {
        let verdict = verdict::judge(&row.costs, &control.costs);
        verdict.is_some_and(|verdict| verdict.is_too_much())
    });
    let names: Vec<_> = too_much.map(|row| row.name).collect();
    Ok(if names.is_empty() {
        Outcome::Holds
    } else {
        Outcome::Grows(names)
    })
}

/// Returns the workloads to measure.
fn choose(only: Option<&str>) -> Result<Vec<Workload>, Failure> {
    let Some(only) = only else {
        return Ok(workload::all());
    };
    // A twin is for tests of this program, and is asked for by its whole name.
    let twins = twins::ALL.iter().copied().filter(|twin| twin.name == only);
    let named = workload::all()
        .into_iter()
        .filter(|workload| workload.name.contains(only));
    let chosen: Vec<_> = named.chain(twins).collect();
    if chosen.is_empty() {
        return Err(Failure::Unknown(only.to_owned()));
    }
    Ok(chosen)
}

/// Why there is no result.
enum Failure {
    Unknown(String),
    Workload(io::Error),
    Plot(PathBuf, String),
    Output(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::Output(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Unknown(name) => {
                writeln!(f, "no workload has {name:?} in its name; there are:")?;
                let all = workload::all();
                let names: Vec<_> = all.iter().map(|workload| workload.name).collect();
                write!(f, "{}", names.join("\n"))
            }
            Failure::Workload(error) | Failure::Output(error) => error.fmt(f),
            Failure::Plot(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}
