//! A value that is made when somebody first wants to see it. It is made twice, and sometimes it is gone
//! before it is seen.

use coro_sync::RwLock;

/// A value that many look at, and that is made when it is needed.
pub struct Cache {
    value: RwLock<Option<u32>>,
}

impl Cache {
    /// Returns one without a value.
    pub fn new() -> Cache {
        Cache {
            value: RwLock::fair(None),
        }
    }

    /// Forgets the value, when nobody looks at it any more.
    pub fn clear(&self) {
        *self.value.write() = None;
    }

    /// Shows the value, and makes it before if there is none. `make` and `show` let others run.
    ///
    /// Between two `clear`s it is made once at most. As long as it is shown, it is not cleared. All
    /// who find it there can look at the same time, and beside the one who has made it.
    pub fn show(&self, make: impl FnOnce() -> u32, show: impl FnOnce(u32)) {
        let is_there = self.value.read().is_some();
        if !is_there {
            let made = make();
            *self.value.write() = Some(made);
        }
        let value = self.value.read();
        show(value.expect("it was made"));
    }
}
