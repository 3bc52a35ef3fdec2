//! Measuring: the fastest of several samples, taken in turn at all sizes.

use std::io;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::workload::{Group, HUNDRED_THOUSAND, Took, Workload};

/// What an operation costs at a size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    pub(crate) size: u64,
    pub(crate) ns: f64,
}

/// What came of a workload.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) group: Group,
    /// The smallest size first.
    pub(crate) costs: Vec<Cost>,
}

/// So many samples are taken,
const SAMPLES: u32 = 5;
/// and so many of sizes above a hundred thousand, and of what takes longer than [`LONG`].
const FEW: u32 = 2;
const LONG: Duration = Duration::from_millis(500);
/// A sample of something short is the fastest run within this time.
const SHORT: Duration = Duration::from_millis(3);
/// A size is left out if it would take longer, going by the size before and by squares.
const TOO_LONG: Duration = Duration::from_secs(100);

/// Returns the powers of ten up to `most`.
pub(crate) fn sizes(most: u64) -> impl Iterator<Item = u64> {
    (0..)
        .map(|power| 10_u64.pow(power))
        .take_while(move |size| *size <= most)
}

/// Measures one after the other, and gives out what came of it.
///
/// # Errors
///
/// Those of `done`, and the name of a workload that has failed.
pub(crate) fn all(
    workloads: &[Workload],
    most: u64,
    mut done: impl FnMut(Row) -> io::Result<()>,
) -> io::Result<()> {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg} {elapsed}");
    let bar = ProgressBar::new(workloads.len() as u64);
    bar.set_style(style.map_err(io::Error::other)?);
    for workload in workloads {
        bar.set_message(workload.name);
        let row = measure(workload, most)?;
        bar.suspend(|| done(row))?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(())
}

/// What is known of a size.
struct Best {
    size: u64,
    ns: f64,
    samples: u32,
    /// The time of the longest run, with all that comes before and after.
    longest: Duration,
}

fn measure(workload: &Workload, most: u64) -> io::Result<Row> {
    let mut all: Vec<Best> = Vec::new();
    for round in 0..SAMPLES {
        for (index, size) in sizes(most.min(workload.most)).enumerate() {
            if round == 0 {
                let before = all.last().map_or(Duration::ZERO, |best| best.longest);
                if before * 100 > TOO_LONG && size > HUNDRED_THOUSAND / 100 {
                    break;
                }
                all.push(Best {
                    size,
                    ns: f64::INFINITY,
                    samples: 0,
                    longest: Duration::ZERO,
                });
            }
            let Some(best) = all.get_mut(index) else {
                break;
            };
            let is_slow = size > HUNDRED_THOUSAND || best.longest > LONG;
            if !is_slow || best.samples < FEW {
                sample(workload, best)?;
            }
        }
    }
    Ok(Row {
        name: workload.name,
        group: workload.group,
        costs: all
            .iter()
            .map(|best| Cost {
                size: best.size,
                ns: best.ns,
            })
            .collect(),
    })
}

/// Takes one sample.
fn sample(workload: &Workload, best: &mut Best) -> io::Result<()> {
    let start = Instant::now();
    while {
        let before = Instant::now();
        let took = run(workload, best.size)?;
        best.longest = best.longest.max(before.elapsed());
        best.ns = best.ns.min(took.time.as_nanos() as f64 / took.ops as f64);
        start.elapsed() < SHORT
    } {}
    best.samples += 1;
    Ok(())
}

/// Runs it in a coro: main finds out a little later what it is.
fn run(workload: &Workload, size: u64) -> io::Result<Took> {
    let (name, run) = (workload.name, workload.run);
    let took = coro::Builder::new().desc(name).spawn(move || run(size));
    let took = took.join().map_err(|error| {
        let what = format!("{name} failed at {size}: {error}");
        io::Error::other(what)
    })?;
    let left = coro::all().len() - 1;
    if left > 0 || coro_time::armed() > 0 {
        return Err(io::Error::other(format!("{name} leaves {left} coros")));
    }
    Ok(took)
}
