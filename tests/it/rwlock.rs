//! The readers-writer lock: each line of its table "who runs next", in both forms; CORO-SEMANTICS §7 and §11, with
//! HISTORY-BUGS 7-9 mended.

use std::rc::Rc;

use coro::{JoinHandle, cede, no_switch, spawn};
use coro_sync::RawRwLock;

use crate::support::{Log, outcome};

use self::model::{Kind, Lock, programs};

mod data;
mod interrupted;
pub(crate) mod model;

use Kind::{Read, Write};

impl Lock for RawRwLock {
    fn lock(&self, kind: Kind) {
        match kind {
            Read => self.rdlock(),
            Write => self.wrlock(),
        }
    }

    fn try_lock(&self, kind: Kind) -> bool {
        match kind {
            Read => self.try_rdlock(),
            Write => self.try_wrlock(),
        }
    }

    fn unlock(&self) {
        self.unlock();
    }

    fn downgrade(&self) -> bool {
        self.downgrade();
        true
    }

    fn state(&self) -> (isize, usize, usize) {
        let holds = match self.readers() {
            0 if self.is_write_locked() => -1,
            readers => readers as isize,
        };
        (holds, self.waiting_readers(), self.waiting_writers())
    }
}

fn default() -> Rc<RawRwLock> {
    Rc::new(RawRwLock::new())
}

fn fair() -> Rc<RawRwLock> {
    Rc::new(RawRwLock::fair())
}

/// Spawns a coro that locks, says what came of it, and ends; main unlocks for it.
fn enter(log: Log, name: &'static str, lock: &Rc<RawRwLock>, kind: Kind) -> JoinHandle<()> {
    let lock = Rc::clone(lock);
    let c = spawn(move || {
        let result = outcome(|| lock.lock(kind));
        log.say(format!("{name}: {result}"));
    });
    cede();
    c
}

/// Lets all run, until nobody is ready.
fn settle() {
    while coro::ready_count() > 0 {
        cede();
    }
}

#[test]
fn default_a_reader_reads_beside_readers_though_a_writer_waits() {
    let log = Log::new();
    let lock = default();
    lock.rdlock();
    enter(log, "w", &lock, Write);
    enter(log, "r", &lock, Read);
    log.expect(["r: returned"]);
    assert!(lock.try_rdlock());
    assert_eq!(lock.state(), (3, 0, 1));
}

#[test]
fn fair_a_reader_waits_behind_a_writer_that_waits() {
    let log = Log::new();
    let lock = fair();
    lock.rdlock();
    enter(log, "w", &lock, Write);
    enter(log, "r", &lock, Read);
    log.expect([]);
    assert!(!lock.try_rdlock());
    assert_eq!(lock.state(), (1, 1, 1));
}

#[test]
fn a_writer_waits_while_somebody_reads_or_writes() {
    for lock in [default(), fair()] {
        let log = Log::new();
        for kind in [Read, Write] {
            lock.lock(kind);
            enter(log, "w", &lock, Write);
            assert!(!lock.try_wrlock());
            log.expect([]);
            assert_eq!(lock.waiting_writers(), 1);
            lock.unlock();
            cede();
            log.expect(["w: returned"]);
            lock.unlock();
        }
    }
}

#[test]
fn a_reader_waits_while_somebody_writes() {
    for lock in [default(), fair()] {
        let log = Log::new();
        lock.wrlock();
        enter(log, "r", &lock, Read);
        assert!(!lock.try_rdlock());
        log.expect([]);
        lock.unlock();
        cede();
        log.expect(["r: returned"]);
        assert_eq!(lock.state(), (1, 0, 0));
    }
}

#[test]
fn an_unlock_by_one_of_several_readers_wakes_nobody() {
    for lock in [default(), fair()] {
        let log = Log::new();
        lock.rdlock();
        lock.rdlock();
        enter(log, "w", &lock, Write);
        lock.unlock();
        assert_eq!(coro::ready_count(), 0);
        assert_eq!(lock.state(), (1, 0, 1));
        lock.unlock();
        cede();
        log.expect(["w: returned"]);
    }
}

#[test]
fn default_a_free_lock_wakes_the_oldest_writer_alone_whoever_came_first() {
    let log = Log::new();
    let lock = default();
    lock.wrlock();
    enter(log, "r", &lock, Read);
    enter(log, "w1", &lock, Write);
    enter(log, "w2", &lock, Write);
    lock.unlock();
    assert_eq!((coro::ready_count(), lock.state()), (1, (0, 1, 1)));
    settle();
    log.expect(["w1: returned"]);
    lock.unlock();
    settle();
    log.expect(["w2: returned"]);
    lock.unlock();
    settle();
    log.expect(["r: returned"]);
}

#[test]
fn fair_a_free_lock_goes_to_who_came_first_and_the_readers_directly_behind() {
    let log = Log::new();
    let lock = fair();
    lock.wrlock();
    for (name, kind) in [("r1", Read), ("r2", Read), ("w", Write), ("r3", Read)] {
        enter(log, name, &lock, kind);
    }
    lock.unlock();
    assert_eq!(lock.state(), (2, 1, 1));
    settle();
    log.expect(["r1: returned", "r2: returned"]);
    lock.unlock();
    settle();
    log.expect([]);
    lock.unlock();
    assert_eq!(lock.state(), (-1, 1, 0));
    settle();
    log.expect(["w: returned"]);
    lock.unlock();
    settle();
    log.expect(["r3: returned"]);
}

#[test]
fn a_free_lock_wakes_all_readers_in_order_if_no_writer_waits() {
    for (lock, at_once) in [(default(), (0, 0, 0)), (fair(), (3, 0, 0))] {
        let log = Log::new();
        lock.wrlock();
        for name in ["r1", "r2", "r3"] {
            enter(log, name, &lock, Read);
        }
        lock.unlock();
        assert_eq!((coro::ready_count(), lock.state()), (3, at_once));
        cede();
        log.expect(["r1: returned", "r2: returned", "r3: returned"]);
        assert_eq!(lock.state(), (3, 0, 0));
    }
}

#[test]
fn default_a_woken_writer_that_was_overtaken_waits_again_at_the_end() {
    let log = Log::new();
    let lock = default();
    lock.wrlock();
    enter(log, "w1", &lock, Write);
    enter(log, "w2", &lock, Write);
    lock.unlock();
    assert!(lock.try_wrlock());
    settle();
    assert_eq!(lock.state(), (-1, 0, 2));
    for expected in ["w2: returned", "w1: returned"] {
        lock.unlock();
        settle();
        log.expect([expected]);
    }
}

#[test]
fn default_woken_readers_that_were_overtaken_wait_again_at_the_end() {
    let log = Log::new();
    let lock = default();
    lock.wrlock();
    let r1 = enter(log, "r1", &lock, Read);
    enter(log, "r2", &lock, Read);
    lock.unlock();
    // Neither has run when a writer takes the lock; a third one comes before they look.
    assert!(lock.try_wrlock());
    let early = lock.clone();
    let r3 = spawn(move || {
        early.rdlock();
        log.say("r3: returned");
    });
    coro::current().ready();
    r3.schedule_to().expect("it is new");
    settle();
    assert!(!r1.is_finished());
    assert_eq!(lock.state(), (-1, 3, 0));
    lock.unlock();
    settle();
    log.expect(["r3: returned", "r1: returned", "r2: returned"]);
}

#[test]
fn fair_nobody_overtakes_who_was_given_the_lock() {
    let log = Log::new();
    let lock = fair();
    lock.wrlock();
    enter(log, "w", &lock, Write);
    lock.unlock();
    assert!(!lock.try_wrlock() && !lock.try_rdlock());
    enter(log, "r1", &lock, Read);
    log.expect(["w: returned"]);
    lock.unlock();
    // The reader has it, so another one may come in before it runs, but no writer.
    assert!(!lock.try_wrlock() && lock.try_rdlock());
    assert_eq!(lock.readers(), 2);
    settle();
    log.expect(["r1: returned"]);
}

#[test]
fn a_waiter_keeps_its_place_and_one_entry_through_spurious_wake_ups() {
    for (kind, waiting) in [(Read, (-1, 2, 0)), (Write, (-1, 0, 2))] {
        for lock in [default(), fair()] {
            let log = Log::new();
            lock.wrlock();
            let first = enter(log, "first", &lock, kind);
            enter(log, "second", &lock, kind);
            for _ in 0..3 {
                assert!(first.ready());
                cede();
                assert_eq!(lock.state(), waiting);
            }
            log.expect([]);
            lock.unlock();
            settle();
            if kind == Write {
                log.expect(["first: returned"]);
                lock.unlock();
                settle();
                log.expect(["second: returned"]);
            } else {
                log.expect(["first: returned", "second: returned"]);
            }
        }
    }
}

#[test]
fn default_a_waiter_that_is_readied_takes_a_lock_that_is_free() {
    let log = Log::new();
    let lock = default();
    lock.wrlock();
    let w1 = enter(log, "w1", &lock, Write);
    let w2 = enter(log, "w2", &lock, Write);
    w2.ready();
    lock.unlock();
    cede();
    log.expect(["w2: returned"]);
    assert!(!w1.is_finished());
    assert_eq!(lock.state(), (-1, 0, 1));
    lock.unlock();
    settle();
    log.expect(["w1: returned"]);
}

#[test]
fn fair_a_waiter_that_is_readied_takes_nothing_out_of_turn() {
    let log = Log::new();
    let lock = fair();
    lock.rdlock();
    enter(log, "w", &lock, Write);
    let r = enter(log, "r", &lock, Read);
    r.ready();
    settle();
    log.expect([]);
    assert_eq!(lock.state(), (1, 1, 1));
}

#[test]
fn default_a_downgrade_wakes_all_readers_and_no_writer() {
    let log = Log::new();
    let lock = default();
    lock.wrlock();
    for (name, kind) in [("r1", Read), ("w", Write), ("r2", Read)] {
        enter(log, name, &lock, kind);
    }
    lock.downgrade();
    assert_eq!(lock.state(), (1, 0, 1));
    assert!(!lock.try_wrlock());
    settle();
    log.expect(["r1: returned", "r2: returned"]);
    assert_eq!(lock.state(), (3, 0, 1));
}

#[test]
fn fair_a_downgrade_lets_the_readers_at_the_head_in() {
    let log = Log::new();
    let lock = fair();
    lock.wrlock();
    for (name, kind) in [("r1", Read), ("r2", Read), ("w", Write), ("r3", Read)] {
        enter(log, name, &lock, kind);
    }
    lock.downgrade();
    assert_eq!(lock.state(), (3, 1, 1));
    assert!(!lock.try_wrlock());
    settle();
    log.expect(["r1: returned", "r2: returned"]);
}

#[test]
fn what_never_switches_does_not() {
    for lock in [default(), fair()] {
        let log = Log::new();
        lock.wrlock();
        for (name, kind) in [("r1", Read), ("w", Write), ("r2", Read)] {
            enter(log, name, &lock, kind);
        }
        no_switch(|| {
            assert!(!lock.try_rdlock() && !lock.try_wrlock());
            lock.downgrade();
            while lock.readers() > 0 || lock.is_write_locked() {
                lock.unlock();
            }
            let fresh = RawRwLock::new();
            fresh.rdlock();
            fresh.unlock();
            fresh.wrlock();
        });
        log.expect([]);
        settle();
    }
}

#[test]
fn a_lock_that_has_to_block_where_nothing_may_switch_leaves_no_waiter() {
    for lock in [default(), fair()] {
        lock.wrlock();
        for kind in [Read, Write] {
            assert_ne!(outcome(|| no_switch(|| lock.lock(kind))), "returned");
        }
        assert_eq!(lock.state(), (-1, 0, 0));
    }
}

#[test]
fn debug_lists_who_holds_and_who_waits() {
    let log = Log::new();
    let lock = default();
    assert!(format!("{lock:?}").contains("held: no, writers: [], readers: []"));
    lock.wrlock();
    let name = |c: &JoinHandle<()>| format!("{:?}", c.coro());
    let r = name(&enter(log, "r", &lock, Read));
    let w = name(&enter(log, "w", &lock, Write));
    assert_eq!(
        format!("{lock:?}"),
        format!("RawRwLock {{ held: by a writer, writers: [{w}], readers: [{r}] }}")
    );
    let lock = fair();
    lock.rdlock();
    let w = name(&enter(log, "w", &lock, Write));
    let r = name(&enter(log, "r", &lock, Read));
    assert_eq!(
        format!("{lock:?}"),
        format!("RawRwLock {{ held: by 1 readers, waiters: [{w}, {r}] }}")
    );
}

#[test]
fn random_programs_of_the_default_form_do_as_the_model() {
    programs(false, &[Read, Write], RawRwLock::new);
}

#[test]
fn random_programs_of_the_fair_form_do_as_the_model() {
    programs(true, &[Read, Write], RawRwLock::fair);
}
