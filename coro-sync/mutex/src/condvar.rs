//! The condition variable.

use std::cell::Cell;
use std::fmt;

use coro_wait_queue::{Left, PassOn, WaitQueue};

use crate::guard::MutexGuard;
use crate::mutex::Mutex;

/// Where coros wait until another one tells them that something has changed.
///
/// What has changed is in the data of a [`Mutex`](crate::Mutex); waiters of several mutexes may
/// share a condvar. A notification that finds nobody waiting is not remembered: look at the data
/// before you wait. No wait ends without a notification. But what a notification announced may be
/// gone when the waiter has the mutex again, as others may have locked it before; so
/// [`wait_while`](Condvar::wait_while) is the call to take.
///
/// # Examples
///
/// ```
/// use coro_mutex::{Condvar, Mutex};
/// use std::rc::Rc;
///
/// let gate = Rc::new((Mutex::new(false), Condvar::new()));
/// let theirs = gate.clone();
/// let c = coro::spawn(move || {
///     let (open, opened) = &*theirs;
///     drop(opened.wait_while(open.lock(), |open| !*open));
/// });
/// coro::cede();
/// gate.1.notify_one(); // a lie …
/// coro::cede();
/// assert!(!c.is_finished()); // … does not open the gate
/// *gate.0.lock() = true;
/// gate.1.notify_one();
/// c.join().unwrap();
/// ```
///
/// # Source
///
/// std's `Condvar`, with Mesa semantics; Lampson and Redell, "Experience with Processes and
/// Monitors in Mesa".
pub struct Condvar {
    pub(crate) waiters: WaitQueue,
}

impl Condvar {
    /// Returns a condvar on which nobody waits.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(coro_mutex::Condvar::new().waiters(), 0);
    /// ```
    #[must_use]
    #[track_caller]
    pub const fn new() -> Condvar {
        Condvar {
            waiters: WaitQueue::new("condvar"),
        }
    }

    /// Unlocks the mutex, blocks until it is notified, and locks the mutex again.
    ///
    /// There is no switch between the unlock and the wait: who changes the data and then notifies
    /// finds this waiter.
    ///
    /// # Switches
    ///
    /// Always.
    ///
    /// # Cancel safety
    ///
    /// The guard of an interrupted coro is gone: the mutex is not locked again, and the unwinding
    /// goes on without it. If the coro had been notified by [`notify_one`](Condvar::notify_one),
    /// the notification passes to the oldest waiter, also if the interruption comes while it waits
    /// for the mutex.
    ///
    /// # Panics
    ///
    /// Where nothing may switch; the mutex is unlocked then.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro_mutex::{Condvar, Mutex};
    /// use std::rc::Rc;
    ///
    /// let shared = Rc::new((Mutex::new(1), Condvar::new()));
    /// let theirs = shared.clone();
    /// let c = coro::spawn(move || *theirs.1.wait(theirs.0.lock()));
    /// coro::cede();
    /// *shared.0.lock() = 2;
    /// shared.1.notify_one();
    /// assert_eq!(c.join().unwrap(), 2);
    /// ```
    #[inline(always)]
    #[track_caller]
    pub fn wait<'a, T: ?Sized>(&self, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        self.block(guard, PassNotice(self))
    }

    #[inline(always)]
    #[track_caller]
    fn block<'a, T: ?Sized>(
        &self,
        guard: MutexGuard<'a, T>,
        pass_on: impl PassOn,
    ) -> MutexGuard<'a, T> {
        let mutex = guard.mutex();
        let waiter = self.waiters.enter(pass_on);
        drop(guard);
        while !waiter.is_woken() {
            coro::wait_for(&waiter);
        }
        // Until the mutex is ours, the notification may still have to pass on.
        mutex.raw.lock();
        waiter.done();
        MutexGuard::new(mutex)
    }

    /// [`wait`](Condvar::wait)s as long as the closure says `true` of the data.
    ///
    /// Whoever makes it say `false` should notify before it blocks without the mutex:
    /// [`Coro::is_stranded`] asks the closure while the coro waits and the mutex is free, and takes a
    /// `false` for a lost wake-up. So let it only look.
    ///
    /// [`Coro::is_stranded`]: coro::Coro::is_stranded
    ///
    /// # Switches
    ///
    /// If the closure says `true`, or switches itself.
    ///
    /// # Cancel safety
    ///
    /// As [`wait`](Condvar::wait). If the closure is interrupted or panics, the mutex is unlocked.
    ///
    /// # Panics
    ///
    /// If it has to block where nothing may switch; the mutex is unlocked then.
    ///
    /// # Examples
    ///
    /// See [`Condvar`].
    #[inline(always)]
    #[track_caller]
    pub fn wait_while<'a, T: ?Sized>(
        &self,
        mut guard: MutexGuard<'a, T>,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> MutexGuard<'a, T> {
        while condition(&mut guard) {
            let pass_on = While::new(self, guard.mutex(), &mut condition);
            guard = self.block(guard, pass_on);
        }
        // Not at the return, where an unwinding destructor leaks what is returned.
        drop(condition);
        guard
    }

    /// Notifies the oldest waiter. Returns `false` if there is none.
    ///
    /// # Switches
    ///
    /// Never. Readies the oldest waiter.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(!coro_mutex::Condvar::new().notify_one());
    /// ```
    #[doc(alias = "signal")]
    #[inline]
    pub fn notify_one(&self) -> bool {
        self.waiters.wake_one()
    }

    /// Notifies all who wait, the oldest first, and returns how many.
    ///
    /// # Switches
    ///
    /// Never. Readies the waiters.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(coro_mutex::Condvar::new().notify_all(), 0);
    /// ```
    #[doc(alias = "broadcast")]
    #[inline]
    pub fn notify_all(&self) -> usize {
        self.waiters.wake_all()
    }

    /// Returns how many coros wait and are not notified yet.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`new`](Condvar::new).
    #[must_use]
    pub fn waiters(&self) -> usize {
        self.waiters.len()
    }
}

/// A waiter for a notification: one that it cannot use is due to the next.
pub(crate) struct PassNotice<'a>(pub(crate) &'a Condvar);

impl PassOn for PassNotice<'_> {
    #[inline]
    fn pass_on(&self, left: Left) {
        if left == Left::Woken {
            self.0.waiters.wake_one();
        }
    }
}

/// A closure that says of the data how long to wait.
type Condition<'a, T> = &'a mut dyn FnMut(&mut T) -> bool;

/// A waiter for a notification that will look at the data then.
pub(crate) struct While<'a, T: ?Sized> {
    notice: PassNotice<'a>,
    mutex: &'a Mutex<T>,
    /// Taken out while it runs: it might ask for itself. If it panics, it is asked no more.
    condition: Cell<Option<Condition<'a, T>>>,
}

impl<'a, T: ?Sized> While<'a, T> {
    #[inline(always)]
    pub(crate) fn new(
        condvar: &'a Condvar,
        mutex: &'a Mutex<T>,
        condition: Condition<'a, T>,
    ) -> While<'a, T> {
        While {
            notice: PassNotice(condvar),
            mutex,
            condition: Cell::new(Some(condition)),
        }
    }
}

impl<T: ?Sized> PassOn for While<'_, T> {
    #[inline]
    fn pass_on(&self, left: Left) {
        self.notice.pass_on(left);
    }

    /// Whoever holds the mutex may change the data again, or notify.
    fn is_stranded(&self, _oldest: bool) -> bool {
        if self.mutex.is_locked() {
            return false;
        }
        let (Ok(mut data), Some(condition)) =
            (self.mutex.data.try_borrow_mut(), self.condition.take())
        else {
            return false;
        };
        let waits = condition(&mut data);
        self.condition.set(Some(condition));
        !waits
    }
}

impl Default for Condvar {
    #[track_caller]
    fn default() -> Condvar {
        Condvar::new()
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Condvar")
            .field("waiters", &self.waiters)
            .finish()
    }
}
