//! The deadlocks that people make, each as they read it.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::rc::Rc;

use coro::{Builder, Coro, cede, current, schedule, spawn};
use coro_channel::Channel;
use coro_sync::{Mutex, RwLock, Semaphore};

use super::{deadlock, is_snapshot, settle};
use crate::support::fresh;

const NAMES: [&str; 3] = ["plato", "kant", "hegel"];

#[test]
fn philosophers_with_mutexes() {
    fresh(|| {
        let base = line!();
        let forks = Rc::new([Mutex::new(1), Mutex::new(2), Mutex::new(3)]);
        let dine = |seat: usize| {
            let forks = Rc::clone(&forks);
            Builder::new().desc(NAMES[seat]).spawn(move || {
                let _left = forks[seat].lock();
                cede();
                let _right = forks[(seat + 1) % 3].lock();
            })
        };
        let all: Vec<_> = (0..3).map(dine).collect();
        is_snapshot(
            "philosophers_mutex",
            base,
            &deadlock(|| all.iter().for_each(|c| c.coro().join())),
        );
    });
}

#[test]
fn philosophers_with_semaphores() {
    fresh(|| {
        let base = line!();
        let forks = Rc::new([Semaphore::new(1), Semaphore::new(1), Semaphore::new(1)]);
        let dine = |seat: usize| {
            let forks = Rc::clone(&forks);
            Builder::new().desc(NAMES[seat]).spawn(move || {
                let _left = forks[seat].acquire();
                cede();
                let _right = forks[(seat + 1) % 3].acquire();
            })
        };
        let all: Vec<_> = (0..3).map(dine).collect();
        is_snapshot(
            "philosophers_semaphore",
            base,
            &deadlock(|| all.iter().for_each(|c| c.coro().join())),
        );
    });
}

#[test]
fn a_channel_that_nobody_serves() {
    fresh(|| {
        let base = line!();
        let orders = Rc::new(Channel::<u32>::bounded(8));
        let cook = Builder::new()
            .desc("cook")
            .spawn(move || while let Some(_order) = orders.get() {});
        is_snapshot("channel", base, &deadlock(|| cook.coro().join()));
    });
}

#[test]
fn a_mutex_that_is_locked_twice() {
    fresh(|| {
        let base = line!();
        let ledger = Mutex::new(());
        let writer = Builder::new().desc("writer").spawn(move || {
            let _once = ledger.lock();
            let _twice = ledger.lock();
        });
        is_snapshot("recursive_mutex", base, &deadlock(|| writer.coro().join()));
    });
}

#[test]
fn a_lock_that_is_written_twice() {
    fresh(|| {
        let base = line!();
        let table = RwLock::new(());
        let writer = Builder::new().desc("writer").spawn(move || {
            let _once = table.write();
            let _twice = table.write();
        });
        is_snapshot("recursive_write", base, &deadlock(|| writer.coro().join()));
    });
}

#[test]
fn a_fair_lock_that_is_read_again_behind_a_writer() {
    fresh(|| {
        let base = line!();
        let table = Rc::new(RwLock::fair(()));
        let theirs = Rc::clone(&table);
        let reader = Builder::new().desc("reader").spawn(move || {
            let _once = theirs.read();
            cede();
            let _twice = theirs.read();
        });
        let writer = Builder::new()
            .desc("writer")
            .spawn(move || drop(table.write()));
        let all = [reader, writer];
        is_snapshot(
            "fair_read",
            base,
            &deadlock(|| all.iter().for_each(|c| c.coro().join())),
        );
    });
}

#[test]
fn a_permit_that_is_acquired_twice() {
    fresh(|| {
        let base = line!();
        let permit = Semaphore::new(1);
        let message = deadlock(|| {
            let _once = permit.acquire();
            let _twice = permit.acquire();
        });
        is_snapshot("recursive_permit", base, &message);
    });
}

#[test]
fn two_coros_that_join_each_other() {
    fresh(|| {
        let base = line!();
        let later: Rc<RefCell<Option<Coro>>> = Rc::default();
        let theirs = Rc::clone(&later);
        let egg = Builder::new().desc("egg").spawn(move || {
            let hen = theirs.take().expect("it is there by now");
            hen.join();
        });
        let target = egg.coro().clone();
        let hen = Builder::new().desc("hen").spawn(move || target.join());
        later.replace(Some(hen.coro().clone()));
        is_snapshot(
            "join_cycle",
            base,
            &deadlock(|| [hen, egg].iter().for_each(|c| c.coro().join())),
        );
    });
}

#[test]
fn a_scope_whose_child_is_stuck() {
    fresh(|| {
        let base = line!();
        let never = Semaphore::new(0);
        let message = deadlock(|| {
            coro::scope(|s| {
                s.spawn(|| never.down()).coro().set_desc("child");
            });
        });
        is_snapshot("scope", base, &message);
    });
}

#[test]
fn a_lock_whose_holder_has_ended() {
    fresh(|| {
        let base = line!();
        let vault = Rc::new(Mutex::new(()));
        let theirs = Rc::clone(&vault);
        let thief = Builder::new().desc("thief").spawn(move || {
            // The reference is leaked with the guard, so the mutex lives.
            let vault: &'static Rc<Mutex<()>> = Box::leak(Box::new(theirs));
            let _ = std::mem::ManuallyDrop::new(vault.lock());
        });
        thief.coro().join();
        let queue = |name| {
            let vault = Rc::clone(&vault);
            Builder::new().desc(name).spawn(move || drop(vault.lock()))
        };
        let all = ["owner", "banker"].map(queue);
        is_snapshot(
            "abandoned",
            base,
            &deadlock(|| all.iter().for_each(|c| c.coro().join())),
        );
    });
}

#[test]
fn nobody_readies_nobody_resumes_nobody_begins() {
    fresh(|| {
        let base = line!();
        let waits = spawn(|| {
            schedule();
        });
        let never = Builder::new().desc("never").build(|| ());
        let frozen = Builder::new().prio(coro::Prio::HIGH).spawn(|| {
            current().suspend();
            cede();
        });
        let all = [waits, never, frozen];
        is_snapshot(
            "no_reason",
            base,
            &deadlock(|| all.iter().for_each(|c| c.coro().join())),
        );
    });
}

#[test]
fn a_thousand_who_wait_for_the_same() {
    fresh(|| {
        let base = line!();
        let parcels = Rc::new(Channel::<u32>::unbounded());
        let wait = |number| {
            let parcels = Rc::clone(&parcels);
            let c = spawn(move || _ = parcels.get());
            c.coro().set_desc(format!("courier {number}"));
            c
        };
        let all: Vec<_> = (1..=1000).map(wait).collect();
        is_snapshot(
            "thousand",
            base,
            &deadlock(|| all.iter().for_each(|c| c.coro().join())),
        );
    });
}

#[test]
fn a_part_that_is_stuck_while_others_run() {
    fresh(|| {
        let base = line!();
        let forks = Rc::new([Mutex::new(1), Mutex::new(2)]);
        let dine = |first: usize| {
            let forks = Rc::clone(&forks);
            spawn(move || {
                let _one = forks[first].lock();
                cede();
                let _other = forks[1 - first].lock();
            })
        };
        let diners = [0, 1].map(dine);
        let target = diners[0].coro().clone();
        let waiter = Builder::new().desc("waiter").spawn(move || target.join());
        let free = Builder::new().desc("free").spawn(|| current().join());
        free.cancel();
        settle();
        let busy = Builder::new().desc("busy").spawn(|| ());
        let report = coro::report();
        assert_eq!(super::ids(&report.stuck()), [1, 2, 3]);
        is_snapshot("partial", base, &report.to_string());
        drop((waiter, busy));
    });
}

#[test]
fn nothing_is_said_to_be_for_ever_while_a_waker_may_come() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_patience"))
        .arg("told")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("cargo has built the program");
    let mut complaints = BufReader::new(child.stderr.take().expect("it is piped"));
    complaints
        .read_line(&mut String::new())
        .expect("it complains");
    // Only now is the waker used.
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(b"!").expect("it listens");
    let mut report = String::new();
    complaints.read_to_string(&mut report).expect("it ends");
    assert!(report.starts_with("2 coros, all blocked\n\n"), "{report}");
    assert!(
        !report.contains("unserved") && !report.contains("ever"),
        "{report}"
    );
    assert!(child.wait().expect("it ends").success());
}
