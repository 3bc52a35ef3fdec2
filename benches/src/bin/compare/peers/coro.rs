//! The coros: the workloads of this package, and the products.

use std::rc::Rc;

use coro::Builder;
use coro_benches::workload::{Run, Took, Workload};
use coro_channel::Channel;
use coro_semaphore::Semaphore;

use super::Program;
use crate::product::{CAPACITY, Elem, Job, Row, WORKERS, measure};
use crate::workload::Workload as W;

/// Of the coros that block: the space of a page table is for eight of these.
const STACK: usize = 32 * 1024;

pub(super) const PROGRAM: Program = Program {
    run,
    block: Some(block),
};

fn run(workload: W) -> Option<Run> {
    match workload {
        W::MatmulElem => Some(matmul::<Elem>),
        W::MatmulRow => Some(matmul::<Row>),
        _ => ours(workload).map(|ours| ours.ours),
    }
}

/// The workload of this package that is the same.
pub(super) fn ours(workload: W) -> Option<&'static Workload> {
    let id = match workload {
        W::Yield2 => "yield/2/body",
        W::Yield2Deep => "yield/2/deep",
        W::Yield1000 => "yield/1000/body",
        W::Yield100k => "yield/100000/body",
        W::SpawnJoin => "spawn/join",
        W::SpawnBatch => "spawn/batch",
        W::SemUncontended => "semaphore/uncontended/guard",
        W::SemPingpong => "semaphore/ping_pong",
        W::SemPingpongDeep => "semaphore/ping_pong_deep",
        W::SemContended => "semaphore/contended_100",
        W::ChanPingpong => "channel/ping_pong",
        W::ChanPingpongDeep => "channel/ping_pong_deep",
        W::ChanStream => "channel/stream_128",
        W::ChanMpmc => "channel/mpmc_8x8_128",
        W::RwReadUncontended => "rwlock/read_uncontended",
        W::RwContended => "rwlock/contended_100r_4w",
        W::NotifyBroadcast => "signal/broadcast_1000",
        W::LocalGet => "specific/coro_local",
        W::SharedPingpong => "shared/ping_pong_os_threads",
        W::SharedStream => "shared/stream_128_os_threads",
        W::MatmulElem | W::MatmulRow | W::MemBlocked => return None,
    };
    let ours = coro_benches::all().find(|workload| workload.id == id);
    Some(ours.expect("the ids are those of the workloads"))
}

fn block(count: usize, pause: &mut dyn FnMut()) {
    let gate = Rc::new(Semaphore::new(0));
    let coros: Vec<_> = (0..count)
        .map(|_| {
            let gate = gate.clone();
            Builder::new().stack_size(STACK).spawn(move || gate.down())
        })
        .collect();
    coro::cede();
    pause();
    for _ in 0..count {
        gate.up();
    }
    for coro in coros {
        coro.join().expect("all pass the gate");
    }
}

fn matmul<J: Job>(ops: u64) -> Took {
    measure(ops, |product| {
        let jobs = Channel::bounded(CAPACITY);
        let results = Channel::bounded(CAPACITY);
        coro::scope(|scope| {
            for _ in 0..WORKERS {
                scope.spawn(|| {
                    while let Some(job) = jobs.get() {
                        results.put(J::work(job));
                    }
                });
            }
            scope.spawn(|| {
                for job in 0..J::COUNT {
                    jobs.put(job);
                }
                jobs.shutdown();
            });
            for _ in 0..J::COUNT {
                let done = results.get().expect("nobody shuts the results down");
                J::place(product, done);
            }
        });
    })
}
