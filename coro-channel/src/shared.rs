//! A channel between OS threads, each end of which blocks only its coro.
//!
//! Both ends can be cloned, sent and shared. While a coro waits in one, its OS thread goes on with its
//! other coros; if it has none, it sleeps. In an OS thread without coros, `main` is the coro that
//! waits.
//!
//! ```
//! use coro_channel::shared;
//!
//! let (jobs, from_main) = shared::bounded(8);
//! let (results, from_workers) = shared::unbounded();
//! let workers = [(); 2].map(|()| {
//!     let (from_main, results) = (from_main.clone(), results.clone());
//!     std::thread::spawn(move || {
//!         for job in from_main {
//!             results.put(job * job).unwrap();
//!         }
//!     })
//! });
//! drop((from_main, results)); // the clones are with the workers
//! let feeder = coro::spawn(move || (1..=3).try_for_each(|job| jobs.put(job)));
//! assert_eq!(from_workers.iter().sum::<i32>(), 1 + 4 + 9);
//! assert!(feeder.join().unwrap().is_ok());
//! workers.into_iter().for_each(|worker| worker.join().unwrap());
//! ```
//!
//! # Who is next
//!
//! Values come out in the order in which they went in. Who puts wakes one getter, and who gets wakes
//! one putter, if any waits: the oldest, whatever its priority. It looks again when it runs. If
//! somebody who came by was first, it waits again, in its old place.
//!
//! A waiter that is interrupted, by a throw or a cancel, has taken nothing and put nothing, and a
//! wake-up that it was given passes on to the next.
//!
//! # Without a buffer
//!
//! With a capacity of 0, the slots are the coros that wait in [`get`](Receiver::get): a put goes
//! through when one is there for which nobody has put yet. If this one is interrupted before it runs,
//! the value stays for the next, and no put goes through instead of it. A
//! [`try_get`](Receiver::try_get) waits for nothing, so no blocked put goes through for it.
//!
//! # The end
//!
//! When all senders are gone, gets return what is left, then `None`. When all receivers are gone,
//! puts fail, and what is left is dropped. [`shutdown`](Sender::shutdown) ends the coming in while
//! all are there.
//!
//! Coros that wait when their OS thread ends are leaked, as always. Their places are given up, and
//! wake-ups that they were given pass on, so all others go on. But an end that belongs to a leaked
//! coro counts as there for ever: a put waits for a receiver that will never get. So end such coros
//! first, with [`coro::killall`] or by joining them.
//!
//! # Before the sleep
//!
//! Who finds nothing, in an OS thread that has nothing else to do, waits a few microseconds for the
//! other end before it blocks, and its OS thread a few more before it sleeps: about 10 µs in all, in
//! which the processor is busy. To wake an OS thread that sleeps takes longer. So two OS threads that
//! keep each other busy never sleep, and one that waits for long costs nothing. On a machine with one
//! processor they let each other run instead.
//!
//! # Deadlocks
//!
//! A waiting coro can be woken by any OS thread, so its own one sleeps where it would else report a
//! deadlock.
//!
//! # Source
//!
//! New here. The ends are those of std's `mpsc` and of crossbeam-channel, the words those of
//! [`Channel`](crate::Channel).

mod error;
mod iter;
mod receiver;
mod sender;
mod state;
mod waiter;
mod waiters;

use std::panic::Location;
use std::sync::Arc;

use self::state::Shared;

pub use self::error::{PutError, TryGetError, TryPutError};
pub use self::iter::{IntoIter, Iter, TryIter};
pub use self::receiver::Receiver;
pub use self::sender::Sender;

/// Returns the ends of a channel that holds `capacity` values: more puts block.
///
/// With a capacity of 0, a put blocks until a coro [waits for its value](self#without-a-buffer).
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// ```
/// let (sender, receiver) = coro_channel::shared::bounded(0);
/// let other = std::thread::spawn(move || receiver.get());
/// assert!(sender.put("value").is_ok());
/// assert_eq!(other.join().unwrap(), Some("value"));
/// ```
///
/// # Source
///
/// New here; std's `sync_channel`.
#[doc(alias = "sync_channel")]
#[must_use]
#[track_caller]
pub fn bounded<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    ends(Some(capacity), Location::caller())
}

/// Returns the ends of a channel in which a put never blocks.
///
/// # Switches
///
/// Never.
///
/// # Examples
///
/// ```
/// let (sender, receiver) = coro_channel::shared::unbounded();
/// assert!((0..1000).all(|n| sender.put(n).is_ok()));
/// assert_eq!(receiver.len(), 1000);
/// ```
///
/// # Source
///
/// New here; std's `channel`.
#[must_use]
#[track_caller]
pub fn unbounded<T>() -> (Sender<T>, Receiver<T>) {
    ends(None, Location::caller())
}

fn ends<T>(capacity: Option<usize>, made: &'static Location<'static>) -> (Sender<T>, Receiver<T>) {
    let shared = Arc::new(Shared::new(capacity));
    (
        Sender::new(shared.clone(), made),
        Receiver::new(shared, made),
    )
}
