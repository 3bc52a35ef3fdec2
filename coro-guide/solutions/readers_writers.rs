//! A value that is made when somebody first wants to see it, and is there as long as it is looked at.

use coro_sync::{RwLock, RwLockWriteGuard};

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
        {
            let value = self.value.read();
            if let Some(value) = *value {
                return show(value);
            }
        }
        // Without the lock, anything may happen before the next one is had: so it looks again. While
        // it makes the value nobody else can; and it never lets go between making and showing, but
        // goes on as a reader, beside the others.
        let mut value = self.value.write();
        if value.is_none() {
            *value = Some(make());
        }
        let value = RwLockWriteGuard::downgrade(value);
        show(value.expect("it was made, or was there"));
    }
}
