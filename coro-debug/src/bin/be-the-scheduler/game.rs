//! The state of one level: the moves until now, and where they lead. It knows no terminal.

use coro_explore::{Builder, Failure, Move, Position, Report, Standing};
use coro_guide::Page;

/// So many moves at most are made without asking; then the player is asked, although there is no
/// choice. Only programs that go on for ever get there.
const AUTOMATIC: usize = 500;

/// So many executions are looked at for a hint, which takes seconds where nothing is optimised. All
/// failures of the levels are found by a hundred.
const SEARCHED: u64 = 10_000;

/// A level that is being played.
#[derive(Clone)]
pub(crate) struct Game {
    page: &'static Page,
    explorer: Builder,
    moves: Vec<Move>,
    turns: Vec<Turn>,
    position: Position,
    /// So many of the written hints were given.
    told: usize,
    /// Moves that lead to a failure, if some are known.
    failing: Vec<Move>,
    best: Option<Best>,
}

/// What the player did at once, and what `undo` takes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Turn {
    /// So many moves were made before.
    before: usize,
    /// So many are its own; those after them left no choice.
    own: usize,
    /// In so many of its own there was a choice.
    choices: usize,
}

/// The failure that the explorer finds, which deviates from production order as little as can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Best {
    pub(crate) deviations: usize,
    /// In so many of its moves there is a choice; unknown if it is very long.
    pub(crate) choices: Option<usize>,
}

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Open,
    /// The program failed, and the player has won.
    Failed,
    /// The program ended, and nothing was wrong.
    Well,
}

/// Why nothing was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It is over.
    Over,
    /// This cannot be done now; these can.
    Illegal(Move, Vec<Move>),
    /// There is nothing to take back.
    Beginning,
}

/// What is said to who does not know what to do.
#[derive(Clone, Debug)]
pub(crate) enum Hint {
    /// This one of so many that the page has.
    Written(&'static str, usize, usize),
    /// This move leads to a failure.
    Move(Move),
    /// No failure was found from here; but there is one when so many turns are taken back.
    Back(Report, usize),
    /// The program has failed.
    Won,
}

impl Game {
    pub(crate) fn new(page: &'static Page) -> Game {
        let explorer = (page.explorer)().name(page.name);
        let position = explorer.play(&[], page.wrong);
        let mut game = Game {
            page,
            explorer,
            moves: Vec::new(),
            turns: Vec::new(),
            position,
            told: 0,
            failing: Vec::new(),
            best: None,
        };
        game.settle();
        game
    }

    pub(crate) fn page(&self) -> &'static Page {
        self.page
    }

    pub(crate) fn position(&self) -> &Position {
        &self.position
    }

    /// Returns the line in the source where a coro stands, and its number, if it is there.
    pub(crate) fn line_of(&self, coro: &Standing) -> Option<(usize, &'static str)> {
        let place = coro.place().strip_prefix(self.page.name)?;
        let number = place.strip_prefix(".rs:")?.parse::<usize>().ok()?;
        let code = self.page.wrong_source.lines().nth(number.checked_sub(1)?)?;
        Some((number, code))
    }

    /// Returns `true` if there is something to choose.
    pub(crate) fn has_choice(&self) -> bool {
        self.position.moves().len() > 1
    }

    /// Returns how many choices the player has made.
    pub(crate) fn choices(&self) -> usize {
        self.turns.iter().map(|turn| turn.choices).sum()
    }

    /// Returns the moves without a choice that came last.
    pub(crate) fn automatic(&self) -> &[Move] {
        let end = |turn: &Turn| turn.before + turn.own;
        let from = self.turns.last().map_or(0, end);
        self.moves.get(from..).unwrap_or_default()
    }

    pub(crate) fn outcome(&self) -> Outcome {
        match self.position.failure() {
            Some(_) => Outcome::Failed,
            None if self.position.is_over() => Outcome::Well,
            None => Outcome::Open,
        }
    }

    /// Makes a move, and those after it that leave no choice.
    pub(crate) fn make(&mut self, chosen: Move) -> Result<(), Refusal> {
        if self.position.is_over() {
            return Err(Refusal::Over);
        }
        if !self.position.moves().contains(&chosen) {
            let legal = self.position.moves().to_vec();
            return Err(Refusal::Illegal(chosen, legal));
        }
        self.turns.push(Turn {
            before: self.moves.len(),
            own: 1,
            choices: usize::from(self.has_choice()),
        });
        self.add(chosen);
        self.settle();
        Ok(())
    }

    /// Makes the move that production would make.
    pub(crate) fn make_usual(&mut self) -> Result<(), Refusal> {
        let usual = self.position.moves().first().copied();
        self.make(usual.ok_or(Refusal::Over)?)
    }

    /// Goes on in production order, until it is over or a long time has passed.
    pub(crate) fn go_on(&mut self) -> Result<(), Refusal> {
        if self.position.is_over() {
            return Err(Refusal::Over);
        }
        let (before, mut choices) = (self.moves.len(), 0);
        while let [usual, others @ ..] = self.position.moves()
            && self.moves.len() < before + AUTOMATIC
        {
            choices += usize::from(!others.is_empty());
            self.add(*usual);
        }
        self.turns.push(Turn {
            before,
            own: self.moves.len() - before,
            choices,
        });
        Ok(())
    }

    /// Takes back what the player did last.
    pub(crate) fn undo(&mut self) -> Result<(), Refusal> {
        let turn = self.turns.pop().ok_or(Refusal::Beginning)?;
        self.moves.truncate(turn.before);
        self.look();
        Ok(())
    }

    /// Begins again. What was hinted stays hinted.
    pub(crate) fn restart(&mut self) {
        self.turns.clear();
        self.moves.clear();
        self.look();
        self.settle();
    }

    /// Goes where a schedule leads, a turn for each choice.
    pub(crate) fn replay(&mut self, schedule: &str) -> Result<(), String> {
        let moves = self.explorer.moves(schedule, self.page.wrong);
        let moves = moves.ok_or_else(|| format!("{schedule} is no schedule"))?;
        self.restart();
        while let Some(next) = moves.get(self.moves.len()) {
            if self.make(*next).is_err() {
                return Err(format!(
                    "{schedule} is of another program: {next} is not possible"
                ));
            }
        }
        match self.outcome() {
            Outcome::Failed => Ok(()),
            _ => Err(format!("{schedule} does not fail: the program has changed")),
        }
    }

    /// Helps: first by what the page says, a hint at a time, and then by the next move of a schedule
    /// that fails.
    pub(crate) fn hint(&mut self) -> Hint {
        if self.outcome() == Outcome::Failed {
            return Hint::Won;
        }
        if let Some(written) = self.page.hints.get(self.told) {
            self.told += 1;
            return Hint::Written(written, self.told, self.page.hints.len());
        }
        self.failing_move()
    }

    /// Returns `true` if the next hint must be looked for, which may take a while.
    pub(crate) fn must_search(&self) -> bool {
        self.outcome() != Outcome::Failed
            && self.told == self.page.hints.len()
            && !self.failing.starts_with(&self.moves)
    }

    fn failing_move(&mut self) -> Hint {
        if !self.failing.starts_with(&self.moves)
            && let Err(report) = self.look_from(self.moves.len())
        {
            let turns: Vec<_> = self.turns.iter().map(|turn| turn.before).collect();
            // What fails after a turn fails before it too.
            let dead = turns.partition_point(|before| self.look_from(*before).is_ok());
            return Hint::Back(report, turns.len() + 1 - dead.max(1));
        }
        match self.failing.get(self.moves.len()) {
            Some(next) => Hint::Move(*next),
            None => Hint::Won,
        }
    }

    /// Looks for a failure that begins with so many of the moves made, and keeps the way there.
    fn look_from(&mut self, made: usize) -> Result<(), Report> {
        let begin = &self.moves[..made];
        // The player may pass over whom he likes as often as he likes, whatever the page's budget.
        let explorer = self.explorer.clone().delays(u32::MAX);
        let explorer = explorer.max_executions(SEARCHED);
        match explorer.run_from(begin, self.page.wrong) {
            Ok(report) => Err(report),
            Err(failure) => {
                self.failing = self.moves_of(&failure);
                Ok(())
            }
        }
    }

    /// Returns the explorer's own way to a failure, if it was looked for.
    pub(crate) fn best(&self) -> Option<Best> {
        self.best
    }

    /// Looks for the explorer's own way to a failure.
    pub(crate) fn find_best(&mut self) {
        if self.best.is_some() {
            return;
        }
        // Not by `run`, which looks for a schedule in the environment.
        let Err(failure) = self.explorer.run_from(&[], self.page.wrong) else {
            return;
        };
        let moves = self.moves_of(&failure);
        let has_choice = |to: &usize| {
            let position = self.explorer.play(&moves[..*to], self.page.wrong);
            position.moves().len() > 1
        };
        let is_short = moves.len() <= AUTOMATIC;
        self.best = Some(Best {
            deviations: failure.deviations(),
            choices: is_short.then(|| (0..moves.len()).filter(has_choice).count()),
        });
    }

    fn moves_of(&self, failure: &Failure) -> Vec<Move> {
        let moves = self.explorer.moves(failure.schedule(), self.page.wrong);
        moves.expect("the explorer has told it")
    }

    fn add(&mut self, next: Move) {
        self.moves.push(next);
        self.look();
    }

    /// Makes the moves that leave no choice.
    fn settle(&mut self) {
        for _ in 0..AUTOMATIC {
            let [only] = *self.position.moves() else {
                return;
            };
            self.add(only);
        }
    }

    fn look(&mut self) {
        self.position = self.explorer.play(&self.moves, self.page.wrong);
    }
}
