//! A till that sells tickets, each once.

use std::cell::Cell;

/// A till.
pub struct Till {
    tickets: Cell<u32>,
}

impl Till {
    /// Returns a till with so many tickets.
    pub fn new(tickets: u32) -> Till {
        Till {
            tickets: Cell::new(tickets),
        }
    }

    /// Sells a ticket, if there is one left: `pay` lets others run. Returns whether it was sold.
    ///
    /// Nobody pays without a ticket, and no ticket is sold twice. Two who pay at the same time must
    /// not wait for each other if there are tickets for both.
    pub fn sell(&self, pay: impl FnOnce()) -> bool {
        if self.tickets.get() == 0 {
            return false;
        }
        // What was looked at is changed before anybody else can look: no lock is needed.
        self.tickets.set(self.tickets.get() - 1);
        pay();
        true
    }
}
