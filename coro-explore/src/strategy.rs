//! How an execution chooses where it has a choice.

use fastrand::Rng;

use crate::choice::{Choice, Deviation, Number};
use crate::hand::Hand;

/// Decides for one execution.
#[derive(Debug)]
pub(crate) enum Strategy {
    /// Production order, but for these departures.
    Plan { plan: Vec<Deviation>, next: usize },
    /// Anything, with the same chance.
    Random(Rng),
    /// The highest of random priorities, which change at random steps.
    Pct(Pct),
    /// What somebody says.
    Hand(Hand),
}

/// Faults are rarer than other steps, so that much happens between them.
const FAULT_EVERY: usize = 12;

impl Strategy {
    /// Returns the departure that is planned for this step and fits.
    pub(crate) fn planned(&mut self, step: u32, fits: fn(Choice) -> bool) -> Option<Choice> {
        let Strategy::Plan { plan, next } = self else {
            return None;
        };
        let deviation = plan.get(*next)?;
        if deviation.step != step || !fits(deviation.choice) {
            return None;
        }
        *next += 1;
        Some(deviation.choice)
    }

    /// The first planned departure that did not happen.
    pub(crate) fn left(&self) -> Option<Deviation> {
        match self {
            Strategy::Plan { plan, next } => plan.get(*next).copied(),
            _ => None,
        }
    }

    /// Returns which of these faults happens now, if any.
    pub(crate) fn fault(&mut self, step: u32, options: &[Choice]) -> Option<usize> {
        let rng = match self {
            Strategy::Plan { .. } => return None,
            Strategy::Hand(hand) => return hand.fault(step, options),
            Strategy::Random(rng) => rng,
            Strategy::Pct(pct) => &mut pct.rng,
        };
        if options.is_empty() || rng.usize(..FAULT_EVERY) > 0 {
            return None;
        }
        Some(rng.usize(..options.len()))
    }

    /// Returns which of these runs next.
    pub(crate) fn run(&mut self, step: u32, ready: impl Iterator<Item = Number>) -> usize {
        match self {
            Strategy::Plan { .. } => 0,
            Strategy::Random(rng) => rng.usize(..ready.count().max(1)),
            Strategy::Pct(pct) => pct.run(step, ready),
            Strategy::Hand(hand) => hand.run(step, ready),
        }
    }

    /// Returns which of `count` things a data choice takes.
    pub(crate) fn pick(&mut self, step: u32, count: usize) -> usize {
        match self {
            Strategy::Plan { .. } => 0,
            Strategy::Random(rng) => rng.usize(..count),
            Strategy::Pct(pct) => pct.rng.usize(..count),
            Strategy::Hand(hand) => hand.pick(step, count),
        }
    }
}

/// Probabilistic concurrency testing: finds a bug of depth d among n coros in k steps with a chance
/// of at least 1 / (n k^(d - 1)).
///
/// Source: Burckhardt, Kothari, Musuvathi, Nagarakatte, "A randomized scheduler with probabilistic
/// guarantees of finding bugs", ASPLOS 2010, section 2.
#[derive(Debug)]
pub(crate) struct Pct {
    rng: Rng,
    /// The priority of each coro, by its number; a later change point gives a lower one.
    ranks: Vec<u64>,
    changes: Vec<u32>,
}

impl Pct {
    /// For bugs that need `depth` orderings, in executions of about `steps` steps.
    pub(crate) fn new(mut rng: Rng, depth: u32, steps: u32) -> Pct {
        let changes = (1..depth).map(|_| rng.u32(1..=steps.max(1))).collect();
        Pct {
            rng,
            ranks: Vec::new(),
            changes,
        }
    }

    fn run(&mut self, step: u32, ready: impl Iterator<Item = Number>) -> usize {
        let ready: Vec<_> = ready.map(|number| number as usize).collect();
        let needed = ready.iter().max().map_or(0, |most| most + 1);
        while self.ranks.len() < needed {
            // Above all that change points give.
            self.ranks.push(self.rng.u64(1 << 32..));
        }
        let best = |ranks: &[u64]| (0..ready.len()).max_by_key(|i| ranks[ready[*i]]);
        if let (Some(change), Some(first)) = (
            self.changes.iter().position(|at| *at == step),
            best(&self.ranks),
        ) {
            self.ranks[ready[first]] = (self.changes.len() - change) as u64;
        }
        best(&self.ranks).unwrap_or(0)
    }
}
