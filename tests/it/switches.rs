//! What the documentation says under "Switches", tried: each "Never" where a switch would panic, and
//! each "If" both ways.

use std::cell::Cell;
use std::rc::Rc;

use coro::{Builder, Prio, no_switch, spawn};
use coro_channel::{Channel, JoinSet, oneshot};
use coro_semaphore::Semaphore;

mod primitives;

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
    let (sender, receiver) = oneshot();
    assert!(switches(move || {
        drop(spawn(move || sender.send(1)));
        assert_eq!(receiver.get(), Ok(1));
    }));
    let set = JoinSet::new();
    assert!(switches(|| {
        set.spawn(|| ());
        assert!(set.join_next().is_some());
    }));
    let seen = Rc::new(Cell::new(false));
    let unwound = Rc::new(Cell::new(false));
    let (mark, there) = (seen.clone(), unwound.clone());
    set.spawn(move || {
        let _unwound = crate::support::defer(move || there.set(true));
        mark.set(true);
        coro::schedule();
    });
    coro::cede();
    assert!(seen.get());
    // There and back, before anybody else.
    assert!(!switches(|| set.cancel_all()) && unwound.get());
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
