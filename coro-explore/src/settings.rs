//! What is asked of an exploration.

use std::time::Duration;

use crate::budget::Budget;

/// How executions are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Search {
    /// All, those with few departures first.
    Exhaustive,
    Random,
    /// With the depth of the bugs.
    Pct(u32),
}

/// What [`Builder`](crate::Builder) builds.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) name: String,
    /// What runs it again.
    pub(crate) command: String,
    pub(crate) search: Search,
    pub(crate) budget: Budget,
    /// Whom faults strike; `None` for all but the body.
    pub(crate) victims: Option<Vec<String>>,
    /// A coro other than the body may panic.
    pub(crate) panics: bool,
    pub(crate) max_executions: u64,
    pub(crate) max_time: Option<Duration>,
    pub(crate) max_steps: u32,
    pub(crate) seed: u64,
    pub(crate) threads: usize,
    /// How many executions are kept to be looked at.
    pub(crate) samples: usize,
    /// The one schedule to run, in place of the search.
    pub(crate) replay: Option<String>,
    /// Departures that were taken before this step are given.
    pub(crate) from: u32,
}
