//! Running one exploration in a process of its own.
//!
//! So none meets what another left behind: hooks, signal handlers, leaked stacks. What the tools
//! print about the faults that they are to find goes nowhere.

use std::any::Any;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use clap::ValueEnum;
use serde::Serialize;

use crate::program::{Outcome, Program};
use crate::{loom, ours, shuttle};

/// Who explores, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Tool {
    /// Every schedule of the coros
    CoroExplore,
    /// The same, with at most one wake-up without a cause
    #[value(name = "coro-explore-1")]
    #[serde(rename = "coro-explore-1")]
    CoroExplore1,
    /// shuttle, depth first
    ShuttleDfs,
    /// shuttle, at random
    ShuttleRandom,
    /// loom
    Loom,
    /// loom, with at most two preemptions
    #[value(name = "loom-2")]
    #[serde(rename = "loom-2")]
    Loom2,
}

impl Tool {
    /// Returns the name in the table.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::CoroExplore => "coro-explore",
            Self::CoroExplore1 => "coro-explore, 1 spurious",
            Self::ShuttleDfs => "shuttle, DFS",
            Self::ShuttleRandom => "shuttle, random",
            Self::Loom => "loom",
            Self::Loom2 => "loom, 2 preemptions",
        }
    }

    fn explore(self, program: Program, limits: Limits) -> Outcome {
        match self {
            Self::CoroExplore => ours::explore(program, limits, 0),
            Self::CoroExplore1 => ours::explore(program, limits, 1),
            Self::ShuttleDfs => shuttle::depth_first(program, limits),
            Self::ShuttleRandom => shuttle::random(program, limits),
            Self::Loom => loom::model(program, limits, None),
            Self::Loom2 => loom::model(program, limits, Some(2)),
        }
    }
}

/// When an exploration stops at the latest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// It is looked at between executions.
    pub(crate) time: Duration,
    /// For a search that has no end of its own.
    pub(crate) executions: u64,
}

/// Explores in this process, which is there for nothing else.
pub(crate) fn here(program: Program, tool: Tool, limits: Limits) -> Outcome {
    panic::set_hook(Box::new(|_| ()));
    let little = Limits {
        time: Duration::from_millis(100),
        executions: 100,
    };
    tool.explore(Program::Toy, little); // touches code and stacks
    tool.explore(program, limits)
}

/// Explores in a new process.
///
/// # Errors
///
/// If it cannot be started, or says nothing for another reason than that it was killed.
pub(crate) fn apart(program: Program, tool: Tool, limits: Limits) -> io::Result<Outcome> {
    let name = |value: Option<clap::builder::PossibleValue>| {
        value.expect("no value is skipped").get_name().to_owned()
    };
    let output = Command::new(std::env::current_exe()?)
        .args(["--one", &name(program.to_possible_value())])
        .arg(name(tool.to_possible_value()))
        .args(["--limit", &limits.time.as_secs_f64().to_string()])
        .args(["--executions", &limits.executions.to_string()])
        .stderr(Stdio::null())
        .output()?;
    match serde_json::from_slice(&output.stdout) {
        Ok(outcome) => Ok(outcome),
        Err(_) if !output.status.success() => Ok(Outcome::refused(format!(
            "it ended the process: {}",
            output.status
        ))),
        Err(error) => Err(error.into()),
    }
}

/// Counts executions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Count(Arc<AtomicU64>);

impl Count {
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Returns `body` so that it counts its calls, for all tools the same.
pub(crate) fn counted(body: fn()) -> (Count, impl Fn() + Send + Sync + 'static) {
    let count = Count::default();
    let own = count.clone();
    let body = move || {
        own.0.fetch_add(1, Ordering::Relaxed);
        body();
    };
    (count, body)
}

/// Returns what `explore` panics with.
pub(crate) fn failure<T>(explore: impl FnOnce() -> T) -> Option<String> {
    let payload = panic::catch_unwind(AssertUnwindSafe(explore)).err()?;
    let text = |payload: &(dyn Any + Send)| {
        let owned = payload.downcast_ref::<String>().cloned();
        owned.or_else(|| payload.downcast_ref::<&str>().map(|&text| text.to_owned()))
    };
    Some(text(&*payload).unwrap_or_else(|| "a panic without a text".to_owned()))
}
