//! Readers and writers.

use std::rc::Rc;

use coro::{JoinHandle, cede, spawn};
use coro_sync::{RawRwLock, RwLock};

use super::{cede_times, join_all};
use crate::support::Log;

/// A coro that asks for the lock, has it for so many turns, and gives it back.
fn user(log: Log, lock: &Rc<RawRwLock>, name: &'static str, turns: usize) -> JoinHandle<()> {
    let lock = Rc::clone(lock);
    spawn(move || {
        log.say(format!("{name}?"));
        if name.starts_with('r') {
            lock.rdlock();
        } else {
            lock.wrlock();
        }
        log.say(format!("{name}+"));
        cede_times(turns);
        log.say(format!("{name}-"));
        lock.unlock();
    })
}

/// `rdlock` and `wrlock` by three readers and two writers, on a free lock: as in Coro.
#[test]
fn readers_come_by_waiting_writers() {
    let log = Log::new();
    let lock = Rc::new(RawRwLock::new());
    join_all([
        user(log, &lock, "r1", 2),
        user(log, &lock, "r2", 1),
        user(log, &lock, "w1", 1),
        user(log, &lock, "r3", 1),
        user(log, &lock, "w2", 1),
    ]);
    log.expect([
        "r1?", "r1+", "r2?", "r2+", "w1?", "r3?", "r3+", "w2?", "r2-", "r3-", "r1-", "w1+", "w1-",
        "w2+", "w2-",
    ]);
}

/// The same with a fair lock: new here.
#[test]
fn nobody_comes_by_at_a_fair_lock() {
    let log = Log::new();
    let lock = Rc::new(RawRwLock::fair());
    join_all([
        user(log, &lock, "r1", 2),
        user(log, &lock, "r2", 1),
        user(log, &lock, "w1", 1),
        user(log, &lock, "r3", 1),
        user(log, &lock, "w2", 1),
    ]);
    log.expect([
        "r1?", "r1+", "r2?", "r2+", "w1?", "r3?", "w2?", "r2-", "r1-", "w1+", "w1-", "r3+", "r3-",
        "w2+", "w2-",
    ]);
}

/// `unlock` by main, `try_rdlock` and `try_wrlock` before and after: as in Coro.
#[test]
fn an_unlock_prefers_a_writer_and_then_lets_all_readers_in() {
    let log = Log::new();
    let lock = Rc::new(RawRwLock::new());
    lock.wrlock();
    let all = [
        user(log, &lock, "r1", 1),
        user(log, &lock, "w", 1),
        user(log, &lock, "r2", 1),
    ];
    cede();
    assert!(!lock.try_rdlock() && !lock.try_wrlock());
    lock.unlock();
    log.say("unlocked");
    join_all(all);
    log.expect([
        "r1?", "w?", "r2?", "unlocked", "w+", "w-", "r1+", "r2+", "r1-", "r2-",
    ]);
    assert!(lock.try_rdlock() && !lock.try_wrlock());
    lock.unlock();
}

/// Guards around a value, with a holder that is cancelled: new here, in Coro the lock stays locked.
#[test]
fn a_cancelled_writer_lets_the_readers_in() {
    let log = Log::new();
    let lock = Rc::new(RwLock::new(1));
    let writes = Rc::clone(&lock);
    let writer = spawn(move || {
        let mut guard = writes.write();
        *guard += 1;
        coro::schedule();
    });
    let readers = ["r1", "r2"].map(|name| {
        let lock = Rc::clone(&lock);
        spawn(move || log.say(format!("{name} {}", *lock.read())))
    });
    cede();
    writer.cancel();
    log.say("cancelled");
    join_all(readers);
    log.expect(["cancelled", "r1 2", "r2 2"]);
}
