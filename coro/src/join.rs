//! Waiting for the end of a coro, and being called at it.

use std::panic::Location;

use crate::control::{Coro, Ending};
use crate::functions::{check, current};
use crate::holder::Holder;
use crate::hooks::Wait;
use crate::life::{self, AtEnd};
use crate::scheduler;
use crate::state::ENDED;

/// Waiting for its end.
impl Coro {
    /// Blocks until the coro has ended. Any number of coros may join, any number of times.
    ///
    /// Those who wait are readied newest first.
    ///
    /// # Switches
    ///
    /// If the coro has not ended.
    ///
    /// # Cancel safety
    ///
    /// An interrupted joiner no longer waits; the coro is not affected.
    ///
    /// # Panics
    ///
    /// Where nothing may switch.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(|| ());
    /// c.coro().join();
    /// c.coro().join();
    /// assert!(c.is_finished());
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `join`; there, a throw reaches the joiner only at the end.
    #[inline]
    #[track_caller]
    pub fn join(&self) {
        self.join_from(Location::caller());
    }

    /// Joins on behalf of a call at `place`.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn join_from(&self, place: &'static Location<'static>) {
        check();
        let c = self.control();
        if c.has(ENDED) {
            return;
        }
        let mut joiner = self.joiner();
        while !c.has(ENDED) {
            scheduler::schedule_on(&joiner, place);
        }
        // The ending has happened, so there is nothing to take back.
        joiner.place = None;
    }

    /// Puts the current coro among those who are readied at the end of this one, until the
    /// [`Joiner`] is dropped: for a wait for several things at once.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(|| ());
    /// let joiner = c.coro().joiner();
    /// while !c.is_finished() {
    ///     coro::wait_for(&joiner);
    /// }
    /// ```
    ///
    /// # Source
    ///
    /// New here.
    #[inline]
    pub fn joiner(&self) -> Joiner<'_> {
        let c = self.control();
        let place = (!c.has(ENDED)).then(|| life::at_end(c, Ending::Ready(current())));
        Joiner {
            target: self,
            place,
        }
    }

    /// Calls `handler` when the coro has ended, newest handler first, mixed with the joiners.
    ///
    /// It runs on the ending coro's stack, after its locals are gone and its result is stored, and
    /// before it is known to joiners that wait longer. A handler that panics costs no other one
    /// its call; its payload is dropped. A handler of a coro that has ended is dropped.
    ///
    /// # Switches
    ///
    /// Never. (A handler may.)
    ///
    /// # Examples
    ///
    /// ```
    /// let log = std::rc::Rc::new(std::cell::Cell::new(0));
    /// let seen = log.clone();
    /// let c = coro::spawn(|| ());
    /// c.on_destroy(move || seen.set(1));
    /// c.join().unwrap();
    /// assert_eq!(log.get(), 1);
    /// ```
    ///
    /// # Source
    ///
    /// Coro 6.57, `on_destroy`.
    pub fn on_destroy(&self, handler: impl FnOnce() + 'static) {
        if !self.control().has(ENDED) {
            life::at_end(self.control(), Ending::Call(Box::new(handler)));
        }
    }
}

/// The place of a coro among those who wait for the end of another; dropping it leaves the place.
///
/// # Examples
///
/// See [`Coro::joiner`].
#[derive(Debug)]
#[must_use = "a joiner is not readied once this is dropped"]
pub struct Joiner<'a> {
    target: &'a Coro,
    /// `None` if there is nothing to leave.
    place: Option<AtEnd>,
}

impl Drop for Joiner<'_> {
    fn drop(&mut self) {
        if let Some(place) = &self.place {
            life::not_at_end(self.target.control(), place);
        }
    }
}

impl Wait for Joiner<'_> {
    fn what(&self) -> &'static str {
        "join"
    }

    fn made(&self) -> Option<&'static Location<'static>> {
        Some(self.target.control().spawned)
    }

    fn is_stranded(&self) -> bool {
        self.target.is_finished()
    }

    fn holders(&self, tell: &mut dyn FnMut(Holder)) {
        tell(Holder::of(self.target));
    }
}
