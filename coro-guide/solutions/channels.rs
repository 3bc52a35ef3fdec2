//! A desk that shares out jobs between Ann and Bob: a job goes to whoever has room for it.

use coro_channel::{Channel, select};

/// Passes the jobs on in their order, each to Ann or to Bob, until there are no more; then their
/// channels end too.
///
/// A job goes to whoever has room for it first. While neither has, this blocks.
pub fn share_out(jobs: &Channel<u32>, ann: &Channel<u32>, bob: &Channel<u32>) {
    for job in jobs {
        // Both arms have the job, and only the one that is selected puts it.
        select! {
            () = ann.put_arm(job) => {}
            () = bob.put_arm(job) => {}
        }
    }
    ann.shutdown();
    bob.shutdown();
}
