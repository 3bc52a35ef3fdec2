//! The one door from other OS threads.

use std::fmt;
use std::sync::Arc;
use std::task;

use crate::control::Coro;
use crate::idle;
use crate::inbox::{Inbox, Message};
use crate::root;

struct Inner {
    inbox: Arc<Inbox>,
    key: u64,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.inbox.put(Message::Gone(self.key));
    }
}

impl task::Wake for Inner {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.inbox.put(Message::Wake(self.key));
    }
}

/// Readies a coro from any OS thread: [`Coro::waker`] makes it.
///
/// While one is alive, its coro is held, and a program in which nothing else can happen waits for
/// it instead of raising a deadlock.
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
pub struct Waker(Arc<Inner>);

impl Waker {
    /// Readies the coro at the next switch of its OS thread, which is woken if it sleeps.
    ///
    /// # Switches
    ///
    /// Never.
    ///
    /// # Examples
    ///
    /// See [`Waker`].
    pub fn wake(&self) {
        task::Wake::wake_by_ref(&self.0);
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
    /// Never.
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
        let key = k.next_id();
        let mut wakers = k.wakers.take();
        wakers.insert(key, self.clone());
        k.wakers.set(wakers);
        Waker(Arc::new(Inner {
            inbox: idle::inbox(k),
            key,
        }))
    }
}
