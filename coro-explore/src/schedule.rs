//! A schedule as one string, which replays it.

use std::fmt;
use std::str::FromStr;

use crate::choice::Deviation;

const VERSION: &str = "v1:";

/// The deviations of an execution, with the name of what was explored.
///
/// Written as `v1:name:5+1@a3f2.9s3@77b0.@1c04`: at step 5 one coro was passed over, at step 9 coro 3
/// was woken for nothing; `a3f2` stands for all that had happened until then, `1c04` for everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Schedule {
    pub(crate) name: String,
    pub(crate) marks: Vec<Mark>,
    pub(crate) whole: u16,
}

/// A deviation, and what had happened before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) deviation: Deviation,
    pub(crate) past: u16,
}

impl Schedule {
    /// Returns what the deviations count together.
    pub(crate) fn deviations(&self) -> usize {
        let costs = self.marks.iter().map(|mark| mark.deviation.choice.cost());
        costs.sum()
    }

    /// Returns the deviations alone.
    pub(crate) fn plan(&self) -> Vec<Deviation> {
        self.marks.iter().map(|mark| mark.deviation).collect()
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{VERSION}{}:", self.name)?;
        for mark in &self.marks {
            write!(f, "{}@{:04x}.", mark.deviation, mark.past)?;
        }
        write!(f, "@{:04x}", self.whole)
    }
}

/// What a string is that is no schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NoSchedule;

impl FromStr for Schedule {
    type Err = NoSchedule;

    fn from_str(text: &str) -> Result<Schedule, NoSchedule> {
        let text = text.trim().strip_prefix(VERSION).ok_or(NoSchedule)?;
        let (name, rest) = text.rsplit_once(':').ok_or(NoSchedule)?;
        let (marks, whole) = rest.rsplit_once('@').ok_or(NoSchedule)?;
        let hash = |text: &str| u16::from_str_radix(text, 16).ok();
        let mark = |mark: &str| {
            let (deviation, past) = mark.split_once('@')?;
            Some(Mark {
                deviation: deviation.parse().ok()?,
                past: hash(past)?,
            })
        };
        let marks: Option<Vec<_>> = marks.split_terminator('.').map(mark).collect();
        let marks = marks.filter(|marks| marks.is_sorted_by_key(|mark| mark.deviation.step));
        Ok(Schedule {
            name: name.to_owned(),
            marks: marks.ok_or(NoSchedule)?,
            whole: hash(whole).ok_or(NoSchedule)?,
        })
    }
}
