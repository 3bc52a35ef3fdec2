//! A signal as an arm of a select.

use std::fmt;
use std::panic::Location;

use coro::Wait;
use coro_wait_queue::{Arm, Waiter};

use crate::signal::{PassSend, Signal};

/// Signals as arms of a select.
impl Signal {
    /// Returns an arm that does what [`wait`](Signal::wait) does.
    ///
    /// If another arm is taken, a send that this one was woken for passes on.
    ///
    /// # Switches
    ///
    /// Never. The select does.
    ///
    /// # Examples
    ///
    /// ```
    /// use coro_wait_queue::Arm;
    /// let signal = coro_signal::Signal::new();
    /// let arm = signal.wait_arm();
    /// assert!(!arm.commit());
    /// arm.enter();
    /// signal.send();
    /// assert!(arm.commit());
    /// ```
    ///
    /// # Source
    ///
    /// New here.
    pub fn wait_arm(&self) -> WaitArm<'_> {
        WaitArm {
            signal: self,
            waiter: self.waiters.waiter(PassSend(self)),
        }
    }
}

/// Waits for a [`Signal`] if it is selected.
///
/// # Examples
///
/// See [`Signal::wait_arm`].
#[must_use = "an arm does nothing unless a select waits for it"]
pub struct WaitArm<'a> {
    signal: &'a Signal,
    waiter: Waiter<'a, PassSend<'a>>,
}

impl Arm for WaitArm<'_> {
    type Output = ();

    fn commit(&self) -> bool {
        let signalled = self.waiter.is_woken() || self.signal.take_sent();
        if signalled {
            self.waiter.done();
        }
        signalled
    }

    fn enter(&self) {
        // Who was woken has the signal, and must not wait for another one.
        if !self.waiter.is_woken() {
            self.waiter.stay();
            self.signal.resend();
        }
    }

    fn quit(&self) {
        self.waiter.quit();
    }

    fn is_stranded(&self) -> bool {
        self.waiter.is_stranded()
    }

    fn what(&self) -> (&'static str, Option<&'static Location<'static>>) {
        self.signal.waiters.what()
    }

    fn take(self) {}
}

impl fmt::Debug for WaitArm<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WaitArm").field(self.signal).finish()
    }
}
