//! Section A: signals, readers-writer locks, and what else `coro-sync` has.

use std::cell::Cell;
use std::rc::Rc;

use coro::{JoinHandle, cede, no_switch, spawn};
use coro_sync::{Condvar, Mutex, RawRwLock, RwLock, SemaphoreSet, Signal};

use super::a_answers::{Waits, never_completed_by_ready};
use super::a_waiting::{WaitAndEvent, has_left_when_its_handler_runs};
use super::{INTERRUPTIONS, every_sequence, settle};
use crate::support::{Log, fresh};

/// The two forms of locks.
const FORMS: [fn() -> RawRwLock; 2] = [RawRwLock::new, RawRwLock::fair];

/// Spawns a coro that takes the lock and keeps it.
fn locker(lock: &Rc<RawRwLock>, take: fn(&RawRwLock)) -> JoinHandle<()> {
    let lock = Rc::clone(lock);
    spawn(move || take(&lock))
}

/// Spawns a coro that waits for the signal.
fn waiter(signal: &Rc<Signal>) -> JoinHandle<()> {
    let signal = Rc::clone(signal);
    spawn(move || signal.wait())
}

#[test]
fn bug_02_a_waiter_thrown_at_has_left_locks_signals_and_sets_when_its_handler_runs() {
    fresh(|| {
        let with_lock = |form: fn() -> RawRwLock, take: fn(&RawRwLock)| {
            let lock = Rc::new(form());
            lock.wrlock();
            let free = Rc::clone(&lock);
            let pair: WaitAndEvent = (Rc::new(move || take(&lock)), Rc::new(move || free.unlock()));
            pair
        };
        for form in FORMS {
            has_left_when_its_handler_runs("rdlock", || with_lock(form, RawRwLock::rdlock));
            has_left_when_its_handler_runs("wrlock", || with_lock(form, RawRwLock::wrlock));
        }
        has_left_when_its_handler_runs("signal", || {
            let signal = Rc::new(Signal::new());
            let send = Rc::clone(&signal);
            (Rc::new(move || signal.wait()), Rc::new(move || send.send()))
        });
        has_left_when_its_handler_runs("set", || {
            let set = Rc::new(SemaphoreSet::new(0));
            let up = Rc::clone(&set);
            (Rc::new(move || set.down(1)), Rc::new(move || up.up(1)))
        });
    });
}

#[test]
fn bug_07_an_unlock_with_no_writer_queued_lets_all_queued_readers_in() {
    fresh(|| {
        for (form, readers) in FORMS.into_iter().flat_map(|f| (1..6).map(move |n| (f, n))) {
            let lock = Rc::new(form());
            lock.wrlock();
            let all: Vec<_> = (0..readers)
                .map(|_| locker(&lock, RawRwLock::rdlock))
                .collect();
            settle();
            assert_eq!(lock.waiting_readers(), readers);
            lock.unlock();
            settle();
            assert!(all.iter().all(|c| c.is_finished()));
            assert_eq!((lock.readers(), lock.waiting_readers()), (readers, 0));
            (0..readers).for_each(|_| lock.unlock());
            assert!(lock.try_wrlock());
        }
    });
}

#[test]
fn bug_08_a_waiter_that_is_readied_has_one_entry_still() {
    fresh(|| {
        for (form, take) in FORMS
            .into_iter()
            .flat_map(|f| [RawRwLock::rdlock as fn(&RawRwLock), RawRwLock::wrlock].map(|t| (f, t)))
        {
            let lock = Rc::new(form());
            lock.wrlock();
            let (first, second) = (locker(&lock, take), locker(&lock, RawRwLock::wrlock));
            settle();
            for c in [&first, &second, &first] {
                c.ready();
                settle();
            }
            assert_eq!(lock.waiting_readers() + lock.waiting_writers(), 2);
            // Nobody's duplicate swallows a wake-up.
            lock.unlock();
            settle();
            lock.unlock();
            settle();
            assert!(first.is_finished() && second.is_finished());
            assert_eq!(lock.waiting_readers() + lock.waiting_writers(), 0);
        }
        let signal = Rc::new(Signal::new());
        let (first, second) = (waiter(&signal), waiter(&signal));
        settle();
        (0..3).for_each(|_| {
            first.ready();
            settle();
        });
        assert_eq!(signal.awaited(), 2);
        signal.send();
        signal.send();
        settle();
        assert!(first.is_finished() && second.is_finished());

        let set = Rc::new(SemaphoreSet::new(0));
        let theirs = Rc::clone(&set);
        let c = spawn(move || theirs.down("key"));
        settle();
        (0..3).for_each(|_| {
            c.ready();
            settle();
        });
        assert_eq!(set.waiters(&"key"), 1);
        set.up("key");
        settle();
        assert!(c.is_finished() && set.is_empty());
    });
}

#[test]
fn bug_09_a_free_lock_has_no_waiters_when_nothing_is_ready() {
    fresh(|| {
        let forms: [fn(()) -> RwLock<()>; 2] = [RwLock::new, RwLock::fair];
        for form in forms {
            // What is done to the lock's holder, or to one of a writer, a reader and a writer.
            every_sequence::<3>(14, |moves| {
                let lock = Rc::new(form(()));
                let mut held = Some(lock.write());
                let all = [true, false, true].map(|writes| {
                    let lock = Rc::clone(&lock);
                    spawn(move || {
                        if writes {
                            let _guard = lock.write();
                            cede();
                        } else {
                            let _guard = lock.read();
                            cede();
                        }
                    })
                });
                settle();
                for &what in moves {
                    match what {
                        0 => drop(held.take()),
                        1 => cede(),
                        2..=4 => _ = all[what - 2].ready(),
                        _ => INTERRUPTIONS[(what - 5) / 3].1(&all[(what - 5) % 3]),
                    }
                }
                drop(held);
                settle();
                assert!(all.iter().all(|c| c.is_finished()), "{moves:?}: {lock:?}");
                assert!(lock.try_write().is_some(), "{moves:?}: {lock:?}");
            });
        }
    });
}

#[test]
fn bug_10_a_send_wakes_exactly_one_of_the_live_waiters() {
    fresh(|| {
        for (way, interrupt) in INTERRUPTIONS {
            for mask in 0..16_u32 {
                let signal = Rc::new(Signal::new());
                let all = [(); 4].map(|()| waiter(&signal));
                settle();
                let (gone, live): (Vec<_>, Vec<_>) = (0..4_usize).partition(|i| mask >> i & 1 == 1);
                gone.iter().for_each(|i| interrupt(&all[*i]));
                settle();
                assert_eq!(signal.awaited(), live.len());
                for (nth, i) in live.iter().enumerate() {
                    signal.send();
                    settle();
                    let woken = live.iter().filter(|i| all[**i].is_finished()).count();
                    assert_eq!(woken, nth + 1, "{way}, {mask:04b}");
                    assert!(all[*i].is_finished(), "{way}, {mask:04b}: the oldest");
                }
            }
        }
    });
}

#[test]
fn bug_11_the_send_of_a_waiter_that_is_interrupted_passes_on() {
    fresh(|| {
        for (way, interrupt) in INTERRUPTIONS {
            let signal = Rc::new(Signal::new());
            let [first, second, third] = [(); 3].map(|()| waiter(&signal));
            settle();
            signal.send();
            assert!(first.is_ready());
            interrupt(&first);
            settle();
            assert!(second.is_finished() && !third.is_finished(), "{way}");
            // With nobody to pass it on to, it is remembered.
            signal.send();
            interrupt(&third);
            settle();
            no_switch(|| signal.wait());
            assert_eq!(signal.awaited(), 0);
            // But not if a broadcast has come since, for all who could have got it.
            let last = waiter(&signal);
            settle();
            signal.send();
            signal.broadcast();
            interrupt(&last);
            settle();
            let late = waiter(&signal);
            settle();
            assert!(!late.is_finished(), "{way}");
            late.cancel();
        }
    });
}

#[test]
fn bug_16_one_send_is_remembered_and_no_broadcast() {
    fresh(|| {
        let signal = Rc::new(Signal::new());
        (0..3).for_each(|_| signal.send());
        no_switch(|| signal.wait());
        let waits = waiter(&signal);
        settle();
        assert!(!waits.is_finished(), "only one");
        // Neither doubled: the second of two sends is not for the one who was woken.
        signal.send();
        signal.send();
        settle();
        assert!(waits.is_finished());
        no_switch(|| signal.wait());
        signal.broadcast();
        let waits = waiter(&signal);
        settle();
        assert!(!waits.is_finished(), "a broadcast is not remembered");
        signal.broadcast();
        settle();
        assert!(waits.is_finished());
        signal.send();
        signal.broadcast();
        let waits = waiter(&signal);
        settle();
        assert!(
            !waits.is_finished(),
            "a broadcast clears what is remembered"
        );
        waits.cancel();
    });
}

/// A call that waits for the key 1, with its name.
type SetCall = (&'static str, fn(&SemaphoreSet<u8>));

fn waits() -> Vec<Waits> {
    let mut waits: Vec<Waits> = Vec::new();
    for form in FORMS {
        for take in [RawRwLock::rdlock as fn(&RawRwLock), RawRwLock::wrlock] {
            let lock = Rc::new(form());
            lock.wrlock();
            let free = Rc::clone(&lock);
            let (wait, end) = (move || take(&lock), move || free.unlock());
            waits.push(("lock", Box::new(wait), Box::new(end)));
        }
    }
    let signal = Rc::new(Signal::new());
    let send = Rc::clone(&signal);
    waits.push((
        "signal",
        Box::new(move || signal.wait()),
        Box::new(move || send.send()),
    ));
    let (signal, flag) = (Rc::new(Signal::new()), Rc::new(Cell::new(false)));
    let (send, set) = (Rc::clone(&signal), Rc::clone(&flag));
    let end = move || {
        set.set(true);
        send.broadcast();
    };
    waits.push((
        "wait_until",
        Box::new(move || signal.wait_until(|| flag.get())),
        Box::new(end),
    ));
    let calls: [SetCall; 3] = [
        ("set down", |set| set.down(1)),
        ("set wait", |set| set.wait(&1)),
        ("set acquire", |set| set.acquire(1).forget()),
    ];
    for (what, wait) in calls {
        let set = Rc::new(SemaphoreSet::new(1));
        assert!(set.try_down(1));
        let up = Rc::clone(&set);
        waits.push((
            what,
            Box::new(move || wait(&set)),
            Box::new(move || up.up(1)),
        ));
    }
    let (mutex, condvar) = (Rc::new(Mutex::new(0)), Rc::new(Condvar::new()));
    let notify = Rc::clone(&condvar);
    let wait = move || assert_eq!(*condvar.wait(mutex.lock()), 0);
    let end = move || assert!(notify.notify_one());
    waits.push(("condvar", Box::new(wait), Box::new(end)));
    waits
}

#[test]
fn bug_17_ready_completes_no_wait_for_locks_signals_sets_and_condvars() {
    fresh(|| never_completed_by_ready(waits()));
}

#[test]
fn bug_20_all_who_wait_for_a_condvar_or_a_signal_wake() {
    fresh(|| {
        let shared = Rc::new((Mutex::new(false), Condvar::new(), Signal::new()));
        let log = Log::new();
        let by_condvar = [(); 4].map(|()| {
            let shared = Rc::clone(&shared);
            spawn(move || {
                let (mutex, condvar, _) = &*shared;
                let guard = condvar.wait_while(mutex.lock(), |done| !*done);
                assert!(*guard);
            })
        });
        let by_signal = [(); 4].map(|()| {
            let shared = Rc::clone(&shared);
            spawn(move || shared.2.wait())
        });
        settle();
        (1..=2).for_each(|n| shared.2.wait_with(move || log.say(format!("callback {n}"))));
        *shared.0.lock() = true;
        assert_eq!(shared.1.notify_all(), 4);
        shared.2.broadcast();
        settle();
        assert!(by_condvar.iter().chain(&by_signal).all(|c| c.is_finished()));
        log.expect(["callback 1", "callback 2"]);
    });
}
