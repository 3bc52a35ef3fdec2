//! What is measured, and what one operation of it is.

use clap::ValueEnum;

/// The workloads. An operation is defined so that every peer's is the same work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Workload {
    /// Two tasks that yield in turn; an operation is a switch to the other
    Yield2,
    /// The same, where the call that yields is two calls deep in each task
    Yield2Deep,
    /// 1 000 tasks that yield in turn; a switch to the next
    Yield1000,
    /// 100 000 tasks that yield in turn; a switch to the next
    Yield100k,
    /// Spawns a task that returns at once, and waits for its end
    SpawnJoin,
    /// Spawns 10 000 tasks that return at once, then waits for each; for a task
    SpawnBatch,
    /// Takes and gives back a permit that nobody else wants, by the guard that the peer has
    SemUncontended,
    /// Two tasks hand a token to and fro through two semaphores; a hand-over
    SemPingpong,
    /// The same, where the call that waits is two calls deep
    SemPingpongDeep,
    /// 100 tasks share one permit and yield once while they hold it; taking and giving back
    SemContended,
    /// Two tasks send a number to and fro through two channels for one value; a message one way
    ChanPingpong,
    /// The same, where the call that waits is two calls deep
    ChanPingpongDeep,
    /// A task sends 64-bit numbers to another through a channel for 128; a number
    ChanStream,
    /// 8 tasks send to 8 others through one channel for 128; a number
    ChanMpmc,
    /// Locks and unlocks a readers-writer lock to read that nobody else wants
    RwReadUncontended,
    /// 100 readers and 4 writers that yield once while they hold the lock; locking and unlocking
    RwContended,
    /// One task wakes 1 000 that wait, all at once; for a waiter
    NotifyBroadcast,
    /// Reads a 64-bit variable that each task has for itself
    LocalGet,
    /// Bytes of memory, page tables included, for a task that is blocked in mid-run
    MemBlocked,
    /// A product of 128 × 128 matrices by 16 tasks, a job for each element
    MatmulElem,
    /// A product of 128 × 128 matrices by 16 tasks, a job for each row
    MatmulRow,
    /// Two OS threads send a number to and fro through channels for one value; a message one way
    SharedPingpong,
    /// An OS thread sends 64-bit numbers to another through a channel for 128; a number
    SharedStream,
}

impl Workload {
    /// The name in arguments, in the protocol and in results.
    pub(crate) fn name(self) -> String {
        self.to_possible_value()
            .map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// What is to be reached, in nanoseconds or bytes for an operation.
    pub(crate) fn aim(self) -> Option<f64> {
        use Workload as W;
        Some(match self {
            W::Yield2 | W::Yield1000 => 5.0,
            W::Yield2Deep | W::Yield100k => 26.0,
            W::SpawnJoin => 45.0,
            W::SpawnBatch => 50.0,
            W::SemUncontended => 1.5,
            W::SemPingpong => 10.0,
            W::SemContended => 18.0,
            W::ChanPingpong => 13.0,
            W::ChanStream => 3.2,
            W::ChanMpmc => 4.0,
            W::RwReadUncontended => 1.6,
            W::RwContended => 25.0,
            W::NotifyBroadcast => 15.0,
            W::LocalGet => 1.2,
            W::MemBlocked => 4400.0,
            _ => return None,
        })
    }

    /// Is it measured with two processors? All else has one, whatever the peer does.
    pub(crate) fn takes_two(self) -> bool {
        matches!(self, Self::SharedPingpong | Self::SharedStream)
    }
}
