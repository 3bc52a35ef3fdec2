//! The inbox: the one thing of a kernel that other OS threads touch.
//!
//! A waker puts its [`Line`] in and, if the owner sleeps, ends that sleep. The owner takes the
//! lines out at a switch or before it sleeps, and readies their coros.
//!
//! # Invariants
//!
//! I1. Under the lock, `arrived` is set exactly if something is in the box.
//! I2. The owner sleeps only after it announced it, under the lock and with the box empty; whoever
//!     then puts something in sees the announcement, under the same lock, and ends the sleep. While
//!     it lingers before that, it has announced nothing, and nobody need wake it.
//! I3. A line is in the box at most once, however often it is woken: `pending` is set from the first
//!     wake until the owner, having taken it out, is about to ready its coro. Both sides exchange
//!     the flag, so the owner sees whatever was written before a wake that found it set.
//! I4. A line in the box is alive. So the last thing put in for a line is that it is gone, and the
//!     owner has readied its coro by then.
//! I5. `live` counts the lines that are not gone: a line says that it is gone, and is counted off
//!     then. The owner reads the count *before* it looks into the box: if it is zero, nothing can
//!     come but what there is. In the other order, the last word of the last waker may come in
//!     between, and a coro is left that nobody but this waker held.
//! I6. Nothing is put into a closed box, so nothing outlives the owner but the box itself, for as
//!     long as wakers point to it.

#[cfg(loom)]
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
#[cfg(loom)]
use loom::sync::{Condvar, Mutex, MutexGuard};
#[cfg(not(loom))]
use parking_lot::{Condvar, Mutex, MutexGuard};
#[cfg(not(loom))]
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

#[cfg(not(loom))]
use std::hint;
use std::mem;
use std::sync::Arc;
#[cfg(not(loom))]
use std::sync::OnceLock;
use std::task;
#[cfg(not(loom))]
use std::thread;
use std::time::Instant;

/// Wake-ups from other OS threads.
pub(crate) struct Inbox {
    arrived: AtomicBool,
    live: AtomicUsize,
    state: Mutex<State>,
    wakeup: Condvar,
}

/// What all clones of one waker share.
pub(crate) struct Line {
    inbox: Arc<Inbox>,
    key: u64,
    pending: AtomicBool,
}

struct State {
    /// Whose coros are to be readied, in the order of their first wakes.
    woken: Vec<Arc<Line>>,
    /// The keys of the lines that are no more.
    gone: Vec<u64>,
    sleep: Sleep,
    closed: bool,
    /// What ends a sleep in an installed driver. Counted, as to clone it is foreign code.
    driver: Option<Arc<task::Waker>>,
}

/// Whether the owner sleeps, and so what wakes it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sleep {
    Awake,
    /// In [`Inbox::sleep`], driver or not.
    Parked,
    /// In a turn of its driver.
    Driven,
}

/// What a line has to say.
enum Message {
    Wake(Arc<Line>),
    Gone(u64),
}

impl State {
    /// Announces that the owner is about to sleep; `false` if there is something in the box.
    fn announce(&mut self, how: Sleep) -> bool {
        let empty = self.woken.is_empty() && self.gone.is_empty();
        if empty {
            self.sleep = how;
        }
        empty
    }
}

impl Inbox {
    pub(crate) fn new() -> Inbox {
        Inbox {
            arrived: AtomicBool::new(false),
            live: AtomicUsize::new(0),
            state: Mutex::new(State {
                woken: Vec::new(),
                gone: Vec::new(),
                sleep: Sleep::Awake,
                closed: false,
                driver: None,
            }),
            wakeup: Condvar::new(),
        }
    }

    #[cfg(not(loom))]
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    #[cfg(loom)]
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no model panics under the lock")
    }

    /// Makes a line to what the owner knows by `key`; for the owner.
    pub(crate) fn line(self: &Arc<Self>, key: u64) -> Arc<Line> {
        // The owner reads the count, so it needs no order.
        self.live.fetch_add(1, Ordering::Relaxed);
        Arc::new(Line {
            inbox: self.clone(),
            key,
            pending: AtomicBool::new(false),
        })
    }

    /// Puts a message in; callable from every OS thread.
    fn put(&self, message: Message) {
        let mut state = self.lock();
        if state.closed {
            return;
        }
        match message {
            Message::Wake(line) => {
                state.woken.push(line);
                self.arrived.store(true, Ordering::Release);
            }
            Message::Gone(key) => {
                state.gone.push(key);
                self.arrived.store(true, Ordering::Release);
                self.live.fetch_sub(1, Ordering::Release);
            }
        }
        let sleep = mem::replace(&mut state.sleep, Sleep::Awake);
        let driver = match sleep {
            Sleep::Driven => state.driver.clone(),
            Sleep::Awake | Sleep::Parked => None,
        };
        drop(state);
        if sleep == Sleep::Parked {
            self.wakeup.notify_one();
        }
        if let Some(driver) = driver {
            // Foreign code, so not under the lock.
            driver.wake_by_ref();
        }
    }

    /// Returns `true` if there is a message; cheap, for every switch.
    #[inline]
    pub(crate) fn has_arrived(&self) -> bool {
        self.arrived.load(Ordering::Acquire)
    }

    /// Takes out all there is: calls `ready` with the key of each line that was woken, the first
    /// woken first, and returns the keys of those that are gone.
    pub(crate) fn hear(&self, mut ready: impl FnMut(u64)) -> Vec<u64> {
        let mut state = self.lock();
        let woken = mem::take(&mut state.woken);
        let gone = mem::take(&mut state.gone);
        self.arrived.store(false, Ordering::Relaxed);
        drop(state);
        for line in woken {
            // I3: a wake from here on is put in again; what came with those before is seen.
            line.pending.swap(false, Ordering::Acquire);
            ready(line.key);
        }
        gone
    }

    /// Returns how many lines there are.
    pub(crate) fn live(&self) -> usize {
        self.live.load(Ordering::Acquire)
    }

    /// Returns `true` if nothing is in the box, and nothing can come any more.
    pub(crate) fn is_hopeless(&self) -> bool {
        // I5: in this order.
        let live = self.live();
        let arrived = self.has_arrived();
        live == 0 && !arrived
    }

    /// Names what ends the sleep of an owner that sleeps in its driver.
    pub(crate) fn set_driver(&self, waker: Option<task::Waker>) {
        let waker = waker.map(Arc::new);
        let old = mem::replace(&mut self.lock().driver, waker);
        drop(old);
    }

    /// Announces that the owner is about to sleep in its driver; `false` if a message is there.
    pub(crate) fn announce(&self) -> bool {
        self.lock().announce(Sleep::Driven)
    }

    /// Takes the announcement back.
    pub(crate) fn awake(&self) {
        self.lock().sleep = Sleep::Awake;
    }

    /// Waits for a message for a moment, as [`linger`] says; returns `true` if there is one.
    pub(crate) fn linger(&self) -> bool {
        linger(|| self.has_arrived())
    }

    /// Stalls the OS thread until there is a message, or until `deadline`; returns `false` if that
    /// came first.
    pub(crate) fn sleep(&self, deadline: Option<Instant>) -> bool {
        let mut state = self.lock();
        if !state.announce(Sleep::Parked) {
            return true;
        }
        while state.sleep == Sleep::Parked {
            #[cfg(not(loom))]
            match deadline {
                None => self.wakeup.wait(&mut state),
                Some(deadline) => {
                    let result = self.wakeup.wait_until(&mut state, deadline);
                    if result.timed_out() && state.sleep == Sleep::Parked {
                        state.sleep = Sleep::Awake;
                        return false;
                    }
                }
            }
            #[cfg(loom)]
            {
                let _ = deadline;
                state = self
                    .wakeup
                    .wait(state)
                    .expect("no model panics under the lock");
            }
        }
        true
    }

    /// Drops what is in the box and takes nothing any more; returns the waker of the driver, which is
    /// foreign and perhaps not to be dropped now.
    pub(crate) fn close(&self) -> Option<Arc<task::Waker>> {
        let mut state = self.lock();
        state.closed = true;
        let woken = mem::take(&mut state.woken);
        let gone = mem::take(&mut state.gone);
        let driver = state.driver.take();
        drop(state);
        // Not under the lock: the last of a line says that it is gone, to nobody.
        drop((woken, gone));
        driver
    }
}

/// So often it is looked for what another OS thread may be about to do.
#[cfg(not(loom))]
const LOOKS: u32 = 40;

/// Waits a moment for what another OS thread may be about to do, without a sleep: to end one takes
/// many times as long. Returns `true` as soon as `seen` does.
///
/// It takes about 4 µs, in which the processor is told to pause. At last other OS threads are let
/// pass, once: the one that is waited for may want this very processor. On a machine with one
/// processor, nothing else makes sense.
#[cfg(not(loom))]
#[allow(
    clippy::disallowed_methods,
    reason = "it is another OS thread that is to run"
)]
pub(crate) fn linger(seen: impl Fn() -> bool) -> bool {
    static HAS_COMPANY: OnceLock<bool> = OnceLock::new();
    let has_company = HAS_COMPANY
        .get_or_init(|| thread::available_parallelism().is_ok_and(|count| count.get() > 1));
    if *has_company {
        for look in 0..LOOKS {
            // What comes comes soon, mostly.
            for _ in 0..1 << look.min(2) {
                hint::spin_loop();
            }
            if seen() {
                return true;
            }
        }
    }
    thread::yield_now();
    seen()
}

/// One look is enough for a model, which has another OS thread run at any time.
#[cfg(loom)]
pub(crate) fn linger(seen: impl Fn() -> bool) -> bool {
    seen()
}

impl Line {
    /// Has the owner ready the coro; callable from every OS thread.
    pub(crate) fn wake(self: &Arc<Self>) {
        // I3.
        if !self.pending.swap(true, Ordering::Release) {
            self.inbox.put(Message::Wake(self.clone()));
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.inbox.put(Message::Gone(self.key));
    }
}
