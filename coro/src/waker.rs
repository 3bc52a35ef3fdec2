//! The one door from other OS threads.

use std::fmt;
use std::sync::Arc;
use std::task;

use crate::control::Coro;
use crate::idle;
use crate::inbox::Line;
use crate::kernel::Kernel;
use crate::root;
use crate::state::kernel::INBOX;

impl task::Wake for Line {
    fn wake(self: Arc<Self>) {
        Line::wake(&self);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        Line::wake(self);
    }
}

/// Waits a few microseconds, without a switch and without a sleep, until `seen` returns `true`: for
/// what another OS thread may be about to do.
///
/// It returns early if another coro of this OS thread has something to do, and at once if one is
/// ready, if a timer is due soon, or while a driver, a policy or an observer is installed. So look
/// again after it, and block if nothing has come: to be woken takes many times as long as this.
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// ```
/// use std::sync::atomic::{AtomicBool, Ordering};
///
/// let done = AtomicBool::new(false);
/// let waker = coro::current().waker();
/// std::thread::scope(|scope| {
///     scope.spawn(|| {
///         done.store(true, Ordering::Release);
///         waker.wake();
///     });
///     let is_done = || done.load(Ordering::Acquire);
///     coro::linger(is_done);
///     while !is_done() {
///         coro::schedule();
///     }
/// });
/// ```
///
/// # Source
///
/// New here.
#[cold]
pub fn linger(seen: impl Fn() -> bool) {
    idle::linger(Kernel::get(), seen);
}

/// Readies a coro from any OS thread: [`Coro::waker`] makes it.
///
/// While one is alive, its coro is held, and a program in which nothing else can happen waits for
/// it instead of raising a deadlock. If nobody uses it, that wait has no end: after 10 seconds a
/// report of it goes to the standard error, see [`set_patience`](crate::set_patience).
///
/// An OS thread that has nothing to do waits about 4 µs for a wake before it sleeps; with a driver,
/// with an idle hook that waits, or shortly before a deadline, it does not.
///
/// It may outlive its coro, and the OS thread of its coro; then it does nothing.
///
/// # Examples
///
/// ```
/// let waker = coro::current().waker();
/// let other = std::thread::spawn(move || waker.wake());
/// coro::schedule();
/// other.join().unwrap();
/// ```
///
/// # Source
///
/// New here.
#[derive(Clone)]
pub struct Waker(Arc<Line>);

impl Waker {
    /// Readies the coro at the next switch of its OS thread, which is woken if it sleeps.
    ///
    /// Several wakes before that switch are one: they cost next to nothing and take no memory. The
    /// coro sees all that was written before any of them.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicU32, Ordering};
    ///
    /// let done = Arc::new(AtomicU32::new(0));
    /// let (count, waker) = (done.clone(), coro::current().waker());
    /// let other = std::thread::spawn(move || {
    ///     for _ in 0..1000 {
    ///         count.fetch_add(1, Ordering::Relaxed);
    ///         waker.wake();
    ///     }
    /// });
    /// while done.load(Ordering::Relaxed) < 1000 {
    ///     coro::schedule();
    /// }
    /// other.join().unwrap();
    /// ```
    #[doc(alias = "unpark")]
    pub fn wake(&self) {
        Line::wake(&self.0);
    }
}

impl From<Waker> for task::Waker {
    fn from(waker: Waker) -> task::Waker {
        waker.0.into()
    }
}

impl fmt::Debug for Waker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Waker")
    }
}

impl Coro {
    /// Returns a waker that readies this coro from any OS thread.
    ///
    /// # Switches
    ///
    /// Never. Readies the coros that other wakers have woken meanwhile.
    ///
    /// # Examples
    ///
    /// ```
    /// let waker: std::task::Waker = coro::current().waker().into();
    /// waker.wake_by_ref();
    /// coro::schedule();
    /// ```
    #[must_use]
    pub fn waker(&self) -> Waker {
        let k = root::kernel();
        // Who makes wakers and never switches must not pile up those that were used and are gone.
        idle::empty_inbox(k);
        let key = k.next_id();
        let mut wakers = k.wakers.take();
        wakers.insert(key, self.clone());
        k.wakers.set(wakers);
        k.set(INBOX);
        Waker(idle::inbox(k).line(key))
    }
}
