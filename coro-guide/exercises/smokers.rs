//! A shed with tools. Some wait for each other with a tool in their hand.

use coro_sync::Semaphore;

/// A shed with tools, which have numbers.
pub struct Shed {
    tools: Vec<Semaphore>,
}

impl Shed {
    /// Returns a shed with so many tools.
    pub fn new(count: usize) -> Shed {
        Shed {
            tools: (0..count).map(|_| Semaphore::new(1)).collect(),
        }
    }

    /// Blocks until all these tools are in the shed, and takes them. None is named twice.
    ///
    /// Who waits has no tool: others can take any that is in the shed, also if it is waited for. And
    /// nobody waits any more once all that it needs is there.
    pub fn take(&self, tools: &[usize]) {
        for &tool in tools {
            self.tools[tool].down();
        }
    }

    /// Gives these tools back: all that have been taken, or some of them.
    pub fn give_back(&self, tools: &[usize]) {
        for &tool in tools {
            self.tools[tool].up();
        }
    }
}
