//! One execution by hand, and all that begin like it.

use std::sync::Arc;

use crate::Builder;
use crate::failure::Failure;
use crate::play::{self, Move, Position};
use crate::report::Report;
use crate::schedule::Schedule;
use crate::search;
use crate::world::Body;

/// One execution by hand.
impl Builder {
    /// Runs `body` from its beginning, makes these moves, and stops where the next one is to be
    /// chosen.
    ///
    /// Each step takes a [`Move::Run`]; before it, in the same step, something may strike, as far as
    /// the budgets go. Any number of delays is allowed. To take a move back, leave it out.
    ///
    /// An execution that has stopped stays where it was, and is leaked with its body: some tens of
    /// kilobytes.
    ///
    /// # Switches
    ///
    /// Never: the coros of `body` run on an OS thread of their own.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro_explore::{Builder, Move, State};
    ///
    /// let body = || {
    ///     let c = coro::Builder::new().desc("cook").spawn(coro::schedule);
    ///     c.ready();
    ///     coro::cede();
    ///     assert!(!c.is_finished(), "the meal is ready");
    ///     c.join().unwrap();
    /// };
    /// let play = |moves: &[Move]| Builder::new().spurious(0).play(moves, body);
    /// let begin = play(&[]);
    /// assert_eq!(begin.moves(), [Move::Run(0)]);
    /// let next = play(&[Move::Run(0)]);
    /// assert_eq!(next.moves(), [Move::Run(1), Move::Run(0)]); // in the order of production
    /// assert_eq!((next.coros()[1].name(), next.coros()[1].state()), ("cook", State::Ready));
    /// assert!(!next.is_over() && next.failure().is_none());
    /// ```
    #[must_use]
    pub fn play(&self, moves: &[Move], body: impl Fn() + Send + Sync + 'static) -> Position {
        let body: Body = Arc::new(body);
        play::play(&self.0, &body, moves)
    }

    /// Explores all executions that begin with these moves.
    ///
    /// # Errors
    ///
    /// The first execution that fails.
    ///
    /// # Switches
    ///
    /// Never: the coros of `body` run on OS threads of their own.
    ///
    /// # Panics
    ///
    /// If a move cannot be made.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro_explore::{Builder, Move};
    ///
    /// let body = || {
    ///     let c = coro::spawn(|| ());
    ///     coro::cede();
    ///     assert!(c.is_finished(), "it has not had its turn");
    /// };
    /// let explorer = Builder::new().spurious(0);
    /// assert!(explorer.run_from(&[Move::Run(0), Move::Run(1)], body).is_ok());
    /// assert!(explorer.run_from(&[Move::Run(0)], body).is_err());
    /// ```
    #[track_caller]
    pub fn run_from(
        &self,
        moves: &[Move],
        body: impl Fn() + Send + Sync + 'static,
    ) -> Result<Report, Failure> {
        let body: Body = Arc::new(body);
        let position = play::play(&self.0, &body, moves);
        if let Some(missed) = position.missed() {
            panic!("move {missed}, {}, cannot be made", moves[missed]);
        }
        let (report, _) = search::search_from(&self.0, &body, position.plan, position.step)?;
        Ok(report)
    }

    /// Returns the moves that a schedule makes, which a [`Failure`] has told; `None` if that is no
    /// schedule.
    ///
    /// # Switches
    ///
    /// Never: the coros of `body` run on an OS thread of their own.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro_explore::{Builder, Move};
    ///
    /// let body = || {
    ///     let c = coro::spawn(|| ());
    ///     coro::cede();
    ///     assert!(c.is_finished(), "it has not had its turn");
    /// };
    /// let explorer = Builder::new().spurious(0);
    /// let failure = explorer.run(body).unwrap_err();
    /// let moves = explorer.moves(failure.schedule(), body).unwrap();
    /// assert_eq!(moves, [Move::Run(0), Move::Run(0)]);
    /// assert!(explorer.play(&moves, body).failure().is_some());
    /// assert!(explorer.moves("anything", body).is_none());
    /// ```
    #[must_use]
    pub fn moves(
        &self,
        schedule: &str,
        body: impl Fn() + Send + Sync + 'static,
    ) -> Option<Vec<Move>> {
        let body: Body = Arc::new(body);
        let schedule = schedule.parse::<Schedule>().ok()?;
        Some(play::moves(&self.0, &body, schedule.plan()))
    }
}
