//! The watchdog: says which coro does not give way, and what it is doing.
//!
//! A coro that computes for long, that waits in a system call, or that locks a mutex of std which
//! another coro of its OS thread holds, keeps all others from running; nothing on that OS thread can
//! say so. So another OS thread watches it. Whenever the dispatcher switches, it notes on the
//! [`Board`] whose *slice* begins: the time from being switched to until giving way. The watching
//! OS thread looks at the board every quarter of the limit; a slice that it has seen for as long as
//! the limit is reported, once.
//!
//! The dispatcher reads no clock: it is the watching OS thread that measures. It counts at most two
//! pauses of its own for each of its looks, so that a process that was stopped, or a machine that
//! was busy elsewhere, is not laid to the charge of a coro.
//!
//! What the coro is doing *now* only its own OS thread can tell: see `look.rs`.

mod board;
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod look;
#[cfg(not(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
#[path = "watchdog/elsewhere.rs"]
mod look;
mod stall;

use std::cell::{Cell, OnceCell};
use std::fmt;
use std::io::Write;
use std::marker::PhantomData;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::MutexGuard;

pub use self::stall::Stall;

use self::board::Board;
use self::look::{Alternate, Signal, Target};
use crate::control::Control;
use crate::kernel::Kernel;
use crate::root;
use crate::state::kernel::WATCHED;

/// Watches the coros of this OS thread, and says on the standard error which of them runs for
/// longer than `limit` without giving way, and what it is doing.
///
/// ```text
/// coro #12 "fetch" (spawned at src/x.rs:9:13) has run for 1.0 s without giving way; it is in:
///    0: x::spin
///              at src/x.rs:14:5
/// ```
///
/// It is said once for each slice, that is, until the coro gives way. Main is a coro too. An OS
/// thread that has nothing to do is not reported. A `limit` below four milliseconds is watched as
/// coarsely as one of four.
///
/// The watch goes on until the guard is dropped, or until the OS thread ends. There may be several.
/// A switch costs some ten nanoseconds more meanwhile.
///
/// The description of the coro is that which it had when it was switched to.
///
/// # Signals
///
/// On Linux, on x86-64 and AArch64, what the coro is doing is found out by a real-time signal that
/// nobody else handles. A system call in which the coro waits goes on after it, but for those that
/// never do, such as `poll` and `nanosleep`: they return `EINTR`. Elsewhere only the coro is named.
///
/// # Switches
///
/// Never.
///
/// # Panics
///
/// If the system has no OS thread for the watch.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// let watchdog = coro::watchdog(Duration::from_secs(1));
/// assert_eq!(coro::spawn(|| 6 * 7).join().unwrap(), 42);
/// drop(watchdog);
/// ```
///
/// # Source
///
/// New here.
#[track_caller]
pub fn watchdog(limit: Duration) -> Watchdog {
    watchdog_with(limit, say)
}

/// As [`watchdog()`], and calls `handler` instead of writing to the standard error.
///
/// It is called on the OS thread that watches. The coro that stalls runs on meanwhile, and may give
/// way at any time. If `handler` panics, that ends the watch. A handler that waits for the watched
/// OS thread keeps the guard from being dropped.
///
/// # Switches
///
/// Never.
///
/// # Panics
///
/// As [`watchdog()`].
///
/// # Examples
///
/// ```
/// use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
/// use std::time::Duration;
///
/// static TOLD: AtomicBool = AtomicBool::new(false);
/// fn spin() {
///     while !TOLD.load(Relaxed) {}
/// }
///
/// let _watchdog = coro::watchdog_with(Duration::from_millis(10), |stall| {
///     if stall.desc() == Some("fetch") {
///         TOLD.store(true, Relaxed);
///     }
/// });
/// coro::Builder::new().desc("fetch").spawn(spin).join().unwrap();
/// assert!(TOLD.load(Relaxed));
/// ```
///
/// # Source
///
/// New here.
#[track_caller]
pub fn watchdog_with(limit: Duration, handler: impl Fn(&Stall) + Send + 'static) -> Watchdog {
    let k = root::kernel();
    let watch = LOCAL
        .try_with(|local| local.enter(k))
        .ok()
        .flatten()
        .map(|(board, target)| {
            let stopped = Arc::new(AtomicBool::new(false));
            let theirs = (board.clone(), stopped.clone(), Signal::acquire());
            let thread = thread::Builder::new()
                .name("coro-watchdog".into())
                .spawn(move || {
                    let (board, stopped, signal) = theirs;
                    let watcher = Watcher {
                        board: &board,
                        stopped: &stopped,
                        target,
                        signal: &signal,
                    };
                    watcher.watch(limit, &handler);
                });
            (board, stopped, thread)
        });
    let watch = watch.map(|(board, stopped, thread)| match thread {
        Ok(thread) => Watch {
            board,
            stopped,
            thread,
        },
        Err(why) => {
            let _ = LOCAL.try_with(|local| local.exit(k));
            panic!("cannot watch: {why}");
        }
    });
    Watchdog {
        watch,
        marker: PhantomData,
    }
}

/// The guard of [`watchdog()`]: when it is dropped, the watch ends.
///
/// If it is leaked, the watch ends with the OS thread that is watched.
///
/// # Examples
///
/// See [`watchdog()`].
#[must_use = "the watch ends when it is dropped"]
pub struct Watchdog {
    /// `None` if the OS thread was ending already.
    watch: Option<Watch>,
    /// It is dropped on the OS thread that is watched.
    marker: PhantomData<*mut ()>,
}

struct Watch {
    board: Arc<Board>,
    stopped: Arc<AtomicBool>,
    thread: thread::JoinHandle<()>,
}

impl fmt::Debug for Watchdog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watchdog").finish_non_exhaustive()
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        let Some(watch) = self.watch.take() else {
            return;
        };
        let state = watch.board.lock();
        watch.stopped.store(true, Ordering::Relaxed);
        drop(state);
        watch.board.changed.notify_all();
        // If the handler has panicked, the panic hook has said so.
        let _ = watch.thread.join();
        let _ = LOCAL.try_with(|local| local.exit(Kernel::get()));
    }
}

/// Notes that nobody runs but the dispatcher.
pub(crate) fn slice_ends() {
    with_board(Board::end);
}

/// Notes that `c` is about to be switched to.
pub(crate) fn slice_begins(c: &Control) {
    with_board(|board| board.begin(c));
}

fn with_board(f: impl FnOnce(&Board)) {
    // The board of an OS thread that ends is closed.
    let _ = LOCAL.try_with(|local| local.board.get().map(|board| f(board)));
}

thread_local! {
    static LOCAL: Local = const { Local::new() };
}

/// What a watched OS thread has of its own.
struct Local {
    board: OnceCell<Arc<Board>>,
    /// How many watch; those whose guard was leaked are never subtracted.
    guards: Cell<usize>,
    alternate: Cell<Option<Alternate>>,
}

impl Local {
    const fn new() -> Local {
        Local {
            board: OnceCell::new(),
            guards: Cell::new(0),
            alternate: Cell::new(None),
        }
    }

    /// Counts a guard; begins to note slices if it is the only one. `None` if the OS thread ends.
    fn enter(&self, k: &'static Kernel) -> Option<(Arc<Board>, Target)> {
        if k.is_over() {
            return None;
        }
        let board = self.board.get_or_init(|| Arc::new(Board::new()));
        self.guards.set(self.guards.get() + 1);
        if self.guards.get() == 1 {
            self.alternate.set(Alternate::install());
            k.set(WATCHED);
            let c = k.current();
            if k.is_running(c) {
                board.begin(c);
            }
        }
        let alternate = self.alternate.take();
        let range = alternate.as_ref().map(Alternate::range);
        self.alternate.set(alternate);
        Some((board.clone(), Target::of_this_thread(range)))
    }

    fn exit(&self, k: &'static Kernel) {
        self.guards.set(self.guards.get() - 1);
        if self.guards.get() == 0 {
            k.clear(WATCHED);
            slice_ends();
            drop(self.alternate.take());
        }
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        if let Some(board) = self.board.get() {
            board.close();
        }
    }
}

/// What the watching OS thread works with.
struct Watcher<'a> {
    board: &'a Board,
    stopped: &'a AtomicBool,
    target: Target,
    signal: &'a Signal,
}

impl Watcher<'_> {
    fn watch(&self, limit: Duration, handler: &dyn Fn(&Stall)) {
        let mut longest = Longest::new(limit);
        let mut state = self.board.lock();
        while !self.is_stopped() && !state.is_over {
            let before = Instant::now();
            let pause = longest.pause();
            self.board.changed.wait_for(&mut state, pause);
            let Some(ran) = longest.reached(state.running(), before.elapsed()) else {
                continue;
            };
            let mut stall = Stall::new(&state, ran);
            MutexGuard::unlocked(&mut state, || {
                stall.look(self);
                handler(&stall);
            });
        }
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}

/// How long the running slice was seen.
struct Longest {
    limit: Duration,
    slice: Option<u64>,
    ran: Duration,
    told: bool,
}

impl Longest {
    fn new(limit: Duration) -> Longest {
        Longest {
            limit,
            slice: None,
            ran: Duration::ZERO,
            told: false,
        }
    }

    fn period(&self) -> Duration {
        (self.limit / 4).max(Duration::from_millis(1))
    }

    /// Returns how long to wait before the next look.
    fn pause(&self) -> Duration {
        if self.told || self.slice.is_none() {
            return self.period();
        }
        self.period().min(self.limit.saturating_sub(self.ran))
    }

    /// Takes in that `slice` runs, and that `passed` since the last look; returns how long the slice
    /// was seen, if that is to be told.
    fn reached(&mut self, slice: Option<u64>, passed: Duration) -> Option<Duration> {
        if self.slice != slice {
            self.slice = slice;
            self.ran = Duration::ZERO;
            self.told = false;
            return None;
        }
        // If it was more, this OS thread did not run either.
        self.ran += passed.min(self.period().saturating_mul(2));
        if slice.is_none() || self.told || self.ran < self.limit {
            return None;
        }
        self.told = true;
        Some(self.ran)
    }
}

/// Writes to the standard error, past the lock of it, which the coro that stalls may hold.
fn say(stall: &Stall) {
    if let Ok(stderr) = std::io::stderr().as_fd().try_clone_to_owned() {
        // If it cannot be written there is nobody to tell.
        let _ = std::fs::File::from(stderr).write_all(format!("{stall}\n").as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_slice_is_told_once_when_it_was_seen_for_the_limit() {
        let mut longest = Longest::new(40 * MS);
        assert_eq!(longest.pause(), 10 * MS);
        assert_eq!(longest.reached(Some(1), 10 * MS), None);
        for _ in 0..3 {
            assert_eq!(longest.reached(Some(1), 10 * MS), None);
        }
        assert_eq!(longest.reached(Some(1), 10 * MS), Some(40 * MS));
        assert_eq!(longest.reached(Some(1), 10 * MS), None);
        assert_eq!(longest.reached(Some(2), 10 * MS), None);
        assert_eq!(longest.reached(Some(2), 20 * MS), None);
        assert_eq!(longest.reached(Some(2), 20 * MS), Some(40 * MS));
    }

    #[test]
    fn it_looks_again_when_the_limit_is_due() {
        let mut longest = Longest::new(40 * MS);
        assert_eq!(longest.reached(Some(1), 10 * MS), None);
        assert_eq!(longest.reached(Some(1), 17 * MS), None);
        assert_eq!(longest.reached(Some(1), 17 * MS), None);
        assert_eq!(longest.pause(), 6 * MS);
    }

    #[test]
    fn nobody_is_not_told() {
        let mut longest = Longest::new(4 * MS);
        for _ in 0..100 {
            assert_eq!(longest.reached(None, MS), None);
        }
    }

    #[test]
    fn time_in_which_the_watch_itself_did_not_run_counts_little() {
        let mut longest = Longest::new(40 * MS);
        assert_eq!(longest.reached(Some(1), 10 * MS), None);
        assert_eq!(longest.reached(Some(1), 10_000 * MS), None);
        assert_eq!(longest.reached(Some(1), 10_000 * MS), Some(40 * MS));
    }

    #[test]
    fn no_limit_and_every_limit_can_be_watched() {
        assert_eq!(Longest::new(Duration::ZERO).pause(), MS);
        let mut longest = Longest::new(Duration::MAX);
        assert_eq!(longest.reached(Some(1), MS), None);
        assert_eq!(longest.reached(Some(1), MS), None);
        assert_eq!(longest.pause(), Duration::MAX / 4);
    }
}
