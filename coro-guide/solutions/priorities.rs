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
        let mut value = self.value.lock();
        // Nothing switches between the two, neither here nor when both are dropped: nobody runs who
        // could see the one without the other.
        let _raised = Raised::to(self.ceiling);
        f(&mut value)
    }
}

/// While it lives, its coro has a higher priority.
struct Raised {
    before: Prio,
}

impl Raised {
    fn to(ceiling: Prio) -> Raised {
        let me = coro::current();
        let before = me.prio();
        // One who uses two such locks may have a higher one already.
        me.set_prio(before.max(ceiling));
        Raised { before }
    }
}

impl Drop for Raised {
    fn drop(&mut self) {
        coro::current().set_prio(self.before);
    }
}
