//! Choices that somebody makes by hand, one after the other.

use crate::choice::{Choice, Deviation, Number};
use crate::play::Move;

/// Where the choices come from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// When they are used up, the execution stops.
    Moves(Vec<Move>),
    /// The departures of a whole execution.
    Plan(Vec<Deviation>),
}

/// Makes choices, and notes them.
#[derive(Clone, Debug)]
pub(crate) struct Hand {
    source: Source,
    /// What was done until now.
    taken: Vec<Move>,
    /// What may strike at this step.
    faults: Vec<Move>,
    /// What can be chosen where it has stopped.
    pub(crate) legal: Option<Vec<Move>>,
}

impl Hand {
    pub(crate) fn new(source: Source) -> Hand {
        Hand {
            source,
            taken: Vec::new(),
            faults: Vec::new(),
            legal: None,
        }
    }

    /// Returns what was done.
    pub(crate) fn into_moves(self) -> Vec<Move> {
        self.taken
    }

    /// The first of the moves that could not be made.
    pub(crate) fn missed(&self) -> Option<usize> {
        match &self.source {
            Source::Moves(moves) if self.taken.len() < moves.len() => Some(self.taken.len()),
            _ => None,
        }
    }

    /// Returns which of these happens now, if any.
    pub(crate) fn fault(&mut self, step: u32, options: &[Choice]) -> Option<usize> {
        let moves: Vec<_> = options
            .iter()
            .filter_map(|option| Move::of(*option))
            .collect();
        let at = match &self.source {
            Source::Plan(plan) => self.planned(plan, step, |choice| {
                options.iter().position(|option| *option == choice)
            }),
            Source::Moves(given) => self.given(given, &moves),
        };
        match at {
            Some(at) => self.take(moves[at]),
            None => self.faults = moves,
        }
        at
    }

    /// Returns which of these runs next.
    pub(crate) fn run(&mut self, step: u32, ready: impl Iterator<Item = Number>) -> usize {
        let runs: Vec<_> = ready.map(Move::Run).collect();
        self.choose(step, runs, true, |choice| match choice {
            Choice::Delay(by) => Some(by as usize),
            _ => None,
        })
    }

    /// Returns which of `count` things a data choice takes.
    pub(crate) fn pick(&mut self, step: u32, count: usize) -> usize {
        let picks = (0..count as u32).map(Move::Pick).collect();
        self.choose(step, picks, false, |choice| match choice {
            Choice::Pick(which) => Some(which as usize),
            _ => None,
        })
    }

    /// Nobody is ready: time passes, unless the execution stops here.
    pub(crate) fn wait(&mut self, step: u32) {
        self.choose(step, vec![Move::Timer], true, |_| None);
    }

    /// Chooses among `moves`, of which the first is what production would do.
    fn choose(
        &mut self,
        step: u32,
        moves: Vec<Move>,
        with_faults: bool,
        by: impl Fn(Choice) -> Option<usize>,
    ) -> usize {
        let at = match &self.source {
            Source::Plan(plan) => Some(self.planned(plan, step, by).unwrap_or(0)),
            Source::Moves(given) => self.given(given, &moves),
        };
        match at {
            Some(at) if at < moves.len() => {
                self.take(moves[at]);
                at
            }
            _ => {
                let mut legal = moves;
                if with_faults {
                    legal.append(&mut self.faults);
                }
                self.legal = Some(legal);
                0
            }
        }
    }

    /// Where, among those that are legal, the next of the given moves is.
    fn given(&self, given: &[Move], legal: &[Move]) -> Option<usize> {
        let next = given.get(self.taken.len())?;
        legal.iter().position(|legal| legal == next)
    }

    fn planned(
        &self,
        plan: &[Deviation],
        step: u32,
        fits: impl Fn(Choice) -> Option<usize>,
    ) -> Option<usize> {
        let mut here = plan.iter().filter(|deviation| deviation.step == step);
        here.find_map(|deviation| fits(deviation.choice))
    }

    fn take(&mut self, taken: Move) {
        self.taken.push(taken);
        self.faults.clear();
    }
}
