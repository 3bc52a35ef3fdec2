//! Shows what happens when a program of the guide runs: for who changes one, and wants to see.
#![forbid(unsafe_code)]

use std::fs;
use std::io::{self, IsTerminal};
use std::panic;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use coro_debug::trace::{Recorder, Trace};
use coro_guide::Page;
use coro_time::VirtualClock;
use ratatui::crossterm::terminal;

/// Runs a program of the guide in production order, and shows what happens.
#[derive(Debug, Parser)]
#[command(name = "timeline", version, after_help = pages())]
struct Args {
    /// The page
    page: String,

    /// Runs its wrong version
    #[arg(long)]
    wrong: bool,

    /// Writes the picture into this file
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,

    /// Writes the trace into this file, for <https://ui.perfetto.dev>
    #[arg(long, value_name = "FILE")]
    perfetto: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(what) => {
            eprintln!("timeline: {what}");
            ExitCode::from(2)
        }
    }
}

fn run(args: &Args) -> Result<(), String> {
    let page = coro_guide::page(&args.page);
    let page = page.ok_or_else(|| format!("there is no page {:?}; {}", args.page, pages()))?;
    let trace = record(page, args.wrong);
    match terminal_width() {
        Some(width) => println!("{trace:#width$}"),
        None => println!("{trace:#}"),
    }
    if let Some(path) = &args.svg {
        write(path, &trace.to_svg())?;
    }
    if let Some(path) = &args.perfetto {
        write(path, &trace.to_perfetto())?;
    }
    Ok(())
}

/// Returns how wide the terminal is, if it is one to which this prints.
fn terminal_width() -> Option<usize> {
    let size = io::stdout().is_terminal().then(terminal::size)?;
    size.ok().map(|(columns, _)| usize::from(columns))
}

/// Records a program until it ends, or panics: then its message has been printed.
fn record(page: &Page, is_wrong: bool) -> Trace {
    let program = if is_wrong { page.wrong } else { page.right };
    // On a machine that is busy, other things would happen than in the picture of the page.
    let _clock = VirtualClock::install();
    let recording = Recorder::new().start();
    _ = panic::catch_unwind(program);
    recording.stop()
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

fn pages() -> String {
    let names: Vec<_> = coro_guide::pages().iter().map(|page| page.name).collect();
    format!("The pages are {}.", names.join(", "))
}
