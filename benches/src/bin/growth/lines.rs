//! What coros wait for in line: the primitives, behind one face.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use coro::{Coro, JoinHandle, cede, schedule};
use coro_channel::{Channel, shared};
use coro_mutex::Mutex;
use coro_rwlock::RwLock;
use coro_semaphore::Semaphore;
use coro_signal::Signal;
use coro_time::{Timer, VirtualClock, VirtualClockGuard};

use crate::crowd::spawn;

/// Something that coros wait for.
pub(crate) trait Line: 'static {
    fn new() -> Self;
    /// From now on those who come have to wait. Nobody waits yet.
    fn shut(&self) {}
    /// Waits, takes what is waited for, and passes it on.
    fn wait(&self);
    /// Lets those through who wait, of whom there are so many.
    fn open(&self, waiting: u64);
    /// Returns how many it says that wait.
    fn waiting(&self) -> Option<usize> {
        None
    }
}

/// A [`Semaphore`] with one permit.
pub(crate) struct Permit<const FAIR: bool>(Semaphore);

impl<const FAIR: bool> Line for Permit<FAIR> {
    fn new() -> Self {
        Permit(if FAIR {
            Semaphore::fair(1)
        } else {
            Semaphore::new(1)
        })
    }

    fn shut(&self) {
        assert!(self.0.try_down(), "the last one has given it back");
    }

    fn wait(&self) {
        self.0.down();
        self.0.up();
    }

    fn open(&self, _: u64) {
        self.0.up();
    }

    fn waiting(&self) -> Option<usize> {
        Some(self.0.waiters())
    }
}

/// A [`Signal`], sent once for each.
pub(crate) struct Sent(Signal);

impl Line for Sent {
    fn new() -> Self {
        Sent(Signal::new())
    }

    fn wait(&self) {
        self.0.wait();
    }

    fn open(&self, waiting: u64) {
        for _ in 0..waiting {
            self.0.send();
        }
    }

    fn waiting(&self) -> Option<usize> {
        Some(self.0.awaited())
    }
}

/// A [`Channel`], from which each gets a value.
pub(crate) struct Get<const FAIR: bool>(Channel<u64>);

impl<const FAIR: bool> Line for Get<FAIR> {
    fn new() -> Self {
        Get(if FAIR {
            Channel::fair(usize::MAX / 4)
        } else {
            Channel::unbounded()
        })
    }

    fn wait(&self) {
        assert_eq!(self.0.get(), Some(7));
    }

    fn open(&self, waiting: u64) {
        for _ in 0..waiting {
            self.0.put(7);
        }
    }
}

/// A channel between OS threads, from which each gets a value.
pub(crate) struct GetShared(shared::Sender<u64>, shared::Receiver<u64>);

impl Line for GetShared {
    fn new() -> Self {
        let (sender, receiver) = shared::unbounded();
        GetShared(sender, receiver)
    }

    fn wait(&self) {
        assert_eq!(self.1.get(), Some(7));
    }

    fn open(&self, waiting: u64) {
        for _ in 0..waiting {
            self.0.put(7).expect("the receiver is there");
        }
    }
}

/// Holds a lock until it is readied.
#[derive(Default)]
struct Holder(Cell<Option<JoinHandle<()>>>);

impl Holder {
    /// Returns when this one has the lock: `hold` takes it, and calls what it is given.
    fn take(&self, hold: impl FnOnce(&dyn Fn()) + 'static) {
        let has = Rc::new(Cell::new(false));
        let told = has.clone();
        let is_held = move || {
            told.set(true);
            schedule();
        };
        self.0.set(Some(spawn(move || hold(&is_held))));
        cede();
        assert!(has.get(), "the lock was free");
    }

    fn give(&self) {
        if let Some(holder) = self.0.take() {
            holder.coro().ready();
            holder.join().expect("it only holds a lock");
        }
    }
}

/// A [`Mutex`].
pub(crate) struct Locked<const FAIR: bool>(Rc<Mutex<u64>>, Holder);

impl<const FAIR: bool> Line for Locked<FAIR> {
    fn new() -> Self {
        let mutex = if FAIR { Mutex::fair(0) } else { Mutex::new(0) };
        Locked(Rc::new(mutex), Holder::default())
    }

    fn shut(&self) {
        let mutex = self.0.clone();
        self.1.take(move |hold| {
            let _guard = mutex.lock();
            hold();
        });
    }

    fn wait(&self) {
        *self.0.lock() += 1;
    }

    fn open(&self, _: u64) {
        self.1.give();
    }

    fn waiting(&self) -> Option<usize> {
        Some(self.0.waiters())
    }
}

/// An [`RwLock`], to write to or to read.
pub(crate) struct Shelf<const WRITE: bool, const FAIR: bool>(Rc<RwLock<u64>>, Holder);

impl<const WRITE: bool, const FAIR: bool> Line for Shelf<WRITE, FAIR> {
    fn new() -> Self {
        let lock = if FAIR {
            RwLock::fair(0)
        } else {
            RwLock::new(0)
        };
        Shelf(Rc::new(lock), Holder::default())
    }

    fn shut(&self) {
        let lock = self.0.clone();
        self.1.take(move |hold| {
            let _guard = lock.write();
            hold();
        });
    }

    fn wait(&self) {
        if WRITE {
            *self.0.write() += 1;
        } else {
            assert!(*self.0.read() < u64::MAX);
        }
    }

    fn open(&self, _: u64) {
        self.1.give();
    }
}

/// The end of a coro.
pub(crate) struct Joined(RefCell<Option<Coro>>);

impl Line for Joined {
    fn new() -> Self {
        Joined(RefCell::new(None))
    }

    fn shut(&self) {
        let target = spawn(schedule);
        cede();
        self.0.replace(Some(target.coro().clone()));
    }

    fn wait(&self) {
        let target = self.0.borrow().clone();
        target.expect("it was shut").join();
    }

    fn open(&self, _: u64) {
        let target = self.0.borrow().clone();
        target.expect("it was shut").ready();
    }
}

/// A [`Timer`].
pub(crate) struct Due(RefCell<Rc<Timer>>, VirtualClockGuard);

const HOUR: Duration = Duration::from_secs(3600);

impl Line for Due {
    fn new() -> Self {
        let clock = VirtualClock::install();
        Due(RefCell::new(Rc::new(Timer::after(HOUR))), clock)
    }

    fn shut(&self) {
        self.0.replace(Rc::new(Timer::after(HOUR)));
    }

    fn wait(&self) {
        let timer = self.0.borrow().clone();
        timer.wait();
    }

    fn open(&self, _: u64) {
        self.1.advance(HOUR);
    }
}
