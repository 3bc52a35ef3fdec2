//! Into the ready queue, and what becomes of the entries of the dead.
#![allow(unsafe_code, reason = "makes the current coro's count its entry's")]

use std::ptr::NonNull;

use crate::control::{Control, Coro};
use crate::hooks::Event;
use crate::kernel::Kernel;
use crate::state::kernel::{ABOVE, OBSERVER};
use crate::state::{DEAD, PRIO, READY};

impl Kernel {
    /// Readies the current coro, which is about to switch out: its count becomes the entry's.
    pub(crate) fn ready_current(&'static self) {
        let c = self.current();
        if c.has(READY) {
            // It has readied itself before, and that entry has a count of its own.
            return self.release_current(c);
        }
        // SAFETY: K1: the current coro's count, which is given up here.
        self.enqueue(unsafe { Coro::from_raw(NonNull::from(c)) });
    }

    /// The same for a coro that has neither `READY` nor `PRIO`.
    #[inline(always)]
    pub(crate) fn ready_usual_current(&'static self, c: &Control) {
        // SAFETY: K1: the current coro's count, which is given up here.
        self.enqueue_usual(unsafe { Coro::from_raw(NonNull::from(c)) });
    }

    /// Puts a coro into the ready queue, unless it is there already or dead.
    #[inline(always)]
    pub(crate) fn ready(&'static self, coro: &Control) -> bool {
        if coro.has(READY | DEAD) {
            return false;
        }
        self.enqueue(coro.handle());
        true
    }

    /// Puts a coro that is neither ready nor dead into the ready queue, with the count of its
    /// handle.
    #[inline(always)]
    pub(crate) fn enqueue(&'static self, coro: Coro) {
        if coro.control().has(PRIO) {
            return self.enqueue_other(coro);
        }
        self.enqueue_usual(coro);
    }

    #[inline(always)]
    fn enqueue_usual(&'static self, coro: Coro) {
        if self.has(OBSERVER) {
            return self.enqueue_other(coro);
        }
        coro.control().set(READY);
        self.ready.push(coro);
    }

    #[cold]
    #[inline(never)]
    fn enqueue_other(&'static self, coro: Coro) {
        coro.control().set(READY);
        self.ready.push_any(coro.clone());
        if self.ready.is_above() {
            self.set(ABOVE);
        }
        if self.has(OBSERVER) {
            self.tell(&Event::Readied {
                coro: &coro,
                by: &self.current().handle(),
            });
        }
    }

    /// Tells the observer, if there is one and if it is not being told already.
    #[cold]
    pub(crate) fn tell(&'static self, event: &Event<'_>) {
        self.call(&self.observer, "an observer", |observer| {
            observer.event(event);
        });
    }

    /// Returns how many coros are ready.
    pub(crate) fn ready_count(&self) -> usize {
        self.ready.len() - self.stale.get()
    }

    /// Notes that a coro has died, whose entry in the ready queue, if any, is dropped later.
    pub(crate) fn bury(&self, coro: &Control) {
        coro.set(DEAD);
        if coro.has(READY) {
            coro.clear(READY);
            let stale = self.stale.get() + 1;
            self.stale.set(stale);
            // In proportion to the queue, so that the dead neither take memory nor time.
            if stale > 64 && 2 * stale > self.ready.len() {
                self.ready.retain(|entry| !entry.has(DEAD));
                self.stale.set(0);
            }
        }
    }

    /// Notes that a dead coro was met: by its entry in the queue, which is `READY`, or not.
    pub(crate) fn unearth(&self, entry: u32) {
        if entry == READY {
            self.stale.set(self.stale.get() - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::kernel::Kernel;
    use crate::state::kernel::ABOVE;
    use crate::{Builder, Prio};

    #[test]
    fn once_nobody_above_is_ready_the_usual_switch_is_short_again() {
        let high = Builder::new().prio(Prio::HIGH).spawn(|| ());
        assert!(Kernel::get().has(ABOVE));
        crate::cede();
        assert!(high.coro().is_finished());
        crate::cede();
        assert!(!Kernel::get().has(ABOVE));
    }
}
