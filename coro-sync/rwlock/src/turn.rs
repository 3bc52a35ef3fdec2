//! Waiting for the lock.

use coro_wait_queue::{Left, PassOn};

use crate::raw::{Kind, RawRwLock};

/// A waiter for the lock.
pub(crate) struct Turn<'a> {
    lock: &'a RawRwLock,
    kind: Kind,
}

impl<'a> Turn<'a> {
    #[inline(always)]
    pub(crate) fn new(lock: &'a RawRwLock, kind: Kind) -> Turn<'a> {
        Turn { lock, kind }
    }
}

impl PassOn for Turn<'_> {
    #[cold]
    fn pass_on(&self, left: Left) {
        let lock = self.lock;
        if !lock.fair {
            if left != Left::Waiting && lock.holds.get() == 0 {
                lock.wake();
            }
        } else if left == Left::Waiting {
            if self.kind == Kind::Write {
                lock.writers.set(lock.writers.get() - 1);
            }
            lock.admit();
        } else {
            // If somebody unlocked what the waiter held, there is nothing to give back.
            let _ = lock.release();
        }
    }

    /// R2, R3. In the default form it is by right that a reader waits beside others who came by,
    /// and that writers are woken before it.
    fn is_stranded(&self, oldest: bool) -> bool {
        let holds = self.lock.holds.get();
        match self.kind {
            Kind::Read if !self.lock.fair => holds == 0 && self.lock.queue.is_empty(),
            Kind::Read => oldest && holds >= 0,
            Kind::Write => oldest && holds == 0,
        }
    }
}
