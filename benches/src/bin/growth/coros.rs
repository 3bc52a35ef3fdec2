//! Workloads beside, and among, more and more coros.

use std::cell::Cell;
use std::hint::black_box;
use std::rc::Rc;

use coro::{Builder, JoinHandle, Prio, cede, cede_notself, current};

use crate::crowd::{Crowd, spawn};
use crate::workload::{Group, MILLION, Took, Workload, place, repeat, scattered, time};

const fn coros(name: &'static str, run: fn(u64) -> Took) -> Workload {
    Workload {
        name,
        group: Group::Coros,
        most: MILLION,
        run,
    }
}

pub(crate) const ALL: &[Workload] = &[
    coros("coros/current", this),
    coros("coros/spawn", spawn_more),
    coros("coros/spawn_join", spawn_join),
    coros("coros/yield", yields),
    coros("coros/ready", ready),
    coros("coros/prio", prio),
    coros("coros/suspend_resume", suspend_resume),
    coros("coros/cede_to", cede_to),
    coros("coros/cede_notself", cede_to_others),
    coros("coros/cancel_blocked", cancel_blocked),
    coros("coros/cancel_ready", cancel_ready),
];

/// So many of a crowd are taken at most where it costs a coro.
const SOME: u64 = 1_000;

/// To ask for the current coro, beside blocked ones.
fn this(size: u64) -> Took {
    let crowd = Crowd::new(size);
    let mut sum = 0;
    let took = repeat(|_| sum += u64::from(black_box(current()).is_running()));
    assert_eq!(sum, took.ops);
    crowd.end();
    took
}

/// To spawn one more beside blocked ones.
fn spawn_more(size: u64) -> Took {
    let crowd = Crowd::new(size);
    let mut more = Vec::with_capacity(2 * SOME as usize);
    let took = repeat(|nth| more.push(spawn(move || nth)));
    let sum: u64 = more.into_iter().map(join).sum();
    assert_eq!(sum, took.ops * (took.ops - 1) / 2);
    crowd.end();
    took
}

/// To spawn one and wait for its end, beside blocked ones.
fn spawn_join(size: u64) -> Took {
    let crowd = Crowd::new(size);
    let mut sum = 0;
    let took = repeat(|_| sum += join(spawn(|| 1)));
    assert_eq!(sum, took.ops);
    crowd.end();
    took
}

/// One of two that yield in turn, beside blocked ones.
fn yields(size: u64) -> Took {
    let crowd = Crowd::new(size);
    let took = with_partner(cede);
    crowd.end();
    took
}

/// Yields to a partner that does the same; counts both ways.
pub(crate) fn with_partner(give_way: fn()) -> Took {
    let (turns, is_over) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(false)));
    let (theirs, is_their_end) = (turns.clone(), is_over.clone());
    let partner = spawn(move || {
        while !is_their_end.get() {
            theirs.set(theirs.get() + 1);
            give_way();
        }
    });
    let took = repeat(|_| give_way());
    assert_eq!(turns.get(), took.ops);
    is_over.set(true);
    join(partner);
    Took {
        ops: 2 * took.ops,
        ..took
    }
}

/// To ready one of the blocked, switch to it, and be switched back to.
fn ready(size: u64) -> Took {
    let crowd = Crowd::new(size);
    let took = repeat(|nth| {
        crowd[place(nth, size)].coro().ready();
        cede();
    });
    assert_eq!(crowd.runs(), took.ops);
    crowd.end();
    took
}

/// To switch to one of the blocked and be switched back to, past the ready queue.
fn cede_to(size: u64) -> Took {
    let crowd = Crowd::new(size);
    let took = repeat(|nth| {
        let to = crowd[place(nth, size)].coro();
        to.cede_to().expect("it is neither finished nor suspended");
    });
    assert_eq!(crowd.runs(), took.ops);
    crowd.end();
    took
}

/// To change the priority of one in the midst of ready ones, and change it back.
fn prio(size: u64) -> Took {
    let crowd = Crowd::new(size);
    crowd.ready();
    let mut changes = 0;
    let took = repeat(|nth| {
        let coro = crowd[place(nth, size)].coro();
        changes += u64::from(coro.set_prio(Prio::HIGH) == Prio::NORMAL);
        changes += u64::from(coro.set_prio(Prio::NORMAL) == Prio::HIGH);
    });
    assert_eq!(changes, 2 * took.ops);
    cede();
    assert_eq!(crowd.runs(), size);
    crowd.end();
    took
}

/// To suspend one in the midst of ready ones, and resume it.
fn suspend_resume(size: u64) -> Took {
    let crowd = Crowd::new(size);
    crowd.ready();
    let took = repeat(|nth| {
        let coro = crowd[place(nth, size)].coro();
        coro.suspend();
        coro.resume();
        coro.ready();
    });
    cede();
    assert_eq!(crowd.runs(), size);
    crowd.end();
    took
}

/// One of two that give way to whoever is next, while those of a lower priority are ready.
fn cede_to_others(size: u64) -> Took {
    let crowd = Crowd::new(size);
    for coro in crowd.iter() {
        coro.coro().set_prio(Prio::LOW);
    }
    crowd.ready();
    let took = with_partner(cede_notself);
    assert_eq!(crowd.runs(), 0);
    for coro in crowd.iter() {
        coro.coro().set_prio(Prio::NORMAL);
    }
    crowd.end();
    took
}

/// To cancel one of the blocked.
fn cancel_blocked(size: u64) -> Took {
    let crowd = Crowd::new(size);
    let victims: Vec<_> = scattered(size).take(SOME as usize).collect();
    let took = time(victims.len() as u64, || {
        for &victim in &victims {
            crowd[victim].coro().cancel();
        }
    });
    let finished = crowd.iter().filter(|coro| coro.coro().is_finished());
    assert_eq!(finished.count(), victims.len());
    crowd.end();
    took
}

/// To cancel one of the ready, which have not begun; all of them, out of order, but the first. So
/// the queue is cleared of those who will never run.
fn cancel_ready(size: u64) -> Took {
    let before = coro::ready_count();
    // Of a lower priority than ours, so that they stay in the queue.
    let builder = || Builder::new().prio(Prio::LOW);
    let coros: Vec<_> = (0..=size).map(|_| builder().spawn(|| ())).collect();
    let took = time(size, || {
        for at in scattered(size) {
            coros[at + 1].coro().cancel();
        }
    });
    assert_eq!(coro::ready_count() - before, 1);
    let ended = coros.into_iter().filter_map(|coro| coro.join().ok());
    assert_eq!(ended.count(), 1);
    took
}

pub(crate) fn join<T: 'static>(coro: JoinHandle<T>) -> T {
    coro.join().expect("a workload does not fail")
}
