//! Measures workloads with criterion.
//!
//! An iteration is 1 000 operations, so its microseconds are nanoseconds for an operation.

use std::time::Duration;

use coro_benches::workload::{Run, Workload};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, SamplingMode, Throughput};

const UNIT: u64 = 1000;

/// Measures these workloads, those of a group together.
pub(crate) fn run(workloads: &[Workload]) {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1))
        .without_plots()
        .configure_from_args();
    for of_group in workloads.chunk_by(|a, b| group_and_name(a).0 == group_and_name(b).0) {
        let mut group = criterion.benchmark_group(group_and_name(&of_group[0]).0);
        group.throughput(Throughput::Elements(UNIT));
        group.sampling_mode(SamplingMode::Flat);
        for workload in of_group {
            let (_, name) = group_and_name(workload);
            measure(&mut group, name, workload.ops, workload.ours);
            if let Some(floor) = workload.floor {
                measure(&mut group, &format!("{name}_floor"), workload.ops, floor);
            }
        }
        group.finish();
    }
    criterion.final_summary();
}

fn group_and_name(workload: &Workload) -> (&'static str, &'static str) {
    workload.id.rsplit_once('/').unwrap_or(("", workload.id))
}

fn measure(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, least: u64, run: Run) {
    group.bench_function(name, |bencher| {
        bencher.iter_custom(|iterations| {
            let wanted = iterations * UNIT;
            let took = run(wanted.max(least));
            took.time.mul_f64(wanted as f64 / took.ops as f64)
        });
    });
}
