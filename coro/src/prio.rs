//! The eight priorities.

use std::fmt;

/// The priority of a coro, from [`Prio::MIN`] (-4) to [`Prio::MAX`] (3).
///
/// A coro that is readied goes to the tail of the ready queue of the priority it has at that
/// moment; the scheduler always takes the head of the highest queue that is not empty. Priority
/// says who runs *next*, never how long: a coro keeps running until it blocks or cedes.
///
/// # Examples
///
/// ```
/// use coro::Prio;
/// assert!(Prio::HIGH > Prio::NORMAL);
/// assert_eq!(Prio::new(100), Prio::MAX);
/// assert_eq!(Prio::LOW.get(), -1);
/// ```
///
/// # Source
///
/// Coro 6.57, `PRIO_MAX` … `PRIO_MIN`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prio(i8);

impl Prio {
    /// The highest priority, 3.
    pub const MAX: Prio = Prio(3);
    /// A high priority, 1.
    pub const HIGH: Prio = Prio(1);
    /// The priority of every coro that was not given another one, 0.
    pub const NORMAL: Prio = Prio(0);
    /// A low priority, -1.
    pub const LOW: Prio = Prio(-1);
    /// A very low priority, -3.
    pub const IDLE: Prio = Prio(-3);
    /// The lowest priority, -4.
    pub const MIN: Prio = Prio(-4);

    /// How many priorities there are.
    pub(crate) const COUNT: usize = 8;

    /// Returns the priority `n`, clamped to -4 … 3.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(coro::Prio::new(-100), coro::Prio::MIN);
    /// ```
    #[must_use]
    pub const fn new(n: i8) -> Prio {
        if n < Prio::MIN.0 {
            Prio::MIN
        } else if n > Prio::MAX.0 {
            Prio::MAX
        } else {
            Prio(n)
        }
    }

    /// Returns the priority as a number, -4 … 3.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(coro::Prio::HIGH.get(), 1);
    /// ```
    #[must_use]
    pub const fn get(self) -> i8 {
        self.0
    }

    /// The place of this priority's ring: 0 is the lowest.
    pub(crate) const fn level(self) -> u8 {
        (self.0 - Prio::MIN.0) as u8
    }

    /// The priority of a ring.
    pub(crate) const fn of_level(level: u8) -> Prio {
        Prio(level as i8 + Prio::MIN.0)
    }
}

impl Default for Prio {
    fn default() -> Self {
        Prio::NORMAL
    }
}

impl fmt::Debug for Prio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Prio({})", self.0)
    }
}

impl fmt::Display for Prio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::Prio;

    #[test]
    fn levels_are_the_rings_in_order() {
        assert_eq!(Prio::MIN.level(), 0);
        assert_eq!(usize::from(Prio::MAX.level()), Prio::COUNT - 1);
        for n in -4..=3 {
            assert_eq!(Prio::of_level(Prio::new(n).level()).get(), n);
        }
    }
}
