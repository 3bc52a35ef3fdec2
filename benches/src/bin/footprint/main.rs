//! What a program that uses one semaphore pays to be built, and how large it is, beside others; and
//! what one more call of what blocks adds to a program.
//!
//! Small crates are written into a folder that goes at the end, and built there from nothing.

mod calls;
mod cargo;
mod elf;
mod programs;

use std::io::{self, Write};
use std::process::ExitCode;
use std::thread;

use clap::Parser;
use comfy_table::{CellAlignment, Table, presets};

use calls::{Added, Call};
use programs::{Cost, EMPTY, Measured, Program};

/// Measures what a semaphore costs when it is built, and what each call adds.
#[derive(Debug, Parser)]
#[command(name = "footprint", version)]
struct Args {
    /// Only this row of a table, as `tokio` or `Channel::get`; may be given several times
    #[arg(long, value_name = "ROW")]
    only: Vec<String>,

    /// Clean builds of each program, of which the fastest counts
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
}

fn main() -> io::Result<ExitCode> {
    let args = Args::parse();
    let all = names().collect::<Vec<_>>();
    if let Some(odd) = args.only.iter().find(|only| !all.contains(&&only[..])) {
        eprintln!(
            "footprint: no row is {odd:?}; there are: {}",
            all.join(", ")
        );
        return Ok(ExitCode::from(2));
    }
    let wanted = |name: &str| args.only.is_empty() || args.only.iter().any(|only| only == name);
    let programs: Vec<_> = programs::ALL
        .iter()
        .filter(|one| wanted(one.name))
        .collect();
    let calls: Vec<_> = calls::ALL.iter().filter(|one| wanted(one.name)).collect();
    let mut failures = Vec::new();
    let mut stdout = io::stdout().lock();
    if !programs.is_empty() {
        let table = program_table(&programs, args.rounds, &mut failures);
        writeln!(stdout, "{table}\n")?;
    }
    if !calls.is_empty() {
        match calls::measure(&calls) {
            Ok(added) => writeln!(stdout, "{}\n", call_table(&calls, &added))?,
            Err(failure) => failures.push(format!("calls: {failure}")),
        }
    }
    writeln!(stdout, "{}", machine())?;
    for failure in &failures {
        eprintln!("footprint: {failure}");
    }
    let all_is_well = failures.is_empty();
    Ok(if all_is_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Returns what all rows are called.
fn names() -> impl Iterator<Item = &'static str> {
    let programs = programs::ALL.iter().map(|program| program.name);
    programs.chain(calls::ALL.iter().map(|call| call.name))
}

/// Measures, and returns what is printed of it.
fn program_table(programs: &[&Program], rounds: u32, failures: &mut Vec<String>) -> Table {
    let mut table = grid(&[
        "program",
        "what it uses",
        "crates",
        "build s",
        "CPU s",
        "KiB",
        "above empty",
        "with lto: s",
        "CPU s",
        "KiB",
        "above empty",
    ]);
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let mut empty = None;
    for program in programs {
        match program.measure(rounds) {
            Ok(measured) => {
                if program.name == EMPTY {
                    empty = Some((measured.plain, measured.lto));
                }
                table.add_row(program_cells(program.name, &measured, empty));
            }
            Err(failure) => {
                table.add_row([program.name, "FAILED"]);
                failures.push(format!("{}: {failure}", program.name));
            }
        }
    }
    table
}

fn program_cells(name: &str, measured: &Measured, empty: Option<(Cost, Cost)>) -> Vec<String> {
    let costs = |cost: Cost, empty: Option<Cost>| {
        let kib = |bytes: u64| bytes as f64 / 1024.0;
        let above = empty.map(|empty| kib(cost.bytes) - kib(empty.bytes));
        [
            format!("{:.2}", cost.time.as_secs_f64()),
            format!("{:.2}", cost.work.as_secs_f64()),
            format!("{:.0}", kib(cost.bytes)),
            above.map_or_else(|| "–".to_owned(), |above| format!("{above:.0}")),
        ]
    };
    let (plain, lto) = empty.unzip();
    let mut cells = vec![
        name.to_owned(),
        measured.what.clone(),
        measured.crates.to_string(),
    ];
    cells.extend(costs(measured.plain, plain));
    cells.extend(costs(measured.lto, lto));
    cells
}

fn call_table(calls: &[&Call], added: &[Added]) -> Table {
    let mut table = grid(&[
        "bytes that one more call adds",
        "code",
        "all that is loaded",
    ]);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for (call, added) in calls.iter().zip(added) {
        let [text, loaded] = [added.text, added.loaded].map(|bytes| format!("{bytes:.0}"));
        table.add_row([call.name, &text, &loaded]);
    }
    table
}

fn grid(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_header(header);
    table
}

/// Says by what all was built.
fn machine() -> String {
    let version = cargo::rustc("-V").unwrap_or_else(|failure| failure);
    let processors = thread::available_parallelism().map_or(1, usize::from);
    format!("{version}, {processors} processors")
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
    fn no_two_rows_have_one_name() {
        let mut all: Vec<_> = names().collect();
        all.sort_unstable();
        let count = all.len();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
