//! What the documentation of the primitives says under "Switches", tried.

use std::cell::Cell;
use std::rc::Rc;

use coro::{Builder, no_switch, spawn};
use coro_channel::{Channel, JoinSet, Select, join_arm, oneshot, select};
use coro_semaphore::Semaphore;
use coro_specific::Specific;
use coro_sync::wait_queue::Arm;
use coro_sync::{Barrier, Once, SemaphoreSet, Signal, WaitGroup};
use coro_sync::{Condvar, Mutex, RawRwLock, RwLock, RwLockWriteGuard};

use crate::switches::switches;

#[test]
fn what_never_switches_in_the_primitives_does_not() {
    let semaphore = Rc::new(Semaphore::new(0));
    let channel = Rc::new(Channel::bounded(0));
    let (waits, gets, puts) = (semaphore.clone(), channel.clone(), channel.clone());
    let down = spawn(move || waits.down());
    let get = spawn(move || gets.get());
    coro::cede();
    no_switch(|| {
        assert!(!semaphore.try_down() && semaphore.try_acquire().is_none());
        assert_eq!((semaphore.count(), semaphore.waiters()), (0, 1));
        semaphore.up();
        semaphore.adjust(1);
        drop(semaphore.try_acquire());
        semaphore.down();
        semaphore.wait();
        semaphore.up();
        assert!(channel.try_get().is_none());
        assert!(Channel::bounded(0).try_put(1).is_err());
        assert!(channel.is_empty() && channel.capacity() == Some(0));
        let variable = Specific::new();
        variable.set(1);
        assert_eq!(
            (variable.get(), variable.replace(2), variable.take()),
            (Some(1), Some(1), Some(2))
        );
        let unbounded = Channel::unbounded();
        unbounded.put(1);
        assert_eq!(unbounded.get(), Some(1));
        unbounded.shutdown();
        assert_eq!(unbounded.get(), None);
        assert!(unbounded.is_shut_down());
        unbounded.adjust(1);
        let fair = Channel::fair(1);
        fair.put(1);
        assert!(fair.try_put(2).is_err());
        assert!(fair.try_iter().eq([1]));
        let (sender, receiver) = oneshot();
        assert!(receiver.try_get().is_none() && !sender.is_closed());
        drop(receiver.get_arm());
        assert!(sender.send(1).is_ok());
        assert_eq!(receiver.get(), Ok(1));
        drop(oneshot::<u8>());
        let set = JoinSet::new();
        set.spawn(|| ());
        set.spawn_with(Builder::new(), || ());
        assert!(set.try_join_next().is_none() && set.len() == 2 && !set.is_empty());
        set.detach_all();
        assert!(set.join_next().is_none());
        set.spawn(|| ());
        drop(set.join_next_arm());
        drop(set);
    });
    down.join().unwrap();
    let put = spawn(move || puts.put(7));
    assert_eq!(get.join().unwrap(), Some(7));
    put.join().unwrap();
}

#[test]
fn what_never_switches_in_signals_and_sets_does_not() {
    let signal = Rc::new(Signal::new());
    let waits = signal.clone();
    let waiter = spawn(move || {
        waits.wait();
        waits.wait();
    });
    coro::cede();
    no_switch(|| {
        assert_eq!(signal.awaited(), 1);
        signal.send();
        signal.wait_with(|| ());
        signal.broadcast();
        signal.send();
        signal.wait();
        assert!(!signal.wait_arm().commit());
        signal.wait_until(|| true);
        assert!(Barrier::new(1).wait().is_leader() && Barrier::new(2).waiters() == 0);
        let group = WaitGroup::new();
        drop(group.token());
        group.wait();
        assert_eq!((group.tokens(), group.waiters()), (0, 0));
        let mut once = Once::new();
        assert!(once.get().is_none() && !once.is_initialized() && once.set(1).is_ok());
        assert_eq!((*once.get_or_init(|| 2), once.take()), (1, Some(1)));
        assert_eq!(once.get_or_try_init(|| Err(3)), Err(3));
        assert_eq!((*once.get_or_init(|| 4), once.into_inner()), (4, Some(4)));
        let set = SemaphoreSet::new(1);
        set.down(1);
        assert!(!set.try_down(1) && set.try_acquire(1).is_none());
        assert_eq!((set.count(&1), set.waiters(&1), set.len()), (0, 0, 1));
        set.up(1);
        set.wait(&1);
        drop((set.sem(1), set.acquire(1)));
        assert!(set.is_empty());
    });
    coro::cede();
    signal.send();
    waiter.join().unwrap();
}

#[test]
fn what_may_switch_in_signals_and_sets_does_so_when_it_says() {
    let signal = Rc::new(Signal::new());
    let sends = signal.clone();
    assert!(switches(|| {
        drop(spawn(move || sends.send()));
        signal.wait();
    }));
    let (sends, asked) = (signal.clone(), Cell::new(0));
    assert!(switches(|| {
        drop(spawn(move || sends.send()));
        signal.wait_until(|| asked.replace(1) == 1);
    }));
    let barrier = Rc::new(Barrier::new(2));
    let arrives = barrier.clone();
    assert!(switches(|| {
        drop(spawn(move || arrives.wait()));
        barrier.wait();
    }));
    let group = WaitGroup::new();
    let token = group.token();
    assert!(switches(|| {
        drop(spawn(move || drop(token)));
        group.wait();
    }));
    let once = Rc::new(Once::new());
    let makes = once.clone();
    drop(spawn(move || *makes.get_or_init(|| coro::cede())));
    coro::cede();
    assert!(switches(|| *once.get_or_init(|| unreachable!())));
    assert!(switches(|| *Once::new().get_or_init(coro::cede)));
    let set = Rc::new(SemaphoreSet::new(0));
    for wait in [false, true] {
        let (ups, keeps) = (set.clone(), set.sem(1));
        assert!(switches(|| {
            drop(spawn(move || ups.up(1)));
            if wait {
                set.wait(&1);
            }
            set.down(1);
        }));
        drop(keeps);
    }
    assert!(set.is_empty());
}

#[test]
fn a_lock_switches_if_it_is_held_and_else_does_not() {
    fn tries(lock: impl Fn(), unlock: impl FnOnce() + 'static) {
        assert!(switches(|| {
            drop(spawn(unlock));
            lock();
        }));
    }
    for raw in [RawRwLock::new(), RawRwLock::fair()] {
        let raw = Rc::new(raw);
        no_switch(|| {
            assert!(raw.try_rdlock());
            raw.rdlock();
            assert!(!raw.try_wrlock());
            raw.unlock();
            raw.unlock();
            raw.wrlock();
            assert!(raw.is_write_locked());
            raw.downgrade();
            assert_eq!(
                (raw.readers(), raw.waiting_readers(), raw.waiting_writers()),
                (1, 0, 0)
            );
        });
        let unlocks = raw.clone();
        tries(|| raw.wrlock(), move || unlocks.unlock());
        let unlocks = raw.clone();
        tries(|| raw.rdlock(), move || unlocks.unlock());
    }
    for lock in [RwLock::new(1), RwLock::fair(1)] {
        no_switch(|| {
            drop((lock.read(), lock.try_read(), lock.try_write()));
            drop(RwLockWriteGuard::downgrade(lock.write()));
        });
    }
    for mutex in [Mutex::new(1), Mutex::fair(1)] {
        let (mutex, condvar) = (Rc::new(mutex), Rc::new(Condvar::new()));
        no_switch(|| {
            drop(mutex.lock());
            drop(mutex.try_lock());
            drop(condvar.wait_while(mutex.lock(), |_| false));
            assert!(!mutex.is_locked() && mutex.waiters() + condvar.waiters() == 0);
            assert!(!condvar.notify_one() && condvar.notify_all() == 0);
        });
        let notifies = condvar.clone();
        assert!(switches(|| {
            drop(spawn(move || notifies.notify_one()));
            drop(condvar.wait(mutex.lock()));
        }));
        let theirs = mutex.clone();
        let holder = spawn(move || {
            let _guard = theirs.lock();
            coro::cede();
        });
        coro::cede();
        assert!(switches(|| drop(mutex.lock())));
        holder.join().unwrap();
    }
}

#[test]
fn what_never_switches_in_semaphores_and_selects_does_not() {
    for new in [Semaphore::new, Semaphore::fair] {
        let (one, none) = (Rc::new(new(1)), Rc::new(new(0)));
        let (waits, blocked) = (none.clone(), spawn(coro::schedule));
        let down = spawn(move || waits.down());
        coro::cede();
        no_switch(|| {
            assert!(one.try_down_many(1) && !none.try_down_many(1));
            one.up();
            assert!(one.try_acquire_rc().is_some() && none.try_acquire_rc().is_none());
            assert_eq!(one.acquire().permits(), 1);
            one.acquire_rc().forget();
            one.adjust(3);
            drop(one.acquire_many(3));
            one.down_many(2);
            none.down_many(0);
            one.wait_with(|| ());
            none.wait_with(|| ());
            none.adjust(2);
            let channel = Channel::<i32>::fair(0);
            let (get, put) = (channel.get_arm(), channel.put_arm(1));
            let (down, acquire) = (none.down_arm(), none.acquire_arm());
            let join = join_arm(blocked.coro());
            let none_ready = Select::new(&[&get, &put, &join]).biased().try_now();
            assert_eq!(none_ready, None);
            assert!(Select::new(&[&acquire, &down]).try_now().is_some());
            assert_eq!(put.into_value(), Some(1));
            select! {
                () = one.down_arm() => {}
                _ = channel.get_arm() => {}
            }
            select! {
                _ = channel.get_arm() => {}
                default => {}
            }
        });
        none.up();
        down.join().unwrap();
        blocked.cancel();
    }
}

#[test]
fn waits_for_permits_and_selects_switch_when_they_say() {
    let waits: [fn(&Rc<Semaphore>); 7] = [
        |sem| sem.down(),
        |sem| sem.down_many(2),
        |sem| sem.wait(),
        |sem| drop(sem.acquire()),
        |sem| drop(sem.acquire_many(2)),
        |sem| drop(sem.acquire_rc()),
        |sem| select! { () = sem.down_arm() => {} },
    ];
    for new in [Semaphore::new, Semaphore::fair] {
        for wait in waits {
            let sem = Rc::new(new(0));
            let ups = sem.clone();
            assert!(switches(|| {
                drop(spawn(move || ups.adjust(2)));
                wait(&sem);
            }));
            assert!(!switches(|| wait(&Rc::new(new(2)))));
        }
    }
}
