//! Waits with a limit: what holds for the `*_timeout` forms of all primitives. The clock is virtual.

use std::rc::Rc;
use std::time::Duration;

use coro::{JoinHandle, cede, spawn};

mod before;
mod channels;
mod crates;
mod forms;
mod interrupted;
mod locks;
mod over;
mod permits;
mod queues;
mod random_channel;
mod random_semaphore;
mod signals;

pub(crate) use forms::{Form, Serves, Thing, all};

/// So many seconds.
pub(crate) const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// So many milliseconds.
pub(crate) const fn millis(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// Spawns a coro and lets it run until it blocks.
pub(crate) fn begin<T: 'static>(f: impl FnOnce() -> T + 'static) -> JoinHandle<T> {
    let c = spawn(f);
    cede();
    c
}

/// A coro that waits for a thing, and has begun to.
pub(crate) fn waiter(thing: &Rc<Thing>, limit: Duration) -> JoinHandle<bool> {
    let thing = thing.clone();
    let c = begin(move || thing.wait(limit));
    assert!(!c.is_finished(), "it has to wait");
    c
}

/// What came out of such a coro, which has ended.
#[track_caller]
pub(crate) fn had(c: JoinHandle<bool>, name: &str) -> bool {
    assert!(c.is_finished(), "{name}: it has not ended");
    c.join().expect("nobody interrupts it")
}
