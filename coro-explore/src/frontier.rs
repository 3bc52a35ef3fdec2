//! The schedules that are still to be run.

use std::collections::VecDeque;

use crate::choice::Deviation;
use crate::world::Child;

/// So many are kept in the order of their cost; what goes beyond is run first, so that the memory
/// is bounded: each takes some sixty bytes, and sixteen for each departure.
const LIMIT: usize = 4_000_000;

/// A tree of schedules: the root is production order, and each schedule adds one departure to its
/// parent's, behind the others. So each is there once.
#[derive(Default)]
pub(crate) struct Frontier {
    /// By their cost.
    levels: Vec<VecDeque<Vec<Deviation>>>,
    /// All that cost less are done.
    level: usize,
    len: usize,
    excess: Vec<Child>,
}

impl Frontier {
    pub(crate) fn push(&mut self, child: Child) {
        if self.len >= LIMIT {
            self.excess.push(child);
            return;
        }
        if self.levels.len() <= child.cost {
            self.levels.resize_with(child.cost + 1, VecDeque::new);
        }
        // Another OS thread may have begun with what costs more.
        self.level = self.level.min(child.cost);
        self.levels[child.cost].push_back(child.plan);
        self.len += 1;
    }

    pub(crate) fn pop(&mut self) -> Option<Child> {
        if let Some(child) = self.excess.pop() {
            return Some(child);
        }
        while self.level < self.levels.len() {
            if let Some(plan) = self.levels[self.level].pop_front() {
                self.len -= 1;
                let cost = self.level;
                return Some(Child { plan, cost });
            }
            self.level += 1;
        }
        None
    }

    /// The cost of what was given out last: all that cost less are given out.
    pub(crate) fn level(&self) -> usize {
        self.level
    }

    /// Returns the cost above which nothing new is reached by so many executions: there are as many
    /// already that cost no more.
    pub(crate) fn ceiling(&self, executions: u64) -> usize {
        let mut before = 0;
        let enough = self.levels.iter().position(|level| {
            before += level.len() as u64;
            before >= executions
        });
        enough.unwrap_or(usize::MAX)
    }

    /// Returns `true` if there is more of that cost.
    pub(crate) fn has_more_of_level(&self) -> bool {
        let level = self.levels.get(self.level);
        self.excess.is_empty() && level.is_some_and(|level| !level.is_empty())
    }
}
