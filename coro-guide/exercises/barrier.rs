//! A barrier that shuffles the cards between two rounds. Some play before it has.

use std::cell::Cell;

use coro_sync::Signal;

/// A table for so many players.
pub struct Table {
    players: u32,
    arrived: Cell<u32>,
    round: Cell<u32>,
    opened: Signal,
}

impl Table {
    /// Returns a table for so many players.
    pub fn new(players: u32) -> Table {
        Table {
            players,
            arrived: Cell::new(0),
            round: Cell::new(0),
            opened: Signal::new(),
        }
    }

    /// Waits until all players have called it; then the last of them calls its `shuffle`, which lets
    /// others run, and only then do all of them return. It can be used again and again.
    pub fn wait(&self, shuffle: impl FnOnce()) {
        let round = self.round.get();
        self.arrived.set(self.arrived.get() + 1);
        if self.arrived.get() == self.players {
            self.arrived.set(0);
            self.round.set(round + 1);
            self.opened.broadcast();
            shuffle();
        }
        self.opened.wait_until(|| self.round.get() > round);
    }
}
