//! How many instructions the hottest operations take, beside the table that is committed.
//!
//! Counts repeat where times do not, so a change for the worse shows on any machine, however busy.
//! They say nothing of what an instruction costs: the program `costs` does.

mod count;
mod report;
mod table;

use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use coro_benches::workload::Workload;

use count::Counter;
use report::Comparison;
use table::{Counted, Table};

/// The workloads whose operations are counted. Each does the same at every run, however long it takes.
const HOTTEST: &[&str] = &[
    "yield/2/body",
    "yield/2/deep",
    "yield/1000/body",
    "spawn/join",
    "spawn/batch",
    "semaphore/uncontended/guard",
    "semaphore/ping_pong",
    "semaphore/contended_100",
    "channel/ping_pong",
    "channel/stream_128",
    "channel/mpmc_8x8_128",
    "select/ready_2",
    "select/ping_pong_2",
    "rwlock/read_uncontended",
    "rwlock/contended_100r_4w",
    "mutex/uncontended/guard",
    "signal/ping_pong",
    "signal/broadcast_1000",
    "specific/get",
    "specific/coro_local",
    "time/timeout/among_10_000",
    "trace/yield/off",
    "trace/yield/ring",
    "trace/yield/ring_1000",
    "trace/note/off",
    "trace/note/ring",
];

/// Counts instructions under valgrind, and compares them with the committed table.
///
/// Exits with 1 if an operation takes more than it may, and with 2 if nothing can be said.
#[derive(Debug, Parser)]
#[command(name = "instructions", version)]
struct Args {
    /// Only operations whose id contains this, as `yield`
    filter: Option<String>,

    /// Writes what is counted into the table, whatever it is
    #[arg(long)]
    write: bool,

    /// The table
    #[arg(long, value_name = "FILE", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.csv"))]
    table: PathBuf,

    /// Does so many operations in this process, and prints how many they were
    #[arg(long, hide = true, num_args = 2, value_names = ["ID", "OPERATIONS"])]
    one: Option<Vec<String>>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let result = match args.one.as_deref() {
        Some([id, operations]) => one(id, operations).map(|()| ExitCode::SUCCESS),
        _ => run(&args),
    };
    result.unwrap_or_else(|failure| {
        eprintln!("instructions: {failure}");
        ExitCode::from(2)
    })
}

fn run(args: &Args) -> Result<ExitCode, Failure> {
    let wanted = |id: &&str| args.filter.as_ref().is_none_or(|part| id.contains(part));
    let ids: Vec<_> = HOTTEST.iter().copied().filter(wanted).collect();
    if ids.is_empty() {
        let filter = args.filter.as_deref().unwrap_or_default();
        return Err(Failure::NoOperation(filter.to_owned()));
    }
    let committed = Table::read(&args.table)?;
    let counter = Counter::new()?;
    let now = Table {
        build: counter.build()?,
        rows: counter.count_all(&ids)?,
    };
    let comparison = Comparison::new(&committed, &now, args.filter.is_none());
    write!(io::stdout(), "{comparison}")?;
    if args.write {
        committed.with(now, HOTTEST)?.write(&args.table)?;
        return Ok(ExitCode::SUCCESS);
    }
    let complaints = comparison.complaints();
    for complaint in &complaints {
        eprintln!("instructions: {complaint}");
    }
    if complaints.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(builds) = comparison.different_builds() {
        eprintln!("instructions: {builds}");
    }
    eprintln!("instructions: if that is how it shall be, write it down: run this with --write");
    Ok(ExitCode::FAILURE)
}

/// Does the operations of a workload, and prints how many they were.
fn one(id: &str, operations: &str) -> Result<(), Failure> {
    let workload = workload(id)?;
    let operations = operations
        .parse()
        .map_err(|_| Failure::Odd(format!("{operations:?} is no number of operations")))?;
    let took = (workload.ours)(operations);
    writeln!(io::stdout(), "{}", took.ops)?;
    Ok(())
}

fn workload(id: &str) -> Result<&'static Workload, Failure> {
    coro_benches::all()
        .find(|workload| workload.id == id)
        .ok_or_else(|| Failure::NoOperation(id.to_owned()))
}

/// Says why nothing can be said.
#[derive(Debug)]
enum Failure {
    /// There is no such operation.
    NoOperation(String),
    /// valgrind is not there.
    NoValgrind,
    /// A file cannot be read or written.
    File(PathBuf, String),
    /// A program does not do what it is there for.
    Odd(String),
    /// Rows of two builds would be in one table.
    Mixed { table: String, now: String },
    /// Standard output is gone.
    Output(io::Error),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoOperation(id) => write!(
                f,
                "no operation that is counted has {id:?} in its id; there are: {}",
                HOTTEST.join(", ")
            ),
            Self::NoValgrind => f.write_str(
                "no valgrind in PATH, which does the counting; on Debian: apt-get install valgrind",
            ),
            Self::File(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Odd(what) => f.write_str(what),
            Self::Mixed { table, now } => write!(
                f,
                "the table is of {table}, these counts are of {now}: write all rows, or none"
            ),
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

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn each_operation_is_a_workload() {
        for id in HOTTEST {
            assert!(workload(id).is_ok(), "{id}");
        }
    }

    #[test]
    fn the_committed_table_has_each_operation_once_and_is_of_a_release_build() {
        let committed = Table::parse(include_str!("../../../instructions.csv")).unwrap();
        let ids: Vec<_> = committed.rows.iter().map(|row| &row.id[..]).collect();
        assert_eq!(ids, HOTTEST);
        assert!(committed.build.ends_with(", release"), "{committed:?}");
    }
}
