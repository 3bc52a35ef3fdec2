//! What a report says of a wait.

use std::panic::Location;
use std::rc::Rc;

/// What a coro waits for.
///
/// # Examples
///
/// ```
/// let blocked = coro::spawn(coro::schedule);
/// let target = blocked.coro().clone();
/// let joiner = coro::spawn(move || target.join());
/// coro::cede();
/// let report = coro::report();
/// let wait = report.coros()[2].wait().unwrap();
/// assert_eq!(wait.what(), "join");
/// assert_eq!(wait.holders()[0].id(), blocked.id());
/// # blocked.cancel();
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WaitReport {
    pub(super) what: &'static str,
    pub(super) made: Option<&'static Location<'static>>,
    pub(super) holders: Vec<HolderReport>,
}

impl WaitReport {
    /// Returns the kind of object: "semaphore".
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`WaitReport`].
    #[must_use]
    pub fn what(&self) -> &'static str {
        self.what
    }

    /// Returns where that object was made, if it is known.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let (c, line) = (coro::spawn(coro::schedule), line!());
    /// let target = c.coro().clone();
    /// let joiner = coro::spawn(move || target.join());
    /// coro::cede();
    /// let report = coro::report();
    /// assert_eq!(report.coros()[2].wait().unwrap().made().unwrap().line(), line);
    /// # c.cancel();
    /// ```
    #[must_use]
    pub fn made(&self) -> Option<&'static Location<'static>> {
        self.made
    }

    /// Returns the coros without which the wait cannot end, as far as that is known.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`WaitReport`].
    #[must_use]
    pub fn holders(&self) -> &[HolderReport] {
        &self.holders
    }
}

/// A coro that has what another one waits for.
///
/// # Examples
///
/// See [`WaitReport`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HolderReport {
    pub(super) id: u64,
    pub(super) desc: Option<Rc<str>>,
    pub(super) place: Option<&'static Location<'static>>,
    pub(super) ended: bool,
}

impl HolderReport {
    /// Returns the number of the coro.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`WaitReport`].
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Returns its description, if it has one and has not ended.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = coro::Builder::new().desc("long").spawn(coro::schedule);
    /// let target = c.coro().clone();
    /// let joiner = coro::spawn(move || target.join());
    /// coro::cede();
    /// let report = coro::report();
    /// let holder = &report.coros()[2].wait().unwrap().holders()[0];
    /// assert_eq!((holder.desc(), holder.place(), holder.ended()), (Some("long"), None, false));
    /// # c.cancel();
    /// ```
    #[must_use]
    pub fn desc(&self) -> Option<&str> {
        self.desc.as_deref()
    }

    /// Returns where it took what it has; `None` if it is its own end that is waited for.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`desc`](HolderReport::desc).
    #[must_use]
    pub fn place(&self) -> Option<&'static Location<'static>> {
        self.place
    }

    /// Returns `true` if it has ended and can give nothing back.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`desc`](HolderReport::desc).
    #[must_use]
    pub fn ended(&self) -> bool {
        self.ended
    }
}
