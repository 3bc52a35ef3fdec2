//! The mutex: each line of its table "who runs next", in both forms, and what its guard does.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use coro::{JoinHandle, cede, no_switch, spawn};
use coro_sync::{Mutex, MutexGuard};

use crate::rwlock::model::{Kind, Lock, programs};
use crate::support::{Log, counted, die, outcome};

mod condvar;

fn both<T: Clone>(value: T) -> [Rc<Mutex<T>>; 2] {
    [
        Rc::new(Mutex::new(value.clone())),
        Rc::new(Mutex::fair(value)),
    ]
}

/// A mutex whose guard main may drop, whoever locked it.
struct Held {
    guard: RefCell<Option<MutexGuard<'static, ()>>>,
    mutex: &'static Mutex<()>,
}

/// A mutex lives for ever here: so its guard may be where main finds it.
fn held(mutex: Mutex<()>) -> Held {
    Held {
        guard: RefCell::new(None),
        mutex: Box::leak(Box::new(mutex)),
    }
}

impl Held {
    fn waiters(&self) -> usize {
        self.mutex.waiters()
    }
}

impl Lock for Held {
    fn lock(&self, _: Kind) {
        let guard = self.mutex.lock();
        self.guard.replace(Some(guard));
    }

    fn try_lock(&self, _: Kind) -> bool {
        let guard = self.mutex.try_lock();
        let got = guard.is_some();
        if got {
            self.guard.replace(guard);
        }
        got
    }

    fn unlock(&self) {
        drop(self.guard.take());
    }

    fn may_unlock(&self) -> bool {
        // A fair mutex may be given to somebody who has not run, and has no guard yet.
        self.guard.borrow().is_some()
    }

    fn downgrade(&self) -> bool {
        false
    }

    fn state(&self) -> (isize, usize, usize) {
        (-isize::from(self.mutex.is_locked()), 0, self.waiters())
    }
}

/// Spawns a coro that locks, says what came of it, and ends; main unlocks for it.
fn enter(log: Log, name: &'static str, held: &Rc<Held>) -> JoinHandle<()> {
    let held = Rc::clone(held);
    let c = spawn(move || {
        let result = outcome(|| held.lock(Kind::Write));
        log.say(format!("{name}: {result}"));
    });
    cede();
    c
}

fn both_held() -> [Rc<Held>; 2] {
    [
        Rc::new(held(Mutex::new(()))),
        Rc::new(held(Mutex::fair(()))),
    ]
}

/// Lets all run, until nobody is ready.
fn settle() {
    while coro::ready_count() > 0 {
        cede();
    }
}

/// The ways to interrupt a waiter.
const INTERRUPTIONS: [fn(&JoinHandle<()>); 3] = [
    |c| drop(c.throw("ex")),
    |c| c.cancel(),
    |c| c.safe_cancel().expect("it may be cancelled"),
];

#[test]
fn an_unlock_wakes_the_oldest_waiter_alone() {
    for (held, at_once) in both_held().into_iter().zip([false, true]) {
        let log = Log::new();
        held.lock(Kind::Write);
        enter(log, "a", &held);
        enter(log, "b", &held);
        held.unlock();
        assert_eq!((coro::ready_count(), held.waiters()), (1, 1));
        assert_eq!(held.mutex.is_locked(), at_once);
        settle();
        log.expect(["a: returned"]);
        held.unlock();
        settle();
        log.expect(["b: returned"]);
    }
}

#[test]
fn default_a_woken_waiter_that_was_overtaken_waits_again_at_the_end() {
    let log = Log::new();
    let held = Rc::new(held(Mutex::new(())));
    held.lock(Kind::Write);
    enter(log, "a", &held);
    enter(log, "b", &held);
    held.unlock();
    assert!(held.try_lock(Kind::Write));
    settle();
    assert_eq!(held.waiters(), 2);
    for expected in ["b: returned", "a: returned"] {
        held.unlock();
        settle();
        log.expect([expected]);
    }
}

#[test]
fn fair_nobody_overtakes_who_was_given_the_mutex() {
    let log = Log::new();
    let held = Rc::new(held(Mutex::fair(())));
    held.lock(Kind::Write);
    enter(log, "a", &held);
    held.unlock();
    assert!(!held.try_lock(Kind::Write));
    enter(log, "b", &held);
    log.expect(["a: returned"]);
    assert_eq!(held.waiters(), 1);
}

#[test]
fn a_waiter_keeps_its_place_and_one_entry_through_spurious_wake_ups() {
    for held in both_held() {
        let log = Log::new();
        held.lock(Kind::Write);
        let a = enter(log, "a", &held);
        enter(log, "b", &held);
        for _ in 0..3 {
            assert!(a.ready());
            cede();
            assert_eq!(held.waiters(), 2);
        }
        for expected in ["a: returned", "b: returned"] {
            log.expect([]);
            held.unlock();
            settle();
            log.expect([expected]);
        }
    }
}

#[test]
fn a_waiter_that_is_readied_takes_a_mutex_that_is_free_but_no_fair_one() {
    for (held, expected) in both_held().into_iter().zip(["b: returned", "a: returned"]) {
        let log = Log::new();
        held.lock(Kind::Write);
        enter(log, "a", &held);
        let b = enter(log, "b", &held);
        b.ready();
        held.unlock();
        settle();
        log.expect([expected]);
        assert_eq!(held.waiters(), 1);
    }
}

#[test]
fn an_interruption_swallows_no_wake_up() {
    for interrupt in INTERRUPTIONS {
        for woken in [false, true] {
            for held in both_held() {
                let log = Log::new();
                held.lock(Kind::Write);
                let first = enter(log, "first", &held);
                let second = enter(log, "second", &held);
                if woken {
                    held.unlock();
                }
                interrupt(&first);
                if !woken {
                    settle();
                    assert_eq!((held.waiters(), second.is_finished()), (1, false));
                    held.unlock();
                }
                settle();
                assert!(log.sorted().contains(&"second: returned".to_owned()));
                assert!(first.is_finished());
                held.unlock();
                assert_eq!((held.waiters(), held.mutex.is_locked()), (0, false));
            }
        }
    }
}

#[test]
fn default_an_interrupted_woken_waiter_wakes_nobody_if_the_mutex_is_locked() {
    for interrupt in INTERRUPTIONS {
        let log = Log::new();
        let held = Rc::new(held(Mutex::new(())));
        held.lock(Kind::Write);
        let a = enter(log, "a", &held);
        enter(log, "b", &held);
        held.unlock();
        assert!(held.try_lock(Kind::Write));
        interrupt(&a);
        cede();
        assert_eq!((coro::ready_count(), held.waiters()), (0, 1));
    }
}

#[test]
fn random_programs_of_both_forms_do_as_the_model() {
    programs(false, &[Kind::Write], || held(Mutex::new(())));
    programs(true, &[Kind::Write], || held(Mutex::fair(())));
}

#[test]
fn lock_raises_an_interruption_also_if_the_mutex_is_free() {
    for mutex in both(0) {
        let theirs = mutex.clone();
        let c = spawn(move || {
            coro::current().throw("ex");
            outcome(|| drop(theirs.lock()))
        });
        assert_eq!(c.join().expect("it catches"), "ex");
        assert!(!mutex.is_locked());
    }
}

#[test]
fn the_guard_is_released_however_its_coro_ends() {
    let ends: [fn(); 4] = [
        || (),
        || die("panic"),
        || coro::terminate(()),
        coro::schedule,
    ];
    for end in ends {
        for mutex in both(0) {
            let (theirs, next) = (mutex.clone(), mutex.clone());
            let c = spawn(move || {
                *theirs.lock() = 1;
                let _guard = theirs.lock();
                cede();
                end();
            });
            cede();
            let next = spawn(move || *next.lock());
            cede();
            assert_eq!(
                c.is_finished(),
                mutex.try_lock().is_some() || next.is_finished()
            );
            c.cancel();
            // Not poisoned: what was written is there.
            assert_eq!(next.join().expect("it locks"), 1);
            assert!(!mutex.is_locked());
        }
    }
}

#[test]
fn a_forgotten_guard_keeps_the_mutex_locked_and_nothing_worse() {
    for mutex in both(0) {
        let _ = std::mem::ManuallyDrop::new(mutex.lock());
        assert!(mutex.is_locked() && mutex.try_lock().is_none());
        assert!(format!("{mutex:?}").starts_with("Mutex { data: <locked>"));
        let mut mutex = Rc::into_inner(mutex).expect("nobody else has it");
        *mutex.get_mut() += 1;
        assert_eq!(mutex.into_inner(), 1);
    }
}

#[test]
fn debug_and_display_neither_block_nor_change_who_is_next() {
    for mutex in both(5) {
        assert_eq!(format!("{mutex:?}"), "Mutex { data: 5, waiters: [] }");
        let guard = mutex.lock();
        assert_eq!(format!("{guard} {guard:?}"), "5 5");
        let [a, b] = [mutex.clone(), mutex.clone()].map(|mutex| spawn(move || drop(mutex.lock())));
        cede();
        drop(guard);
        // One is woken; a look at the free mutex must not wake the other one.
        let waits = format!("Mutex {{ data: <locked>, waiters: [{:?}] }}", b.coro());
        no_switch(|| assert_eq!(format!("{mutex:?}"), waits));
        assert_eq!(coro::ready_count(), 1);
        a.join().expect("it locks");
        b.join().expect("it locks");
    }
}

#[test]
fn the_conversions_and_the_drop_keep_the_value() {
    assert_eq!(Mutex::<u8>::default().into_inner(), 0);
    assert_eq!(Mutex::from(3).into_inner(), 3);
    let unsized_mutex: Rc<Mutex<[u8]>> = Rc::new(Mutex::new([1, 2]));
    unsized_mutex.lock()[0] = 5;
    assert_eq!(*unsized_mutex.lock(), [5, 2]);
    let (value, drops) = counted();
    let mutex = Mutex::fair(value);
    drop(mutex.lock());
    assert_eq!(drops.get(), 0);
    drop(mutex);
    assert_eq!(drops.get(), 1);
}

/// Looks, whenever a coro is readied, whether it would find the mutex free with its data.
struct Looks(Rc<Mutex<u8>>, Rc<Cell<usize>>);

impl coro::Observer for Looks {
    fn event(&mut self, event: &coro::Event<'_>) {
        if let coro::Event::Readied { .. } = event
            && self.0.try_lock().is_some()
        {
            self.1.set(self.1.get() + 1);
        }
    }
}

#[test]
fn the_data_is_free_before_the_mutex_is() {
    let mutex = Rc::new(Mutex::new(0));
    let found = Rc::new(Cell::new(0));
    let theirs = mutex.clone();
    let guard = mutex.lock();
    let waits = spawn(move || drop(theirs.lock()));
    cede();
    coro::set_observer(Some(Box::new(Looks(mutex.clone(), found.clone()))));
    drop(guard);
    coro::set_observer(None);
    waits.join().expect("it locks");
    assert_eq!(found.get(), 1);
}
