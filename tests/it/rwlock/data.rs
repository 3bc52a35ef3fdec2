//! The readers-writer lock over data: what its guards do.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

use coro::{cede, no_switch, spawn};
use coro_sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::rwlock::model::numbers;
use crate::support::{counted, die, outcome};

fn both<T: Clone>(value: T) -> [Rc<RwLock<T>>; 2] {
    [
        Rc::new(RwLock::new(value.clone())),
        Rc::new(RwLock::fair(value)),
    ]
}

/// Ways for a coro to end while it holds a guard.
const ENDS: [fn(); 4] = [
    || (),
    || die("panic"),
    || coro::terminate(()),
    || coro::schedule(),
];

#[test]
fn a_guard_is_released_however_its_coro_ends() {
    for end in ENDS {
        for write in [false, true] {
            for lock in both(0) {
                let theirs = lock.clone();
                let c = spawn(move || {
                    if write {
                        let mut guard = theirs.write();
                        *guard = 1;
                        end();
                    } else {
                        let _guard = theirs.read();
                        end();
                    }
                });
                cede();
                if !c.is_finished() {
                    assert!(lock.try_write().is_none());
                    c.cancel();
                }
                assert!(c.is_finished());
                // Not poisoned: what was written is there.
                assert_eq!(*lock.try_write().expect("it is free"), i32::from(write));
            }
        }
    }
}

#[test]
fn a_throw_releases_the_guard_before_the_handler_runs() {
    for lock in both(0) {
        let theirs = lock.clone();
        let c = spawn(move || {
            let result = outcome(|| {
                let _guard = theirs.write();
                coro::schedule();
            });
            (result, theirs.try_write().is_some())
        });
        cede();
        c.throw("ex");
        assert_eq!(c.join().expect("it catches"), ("ex".to_owned(), true));
    }
}

#[test]
fn a_guard_dropped_on_cancel_hands_the_lock_to_the_next() {
    for lock in both(0) {
        let (first, second) = (lock.clone(), lock.clone());
        let holder = spawn(move || {
            let _guard = first.write();
            coro::schedule();
        });
        cede();
        let next = spawn(move || *second.read());
        cede();
        holder.cancel();
        cede();
        assert_eq!(next.join().expect("it has read"), 0);
        assert!(lock.try_write().is_some());
    }
}

#[test]
fn a_forgotten_guard_keeps_the_lock_locked_and_nothing_worse() {
    for lock in both(0) {
        let _ = std::mem::ManuallyDrop::new(lock.read());
        assert!(lock.try_write().is_none());
        assert_eq!(*lock.read(), 0);
        let theirs = lock.clone();
        let waits = spawn(move || *theirs.write() = 1);
        cede();
        assert!(!waits.is_finished());
        waits.cancel();
        let mut lock = Rc::into_inner(lock).expect("nobody else has it");
        *lock.get_mut() += 5;
        assert_eq!(lock.into_inner(), 5);
    }
    let lock = RwLock::new(0);
    let _ = std::mem::ManuallyDrop::new(lock.write());
    assert!(lock.try_read().is_none() && lock.try_write().is_none());
    assert!(format!("{lock:?}").contains("<locked>"));
}

#[test]
fn try_read_and_try_write_take_what_is_free() {
    for lock in both(0) {
        let (one, two) = (lock.try_read(), lock.try_read());
        assert!(one.is_some() && two.is_some() && lock.try_write().is_none());
        drop((one, two));
        let writer = lock.try_write();
        assert!(writer.is_some() && lock.try_write().is_none() && lock.try_read().is_none());
    }
}

#[test]
fn a_downgrade_lets_no_writer_in_between_and_the_waiting_readers_beside() {
    for lock in both(0) {
        let (w, r) = (lock.clone(), lock.clone());
        let mut guard = lock.write();
        // Of the fair form a reader behind the writer would wait.
        let reader = spawn(move || *r.read());
        let writer = spawn(move || *w.write() += 1);
        cede();
        *guard = 7;
        let guard = RwLockWriteGuard::downgrade(guard);
        cede();
        assert!(reader.is_finished() && !writer.is_finished());
        assert_eq!(*guard, 7);
        drop(guard);
        writer.join().expect("it writes");
        assert_eq!((reader.join().expect("it reads"), *lock.read()), (7, 8));
    }
}

#[test]
fn a_mapped_guard_holds_the_lock_and_releases_it_if_the_closure_panics() {
    let lock = RwLock::new((1, 2));
    let part = RwLockReadGuard::map(lock.read(), |pair| &pair.1);
    assert!(*part == 2 && lock.try_write().is_none());
    drop(part);
    let mut part = RwLockWriteGuard::map(lock.write(), |pair| &mut pair.0);
    *part = 3;
    assert!(lock.try_read().is_none());
    drop(part);
    assert_eq!(*lock.read(), (3, 2));
    let panics = outcome(|| {
        drop(RwLockReadGuard::map(lock.read(), |_| -> &u8 {
            die("read")
        }))
    });
    assert_eq!(panics, "read");
    let panics = outcome(|| {
        drop(RwLockWriteGuard::map(lock.write(), |_| -> &mut u8 {
            die("write")
        }))
    });
    assert_eq!(panics, "write");
    assert!(lock.try_write().is_some());
}

/// Looks, whenever a coro is readied, whether it would find the lock free with its data.
struct Looks(Rc<RwLock<(u8, u8)>>, Rc<Cell<usize>>);

impl coro::Observer for Looks {
    fn event(&mut self, event: &coro::Event<'_>) {
        if let coro::Event::Readied { .. } = event
            && self.0.try_write().is_some()
        {
            self.1.set(self.1.get() + 1);
        }
    }
}

#[test]
fn the_data_is_free_before_the_lock_is() {
    type Locks = for<'a> fn(&'a RwLock<(u8, u8)>) -> Box<dyn fmt::Debug + 'a>;
    let guards: [Locks; 4] = [
        |lock| Box::new(lock.read()),
        |lock| Box::new(lock.write()),
        |lock| Box::new(RwLockReadGuard::map(lock.read(), |pair| &pair.0)),
        |lock| Box::new(RwLockWriteGuard::map(lock.write(), |pair| &mut pair.0)),
    ];
    for locks in guards {
        let lock = Rc::new(RwLock::new((0, 0)));
        let found = Rc::new(Cell::new(0));
        let theirs = lock.clone();
        let guard = locks(&lock);
        let waits = spawn(move || drop(theirs.write()));
        cede();
        coro::set_observer(Some(Box::new(Looks(lock.clone(), found.clone()))));
        drop(guard);
        coro::set_observer(None);
        waits.join().expect("it writes");
        assert_eq!(found.get(), 1);
    }
}

#[test]
fn debug_and_display_neither_block_nor_change_who_is_next() {
    for lock in both(5) {
        assert!(format!("{lock:?}").starts_with("RwLock { data: 5, raw: RawRwLock { held: no"));
        let guard = lock.write();
        assert_eq!(format!("{guard} {guard:?}"), "5 5");
        let [a, b] = [lock.clone(), lock.clone()].map(|lock| spawn(move || drop(lock.write())));
        cede();
        no_switch(|| assert!(format!("{lock:?}").starts_with("RwLock { data: <locked>")));
        drop(guard);
        // One is woken; a look at the free lock must not wake the other one.
        assert_eq!(coro::ready_count(), 1);
        assert!(format!("{lock:?}").contains("data: <locked>"));
        assert_eq!(coro::ready_count(), 1);
        a.join().expect("it writes");
        b.join().expect("it writes");
        let reading = lock.read();
        assert_eq!(format!("{reading} {reading:?}"), "5 5");
        assert!(format!("{lock:?}").starts_with("RwLock { data: 5"));
    }
}

#[test]
fn debug_of_data_that_switches_keeps_writers_out() {
    struct Cedes;
    impl fmt::Debug for Cedes {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            cede();
            f.write_str("ceded")
        }
    }
    let lock = Rc::new(RwLock::new(Cedes));
    let theirs = lock.clone();
    let writer = spawn(move || *theirs.write() = Cedes);
    assert!(format!("{lock:?}").contains("ceded"));
    writer.join().expect("it writes");
}

#[test]
fn the_conversions_and_the_drop_keep_the_value() {
    assert_eq!(RwLock::<u8>::default().into_inner(), 0);
    assert_eq!(RwLock::from(3).into_inner(), 3);
    let unsized_lock: Rc<RwLock<[u8]>> = Rc::new(RwLock::new([1, 2]));
    unsized_lock.write()[0] = 5;
    assert_eq!(*unsized_lock.read(), [5, 2]);
    let (value, drops) = counted();
    let lock = RwLock::fair(value);
    drop(lock.read());
    drop(lock.write());
    assert_eq!(drops.get(), 0);
    drop(lock);
    assert_eq!(drops.get(), 1);
}

/// Counts who is inside, and convicts who should not be.
#[derive(Default)]
struct Inside {
    readers: Cell<usize>,
    writers: Cell<usize>,
    entered: Cell<usize>,
}

impl Inside {
    fn enter<'a>(&'a self, count: &'a Cell<usize>) -> impl Sized + use<'a> {
        count.set(count.get() + 1);
        self.entered.set(self.entered.get() + 1);
        let (readers, writers) = (self.readers.get(), self.writers.get());
        assert!(writers == 0 || (writers, readers) == (1, 0));
        crate::support::defer(|| count.set(count.get() - 1))
    }
}

/// Locks again and again until told to stop; throws are caught, and then it goes on.
fn worker(seed: u64, lock: &RwLock<u64>, inside: &Inside, stop: &Cell<bool>) {
    let mut random = numbers(seed);
    while !stop.get() {
        let (what, cedes) = (random(5), random(3));
        let hold = || (0..cedes).for_each(|_| cede());
        // A throw may come at any of these switches.
        let result = outcome(|| match what {
            0 | 1 => {
                let guard = lock.read();
                let (_inside, before) = (inside.enter(&inside.readers), *guard);
                hold();
                assert_eq!(*guard, before);
            }
            2 => {
                let mut guard = lock.write();
                let _inside = inside.enter(&inside.writers);
                let before = *guard;
                hold();
                assert_eq!(*guard, before);
                *guard = before + 1;
            }
            3 => {
                let mut guard = lock.write();
                let in_write = inside.enter(&inside.writers);
                hold();
                *guard += 1;
                let written = *guard;
                drop(in_write);
                let guard = RwLockWriteGuard::downgrade(guard);
                let _inside = inside.enter(&inside.readers);
                hold();
                assert_eq!(*guard, written);
            }
            _ => {
                let guard = lock.try_write();
                let _inside = guard.is_some().then(|| inside.enter(&inside.writers));
                hold();
            }
        });
        assert!(result == "returned" || result == "ex", "{result}");
        cede();
    }
}

#[test]
fn writers_are_alone_whatever_is_interrupted_and_nobody_is_lost() {
    for seed in 0..20 {
        for lock in both(0) {
            let inside = Rc::new(Inside::default());
            let stop = Rc::new(Cell::new(false));
            let start = |seed| {
                let (lock, inside, stop) = (lock.clone(), inside.clone(), stop.clone());
                spawn(move || worker(seed, &lock, &inside, &stop))
            };
            let mut random = numbers(seed);
            let mut workers: Vec<_> = (0..8).map(|i| start(seed * 1_000 + i)).collect();
            for turn in 0..150 {
                let one = random(workers.len());
                match random(8) {
                    0 => drop(workers[one].throw("ex")),
                    1 => workers[one].cancel(),
                    2 => drop(workers[one].safe_cancel()),
                    3 => drop(workers[one].ready()),
                    _ => {}
                }
                cede();
                if workers[one].is_finished() {
                    let ended =
                        std::mem::replace(&mut workers[one], start(seed * 1_000 + turn + 8));
                    assert!(!ended.join().is_err_and(|end| end.is_panic()), "a breach");
                }
            }
            stop.set(true);
            for worker in workers {
                // Were one lost, this would be a deadlock.
                assert!(!worker.join().is_err_and(|end| end.is_panic()), "a breach");
            }
            assert!(inside.entered.get() > 50);
            assert!(lock.try_write().is_some());
        }
    }
}
