//! The explorer of coros beside loom and shuttle: small programs of the same meaning, each under
//! as many executions as a tool needs.
//!
//! The numbers of executions differ because the tools check different things; what, is printed too.

mod loom;
mod measure;
mod ours;
mod program;
mod report;
mod shuttle;

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};

use measure::{Limits, Tool};
use program::{End, Program};
use report::Entry;

/// Explores small programs with coro-explore, shuttle and loom, and compares.
#[derive(Debug, Parser)]
#[command(name = "explorers", version)]
struct Args {
    /// Only this program
    program: Option<Program>,

    /// Repeats, of which the fastest counts; one that reaches the limit is not repeated
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,

    /// When an exploration without an end stops
    #[arg(long, value_name = "SECONDS", default_value_t = 20.0)]
    limit: f64,

    /// Prints an object a line instead of a table
    #[arg(long)]
    json: bool,

    /// Explores in this process, once, and prints what came of it
    #[arg(long, hide = true, num_args = 2, value_names = ["PROGRAM", "TOOL"])]
    one: Option<Vec<String>>,

    /// Of a random search
    #[arg(long, hide = true, default_value_t = 1000)]
    executions: u64,
}

fn main() -> io::Result<ExitCode> {
    let args = Args::parse();
    let limits = Limits {
        time: Duration::try_from_secs_f64(args.limit).map_err(io::Error::other)?,
        executions: args.executions,
    };
    if let Some(one) = &args.one {
        let [program, tool] = &one[..] else {
            unreachable!("two values are asked for");
        };
        let program = Program::from_str(program, false).map_err(io::Error::other)?;
        let tool = Tool::from_str(tool, false).map_err(io::Error::other)?;
        let outcome = measure::here(program, tool, limits);
        serde_json::to_writer(io::stdout(), &outcome)?;
        return Ok(ExitCode::SUCCESS);
    }
    let only = args.program;
    let programs = Program::value_variants().iter().copied();
    let mut entries = Vec::new();
    for program in programs.filter(|&p| only.is_none_or(|only| p == only)) {
        let measured = measure(program, limits, args.repeat)?;
        if args.json {
            report::json(&mut io::stdout(), &measured)?;
        }
        entries.extend(measured);
    }
    if !args.json {
        writeln!(
            io::stdout(),
            "{}\n\n{}",
            report::table(&entries),
            report::WHAT
        )?;
    }
    let mut wrong = entries.iter().filter(|entry| entry.is_wrong()).peekable();
    let code = match wrong.peek() {
        None => ExitCode::SUCCESS,
        Some(_) => ExitCode::FAILURE,
    };
    for Entry { program, tool, .. } in wrong {
        eprintln!("explorers: {} misjudges {program}", tool.title());
    }
    Ok(code)
}

/// Lets all tools explore `program` in turn, `repeat` times, and keeps the fastest of each.
fn measure(program: Program, mut limits: Limits, repeat: u32) -> io::Result<Vec<Entry>> {
    let mut entries: Vec<Entry> = Vec::new();
    for round in 0..repeat {
        for (index, &tool) in Tool::value_variants().iter().enumerate() {
            let best = entries.get(index).map(|entry| &entry.outcome);
            let slow = |end: &End| matches!(end, End::Stopped) && tool != Tool::ShuttleRandom;
            if best.is_some_and(|best| slow(&best.end) || matches!(best.end, End::Refused(_))) {
                continue;
            }
            let outcome = measure::apart(program, tool, limits)?;
            if round == 0 {
                if tool == Tool::CoroExplore && outcome.executions > 0 {
                    limits.executions = outcome.executions;
                }
                entries.push(Entry {
                    program,
                    tool,
                    outcome,
                });
            } else if outcome.seconds < entries[index].outcome.seconds {
                entries[index].outcome = outcome;
            }
        }
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_consistent() {
        Args::command().debug_assert();
    }
}
