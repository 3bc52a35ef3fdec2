//! Everybody's cost of the same work, side by side in one run.
//!
//! Each peer is a process that does what it is asked to: most are this program, started again, and
//! some are programs in other languages. They are asked in turn, on one processor, and the least
//! and the median of their samples count. What an operation is, and that it is the same for all,
//! `workload.rs` says; how each peer does it, its own file in `peers`.
#![forbid(unsafe_code)]

mod child;
mod external;
mod machine;
mod measure;
mod peers;
mod plot;
mod product;
mod report;
mod serve;
mod workload;

use std::error::Error;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};

use crate::measure::Patience;
use crate::peers::Peer;
use crate::report::Row;
use crate::workload::Workload;

/// Sets the coros beside their rivals, in one run.
#[derive(Debug, Parser)]
#[command(name = "compare", version)]
struct Args {
    /// An object a line instead of tables
    #[arg(long)]
    json: bool,

    /// Only this workload; may be given again
    #[arg(
        long,
        value_name = "WORKLOAD",
        value_enum,
        hide_possible_values = false
    )]
    only: Vec<Workload>,

    /// Only this peer; may be given again
    #[arg(long, value_name = "PEER", value_enum)]
    peer: Vec<Peer>,

    /// Samples of each, interleaved
    #[arg(long, value_name = "N", default_value = "9", value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,

    /// How long a sample is
    #[arg(long, value_name = "MS", default_value = "40", value_parser = clap::value_parser!(u64).range(1..))]
    millis: u64,

    /// How long a peer may take to answer
    #[arg(long, value_name = "S", default_value = "20", value_parser = clap::value_parser!(u64).range(1..))]
    patience: u64,

    /// Draws it as well
    #[arg(long, value_name = "FILE.svg")]
    plot: Option<PathBuf>,

    /// Answers as this peer, as the program itself asks of itself
    #[arg(long, hide = true, value_enum)]
    serve: Option<Peer>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    match args.serve.map(Peer::program) {
        Some(Some(program)) => Ok(serve::serve(&program)?),
        Some(None) => Err("this peer is another program".into()),
        None => compare(&args),
    }
}

fn compare(args: &Args) -> Result<(), Box<dyn Error>> {
    let workloads = or_all(&args.only);
    let peers = or_all(&args.peer);
    let patience = Patience {
        rounds: args.rounds,
        sample: Duration::from_millis(args.millis),
        answer: Duration::from_secs(args.patience),
    };
    let built = tempfile::tempdir()?;
    // Each is built once.
    let programs: Vec<_> = peers
        .iter()
        .map(|&peer| (peer, external::command(peer, built.path())))
        .collect();
    let start = |peer: Peer| -> Result<Command, String> {
        let program = programs.iter().find(|(p, _)| *p == peer);
        match program.map(|(_, program)| program) {
            Some(Ok(command)) => Ok(again(command)),
            Some(Err(why)) => Err(why.to_string()),
            None => Err("it was not asked for".to_owned()),
        }
    };

    let steps = workloads.len() * peers.len() * args.rounds as usize;
    let style = "{msg:20} {wide_bar} {percent:>3} %, {eta} to go";
    let progress = ProgressBar::new(steps as u64).with_style(ProgressStyle::with_template(style)?);
    let mut rows = Vec::new();
    for workload in workloads {
        progress.set_message(workload.name());
        let outcomes = measure::measure(workload, &peers, start, patience, &progress);
        let row = Row { workload, outcomes };
        if args.json {
            progress.suspend(|| report::write_lines(&mut io::stdout().lock(), &row))?;
        }
        rows.push(row);
    }
    progress.finish_and_clear();
    if !args.json {
        let mut out = io::stdout().lock();
        writeln!(out, "{}\n", machine::described())?;
        writeln!(out, "{}\n", report::summary(&rows))?;
        writeln!(out, "{}", report::everybody(&rows, &peers))?;
        report::write_failures(&mut out, &rows)?;
    }
    if let Some(path) = &args.plot {
        plot::draw(path, &rows)?;
        eprintln!("drawn in {}", path.display());
    }
    Ok(())
}

fn or_all<T: clap::ValueEnum + Clone>(some: &[T]) -> Vec<T> {
    if some.is_empty() {
        T::value_variants().to_vec()
    } else {
        some.to_vec()
    }
}

/// A command as this one.
fn again(command: &Command) -> Command {
    let mut copy = Command::new(command.get_program());
    copy.args(command.get_args());
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            copy.env(name, value);
        }
    }
    copy
}
