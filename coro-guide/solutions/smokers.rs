//! A shed with tools. Who waits has none.

use std::cell::Cell;

use coro_sync::Signal;

/// A shed with tools, which have numbers.
pub struct Shed {
    is_there: Vec<Cell<bool>>,
    came_back: Signal,
}

impl Shed {
    /// Returns a shed with so many tools.
    pub fn new(count: usize) -> Shed {
        Shed {
            is_there: vec![Cell::new(true); count],
            came_back: Signal::new(),
        }
    }

    /// Blocks until all these tools are in the shed, and takes them. None is named twice.
    ///
    /// Who waits has no tool: others can take any that is in the shed, also if it is waited for. And
    /// nobody waits any more once all that it needs is there.
    pub fn take(&self, tools: &[usize]) {
        self.came_back
            .wait_until(|| tools.iter().all(|&tool| self.is_there[tool].get()));
        // Nothing has switched since that look.
        for &tool in tools {
            self.is_there[tool].set(false);
        }
    }

    /// Gives these tools back: all that have been taken, or some of them.
    pub fn give_back(&self, tools: &[usize]) {
        for &tool in tools {
            self.is_there[tool].set(true);
        }
        // All look: who has waited longest may need something else besides, and another one has enough.
        self.came_back.broadcast();
    }
}
