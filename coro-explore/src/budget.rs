//! How far executions may depart from what production would do.

use std::fmt;

use crate::choice::Choice;
use crate::fault::Fault;

/// How many departures of each kind one execution may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Budget {
    /// `u32::MAX` for any number.
    pub(crate) delays: u32,
    pub(crate) timers: u32,
    /// In the order of [`Fault::ALL`].
    pub(crate) faults: [u32; Fault::ALL.len()],
}

impl Budget {
    pub(crate) const UNLIMITED: Budget = Budget {
        delays: u32::MAX,
        timers: u32::MAX,
        faults: [u32::MAX; Fault::ALL.len()],
    };

    pub(crate) const NONE: Budget = Budget {
        delays: 0,
        timers: 0,
        faults: [0; Fault::ALL.len()],
    };

    pub(crate) fn fault(&mut self, fault: Fault) -> &mut u32 {
        &mut self.faults[fault as usize]
    }

    /// Returns `true` if some fault may still happen to a coro.
    pub(crate) fn has_faults(&self) -> bool {
        self.faults.iter().any(|left| *left > 0)
    }

    fn account(&mut self, choice: Choice) -> (&mut u32, u32) {
        match choice {
            Choice::Delay(by) => (&mut self.delays, by),
            Choice::Pick(_) => (&mut self.delays, 1),
            Choice::Timer => (&mut self.timers, 1),
            Choice::Fault(fault, _) => (self.fault(fault), 1),
        }
    }

    /// Returns `true` if there is enough left for `choice`.
    pub(crate) fn allows(mut self, choice: Choice) -> bool {
        let (left, price) = self.account(choice);
        *left >= price
    }

    /// Pays for `choice`.
    pub(crate) fn pay(&mut self, choice: Choice) {
        let (left, price) = self.account(choice);
        if *left != u32::MAX {
            *left = left.saturating_sub(price);
        }
    }
}

/// `delays ≤ 3, spurious wake-ups ≤ 1`; what may not happen is left out, and any number of delays.
impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let faults = Fault::ALL.into_iter().zip(self.faults);
        let faults = faults.map(|(fault, limit)| (fault.name(), limit));
        let all = [("delay", self.delays), ("early timer", self.timers)]
            .into_iter()
            .chain(faults);
        let mut between = "";
        for (what, limit) in all {
            match limit {
                0 if what != "delay" => continue,
                u32::MAX if what == "delay" => continue,
                limit => write!(f, "{between}{what}s ≤ {limit}")?,
            }
            between = ", ";
        }
        Ok(())
    }
}
