//! Running the steps that concern `coro-sync`.

use std::cell::Cell;
use std::rc::Rc;

use coro_sync::{MutexGuard, RwLockWriteGuard};

use super::program::{Op, Step};
use super::steps::{Kept, callback, run};
use super::world::{Awaits, Cx, Value, Waits, World, ms, pick, world};

fn add(count: &Cell<isize>, by: isize) {
    count.set(count.get() + by);
}

/// Calls `f` in a frame of its own: those of unoptimised blocking calls are large.
pub(crate) fn apart(f: impl FnOnce()) {
    f();
}

pub(crate) fn one(w: &Rc<World>, cx: Cx, step: &Step, kept: &mut Kept) {
    match step.op {
        op if op < Op::SemUp => {}
        op if op < Op::KeyUp => semaphore(w, cx, step),
        op if op < Op::SigSend => keyed(w, cx, step),
        op if op < Op::Lock => signal(w, cx, step, kept),
        _ => locks(w, cx, step),
    }
}

fn semaphore(w: &Rc<World>, cx: Cx, step: &Step) {
    let Step {
        op, b, ref body, ..
    } = *step;
    let a = usize::from(step.a) % 4;
    let (sem, count) = (&w.sems[a], &w.counts[a]);
    let forever = w.may_wait(cx);
    let many = usize::from(b % 4);
    let waits = |want: usize| Waits::new(&w.sem_waits[a][want]);
    match op {
        Op::SemUp => apart(|| {
            add(count, 1);
            sem.up();
        }),
        Op::SemAdjust => apart(|| {
            add(count, b as isize - 1);
            sem.adjust(b as isize - 1);
        }),
        Op::SemTryDown => add(count, -isize::from(sem.try_down())),
        Op::SemDown if forever => apart(|| {
            let _waits = waits(1);
            sem.down();
            add(count, -1);
        }),
        Op::SemDownMany if forever => apart(|| {
            let _waits = waits(many);
            sem.down_many(many);
            add(count, -(many as isize));
        }),
        Op::SemWait if forever => apart(|| {
            let _waits = waits(1);
            sem.wait();
        }),
        Op::SemWaitWith => apart(|| {
            sem.wait_with(callback(body));
        }),
        Op::SemDownTimeout => apart(|| {
            let (_waits, _timed) = (waits(1), Waits::new(&w.timed));
            add(count, -isize::from(sem.down_timeout(ms(b)).is_ok()));
        }),
        Op::SemDownManyTimeout => apart(|| {
            let (_waits, _timed) = (waits(2), Waits::new(&w.timed));
            add(
                count,
                -2 * isize::from(sem.down_many_timeout(2, ms(b)).is_ok()),
            );
        }),
        Op::SemWaitTimeout => apart(|| {
            let (_waits, _timed) = (waits(1), Waits::new(&w.timed));
            let _ = sem.wait_timeout(ms(b));
        }),
        Op::SemAcquire if forever => apart(|| {
            let waiting = waits(1);
            let _guard = sem.acquire();
            drop(waiting);
            run(w, cx, body);
        }),
        Op::SemAcquireMany if forever => apart(|| {
            let waiting = waits(many);
            let _guard = sem.acquire_many(many);
            drop(waiting);
            run(w, cx, body);
        }),
        Op::SemTryAcquire => apart(|| {
            let guard = sem.try_acquire();
            run(w, cx, body);
            drop(guard);
        }),
        Op::SemAcquireTimeout => apart(|| {
            let waiting = (waits(1), Waits::new(&w.timed));
            let _guard = sem.acquire_timeout(ms(b));
            drop(waiting);
            run(w, cx, body);
        }),
        Op::SemAcquireRc if forever => apart(|| {
            let waiting = waits(1);
            let guard = sem.acquire_rc();
            drop(waiting);
            w.guards.borrow_mut().push(guard);
        }),
        Op::GuardDrop => drop(pick(&w.guards, step.a)),
        Op::SemForget if forever => apart(|| {
            let _waits = waits(1);
            sem.acquire().forget();
            add(count, -1);
        }),
        _ => {}
    }
}

fn keyed(w: &Rc<World>, cx: Cx, step: &Step) {
    let Step {
        op, b, ref body, ..
    } = *step;
    let key = step.a % 2;
    let count = &w.keys[usize::from(key)];
    let set = w.set.as_ref().expect("it is made with the world");
    let forever = w.may_wait(cx);
    match op {
        Op::KeyUp => apart(|| {
            add(count, 1);
            set.up(key);
        }),
        Op::KeyDown if forever => apart(|| {
            set.down(key);
            add(count, -1);
        }),
        Op::KeyWait if forever => set.wait(&key),
        Op::KeyDownTimeout => apart(|| {
            let _timed = Waits::new(&w.timed);
            add(count, -isize::from(set.down_timeout(key, ms(b)).is_ok()));
        }),
        Op::KeyAcquire if forever => apart(|| {
            let _guard = set.acquire(key);
            run(w, cx, body);
        }),
        Op::KeyTryAcquire => apart(|| {
            let _guard = set.try_acquire(key);
            run(w, cx, body);
        }),
        Op::KeyAcquireTimeout => apart(|| {
            let waiting = Waits::new(&w.timed);
            let _guard = set.acquire_timeout(key, ms(b));
            drop(waiting);
            run(w, cx, body);
        }),
        Op::KeySem => apart(|| {
            let entry = set.sem(key);
            run(w, cx, body);
            if entry.try_down() {
                entry.up();
            }
        }),
        _ => {}
    }
}

fn signal(w: &Rc<World>, cx: Cx, step: &Step, kept: &mut Kept) {
    let Step {
        op, b, ref body, ..
    } = *step;
    let a = usize::from(step.a) % 2;
    let signal = &w.signals[a];
    let forever = w.may_wait(cx);
    match op {
        Op::SigSend => apart(|| {
            let sent = &w.sent[a];
            sent.sends.set(sent.sends.get() + 1);
            if signal.awaited() == 0 {
                sent.unclear.set(true);
            }
            signal.send();
        }),
        Op::SigBroadcast => apart(|| {
            w.sent[a].unclear.set(true);
            signal.broadcast();
        }),
        Op::SigWait if forever => apart(|| {
            let awaits = Awaits::new(&w.sent[a]);
            signal.wait();
            awaits.done();
        }),
        Op::SigWaitWith => apart(|| {
            let mut f = callback(body);
            signal.wait_with(move || {
                if let Some(w) = world() {
                    Awaits::new(&w.sent[a]).done();
                }
                f();
            });
        }),
        Op::SigWaitTimeout => apart(|| {
            let _timed = Waits::new(&w.timed);
            let awaits = Awaits::new(&w.sent[a]);
            if signal.wait_timeout(ms(b)).is_ok() {
                awaits.done();
            }
        }),
        Op::Barrier if !cx.careful => apart(|| {
            w.barrier
                .as_ref()
                .expect("it is made with the world")
                .wait();
        }),
        Op::Token => apart(|| {
            kept.push(Box::new(w.group.token()));
            run(w, cx, body);
        }),
        Op::TokenKeep => apart(|| {
            let token = w.group.token();
            w.tokens.borrow_mut().push(token);
        }),
        Op::TokenDrop => drop(pick(&w.tokens, step.a)),
        Op::GroupWait if !cx.careful => w.group.wait(),
        Op::GroupWaitTimeout => apart(|| {
            let _timed = Waits::new(&w.timed);
            let _ = w.group.wait_timeout(ms(step.a));
        }),
        Op::OnceInit if !cx.careful => apart(|| {
            let waiting = Waits::new(&w.once_waits[a]);
            w.onces[a].get_or_init(|| {
                drop(waiting);
                let _runs = Waits::new(&w.once_runs[a]);
                run(w, cx, body);
                Value::new(body)
            });
        }),
        Op::OnceFail if !cx.careful => apart(|| {
            let waiting = Waits::new(&w.once_waits[a]);
            let made = w.onces[a].get_or_try_init(|| {
                drop(waiting);
                let _runs = Waits::new(&w.once_runs[a]);
                run(w, cx, body);
                Err(())
            });
            let _ = made.is_ok();
        }),
        Op::OnceSet => drop(w.onces[a].set(Value::new(body))),
        _ => {}
    }
}

fn locks(w: &Rc<World>, cx: Cx, step: &Step) {
    let Step {
        op, b, ref body, ..
    } = *step;
    let a = usize::from(step.a) % 2;
    let (mutex, lock) = (&w.mutexes[a], &w.locks[a]);
    // Two that wait for each other's lock would be stuck where nothing interrupts them.
    let op = match op {
        Op::Lock | Op::LockReplace | Op::CondWait if cx.careful => Op::LockTimeout,
        Op::Read if cx.careful => Op::ReadTimeout,
        Op::Write | Op::Downgrade if cx.careful => Op::WriteTimeout,
        op => op,
    };
    let waits = || Waits::new(&w.lock_waits[a]);
    match op {
        Op::Lock => apart(|| {
            let _guard = mutex.lock();
            run(w, cx, body);
        }),
        Op::TryLock => apart(|| {
            let _guard = mutex.try_lock();
            run(w, cx, body);
        }),
        Op::LockTimeout => apart(|| {
            let waiting = Waits::new(&w.timed);
            let _guard = mutex.lock_timeout(ms(b));
            drop(waiting);
            run(w, cx, body);
        }),
        Op::LockReplace => *mutex.lock() = Value::new(body),
        Op::CondWait => apart(|| {
            let guard: MutexGuard<'_, Value> = w.condvars[a].wait(mutex.lock());
            drop(guard);
        }),
        Op::CondWaitTimeout if !cx.careful => apart(|| {
            let _clock = Waits::new(&w.clocks);
            let (guard, _) = w.condvars[a].wait_timeout(mutex.lock(), ms(b));
            drop(guard);
        }),
        Op::NotifyOne => drop(w.condvars[a].notify_one()),
        Op::NotifyAll => drop(w.condvars[a].notify_all()),
        Op::Read => apart(|| {
            let waiting = waits();
            let _guard = lock.read();
            drop(waiting);
            run(w, cx, body);
        }),
        Op::Write => apart(|| {
            let waiting = waits();
            let mut guard = lock.write();
            drop(waiting);
            *guard = Value::new(body);
            run(w, cx, body);
        }),
        Op::Downgrade => apart(|| {
            let waiting = waits();
            let guard = lock.write();
            drop(waiting);
            run(w, cx, &body[..body.len() / 2]);
            let _guard = RwLockWriteGuard::downgrade(guard);
            run(w, cx, &body[body.len() / 2..]);
        }),
        Op::TryRead => apart(|| {
            let _guard = lock.try_read();
            run(w, cx, body);
        }),
        Op::TryWrite => apart(|| {
            let _guard = lock.try_write();
            run(w, cx, body);
        }),
        Op::ReadTimeout => apart(|| {
            let waiting = (waits(), Waits::new(&w.timed));
            let _guard = lock.read_timeout(ms(b));
            drop(waiting);
            run(w, cx, body);
        }),
        Op::WriteTimeout => apart(|| {
            let waiting = (waits(), Waits::new(&w.timed));
            let _guard = lock.write_timeout(ms(b));
            drop(waiting);
            run(w, cx, body);
        }),
        _ => {}
    }
}
