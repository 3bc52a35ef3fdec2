//! The programs that all tools run, and what an exploration comes to.

use std::fmt;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// A program that each tool has in its own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Program {
    /// Two tasks that each yield three times
    Toy,
    /// Two tasks that each add to one atomic number three times
    Access,
    /// Three tasks that each lock, read, yield and write
    Counter,
    /// A buffer of one slot, a producer of two items and two consumers
    Buffer,
    /// The same, but waiters look only once
    BufferIf,
    /// Two locks in opposite orders
    Inversion,
    /// A look and a wait, with the lock free between them
    LostSignal,
}

impl Program {
    /// Returns what is wrong with it.
    pub(crate) fn fault(self) -> Option<Fault> {
        match self {
            Self::Toy | Self::Access | Self::Counter | Self::Buffer => None,
            Self::BufferIf => Some(Fault::Slot),
            Self::Inversion | Self::LostSignal => Some(Fault::Deadlock),
        }
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Toy => "toy",
            Self::Access => "access",
            Self::Counter => "counter",
            Self::Buffer => "buffer",
            Self::BufferIf => "buffer-if",
            Self::Inversion => "inversion",
            Self::LostSignal => "lost-signal",
        })
    }
}

/// What a tool is to find.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// A waiter went on although the slot was not as it needs it.
    Slot,
    /// Everybody waits.
    Deadlock,
}

/// Begins what a task says that went on with the slot in the wrong state.
pub(crate) const SLOT: &str = "the slot is";

impl Fault {
    /// Returns a word for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Slot => "slot in a wrong state",
            Self::Deadlock => "deadlock",
        }
    }

    /// Whether a tool that says `failure` means this one.
    pub(crate) fn is_told_by(self, failure: &str) -> bool {
        match self {
            Self::Slot => failure.contains(SLOT),
            Self::Deadlock => failure.contains("deadlock"),
        }
    }
}

/// How an exploration ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum End {
    /// Nothing is left to run.
    Exhausted,
    /// Nothing is left within a bound of the tool: which.
    Bounded(String),
    /// As many executions as asked for, or the time is up.
    Stopped,
    /// An execution failed: how.
    Failed(String),
    /// The tool has no such program: why.
    Refused(String),
}

/// What came of an exploration.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) executions: u64,
    pub(crate) seconds: f64,
    pub(crate) end: End,
}

impl Outcome {
    /// Returns what comes of a program that cannot be written with the tool.
    pub(crate) fn refused(why: impl Into<String>) -> Self {
        Self {
            executions: 0,
            seconds: 0.0,
            end: End::Refused(why.into()),
        }
    }

    /// Whether `program`'s own fault was found.
    pub(crate) fn found(&self, program: Program) -> bool {
        match &self.end {
            End::Failed(failure) => program.fault().is_some_and(|f| f.is_told_by(failure)),
            _ => false,
        }
    }

    /// Whether the tool said of `program` what is not so: of a right one that it is wrong, or of a
    /// wrong one that every execution of it is right.
    pub(crate) fn misjudges(&self, program: Program) -> bool {
        match self.end {
            End::Failed(_) => !self.found(program),
            End::Exhausted => program.fault().is_some(),
            End::Bounded(_) | End::Stopped | End::Refused(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(end: End) -> Outcome {
        Outcome {
            executions: 1,
            seconds: 1.0,
            end,
        }
    }

    #[test]
    fn to_find_the_fault_is_to_judge_rightly() {
        let found = outcome(End::Failed("deadlock; threads = []".into()));
        assert!(found.found(Program::Inversion));
        assert!(!found.misjudges(Program::Inversion));
    }

    #[test]
    fn to_find_another_fault_is_to_misjudge() {
        let found = outcome(End::Failed("deadlock".into()));
        assert!(!found.found(Program::BufferIf));
        assert!(found.misjudges(Program::BufferIf));
        assert!(found.misjudges(Program::Buffer));
    }

    #[test]
    fn to_run_all_of_a_wrong_program_is_to_misjudge() {
        let all = outcome(End::Exhausted);
        assert!(all.misjudges(Program::LostSignal));
        assert!(!all.misjudges(Program::Counter));
    }

    #[test]
    fn to_stop_early_is_no_judgement() {
        for end in [End::Stopped, End::Bounded("few".into())] {
            assert!(!outcome(end).misjudges(Program::LostSignal));
        }
        assert!(!Outcome::refused("no").misjudges(Program::LostSignal));
    }
}
