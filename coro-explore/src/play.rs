//! Choosing by hand who runs: one execution, as far as the moves go.

use std::fmt;
use std::sync::Arc;
use std::thread;

use crate::budget::Budget;
use crate::choice::{Choice, Deviation, Number};
use crate::failure::Failure;
use crate::fault::Fault;
use crate::hand::{Hand, Source};
use crate::log::Entry;
use crate::report::{Extent, Report};
use crate::run::Run;
use crate::scene;
use crate::schedule::Schedule;
use crate::search::Found;
use crate::settings::Settings;
use crate::strategy::Strategy;
use crate::world::{Body, Trouble, World};

/// One choice, where an execution has one. Coros are named by their numbers, as a [`Run`] names them.
///
/// # Examples
///
/// ```
/// use coro_explore::Move;
/// assert_eq!(Move::Run(1).to_string(), "run #1");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Move {
    /// This coro, which is ready, runs.
    Run(u32),
    /// This coro, which is blocked, is readied for nothing, before all others.
    Wake(u32),
    /// A [`coro::choose`] has this outcome.
    Pick(u32),
    /// The earliest timer goes off.
    Timer,
    /// [`Thrown`](crate::Thrown) is thrown into this coro.
    Throw(u32),
    /// This coro is cancelled, and unwinds at once.
    Cancel(u32),
    /// This coro is cancelled by [`coro::Coro::safe_cancel`].
    SafeCancel(u32),
    /// This coro is overdue.
    Timeout(u32),
}

impl Move {
    pub(crate) fn of(choice: Choice) -> Option<Move> {
        match choice {
            Choice::Timer => Some(Move::Timer),
            Choice::Fault(fault, coro) => Some(match fault {
                Fault::Spurious => Move::Wake(coro),
                Fault::Throw => Move::Throw(coro),
                Fault::Cancel => Move::Cancel(coro),
                Fault::SafeCancel => Move::SafeCancel(coro),
                Fault::Timeout => Move::Timeout(coro),
            }),
            Choice::Delay(_) | Choice::Pick(_) => None,
        }
    }
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Move::Run(coro) => write!(f, "run #{coro}"),
            Move::Wake(coro) => write!(f, "wake #{coro} for nothing"),
            Move::Pick(which) => write!(f, "pick {which}"),
            Move::Timer => f.write_str("let the timer go off"),
            Move::Throw(coro) => write!(f, "throw into #{coro}"),
            Move::Cancel(coro) => write!(f, "cancel #{coro}"),
            Move::SafeCancel(coro) => write!(f, "cancel #{coro} when its turn comes"),
            Move::Timeout(coro) => write!(f, "time #{coro} out"),
        }
    }
}

/// How a coro stands in a [`Position`].
///
/// # Examples
///
/// See [`Builder::play`](crate::Builder::play).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub(crate) number: Number,
    pub(crate) name: String,
    pub(crate) state: State,
    pub(crate) what: Option<&'static str>,
    pub(crate) place: String,
}

/// What a coro does in a [`Position`].
///
/// # Examples
///
/// See [`Builder::play`](crate::Builder::play).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum State {
    /// It runs: it asks for a [`Move::Pick`].
    Running,
    /// It can run.
    Ready,
    /// It waits until somebody readies it.
    Blocked,
    /// It has ended.
    Ended,
}

impl Standing {
    /// Returns its number: the body is 0, and the others follow as they are made.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`Builder::play`](crate::Builder::play).
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Returns its description, or nothing if it has none.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`Builder::play`](crate::Builder::play).
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns what it does.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`Builder::play`](crate::Builder::play).
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// Returns what it waits for, if it is blocked and has said so: "semaphore".
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`Builder::play`](crate::Builder::play).
    #[must_use]
    pub fn what(&self) -> Option<&'static str> {
        self.what
    }

    /// Returns where it called the scheduler: `dining.rs:14`; nothing if it has not begun, or has
    /// ended.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`Builder::play`](crate::Builder::play).
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }
}

/// An execution that has stopped where the next [`Move`] is to be chosen, or has ended.
///
/// # Examples
///
/// See [`Builder::play`](crate::Builder::play).
#[derive(Clone, Debug)]
pub struct Position {
    moves: Vec<Move>,
    coros: Vec<Standing>,
    run: Run,
    failure: Option<Failure>,
    missed: Option<usize>,
    /// The plan that leads here, and the step at which it is: of one that is over, that behind the
    /// last.
    pub(crate) plan: Vec<Deviation>,
    pub(crate) step: u32,
}

impl Position {
    /// Returns what can be chosen now, first what production would do; nothing when it is over.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`Builder::play`](crate::Builder::play).
    #[must_use]
    pub fn moves(&self) -> &[Move] {
        &self.moves
    }

    /// Returns how all coros stand, by their numbers; of an execution that failed, how they stood
    /// then.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`Builder::play`](crate::Builder::play).
    #[must_use]
    pub fn coros(&self) -> &[Standing] {
        &self.coros
    }

    /// Returns what has happened until now.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`Builder::play`](crate::Builder::play).
    #[must_use]
    pub fn execution(&self) -> &Run {
        &self.run
    }

    /// Returns how the execution failed, if it has.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`Builder::play`](crate::Builder::play).
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// Returns `true` if nothing is left to be chosen.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`Builder::play`](crate::Builder::play).
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.moves.is_empty()
    }

    /// Returns which of the moves, from 0 on, could not be made, if one could not: the execution has
    /// stopped before it, or was over.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro_explore::{Builder, Move};
    /// let position = Builder::new().play(&[Move::Run(0), Move::Run(7)], || coro::cede());
    /// assert_eq!(position.missed(), Some(1));
    /// ```
    #[must_use]
    pub fn missed(&self) -> Option<usize> {
        self.missed
    }
}

/// What an execution was that somebody chose by hand.
struct Played {
    hand: Hand,
    trouble: Option<Trouble>,
    log: Vec<Entry>,
    coros: Vec<Standing>,
    step: u32,
}

/// Runs one execution on an OS thread of its own.
fn run(settings: &Settings, body: &Body, source: Source) -> Played {
    let settings = match source {
        Source::Moves(_) => settings.clone(),
        // What may happen is what has happened.
        Source::Plan(_) => Settings {
            budget: Budget::UNLIMITED,
            ..settings.clone()
        },
    };
    thread::scope(|scope| {
        let worker = scope.spawn(|| {
            let world = World::install(Arc::new(settings));
            let result = world.execute(body, Strategy::Hand(Hand::new(source)), 0, None);
            let paused = world.take_paused();
            let goes_on = paused.is_none() && result.is_ok();
            let (log, coros) = paused.unwrap_or_else(|| {
                // Of one that has failed, all stands as it did then.
                let log = world.take_log();
                let coros = scene::coros(&world, &log);
                (log, coros)
            });
            let played = Played {
                hand: world.hand(),
                trouble: result.err(),
                log,
                coros,
                step: world.steps(),
            };
            if goes_on {
                world.leave();
            }
            played
        });
        match worker.join() {
            Ok(played) => played,
            Err(payload) => std::panic::resume_unwind(payload),
        }
    })
}

/// Makes these moves.
pub(crate) fn play(settings: &Settings, body: &Body, moves: &[Move]) -> Position {
    let played = run(settings, body, Source::Moves(moves.to_vec()));
    let missed = played.hand.missed();
    let schedule = Schedule::of(&settings.name, &played.log);
    let plan = schedule.plan();
    let run = Run::new(played.log);
    let report = Report {
        executions: 1,
        steps: played.step,
        costs: Vec::new(),
        long: 0,
        extent: Extent::Replay,
        divergence: None,
    };
    let fail = |trouble| {
        let found = Found {
            cost: schedule.deviations(),
            number: 1,
            trouble,
            schedule,
            run: run.clone(),
        };
        let settings = Settings {
            replay: Some(String::new()),
            ..settings.clone()
        };
        Failure::new(&settings, found, report)
    };
    Position {
        failure: played.trouble.map(fail),
        step: played.step + u32::from(played.hand.legal.is_none()),
        moves: played.hand.legal.unwrap_or_default(),
        coros: played.coros,
        run,
        missed,
        plan,
    }
}

/// Returns the moves of a schedule.
pub(crate) fn moves(settings: &Settings, body: &Body, plan: Vec<Deviation>) -> Vec<Move> {
    run(settings, body, Source::Plan(plan)).hand.into_moves()
}
