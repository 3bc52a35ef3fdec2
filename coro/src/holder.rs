//! Who has what others wait for.

use std::fmt;
use std::panic::Location;

use crate::control::Coro;
use crate::kernel::Kernel;

/// Tells that a coro has something, and where it took it: a note that a primitive keeps for
/// [reports](crate::report).
///
/// It is made in a nanosecond, and does not hold the coro.
///
/// # Examples
///
/// ```
/// let holder = coro::Holder::current();
/// assert_eq!(holder.id(), coro::current().id());
/// assert_eq!(holder.place().unwrap().file(), file!());
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    id: u64,
    /// [`NOWHERE`] if there is none. (An `Option` would make that of a `Holder` larger, and each lock
    /// a store slower.)
    place: &'static Location<'static>,
}

static NOWHERE: &Location<'static> = Location::caller();

impl Holder {
    /// Returns a note that the current coro has taken something here.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`Holder`].
    #[inline(always)]
    #[must_use]
    #[track_caller]
    pub fn current() -> Holder {
        // Without a kernel yet, it is main that runs, and it will be number 0.
        let current = Kernel::get().current_if_made();
        Holder {
            id: current.map_or(0, |current| current.id),
            place: Location::caller(),
        }
    }

    /// Returns a note that `coro` has what is waited for: its own end.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::spawn(|| ());
    /// assert_eq!(coro::Holder::of(&c).id(), c.id());
    /// ```
    #[must_use]
    pub fn of(coro: &Coro) -> Holder {
        Holder {
            id: coro.id(),
            place: NOWHERE,
        }
    }

    /// Returns the number of the coro: see [`Coro::id`].
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`Holder`].
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Returns where it took what it has.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`Holder`].
    #[must_use]
    pub fn place(&self) -> Option<&'static Location<'static>> {
        (self.place != NOWHERE).then_some(self.place)
    }
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Holder(coro #{}", self.id)?;
        match self.place() {
            Some(place) => write!(f, " at {place})"),
            None => f.write_str(")"),
        }
    }
}
