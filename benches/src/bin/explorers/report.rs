//! What is printed: a table for people, an object a line for programs.

use std::io::{self, Write};

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

use crate::measure::Tool;
use crate::program::{End, Outcome, Program};

/// What stands beneath the table.
pub(crate) const WHAT: &str = "\
coro-explore  runs unmodified code, and chooses who is next wherever a coro switches: where it cedes,
              blocks or ends. Between two switches nothing can happen, there as in production. It can
              also try early timers, cancels and throws, here none, and wake-ups without a cause, here
              none or one. It runs what departs least from production order first.
shuttle       runs code whose types of std were swapped for its own, and chooses who is next before
              every operation on one of them, and whom a condvar wakes. Atomics are sequentially
              consistent, and no condvar wakes without a cause. DFS runs every order, also those that
              make no difference. At random it proves nothing; of a wrong program the median of 101
              seeds is shown, of a right one as many executions as coro-explore's.
loom          runs code whose types were swapped, preempts at every access to one of them, and lets a
              load read older stores where C11 does (not quite all of C11: see its documentation). It
              alone finds orderings that are too weak. Of orders that differ only in independent
              accesses it runs one: the toy touches nothing that is shared. No condvar wakes without a
              cause, and whom it wakes is fixed (the oldest); there are at most five threads. To yield
              tells it that others must move first, so only its toy yields: with the yields of the
              others, it runs all of lost-signal and finds nothing.

So executions are not the same thing counted three times. A program has fewer orders as coros, for
an uncontended lock is no switch; where OS threads run it, those of shuttle and loom are the true ones,
and what coro-explore calls exhaustive says nothing. All can be asked whether a program that is wrong
for each of them is found out, and after how long. Where there are few executions, their time is that
of starting: coro-explore starts an OS thread.";

/// A tool's fastest exploration of a program.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) program: Program,
    pub(crate) tool: Tool,
    pub(crate) outcome: Outcome,
}

impl Entry {
    /// Whether the tool gave a wrong answer, or ours none.
    pub(crate) fn is_wrong(&self) -> bool {
        let Self {
            program,
            tool,
            outcome,
        } = self;
        let owed = *tool == Tool::CoroExplore && *program != Program::Access;
        let answered = match program.fault() {
            None => matches!(outcome.end, End::Exhausted),
            Some(_) => outcome.found(*program),
        };
        outcome.misjudges(*program) || (owed && !answered)
    }

    fn is_refused(&self) -> bool {
        matches!(self.outcome.end, End::Refused(_))
    }

    /// Returns executions a second, if any time passed.
    fn rate(&self) -> Option<f64> {
        let Outcome {
            executions,
            seconds,
            ..
        } = self.outcome;
        (seconds > 0.0).then(|| executions as f64 / seconds)
    }

    fn remark(&self) -> &str {
        match &self.outcome.end {
            End::Exhausted | End::Stopped => "",
            End::Bounded(bound) => bound,
            End::Failed(failure) => match self.program.fault() {
                Some(fault) if fault.is_told_by(failure) => fault.name(),
                _ => failure.lines().next().unwrap_or_default(),
            },
            End::Refused(why) => why,
        }
    }
}

/// A line of `--json`.
#[derive(Serialize)]
struct Line<'a> {
    program: Program,
    tool: Tool,
    /// Null if the tool cannot do it.
    executions: Option<u64>,
    seconds: Option<f64>,
    /// Whether no execution is left, without any bound.
    exhaustive: bool,
    /// Whether the program's fault was found.
    found: bool,
    #[serde(skip_serializing_if = "str::is_empty")]
    remark: &'a str,
}

/// Prints an object a line.
///
/// # Errors
///
/// Those of `sink`.
pub(crate) fn json(sink: &mut impl Write, entries: &[Entry]) -> io::Result<()> {
    for entry in entries {
        let outcome = &entry.outcome;
        let line = Line {
            program: entry.program,
            tool: entry.tool,
            executions: (!entry.is_refused()).then_some(outcome.executions),
            seconds: (!entry.is_refused()).then_some(outcome.seconds),
            exhaustive: matches!(outcome.end, End::Exhausted),
            found: outcome.found(entry.program),
            remark: entry.remark(),
        };
        serde_json::to_writer(&mut *sink, &line)?;
        writeln!(sink)?;
    }
    sink.flush()
}

/// Returns the table.
pub(crate) fn table(entries: &[Entry]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_header([
        "program",
        "tool",
        "executions",
        "seconds",
        "executions / s",
        "exhaustive",
        "found",
        "remark",
    ]);
    for column in table.column_iter_mut().skip(2).take(3) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for entry in entries {
        let outcome = &entry.outcome;
        let dash = || "–".to_owned();
        let [executions, seconds, rate] = if entry.is_refused() {
            [dash(), dash(), dash()]
        } else {
            [
                outcome.executions.to_string(),
                format!("{:.6}", outcome.seconds),
                entry.rate().map_or_else(dash, |rate| format!("{rate:.0}")),
            ]
        };
        let exhaustive = match outcome.end {
            End::Exhausted => "yes",
            End::Bounded(_) => "within a bound",
            End::Stopped => "no",
            End::Failed(_) | End::Refused(_) => "–",
        };
        let found = match (entry.program.fault(), &outcome.end) {
            (_, End::Refused(_)) => "cannot",
            (_, End::Failed(_)) if !outcome.found(entry.program) => "WRONG",
            (None, _) => "–",
            (Some(_), End::Failed(_)) => "yes",
            (Some(_), _) => "no",
        };
        table.add_row([
            entry.program.to_string(),
            entry.tool.title().to_owned(),
            executions,
            seconds,
            rate,
            exhaustive.to_owned(),
            found.to_owned(),
            entry.remark().to_owned(),
        ]);
    }
    table
}
