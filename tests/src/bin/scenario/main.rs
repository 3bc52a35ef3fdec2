//! Runs scenarios of the differential oracle and prints the same traces as `oracle.pl` does on
//! Perl's Coro; compares two sets of traces.
//!
//! ```text
//! scenario < scenarios.jsonl > traces.jsonl
//! scenario --compare scenarios.jsonl theirs.jsonl ours.jsonl [--at-least UNTAINTED]
//! scenario --pairs LEAST (scenarios.jsonl theirs.jsonl)...
//! scenario --list-pairs (scenarios.jsonl theirs.jsonl)...
//! scenario --ops
//! ```
//!
//! Files that are read by name may be packed (`.gz`). The formats are described in `tests/oracle/README.md`.
#![forbid(unsafe_code)]

mod body;
mod compare;
mod invariants;
mod model;
mod normalise;
mod objects;
mod ops;
mod pairs;
mod run;
mod trace;
mod traces;
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
        ["--compare", scenarios, theirs, ours, "--at-least", count] if is_number(count) => {
            compare::files(scenarios, theirs, ours, number(count))
        }
        ["--pairs", count, ref files @ ..] if is_number(count) => {
            pairs::files(files, number(count), false)
        }
        ["--list-pairs", ref files @ ..] => pairs::files(files, 0, true),
        _ => {
            eprintln!(
                "usage: scenario | scenario --ops | scenario --compare SCENARIOS THEIRS OURS [--at-least UNTAINTED] \
                 | scenario --pairs LEAST (SCENARIOS THEIRS)... | scenario --list-pairs (SCENARIOS THEIRS)..."
            );
            Ok(ExitCode::from(2))
        }
    }
}

fn is_number(text: &str) -> bool {
    text.parse::<usize>().is_ok()
}

/// Of a text that is one.
fn number(text: &str) -> usize {
    text.parse().unwrap_or_default()
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
