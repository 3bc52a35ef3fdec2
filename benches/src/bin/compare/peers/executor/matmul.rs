//! Matrix products.

use std::mem;

use coro_benches::workload::Took;

use super::{Channel, Executor, Library};
use crate::product::{CAPACITY, Job, WORKERS, measure};

/// Workers take the numbers of jobs from a channel, and put what they result in into another.
pub(super) fn matmul<L: Library, J: Job>(ops: u64) -> Took {
    let executor = L::Executor::default();
    measure(ops, |product| {
        let mut whole = mem::take(product);
        *product = executor.block_on(async move {
            let (mut job, jobs) = L::Mpmc::<usize>::bounded(CAPACITY);
            let (result, mut results) = L::Mpmc::<J::Done>::bounded(CAPACITY);
            let mut tasks: Vec<_> = (0..WORKERS)
                .map(|_| {
                    let (mut jobs, mut result) = (jobs.clone(), result.clone());
                    L::Executor::spawn(async move {
                        while let Some(number) = L::Mpmc::recv(&mut jobs).await {
                            L::Mpmc::send(&mut result, J::work(number)).await;
                        }
                    })
                })
                .collect();
            tasks.push(L::Executor::spawn(async move {
                for number in 0..J::COUNT {
                    L::Mpmc::send(&mut job, number).await;
                }
            }));
            drop(result);
            while let Some(done) = L::Mpmc::recv(&mut results).await {
                J::place(&mut whole, done);
            }
            for task in tasks {
                L::Executor::join(task).await;
            }
            whole
        });
    })
}
