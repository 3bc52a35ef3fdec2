//! A clock with two hands, and a bell.

use std::cell::Cell;

/// A clock that shows hours and minutes.
pub struct Clock {
    hours: Cell<u32>,
    minutes: Cell<u32>,
}

impl Clock {
    /// Returns a clock that shows this time.
    pub fn new(hours: u32, minutes: u32) -> Clock {
        Clock {
            hours: Cell::new(hours),
            minutes: Cell::new(minutes),
        }
    }

    /// Returns what it shows.
    pub fn time(&self) -> (u32, u32) {
        (self.hours.get(), self.minutes.get())
    }

    /// Goes on by a minute. At a full hour it rings the bell: `ring` is told the hour that begins, and
    /// lets others run.
    ///
    /// Whoever looks, looks at a right time, at every moment. The clock goes on while the bell rings:
    /// nobody waits for it but who rings it.
    pub fn tick(&self, ring: impl FnOnce(u32)) {
        self.minutes.set(self.minutes.get() + 1);
        if self.minutes.get() == 60 {
            self.minutes.set(0);
            ring(self.hours.get() + 1);
            self.hours.set(self.hours.get() + 1);
        }
    }
}
