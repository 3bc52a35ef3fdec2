//! The readers-writer lock: writers alone, nobody forgotten, and the fair form keeps the order.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use coro::JoinHandle;
use coro_explore::{Builder, invariant};
use coro_sync::time::sleep;
use coro_sync::{
    Barrier, MappedRwLockWriteGuard, RawRwLock, RwLock, RwLockReadGuard, RwLockWriteGuard,
};

const SECOND: Duration = Duration::from_secs(1);

/// Explores all, and says how much that was: with an interruption of each kind and a spurious wake-up
/// at any points, and with two spurious wake-ups.
fn prove(body: impl Fn() + Send + Sync + Clone + 'static) {
    let twice = Builder::new().spurious(2).throws(1).cancels(1);
    let all = Builder::new()
        .throws(1)
        .cancels(1)
        .safe_cancels(1)
        .timeouts(1);
    explore([("twice", twice), ("all", all)], body);
}

/// The same for what has more schedules: with two kinds of interruption at a time.
fn prove_in_parts(body: impl Fn() + Send + Sync + Clone + 'static) {
    let hard = Builder::new().spurious(2).throws(1).cancels(1);
    let soft = Builder::new().safe_cancels(1).timeouts(1);
    explore([("hard", hard), ("soft", soft)], body);
}

fn explore<const N: usize>(
    budgets: [(&str, Builder); N],
    body: impl Fn() + Send + Sync + Clone + 'static,
) {
    let thread = std::thread::current();
    for (kind, builder) in budgets {
        let name = format!("{}_{kind}", thread.name().unwrap_or_default());
        let report = builder
            .name(&name)
            .max_executions(1_000_000)
            .check(body.clone());
        println!("{name}: {report}");
        assert!(report.is_exhaustive(), "{name}: {report}");
    }
}

fn spawn(name: &str, f: impl FnOnce() + 'static) -> JoinHandle<()> {
    coro::Builder::new().desc(name).spawn(f)
}

fn join(all: impl IntoIterator<Item = JoinHandle<()>>) {
    all.into_iter().for_each(|coro| _ = coro.join());
}

fn is_free(lock: &RawRwLock) -> bool {
    let waiting = lock.waiting_readers() + lock.waiting_writers();
    waiting == 0 && lock.readers() == 0 && !lock.is_write_locked()
}

/// Counts those who read, and a hundred for each that writes, however they leave.
struct Inside(Rc<Cell<usize>>, usize);

impl Inside {
    fn enter(count: &Rc<Cell<usize>>, weight: usize) -> Inside {
        count.set(count.get() + weight);
        Inside(count.clone(), weight)
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.set(self.0.get() - self.1);
    }
}

/// The body writes, and these wait: each has the lock when it is its turn, whoever is interrupted,
/// and nobody beside a writer. In the fair form no reader and writer change places.
fn a_lock_goes_round(lock: RwLock<usize>, kinds: &'static [&'static str], in_order: bool) {
    let lock = Rc::new(lock);
    let inside = Rc::new(Cell::new(0));
    let seen = inside.clone();
    invariant("a writer is alone", move || {
        seen.get() < 100 || seen.get() == 100
    });
    let arrived = Rc::new(RefCell::new(Vec::new()));
    let served = Rc::new(RefCell::new(Vec::new()));
    let guard = lock.write();
    let all: Vec<_> = kinds
        .iter()
        .enumerate()
        .map(|(i, &kind)| {
            let (lock, inside) = (lock.clone(), inside.clone());
            let (arrived, served) = (arrived.clone(), served.clone());
            spawn(kind, move || {
                arrived.borrow_mut().push(i);
                if kind == "reader" {
                    let value = lock.read();
                    served.borrow_mut().push(i);
                    let _inside = Inside::enter(&inside, 1);
                    let old = *value;
                    coro::cede();
                    assert_eq!(*value, old);
                } else {
                    let mut value = lock.write();
                    served.borrow_mut().push(i);
                    let _inside = Inside::enter(&inside, 100);
                    coro::cede();
                    *value += 1;
                }
            })
        })
        .collect();
    coro::cede();
    drop(guard);
    join(all);
    assert!(lock.try_write().is_some(), "{lock:?}");
    let (arrived, served) = (arrived.take(), served.take());
    let place = |i| arrived.iter().position(|&other| other == i);
    let is_out_of_order = |pair: &[usize]| {
        (kinds[pair[0]] == "writer" || kinds[pair[1]] == "writer")
            && place(pair[0]) > place(pair[1])
    };
    assert!(
        !in_order || !served.windows(2).any(is_out_of_order),
        "{arrived:?} {served:?}"
    );
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_lock_goes_from_a_writer_to_a_writer_and_to_a_reader() {
    prove(|| a_lock_goes_round(RwLock::new(0), &["reader", "writer"], false));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_fair_lock_goes_from_a_writer_in_the_order_of_arrival() {
    prove(|| a_lock_goes_round(RwLock::fair(0), &["reader", "writer"], true));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_lock_goes_to_all_readers() {
    prove(|| a_lock_goes_round(RwLock::new(0), &["reader", "reader"], false));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_lock_goes_to_one_writer_after_the_other() {
    prove(|| a_lock_goes_round(RwLock::new(0), &["writer", "writer"], false));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_fair_lock_goes_to_one_writer_after_the_other() {
    prove(|| a_lock_goes_round(RwLock::fair(0), &["writer", "writer"], true));
}

/// Three, with fewer faults: who reads, who writes, and who reads behind the writer.
fn prove_with_three(
    lock: impl Fn() -> RwLock<usize> + Send + Sync + Clone + 'static,
    in_order: bool,
) {
    let budget = Builder::new().spurious(0).timers(0).throws(1);
    explore([("thrown", budget)], move || {
        a_lock_goes_round(lock(), &["reader", "writer", "reader"], in_order);
    });
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_lock_goes_to_all_readers_and_then_to_a_writer() {
    prove_with_three(|| RwLock::new(0), false);
}

#[test]
fn readers_of_a_fair_lock_wait_behind_a_writer() {
    prove_with_three(|| RwLock::fair(0), true);
}

/// All readers that wait are let in together: none of them would go on alone.
fn readers_meet(lock: RwLock<()>) {
    let lock = Rc::new(lock);
    let meeting = Rc::new(Barrier::new(2));
    let guard = lock.write();
    let all = ["a", "b"].map(|name| {
        let (lock, meeting) = (lock.clone(), meeting.clone());
        spawn(name, move || {
            let _guard = lock.read();
            meeting.wait();
        })
    });
    coro::cede();
    drop(guard);
    join(all);
    assert!(lock.try_write().is_some(), "{lock:?}");
}

#[test]
fn all_readers_that_wait_are_let_in_together() {
    // Nobody interrupts them: the other one would wait for ever.
    let budget = || Builder::new().spurious(2);
    explore([("default", budget())], || readers_meet(RwLock::new(())));
    explore([("fair", budget())], || readers_meet(RwLock::fair(())));
}

/// A writer waits before a reader, for a lock that is read, and leaves: now the reader may come in,
/// while the lock is still read.
fn a_writer_makes_way(lock: RawRwLock) {
    let lock = Rc::new(lock);
    lock.rdlock();
    let theirs = lock.clone();
    let writer = spawn("writer", move || {
        theirs.wrlock();
        theirs.unlock();
    });
    let theirs = lock.clone();
    let reader = spawn("reader", move || {
        theirs.rdlock();
        theirs.unlock();
    });
    coro::cede();
    writer.coro().cancel();
    join([reader]);
    assert!(lock.waiting_writers() == 0 && lock.readers() == 1);
    lock.unlock();
    join([writer]);
    assert!(is_free(&lock), "{lock:?}");
}

#[test]
fn a_writer_that_leaves_makes_way_for_readers() {
    prove(|| a_writer_makes_way(RawRwLock::new()));
}

#[test]
fn a_writer_that_leaves_a_fair_lock_makes_way_for_readers() {
    prove(|| a_writer_makes_way(RawRwLock::fair()));
}

/// A writer goes on as a reader: readers come in, and no writer before all of them are out.
fn a_writer_becomes_a_reader(lock: RwLock<[usize; 2]>, fair: bool) {
    let lock = Rc::new(lock);
    let guard = lock.write();
    let first = Rc::new(Cell::new(None));
    let (theirs, arrived) = (lock.clone(), first.clone());
    let reader = spawn("reader", move || {
        arrived.set(arrived.get().or(Some("reader")));
        let value = RwLockReadGuard::map(theirs.read(), |pair| &pair[0]);
        let old = *value;
        coro::cede();
        assert_eq!(*value, old);
    });
    let (theirs, arrived) = (lock.clone(), first.clone());
    let writer = spawn("writer", move || {
        arrived.set(arrived.get().or(Some("writer")));
        let pair = RwLockWriteGuard::map(theirs.write(), |pair| &mut pair[..]);
        let mut value = MappedRwLockWriteGuard::map(pair, |pair| &mut pair[0]);
        *value += 1;
        coro::cede();
        *value += 1;
    });
    coro::cede();
    let guard = RwLockWriteGuard::downgrade(guard);
    coro::cede();
    assert_eq!(*guard, [0, 0], "nobody wrote in between");
    // A fair one may keep the reader behind the writer.
    if !fair || first.get() == Some("reader") {
        join([reader]);
        drop(guard);
    } else {
        drop(guard);
        join([reader]);
    }
    join([writer]);
    assert!(lock.try_write().is_some(), "{lock:?}");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_writer_that_becomes_a_reader_lets_readers_in() {
    prove_in_parts(|| a_writer_becomes_a_reader(RwLock::new([0; 2]), false));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_writer_of_a_fair_lock_that_becomes_a_reader_lets_no_writer_in() {
    prove_in_parts(|| a_writer_becomes_a_reader(RwLock::fair([0; 2]), true));
}

/// Who does not wait takes what there is, and keeps nobody waiting who does; of a fair lock there is
/// nothing while anybody waits, or has been woken.
fn somebody_comes_by(lock: RawRwLock, fair: bool) {
    let lock = Rc::new(lock);
    lock.wrlock();
    let is_given = Rc::new(Cell::new(false));
    let (theirs, given) = (lock.clone(), is_given.clone());
    let writer = spawn("writer", move || {
        theirs.wrlock();
        given.set(false);
        theirs.unlock();
    });
    let (theirs, given) = (lock.clone(), is_given.clone());
    let thief = spawn("thief", move || {
        for take in [RawRwLock::try_rdlock, RawRwLock::try_wrlock] {
            if take(&theirs) {
                assert!(!given.get(), "it was the writer's");
                coro::shield(coro::cede);
                theirs.unlock();
            }
        }
    });
    coro::cede();
    is_given.set(fair && lock.waiting_writers() == 1);
    lock.unlock();
    join([thief, writer]);
    assert!(is_free(&lock), "{lock:?}");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn who_comes_by_a_lock_keeps_nobody_waiting() {
    prove(|| somebody_comes_by(RawRwLock::new(), false));
}

#[test]
fn nobody_comes_by_a_fair_lock() {
    // Nobody interrupts the writer: it would give the lock back.
    let budget = Builder::new().spurious(2);
    explore([("woken", budget)], || {
        somebody_comes_by(RawRwLock::fair(), true)
    });
}

/// The limit of a writer ends when the lock is free again: who was given it before it ran has it, and
/// else those behind it. In the default form the reader waits too.
fn a_limit_ends(lock: RwLock<()>, fair: bool) {
    let lock = Rc::new(lock);
    let (is_first, is_given) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(false)));
    let (waits, given) = (is_first.clone(), is_given.clone());
    let guard = fair.then(|| lock.read()).ok_or_else(|| lock.write());
    let theirs = lock.clone();
    let writer = spawn("writer", move || {
        waits.set(true);
        let result = theirs.write_timeout(SECOND);
        waits.set(false);
        assert!(result.is_ok() || !given.get(), "who is given it has it");
    });
    let theirs = lock.clone();
    let reader = spawn("reader", move || drop(theirs.read_timeout(2 * SECOND)));
    sleep(SECOND);
    is_given.set(fair && is_first.get());
    drop(guard);
    join([writer, reader]);
    assert!(lock.write_timeout(Duration::ZERO).is_ok(), "{lock:?}");
}

#[test]
fn a_limit_that_ends_leaves_the_lock_to_the_next() {
    prove(|| a_limit_ends(RwLock::new(()), false));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_limit_that_ends_leaves_the_fair_lock_to_the_next() {
    prove(|| a_limit_ends(RwLock::fair(()), true));
}

/// A raw lock is unlocked by another coro than the one that locked it, at the limit of a reader and
/// of a writer.
fn a_raw_lock_is_handed_over(lock: RawRwLock) {
    let lock = Rc::new(lock);
    lock.wrlock();
    let theirs = lock.clone();
    let reader = spawn("reader", move || {
        if theirs.rdlock_timeout(SECOND).is_ok() {
            theirs.unlock();
        }
    });
    let theirs = lock.clone();
    let writer = spawn("writer", move || {
        if theirs.wrlock_timeout(2 * SECOND).is_ok() {
            theirs.downgrade();
            theirs.unlock();
        }
    });
    sleep(SECOND);
    lock.unlock();
    join([reader, writer]);
    assert!(is_free(&lock), "{lock:?}");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_raw_lock_is_free_when_the_limits_are_over() {
    prove(|| a_raw_lock_is_handed_over(RawRwLock::new()));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_fair_raw_lock_is_free_when_the_limits_are_over() {
    prove(|| a_raw_lock_is_handed_over(RawRwLock::fair()));
}
