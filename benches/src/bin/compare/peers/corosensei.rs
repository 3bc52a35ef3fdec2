//! The floor: a minimal kernel over raw corosensei, and its coroutines alone.

use coro_benches::workload::Run;
use corosensei::{Coroutine, Yielder};

use super::Program;
use super::coro::ours;
use crate::workload::Workload;

pub(super) const PROGRAM: Program = Program {
    run,
    block: Some(block),
};

fn run(workload: Workload) -> Option<Run> {
    ours(workload).and_then(|ours| ours.floor)
}

fn block(count: usize, pause: &mut dyn FnMut()) {
    let mut coroutines: Vec<_> = (0..count)
        .map(|_| Coroutine::new(|yielder: &Yielder<(), ()>, ()| yielder.suspend(())))
        .collect();
    for coroutine in &mut coroutines {
        coroutine.resume(());
    }
    pause();
    for coroutine in &mut coroutines {
        coroutine.resume(());
    }
}
