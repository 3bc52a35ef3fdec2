//! The floor: a minimal kernel over raw corosensei, and its coroutines alone.

use coro_benches::workload::Run;
use corosensei::{Coroutine, Yielder};

use super::Program;
use crate::workload::Workload as W;

pub(super) const PROGRAM: Program = Program {
    run,
    block: Some(block),
};

fn run(workload: W) -> Option<Run> {
    let id = match workload {
        W::Yield2 => "yield/2/body",
        W::Yield2Deep => "yield/2/deep",
        W::Yield1000 => "yield/1000/body",
        W::SpawnJoin => "spawn/join",
        W::SpawnBatch => "spawn/batch",
        _ => return None,
    };
    coro_benches::all()
        .find(|workload| workload.id == id)
        .and_then(|workload| workload.floor)
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
