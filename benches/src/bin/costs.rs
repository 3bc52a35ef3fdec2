//! A table of what the coros cost, beside what they are to cost and beside the floor.
//!
//! `cargo bench` does the same with more patience. Here each workload is measured a few times, in
//! turn with the floor, and the fastest counts.

use std::io::{self, Write};

use clap::Parser;
use comfy_table::{CellAlignment, Table, presets};
use coro_benches::workload::{Run, Workload};

/// Measures what the coros cost, in nanoseconds for an operation, beside raw corosensei.
#[derive(Debug, Parser)]
#[command(name = "costs", version)]
struct Args {
    /// Only workloads whose id contains this, as `yield`
    filter: Option<String>,

    /// Repeats, of which the fastest counts
    #[arg(long, value_name = "N", default_value_t = 31)]
    repeat: u32,
}

fn main() -> io::Result<()> {
    let args = Args::parse();
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_header([
        "ns for one",
        "aim",
        "ours",
        "floor",
        "ours / floor",
        "reached",
    ]);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for workload in coro_benches::all() {
        if args.filter.as_ref().is_none_or(|f| workload.id.contains(f)) {
            table.add_row(cells(workload, args.repeat));
        }
    }
    writeln!(io::stdout(), "{table}")
}

fn cells(workload: &Workload, repeat: u32) -> [String; 6] {
    let (ours, floor) = measure(workload, repeat);
    let aims = [
        workload.aim.map(|aim| format!("≤ {aim}")),
        workload.aim_floor.map(|times| format!("≤ {times} × floor")),
    ];
    let aims: Vec<_> = aims.into_iter().flatten().collect();
    let most = workload.aim.unwrap_or(f64::INFINITY);
    let most = most.min(
        workload
            .aim_floor
            .zip(floor)
            .map_or(most, |(times, floor)| times * floor),
    );
    let reached = if ours <= most { "yes" } else { "no" };
    let or_dash = |cell: Option<String>| cell.unwrap_or_else(|| "–".to_owned());
    [
        workload.what.to_owned(),
        or_dash((!aims.is_empty()).then(|| aims.join(", "))),
        format!("{ours:.2}"),
        or_dash(floor.map(|floor| format!("{floor:.2}"))),
        or_dash(floor.map(|floor| format!("{:.2}", ours / floor))),
        or_dash((!aims.is_empty()).then(|| reached.to_owned())),
    ]
}

/// Returns the least nanoseconds for an operation: ours, and the floor's.
fn measure(workload: &Workload, repeat: u32) -> (f64, Option<f64>) {
    let nanos = |run: Run| {
        let took = run(workload.ops);
        took.time.as_nanos() as f64 / took.ops as f64
    };
    let both = || (nanos(workload.ours), workload.floor.map(nanos));
    both(); // makes stacks and fills pools
    let least = |a: f64, b: f64| a.min(b);
    (0..repeat.max(1))
        .map(|_| both())
        .fold((f64::INFINITY, None), |(ours, floor), (o, f)| {
            (ours.min(o), floor.into_iter().chain(f).reduce(least))
        })
}
