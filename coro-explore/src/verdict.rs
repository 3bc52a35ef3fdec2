//! What can be wrong with an execution.

use std::fmt;

/// What is wrong with an execution.
///
/// # Examples
///
/// ```
/// use coro_explore::{Builder, Verdict};
///
/// let failure = Builder::new().run(|| coro::schedule()).unwrap_err();
/// assert_eq!(failure.verdict(), Verdict::Deadlock);
/// assert_eq!(Verdict::LostWakeUp.to_string(), "lost wake-up");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// A coro panicked, or what [`finally`](crate::finally) looks at is wrong.
    Panic,
    /// An [`invariant`](crate::invariant) does not hold at a switch.
    Invariant,
    /// Nobody is ready, no timer is armed, and not all coros have ended.
    Deadlock,
    /// Nobody is ready, and a coro is blocked although what it waits for can be had.
    LostWakeUp,
    /// The coros go on for ever, in production order too.
    Livelock,
    /// All coros have ended, and something still holds one: a queue that was left with an entry, a
    /// timer, a cycle of `Rc`s.
    Leak,
    /// The body did something else although everything that it was told was the same.
    Nondeterminism,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Verdict::Panic => "panic",
            Verdict::Invariant => "invariant violated",
            Verdict::Deadlock => "deadlock",
            Verdict::LostWakeUp => "lost wake-up",
            Verdict::Livelock => "livelock",
            Verdict::Leak => "leak",
            Verdict::Nondeterminism => "nondeterminism",
        })
    }
}
