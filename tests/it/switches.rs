//! What the documentation says under "Switches", tried: each "Never" where a switch would panic, and
//! each "If" both ways.

use std::cell::Cell;
use std::rc::Rc;

use coro::{Builder, Prio, no_switch, spawn};
use coro_channel::Channel;
use coro_semaphore::Semaphore;
use coro_specific::Specific;

/// Calls `f` and returns whether another coro ran before it returned.
fn switches(f: impl FnOnce()) -> bool {
    let ran = Rc::new(Cell::new(false));
    let seen = ran.clone();
    let other = spawn(move || seen.set(true));
    f();
    let switched = ran.get();
    other.join().expect("it only notes that it ran");
    switched
}

#[test]
fn what_never_switches_does_not() {
    let blocked = spawn(coro::schedule);
    coro::cede();
    no_switch(|| {
        let me = coro::current();
        let fresh = Builder::new()
            .desc("fresh")
            .prio(Prio::HIGH)
            .stack_size(16 * 1024);
        let fresh = fresh.build(|| 1);
        assert!(fresh.ready() && !fresh.ready());
        drop(fresh);
        drop(spawn(|| 1));
        drop(Builder::new().spawn(|| 1));
        assert_eq!(
            (coro::main().id(), me.is_running(), me.is_ready()),
            (0, true, false)
        );
        assert!(!me.is_new() && !me.is_finished() && !me.is_suspended());
        let _ = (
            me.prio(),
            me.set_prio(Prio::LOW),
            me.nice(-1),
            me.desc(),
            me.use_count(),
        );
        me.set_prio(Prio::NORMAL);
        let _ = (
            coro::ready_count(),
            coro::all(),
            coro::unwinding(),
            coro::report().to_string(),
        );
        blocked.set_desc("blocked");
        blocked.suspend();
        blocked.resume();
        blocked.on_destroy(|| ());
        assert!(blocked.throw("never raised").retract());
        blocked.throw("cleared");
        blocked.clear_throw();
        assert!(blocked.safe_cancel().is_ok() && me.safe_cancel().is_err());
        coro::check();
        let waker = me.waker();
        waker.wake();
        let (callback, answer) = coro::rouse::<u8>();
        callback.call(1);
        drop(answer);
        coro::unblock_fn(|()| ())(());
        drop((coro::on_enter(|| ()), coro::on_leave(|| ())));
        assert_eq!(coro::shield(|| 1), 1);
        assert!(coro::catch(|| 1).is_ok());
        let slot = coro::LocalSlot::new();
        assert!(slot.replace(None).is_none() && slot.get().is_none());
        drop((
            coro::set_policy(None),
            coro::set_observer(None),
            coro::set_driver(None),
        ));
        drop((
            coro::set_timers(None),
            coro::set_clock(None),
            coro::set_idle(None),
            coro::now(),
        ));
        assert_eq!(coro::scope(|_| 1), 1);
    });
    assert!(blocked.join().unwrap_err().is_cancelled());
}

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
        assert!(channel.try_put(1).is_err() && channel.try_get().is_none());
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
    });
    down.join().unwrap();
    let put = spawn(move || puts.put(7));
    assert_eq!(get.join().unwrap(), Some(7));
    put.join().unwrap();
}

#[test]
fn what_may_switch_does_so_when_it_says() {
    assert!(switches(coro::cede));
    assert!(switches(coro::cede_notself));
    assert!(switches(|| {
        coro::current().ready();
        coro::schedule();
    }));
    assert!(switches(|| spawn(|| ()).join().unwrap()));
    assert!(switches(|| coro::scope(|s| drop(s.spawn(|| ())))));
    let (callback, answer) = coro::rouse();
    let call = Cell::new(Some(callback));
    assert!(switches(|| {
        let callback = call.take().unwrap();
        drop(spawn(move || callback.call(1)));
        assert_eq!(answer.wait(), Some(1));
    }));
    let semaphore = Rc::new(Semaphore::new(0));
    let ups = semaphore.clone();
    assert!(switches(move || {
        drop(spawn(move || ups.up()));
        semaphore.down();
    }));
    let channel = Rc::new(Channel::bounded(0));
    let (gets, puts) = (channel.clone(), channel.clone());
    assert!(switches(move || {
        drop(spawn(move || gets.get()));
        channel.put(1);
    }));
    let channel = puts.clone();
    assert!(switches(move || {
        drop(spawn(move || puts.put(2)));
        assert_eq!(channel.get(), Some(2));
    }));
}

#[test]
fn what_may_switch_does_not_when_it_need_not() {
    let low = Builder::new().prio(Prio::LOW).spawn(|| ());
    assert!(!low.is_finished());
    coro::cede();
    assert!(low.is_new(), "cede gives nobody of a lower priority a turn");
    low.join().unwrap();

    let ended = spawn(|| ()).shared();
    ended.join().unwrap();
    let (callback, answer) = coro::rouse();
    callback.call(1);
    let blocked = spawn(coro::schedule);
    coro::cede();
    assert!(!switches(move || {
        ended.join().unwrap();
        assert_eq!(answer.wait(), Some(1));
        coro::current().schedule_to().unwrap();
        coro::scope(|_| ());
        // There and back, before anybody else.
        blocked.cancel();
        assert!(blocked.is_finished());
        Semaphore::new(1).down();
        let channel = Channel::bounded(1);
        channel.put(1);
        assert_eq!(channel.get(), Some(1));
    }));
}
