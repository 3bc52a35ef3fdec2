//! Permits as arms of a select.

use std::fmt;
use std::panic::Location;

use coro::Wait;
use coro_wait_queue::{Arm, Waiter};

use crate::waiting::Owed;
use crate::{Semaphore, SemaphoreGuard};

/// Permits as arms of a select.
impl Semaphore {
    /// Returns an arm that does what [`down`](Semaphore::down) does.
    ///
    /// # Switches
    ///
    /// Never. The select does.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro_wait_queue::Arm;
    /// let semaphore = coro_semaphore::Semaphore::new(1);
    /// assert!(semaphore.down_arm().commit());
    /// assert!(!semaphore.down_arm().commit());
    /// ```
    pub fn down_arm(&self) -> DownArm<'_> {
        DownArm {
            semaphore: self,
            waiter: self.waiters.waiter(Owed::new(self, 1)),
        }
    }

    /// Returns an arm that does what [`acquire`](Semaphore::acquire) does, and yields the guard.
    ///
    /// # Switches
    ///
    /// Never. The select does.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro_wait_queue::Arm;
    /// let semaphore = coro_semaphore::Semaphore::new(1);
    /// let arm = semaphore.acquire_arm();
    /// assert!(arm.commit());
    /// let guard = arm.take();
    /// assert_eq!(semaphore.count(), 0);
    /// ```
    pub fn acquire_arm(&self) -> AcquireArm<'_> {
        AcquireArm(self.down_arm())
    }
}

/// Lowers a [`Semaphore`] if it is selected.
///
/// # Examples
///
/// See [`Semaphore::down_arm`].
#[must_use = "an arm does nothing unless a select waits for it"]
pub struct DownArm<'a> {
    semaphore: &'a Semaphore,
    waiter: Waiter<'a, Owed<'a>, isize>,
}

impl Arm for DownArm<'_> {
    type Output = ();

    fn commit(&self) -> bool {
        let given = self.semaphore.fair && self.waiter.is_woken();
        let taken = given || self.semaphore.try_lower(1);
        if taken {
            self.waiter.done();
        } else {
            self.waiter.forget_wake_up();
        }
        taken
    }

    fn enter(&self) {
        // Who was woken since it looked must not wait for another wake-up.
        if self.waiter.is_woken() {
            return;
        }
        self.waiter.stay_with(1);
        if self.semaphore.count.get() > 0 {
            coro::current().ready();
        }
    }

    fn quit(&self) {
        self.waiter.quit();
    }

    fn is_stranded(&self) -> bool {
        self.waiter.is_stranded()
    }

    fn what(&self) -> (&'static str, Option<&'static Location<'static>>) {
        self.semaphore.waiters.what()
    }

    fn take(self) {}
}

impl fmt::Debug for DownArm<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DownArm").field(self.semaphore).finish()
    }
}

/// Acquires a permit of a [`Semaphore`] if it is selected.
///
/// # Examples
///
/// See [`Semaphore::acquire_arm`].
#[derive(Debug)]
#[must_use = "an arm does nothing unless a select waits for it"]
pub struct AcquireArm<'a>(DownArm<'a>);

impl<'a> Arm for AcquireArm<'a> {
    type Output = SemaphoreGuard<'a>;

    fn commit(&self) -> bool {
        self.0.commit()
    }

    fn enter(&self) {
        self.0.enter();
    }

    fn quit(&self) {
        self.0.quit();
    }

    fn is_stranded(&self) -> bool {
        self.0.is_stranded()
    }

    fn what(&self) -> (&'static str, Option<&'static Location<'static>>) {
        self.0.what()
    }

    #[track_caller]
    fn take(self) -> SemaphoreGuard<'a> {
        self.0.semaphore.note_holder();
        SemaphoreGuard::new(self.0.semaphore, 1)
    }
}
