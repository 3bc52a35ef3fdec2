//! Workloads of more and more waiters of one primitive.

use std::cell::Cell;
use std::collections::VecDeque;
use std::fs;
use std::rc::Rc;
use std::time::Duration;

use coro::{JoinHandle, cede, schedule};
use coro_time::VirtualClock;

use crate::coros::join;
use crate::crowd::spawn;
use crate::lines::{Due, Get, GetShared, Joined, Line, Locked, Permit, Sent, Shelf};
use crate::workload::{Group, HUNDRED_THOUSAND, MILLION, Took, Workload, scattered, time};

const fn waiters(name: &'static str, most: u64, run: fn(u64) -> Took) -> Workload {
    Workload::new(name, Group::Waiters, most, run)
}

/// Each workload with each line.
macro_rules! lines {
    ($most:ident, [$($what:literal $run:ident),*], $rest:tt) => {
        lines!(@ $most, [], [$($what $run),*], $rest)
    };
    (@ $most:ident, [$($done:tt)*], [], $lines:tt) => {
        &[$($done)*]
    };
    (@ $most:ident, [$($done:tt)*], [$what:literal $run:ident $(, $more:literal $next:ident)*], [$($name:literal $line:ty),*]) => {
        lines!(
            @ $most,
            [$($done)* $(waiters(concat!($name, "/", $what), $most, $run::<$line>),)*],
            [$($more $next),*],
            [$($name $line),*]
        )
    };
}

pub(crate) const ALL: &[Workload] = lines!(
    HUNDRED_THOUSAND,
    ["wake" wake, "cancel" cancel, "throw" throw, "timeout" timeout],
    [
        "semaphore" Permit<false>,
        "semaphore_fair" Permit<true>,
        "signal" Sent,
        "channel" Get<false>,
        "channel_fair" Get<true>,
        "shared_channel" GetShared,
        "mutex" Locked<false>,
        "mutex_fair" Locked<true>,
        "rwlock_read" Shelf<false, false>,
        "rwlock_write" Shelf<true, false>,
        "rwlock_fair" Shelf<true, true>,
        "join" Joined,
        "timer" Due
    ]
);

/// These look at the memory.
pub(crate) const PATIENT: &[Workload] = lines!(
    MILLION,
    ["patient" patient],
    [
        "semaphore" Permit<false>,
        "semaphore_fair" Permit<true>,
        "signal" Sent,
        "channel" Get<false>,
        "channel_fair" Get<true>,
        "shared_channel" GetShared,
        "mutex" Locked<false>,
        "rwlock_read" Shelf<false, false>,
        "rwlock_write" Shelf<true, false>,
        "join" Joined,
        "timer" Due
    ]
);

/// Coros that each wait once, `how` they do it.
struct Queue<L> {
    line: Rc<L>,
    coros: Vec<JoinHandle<bool>>,
}

impl<L: Line> Queue<L> {
    fn new(size: u64, how: fn(&L, u64) -> bool) -> Queue<L> {
        Queue::before(L::new(), size, how)
    }

    fn before(line: L, size: u64, how: fn(&L, u64) -> bool) -> Queue<L> {
        let line = Rc::new(line);
        line.shut();
        let one = |nth| {
            let line = line.clone();
            spawn(move || how(&line, nth))
        };
        let coros: Vec<_> = (0..size).map(one).collect();
        cede();
        assert!(line.waiting().is_none_or(|some| some as u64 == size));
        Queue { line, coros }
    }

    /// Nobody waits any more; so many coros say that all was as it should be.
    fn end(self, right: u64) {
        assert!(self.line.waiting().is_none_or(|some| some == 0));
        let sum = self.coros.into_iter().map(|coro| coro.join().ok());
        assert_eq!(
            sum.filter(|right| *right == Some(true)).count() as u64,
            right
        );
        self.line.open(0);
    }
}

/// To come, to wait in line, to be woken and to wake the next: each, again and again.
fn wake<L: Line>(size: u64) -> Took {
    let line = Rc::new(L::new());
    let (passed, is_over) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(false)));
    let one = |_| {
        let (line, passed, is_over) = (line.clone(), passed.clone(), is_over.clone());
        spawn(move || {
            loop {
                schedule();
                if is_over.get() {
                    break;
                }
                line.wait();
                passed.set(passed.get() + 1);
            }
        })
    };
    let coros: Vec<_> = (0..size).map(one).collect();
    cede();
    let ready = || {
        for coro in &coros {
            coro.coro().ready();
        }
    };
    let rounds = (1_000 / size).max(1);
    let took = time(rounds * size, || {
        for round in 1..=rounds {
            line.shut();
            ready();
            cede();
            assert!(line.waiting().is_none_or(|some| some as u64 == size));
            line.open(size);
            while passed.get() < round * size {
                cede();
            }
        }
    });
    is_over.set(true);
    ready();
    coros.into_iter().for_each(join);
    took
}

/// To cancel a waiter: all of them, out of order.
fn cancel<L: Line>(size: u64) -> Took {
    let queue = Queue::<L>::new(size, |line, _| {
        line.wait();
        true
    });
    let took = time(size, || {
        for at in scattered(size) {
            queue.coros[at].coro().cancel();
        }
    });
    assert!(queue.coros.iter().all(|coro| coro.coro().is_finished()));
    queue.end(0);
    took
}

/// To throw into a waiter, which leaves and catches it: all of them, out of order.
fn throw<L: Line>(size: u64) -> Took {
    let queue = Queue::<L>::new(size, |line, _| coro::catch(|| line.wait()).is_err());
    let took = time(size, || {
        for at in scattered(size) {
            queue.coros[at].coro().throw(());
            cede();
        }
    });
    queue.end(size);
    took
}

/// A waiter whose time is over leaves: all of them, out of order.
fn timeout<L: Line>(size: u64) -> Took {
    // It may have a clock of its own, which ours hides.
    let line = L::new();
    let clock = VirtualClock::install();
    let queue = Queue::before(line, size, |line: &L, nth| {
        let time = Duration::from_micros(1 + nth * 7919 % HUNDRED_THOUSAND);
        coro_time::timeout(time, || line.wait()).is_err()
    });
    assert!(coro_time::armed() as u64 >= size);
    let took = time(size, || {
        clock.advance(Duration::from_secs(1));
        // We are queued behind all of them.
        cede();
    });
    assert!(queue.coros.iter().all(|coro| coro.coro().is_finished()));
    // The clock that was installed last goes first.
    drop(clock);
    queue.end(size);
    took
}

/// So many wait behind the patient one at a time.
const HASTY: usize = 10;
/// So much may the memory grow while others come and go, once the first of them have.
const LEEWAY: u64 = 4 << 20;

/// One waits, and stays; others come behind it, and are cancelled: each. Memory must not grow.
fn patient<L: Line>(size: u64) -> Took {
    let line = Rc::new(L::new());
    line.shut();
    let waiter = || {
        let line = line.clone();
        let waiter = spawn(move || line.wait());
        cede();
        waiter
    };
    let patient = waiter();
    let mut hasty = VecDeque::new();
    let mut memory = 0;
    let took = time(size, || {
        for nth in 0..size {
            if nth == 1_000 {
                memory = resident();
            }
            hasty.push_back(waiter());
            if hasty.len() > HASTY
                && let Some(oldest) = hasty.pop_front()
            {
                oldest.coro().cancel();
            }
        }
        hasty.drain(..).for_each(|last| last.coro().cancel());
    });
    if size > 1_000 {
        let grown = resident().saturating_sub(memory);
        assert!(grown < LEEWAY, "{grown} bytes more after {size} waiters");
    }
    assert!(line.waiting().is_none_or(|some| some == 1));
    line.open(1);
    join(patient);
    took
}

/// Returns the bytes of memory that this process has.
fn resident() -> u64 {
    let statm = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok());
    pages.map_or(0, |pages: u64| pages * 4096)
}
