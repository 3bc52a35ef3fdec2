//! What may happen to a coro that does not run, and that is not its own doing.

use coro::Coro;

use crate::choice::{Choice, Number};
use crate::world::World;

/// What may happen to a coro that does not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Spurious,
    Throw,
    Cancel,
    SafeCancel,
    Timeout,
}

impl Fault {
    pub(crate) const ALL: [Fault; 5] = [
        Fault::Spurious,
        Fault::Throw,
        Fault::Cancel,
        Fault::SafeCancel,
        Fault::Timeout,
    ];

    pub(crate) fn letter(self) -> char {
        match self {
            Fault::Spurious => 's',
            Fault::Throw => 'x',
            Fault::Cancel => 'c',
            Fault::SafeCancel => 'a',
            Fault::Timeout => 'o',
        }
    }

    /// The coro is readied, and runs when its turn comes.
    pub(crate) fn lets_others_be_first(self) -> bool {
        matches!(self, Fault::Throw | Fault::SafeCancel | Fault::Timeout)
    }

    /// For people.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Fault::Spurious => "spurious wake-up",
            Fault::Throw => "throw",
            Fault::Cancel => "cancel",
            Fault::SafeCancel => "safe_cancel",
            Fault::Timeout => "timeout",
        }
    }
}

/// A coro that was struck, and comes before the others.
#[derive(Clone, Copy)]
pub(crate) struct Struck {
    pub(crate) id: u64,
    /// By a cancel, which switches to it whatever the order is.
    pub(crate) at_once: bool,
}

/// The payload of the explorer's throws.
///
/// # Examples
///
/// ```
/// use coro_explore::{Builder, Thrown};
///
/// let report = Builder::new().throw_everywhere("worker").check(|| {
///     let worker = coro::Builder::new().desc("worker").spawn(coro::cede);
///     if let Err(error) = worker.join() {
///         assert!(error.into_panic().is::<Thrown>());
///     }
/// });
/// assert!(report.executions() > 1);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Thrown;

impl World {
    pub(crate) fn can_strike(&self, fault: Fault, coro: &Coro) -> bool {
        if *coro == self.root || coro.is_running() || coro.is_finished() {
            return false;
        }
        let is_victim = match &self.settings.victims {
            Some(names) => coro
                .desc()
                .is_some_and(|desc| names.iter().any(|name| **name == *desc)),
            None => fault == Fault::Spurious || self.number(coro.id()) > 0,
        };
        is_victim
            && match fault {
                Fault::Spurious => !coro.is_ready() && !coro.is_suspended() && !coro.is_new(),
                Fault::Throw => true,
                // One that has not begun drops its closure at once, and this is a hook.
                Fault::Cancel | Fault::SafeCancel | Fault::Timeout => !coro.is_new(),
            }
    }

    pub(crate) fn strike(&self, fault: Fault, number: Number) {
        let coro = coro::all()
            .into_iter()
            .find(|coro| self.number(coro.id()) == number);
        let Some(coro) = coro.filter(|coro| self.can_strike(fault, coro)) else {
            return self.miss(self.step.get(), Choice::Fault(fault, number));
        };
        match fault {
            Fault::Spurious => {
                coro.ready();
                self.first_now.set(Some(Struck {
                    id: coro.id(),
                    at_once: false,
                }));
            }
            Fault::Throw => {
                coro.throw(Thrown);
            }
            Fault::Cancel => {
                coro.cancel();
                self.first_now.set(Some(Struck {
                    id: coro.id(),
                    at_once: true,
                }));
            }
            // It may be shielded: then nothing happens.
            Fault::SafeCancel => _ = coro.safe_cancel(),
            Fault::Timeout => coro.set_overdue(self.overdue),
        }
    }
}
