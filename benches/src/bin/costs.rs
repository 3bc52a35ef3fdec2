//! A table of what the coros cost, beside what they are to cost and beside the floor.
//!
//! `cargo bench` does the same with more patience. Here each workload is measured a few times, in
//! turn with the floor, and the fastest counts.

#[path = "../../benches/switch/floor.rs"]
mod floor;
#[path = "../../benches/switch/workloads.rs"]
mod workloads;

use std::io::{self, Write};

use clap::Parser;
use comfy_table::{CellAlignment, Table, presets};

use workloads::{ALL, Run, Workload};

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

/// A workload by its id, what it is, and the most that an operation of it is to cost.
#[derive(Clone, Copy)]
struct Row {
    id: &'static str,
    what: &'static str,
    /// In nanoseconds.
    aim: Option<f64>,
    /// In times the floor.
    aim_floor: Option<f64>,
}

const fn row(id: &'static str, what: &'static str, aim: Option<f64>) -> Row {
    Row {
        id,
        what,
        aim,
        aim_floor: None,
    }
}

impl Row {
    const fn aim_floor(mut self, times: f64) -> Self {
        self.aim_floor = Some(times);
        self
    }
}

const ROWS: [Row; ALL.len()] = [
    row("yield/2/body", "yield, 2 coros", Some(5.0)).aim_floor(2.0),
    row("yield/2/deep", "the same, two frames deep", Some(26.0)).aim_floor(1.2),
    row("yield/1000/body", "yield, 1 000 coros", Some(5.0)),
    row("yield/1000/deep", "the same, two frames deep", Some(26.0)).aim_floor(1.2),
    row("yield/100000/body", "yield, 100 000 coros", Some(26.0)),
    row("yield/100000/deep", "the same, two frames deep", None),
    row(
        "yield/100000/body_shuffled",
        "yield, 100 000 coros in random order",
        None,
    ),
    row(
        "yield/100000/deep_shuffled",
        "the same, two frames deep",
        None,
    ),
    row("spawn/join", "spawn + join", Some(45.0)),
    row("spawn/batch", "spawn 10 000, join all (each)", Some(50.0)),
    row(
        "semaphore/uncontended",
        "semaphore, uncontended guard",
        Some(1.5),
    ),
    row(
        "semaphore/pingpong",
        "semaphore ping-pong, each hand-over",
        Some(10.0),
    ),
    row(
        "semaphore/contended",
        "semaphore, 100 coros on one permit",
        Some(18.0),
    ),
    row(
        "channel/pingpong",
        "channel ping-pong, each message",
        Some(13.0),
    ),
    row("channel/stream", "channel stream, capacity 128", Some(3.2)),
    row("channel/mpmc", "channel 8 × 8, capacity 128", Some(4.0)),
];

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
    for row in ROWS {
        if args.filter.as_ref().is_none_or(|f| row.id.contains(f)) {
            let workload = ALL.iter().find(|workload| workload.id == row.id);
            let workload = workload.expect("each row is of a workload");
            table.add_row(cells(row, workload, args.repeat));
        }
    }
    writeln!(io::stdout(), "{table}")
}

fn cells(row: Row, workload: &Workload, repeat: u32) -> [String; 6] {
    let (ours, floor) = measure(workload, repeat);
    let aims = [
        row.aim.map(|aim| format!("≤ {aim}")),
        row.aim_floor.map(|times| format!("≤ {times} × floor")),
    ];
    let aims: Vec<_> = aims.into_iter().flatten().collect();
    let most = row.aim.unwrap_or(f64::INFINITY);
    let most = most.min(
        row.aim_floor
            .zip(floor)
            .map_or(most, |(times, floor)| times * floor),
    );
    let reached = if ours <= most { "yes" } else { "no" };
    let or_dash = |cell: Option<String>| cell.unwrap_or_else(|| "–".to_owned());
    [
        row.what.to_owned(),
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
