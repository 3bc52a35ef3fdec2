//! The place of a hook.

use std::cell::Cell;

/// Where a hook is, if one is installed; it is taken out while it is called.
pub(crate) struct Installed<T> {
    hook: Cell<Option<T>>,
    /// How many times one was installed or removed here.
    number: Cell<u64>,
}

impl<T> Installed<T> {
    pub(crate) const fn nothing() -> Installed<T> {
        Installed {
            hook: Cell::new(None),
            number: Cell::new(0),
        }
    }

    /// Installs `new`, or nothing; returns what was there, unless it is being called.
    pub(crate) fn replace(&self, new: Option<T>) -> Option<T> {
        self.number.set(self.number.get() + 1);
        self.hook.replace(new)
    }

    /// Takes the hook out to call it, with a number for `put_back`.
    pub(crate) fn take(&self) -> Option<(T, u64)> {
        Some((self.hook.take()?, self.number.get()))
    }

    /// Puts a hook back that was called. If it was replaced or removed meanwhile, it comes back.
    pub(crate) fn put_back(&self, hook: T, number: u64) -> Result<(), T> {
        if self.number.get() != number {
            return Err(hook);
        }
        self.hook.set(Some(hook));
        Ok(())
    }
}
