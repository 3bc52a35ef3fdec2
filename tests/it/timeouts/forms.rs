//! The table of all forms: how each waits, and how what it waits for is given to it.

use std::cell::{Cell, RefCell};
use std::fmt::Debug;
use std::rc::Rc;
use std::time::Duration;

use coro::Coro;
use coro_channel::{Channel, Select, select};
use coro_semaphore::Semaphore;
use coro_sync::{Condvar, Mutex, RawRwLock, RwLock, SemaphoreSet, Signal, WaitGroup};

mod values;

/// Whom one gift serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Serves {
    /// One waiter. If nobody waits, who comes next has it.
    One,
    /// One waiter. If nobody waits, nobody has it.
    Waiter,
    /// All who wait and who come.
    All,
}

/// An object with a way to wait for it; nothing can be had at first.
pub(crate) struct Thing {
    wait: Box<dyn Fn(Duration) -> bool>,
    give: Box<dyn Fn()>,
    show: Box<dyn Fn() -> String>,
}

impl Thing {
    /// Waits in the form that is tested; returns `false` if the time was over. What was had is used
    /// up.
    pub(crate) fn wait(&self, limit: Duration) -> bool {
        (self.wait)(limit)
    }

    /// Lets one or all of the waiters have it.
    pub(crate) fn give(&self) {
        (self.give)();
    }

    /// Returns `true` if the coro is in the queue; of a few objects it cannot be known.
    pub(crate) fn lists(&self, coro: &Coro) -> bool {
        (self.show)().contains(&format!("{coro:?}"))
    }
}

/// A form of the table.
pub(crate) struct Form {
    pub(crate) name: String,
    /// What reports call it.
    pub(crate) kind: &'static str,
    pub(crate) serves: Serves,
    /// Its waiters look again when they run: one that comes by may be first.
    pub(crate) mesa: bool,
    make: Box<dyn Fn() -> Thing>,
}

impl Form {
    pub(crate) fn make(&self) -> Rc<Thing> {
        Rc::new((self.make)())
    }
}

type Wait<T> = fn(&T, Duration) -> bool;

struct Table(Vec<Form>);

impl Table {
    /// Adds a form; `fair` forms and those where a wake-up is the thing itself are not of Mesa style.
    fn add<T: Debug + 'static>(
        &mut self,
        (name, kind, serves, mesa): (&str, &'static str, Serves, bool),
        make: impl Fn() -> T + 'static,
        wait: Wait<T>,
        give: fn(&T),
    ) {
        let form = move || {
            let object = Rc::new(make());
            let (waits, gives, shows) = (object.clone(), object.clone(), object);
            Thing {
                wait: Box::new(move |limit| wait(&waits, limit)),
                give: Box::new(move || give(&gives)),
                show: Box::new(move || format!("{shows:?}")),
            }
        };
        self.0.push(Form {
            name: format!("{name}{}", if mesa { "" } else { ", no Mesa" }),
            kind,
            serves,
            mesa,
            make: Box::new(form),
        });
    }
}

/// Returns all forms.
pub(crate) fn all() -> Vec<Form> {
    let mut table = Table(Vec::new());
    for fair in [false, true] {
        semaphores(&mut table, fair);
        locks(&mut table, fair);
        values::channels(&mut table, fair);
    }
    sets(&mut table);
    condvars(&mut table);
    signals(&mut table);
    values::ends(&mut table);
    table.0
}

fn semaphores(table: &mut Table, fair: bool) {
    let one = |name| (name, "semaphore", Serves::One, !fair);
    let none = move || {
        Rc::new(if fair {
            Semaphore::fair(0)
        } else {
            Semaphore::new(0)
        })
    };
    table.add(
        one("Semaphore::down"),
        none,
        |sem, limit| sem.down_timeout(limit).is_ok(),
        |sem| sem.up(),
    );
    table.add(
        one("Semaphore::acquire"),
        none,
        |sem, limit| sem.acquire_timeout(limit).map(|g| g.forget()).is_ok(),
        |sem| sem.up(),
    );
    table.add(
        one("Semaphore::acquire_rc"),
        none,
        |sem, limit| sem.acquire_rc_timeout(limit).map(|g| g.forget()).is_ok(),
        |sem| sem.up(),
    );
    table.add(
        one("Semaphore::down_many"),
        none,
        |sem, limit| sem.down_many_timeout(2, limit).is_ok(),
        |sem| sem.adjust(2),
    );
    table.add(
        one("Semaphore::acquire_many"),
        none,
        |sem, limit| {
            let guard = sem.acquire_many_timeout(2, limit);
            guard.map(|guard| guard.forget()).is_ok()
        },
        |sem| sem.adjust(2),
    );
    table.add(
        ("Semaphore::wait", "semaphore", Serves::All, !fair),
        none,
        |sem, limit| sem.wait_timeout(limit).is_ok(),
        |sem| sem.up(),
    );
    table.add(
        ("Select::wait (permit)", "select", Serves::One, !fair),
        none,
        |sem, limit| {
            let (never, signal) = (Channel::<u8>::unbounded(), Signal::new());
            let (get, down, wait) = (never.get_arm(), sem.down_arm(), signal.wait_arm());
            let taken = Select::new(&[&get, &down, &wait]).wait_timeout(limit);
            assert!(taken.is_err() || taken == Ok(1));
            taken.is_ok()
        },
        |sem| sem.up(),
    );
    table.add(
        ("select! with a timer", "select", Serves::One, !fair),
        none,
        |sem, limit| {
            select! {
                biased;
                () = sem.down_arm() => true,
                () = coro_time::after(limit) => false,
            }
        },
        |sem| sem.up(),
    );
}

/// A lock that nobody ever frees, and the guard of who has it.
#[derive(Debug)]
struct Held<L: 'static, G>(&'static L, RefCell<Vec<G>>);

impl<L, G> Held<L, G> {
    fn new(lock: L, guard: impl Fn(&'static L) -> G) -> Held<L, G> {
        let lock: &'static L = Box::leak(Box::new(lock));
        Held(lock, RefCell::new(vec![guard(lock)]))
    }

    fn keep<E>(&self, guard: Result<G, E>) -> bool {
        guard.map(|guard| self.1.borrow_mut().push(guard)).is_ok()
    }

    fn give(&self) {
        let first = self.1.borrow_mut().pop();
        drop(first);
    }
}

/// A guard of either kind.
#[derive(Debug)]
enum Guard {
    Read {
        _guard: coro_sync::RwLockReadGuard<'static, u8>,
    },
    Write {
        _guard: coro_sync::RwLockWriteGuard<'static, u8>,
    },
}

fn locks(table: &mut Table, fair: bool) {
    let mutex = move || if fair { Mutex::fair(1) } else { Mutex::new(1) };
    table.add(
        ("Mutex::lock", "mutex", Serves::One, !fair),
        move || Held::new(mutex(), |mutex| mutex.lock()),
        |held, limit| held.keep(held.0.lock_timeout(limit)),
        Held::give,
    );
    let lock = move || {
        if fair {
            RwLock::fair(1)
        } else {
            RwLock::new(1)
        }
    };
    let written = move || {
        Held::new(lock(), |lock| Guard::Write {
            _guard: lock.write(),
        })
    };
    table.add(
        ("RwLock::read", "rwlock", Serves::All, !fair),
        written,
        |held, limit| {
            let guard = held.0.read_timeout(limit);
            held.keep(guard.map(|_guard| Guard::Read { _guard }))
        },
        Held::give,
    );
    table.add(
        ("RwLock::write", "rwlock", Serves::One, !fair),
        written,
        |held, limit| {
            let guard = held.0.write_timeout(limit);
            held.keep(guard.map(|_guard| Guard::Write { _guard }))
        },
        Held::give,
    );
    let raw = move || {
        let raw = if fair {
            RawRwLock::fair()
        } else {
            RawRwLock::new()
        };
        raw.wrlock();
        raw
    };
    table.add(
        ("RawRwLock::rdlock", "rwlock", Serves::All, !fair),
        raw,
        |raw, limit| raw.rdlock_timeout(limit).is_ok(),
        RawRwLock::unlock,
    );
    table.add(
        ("RawRwLock::wrlock", "rwlock", Serves::One, !fair),
        raw,
        |raw, limit| raw.wrlock_timeout(limit).is_ok(),
        RawRwLock::unlock,
    );
}

fn sets(table: &mut Table) {
    let one = |name| (name, "semaphore", Serves::One, true);
    table.add(
        one("SemaphoreSet::down"),
        || SemaphoreSet::new(0),
        |set, limit| set.down_timeout("key", limit).is_ok(),
        |set| set.up("key"),
    );
    table.add(
        one("SemaphoreSet::acquire"),
        || SemaphoreSet::new(0),
        |set, limit| {
            let guard = set.acquire_timeout("key", limit);
            guard.map(|guard| guard.forget()).is_ok()
        },
        |set| set.up("key"),
    );
    table.add(
        ("SemaphoreSet::wait", "semaphore", Serves::All, true),
        || {
            // A key without an entry is not waited for.
            let set = SemaphoreSet::new(1);
            set.down("key");
            set.sem("key").adjust(-1);
            set
        },
        |set, limit| set.wait_timeout(&"key", limit).is_ok(),
        |set| set.sem("key").adjust(2),
    );
}

fn condvars(table: &mut Table) {
    table.add(
        ("Condvar::wait", "condvar", Serves::Waiter, false),
        || (Mutex::new(1), Condvar::new()),
        |(mutex, condvar), limit| {
            let (guard, notified) = condvar.wait_timeout(mutex.lock(), limit);
            assert_eq!(*guard, 1);
            notified.is_ok()
        },
        |(_, condvar)| {
            condvar.notify_one();
        },
    );
    table.add(
        ("Condvar::wait_while", "condvar", Serves::One, true),
        || (Mutex::new(0), Condvar::new()),
        |(mutex, condvar), limit| {
            let none = |count: &mut u32| *count == 0;
            let (mut count, in_time) = condvar.wait_while_timeout(mutex.lock(), limit, none);
            assert_eq!(in_time.is_ok(), *count > 0);
            *count -= u32::from(in_time.is_ok());
            in_time.is_ok()
        },
        |(mutex, condvar)| {
            *mutex.try_lock().expect("nobody holds it for long") += 1;
            condvar.notify_one();
        },
    );
}

fn signals(table: &mut Table) {
    table.add(
        ("Signal::wait", "signal", Serves::One, false),
        // Not `Signal::new` alone, which would be called from elsewhere.
        || (Signal::new(),),
        |(signal,), limit| signal.wait_timeout(limit).is_ok(),
        |(signal,)| signal.send(),
    );
    table.add(
        ("Signal::wait_until", "signal", Serves::One, true),
        || (Signal::new(), Cell::new(0)),
        |(signal, count), limit| {
            let had = signal.wait_until_timeout(limit, || count.get() > 0).is_ok();
            count.set(count.get() - i32::from(had));
            had
        },
        |(signal, count)| {
            count.set(count.get() + 1);
            signal.broadcast();
        },
    );
    table.add(
        ("WaitGroup::wait", "wait group", Serves::All, false),
        || {
            let group = WaitGroup::new();
            let token = RefCell::new(Some(group.token()));
            (group, token)
        },
        |(group, _), limit| group.wait_timeout(limit).is_ok(),
        |(_, token)| drop(token.take()),
    );
}
