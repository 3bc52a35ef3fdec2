//! Waiting for permits, and serving those who wait.
//!
//! # Invariants
//!
//! S1. Default form: when no coro is ready, there are not both a waiter in front and as many
//!     permits as it needs.
//! S2. Fair form: while anybody waits the count is zero or less, so nobody can come by. What was
//!     there is `collected` for the oldest waiter, and is less than it wants.

use coro_wait_queue::{Left, PassOn, Waiter, Woken};

use crate::Semaphore;
use crate::semaphore::overflow;

/// How high the count has to be for a waiter that wants so many permits: who wants none waits for
/// one to be there.
#[inline(always)]
fn needs(want: isize) -> isize {
    want.max(1)
}

impl Semaphore {
    /// Blocks until the count is as high as the current coro needs it; returns `false` if its time was
    /// over before.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn block(&self, want: isize, is_over: impl Fn() -> bool) -> bool {
        let waiter = self.waiters.enter_with(want, Owed::new(self, want));
        if want > 1 && self.fair {
            // There may be some to collect.
            self.hand_over();
        }
        loop {
            coro::wait_for(&waiter);
            if self.has_come(&waiter, want) {
                break;
            }
            if is_over() {
                return false;
            }
            waiter.stay_with(want);
            if want > 1 {
                // What was not enough for this one may do for the next.
                self.serve();
            }
        }
        waiter.done();
        true
    }

    #[inline(always)]
    fn has_come(&self, waiter: &Waiter<'_, Owed<'_>, isize>, want: isize) -> bool {
        if self.fair {
            return self.has_been_given(waiter, want);
        }
        self.count.get() >= needs(want)
    }

    /// Whether the permits of a waiter of the fair form have come. They are back in the count then,
    /// for the moment in which the waiter takes them.
    #[inline]
    fn has_been_given(&self, waiter: &Waiter<'_, Owed<'_>, isize>, want: isize) -> bool {
        let given = waiter.is_woken();
        if given {
            // It may overflow for the moment, if the count was raised to the utmost meanwhile.
            self.count.set(self.count.get().wrapping_add(want));
        }
        given
    }

    /// Sets the count while somebody waits. A call, so that `up` is small enough to be inlined.
    #[inline(never)]
    #[track_caller]
    pub(crate) fn raise(&self, count: isize) {
        if count.checked_add(self.collected.get()).is_none() {
            overflow();
        }
        self.count.set(count);
        self.serve();
    }

    /// Wakes whom the permits suffice for.
    #[inline]
    pub(crate) fn serve(&self) {
        if self.fair {
            return self.hand_over();
        }
        let count = self.count.get();
        if count > 0 && self.waiters.len() == 1 && !self.serve_one(count) {
            // The most common case, of which no more is inlined than it needs.
            return;
        }
        self.serve_all();
    }

    /// Wakes the oldest waiter if so many permits suffice for it; returns `true` if that was a
    /// callback, which may have changed everything.
    #[inline(always)]
    fn serve_one(&self, count: isize) -> bool {
        let woken = self.waiters.wake_if(|&want| needs(want) <= count);
        woken == Some(Woken::Callback)
    }

    #[inline(never)]
    fn serve_all(&self) {
        if self.count.get() == 1 && !self.serve_one(1) {
            return;
        }
        let mut due = 0;
        while self.count.get() > due {
            let rest = self.count.get() - due;
            match self.waiters.wake_if(|&want| needs(want) <= rest) {
                Some(Woken::Coro(want)) => due += needs(want),
                // It may have taken permits; the loop looks again.
                Some(Woken::Callback) => {}
                None => break,
            }
        }
    }

    /// Gives the permits to the oldest waiters of the fair form.
    #[inline(never)]
    fn hand_over(&self) {
        loop {
            // All are in the count while a callback runs: it is served, and may take some.
            let count = self.count.get().saturating_add(self.collected.take());
            self.count.set(count);
            if count <= 0 {
                return;
            }
            let fits = |&want: &isize| {
                let fits = needs(want) <= count;
                if fits {
                    self.count.set(count - want);
                }
                fits
            };
            if self.waiters.wake_if(fits).is_none() {
                break;
            }
        }
        if !self.waiters.is_empty() {
            self.collected.set(self.count.take());
        }
    }
}

/// What a waiter owes when it leaves without its permits.
pub(crate) struct Owed<'a> {
    semaphore: &'a Semaphore,
    want: isize,
}

impl<'a> Owed<'a> {
    #[inline(always)]
    pub(crate) fn new(semaphore: &'a Semaphore, want: isize) -> Owed<'a> {
        Owed { semaphore, want }
    }
}

impl PassOn for Owed<'_> {
    fn pass_on(&self, left: Left) {
        let semaphore = self.semaphore;
        if left != Left::Waiting {
            if semaphore.fair {
                // There is nobody to tell of an overflow.
                semaphore
                    .count
                    .set(semaphore.count.get().saturating_add(self.want));
            }
            semaphore.serve();
        } else if self.want > 1 {
            // Those behind it may want less.
            semaphore.serve();
        }
    }

    /// S1, S2: who is in front has been given what is enough for it.
    fn is_stranded(&self, oldest: bool) -> bool {
        let (count, collected) = (&self.semaphore.count, &self.semaphore.collected);
        oldest && count.get().saturating_add(collected.get()) >= needs(self.want)
    }
}
