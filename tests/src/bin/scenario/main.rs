//! Runs scenarios of the differential oracle and prints the same traces as `oracle.pl` does on
//! Perl's Coro; compares two sets of traces.
//!
//! ```text
//! scenario < scenarios.jsonl > traces.jsonl
//! scenario --compare scenarios.jsonl theirs.jsonl ours.jsonl [--at-least UNTAINTED]
//! scenario --ops
//! ```
//!
//! The formats are described in `tests/oracle/README.md`.
#![forbid(unsafe_code)]

mod body;
mod compare;
mod invariants;
mod model;
mod objects;
mod ops;
mod run;
mod trace;
mod world;

use std::io::{self, BufRead, Write};
use std::process::ExitCode;

fn main() -> io::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => run_all(),
        ["--ops"] => {
            let ops: Vec<_> = ops::NAMES.iter().copied().chain(objects::ops()).collect();
            println!("{}", ops.join(","));
            Ok(ExitCode::SUCCESS)
        }
        ["--compare", scenarios, theirs, ours] => compare::files(scenarios, theirs, ours, 0),
        ["--compare", scenarios, theirs, ours, "--at-least", count]
            if count.parse::<usize>().is_ok() =>
        {
            compare::files(scenarios, theirs, ours, count.parse().unwrap_or(0))
        }
        _ => {
            eprintln!(
                "usage: scenario | scenario --ops | scenario --compare SCENARIOS THEIRS OURS [--at-least UNTAINTED]"
            );
            Ok(ExitCode::from(2))
        }
    }
}

fn run_all() -> io::Result<ExitCode> {
    let mut out = io::stdout().lock();
    let mut number = 0;
    for line in io::stdin().lock().lines() {
        let line = line?;
        if !line.trim().is_empty() {
            out.write_all(run::line(line, number).as_bytes())?;
            number += 1;
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
