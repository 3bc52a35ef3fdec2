//! Who is compared. A peer is a process that does workloads when it is asked to.

mod async_unsync;
mod coro;
mod corosensei;
mod executor;
mod may;
mod sequential;
mod smol;
mod threads;
mod tokio;
mod unsync;

use clap::ValueEnum;
use coro_benches::workload::Run;

use crate::workload::Workload;

/// The peers, ours first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "kebab-case")]
pub(crate) enum Peer {
    /// The coros of this workspace
    Coro,
    /// A minimal kernel over raw corosensei: the floor
    Corosensei,
    /// may, one worker
    May,
    /// tokio, current-thread runtime and LocalSet
    Tokio,
    /// smol: LocalExecutor, async-lock, async-channel
    Smol,
    /// unsync on the better of two executors
    Unsync,
    /// async-unsync on the better of two executors
    AsyncUnsync,
    /// OS threads with parking_lot and crossbeam-channel
    Threads,
    /// Go, GOMAXPROCS=1
    Go,
    /// Boost.Fiber
    BoostFiber,
    /// Perl's Coro
    PerlCoro,
    /// A plain loop, where the workload is to compute
    Sequential,
}

/// Makes so many tasks that are blocked in mid-run, calls this, and ends them.
pub(crate) type Block = fn(usize, &mut dyn FnMut());

/// What a peer that is written in Rust can do.
pub(crate) struct Program {
    /// How it does a workload.
    pub(crate) run: fn(Workload) -> Option<Run>,
    /// How it blocks many.
    pub(crate) block: Option<Block>,
}

impl Peer {
    /// The name in arguments and in results.
    pub(crate) fn name(self) -> String {
        self.to_possible_value()
            .map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// The program in this binary; None if the peer is another program.
    pub(crate) fn program(self) -> Option<Program> {
        Some(match self {
            Self::Coro => coro::PROGRAM,
            Self::Corosensei => corosensei::PROGRAM,
            Self::May => may::PROGRAM,
            Self::Tokio => tokio::PROGRAM,
            Self::Smol => smol::PROGRAM,
            Self::Unsync => unsync::PROGRAM,
            Self::AsyncUnsync => async_unsync::PROGRAM,
            Self::Threads => threads::PROGRAM,
            Self::Sequential => sequential::PROGRAM,
            Self::Go | Self::BoostFiber | Self::PerlCoro => return None,
        })
    }

    /// Is it somebody to be faster than?
    pub(crate) fn is_rival(self) -> bool {
        !matches!(self, Self::Coro | Self::Corosensei | Self::Sequential)
    }
}
