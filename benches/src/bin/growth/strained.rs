//! Workloads beside more and more coros, where the kernel has something to look after: handles
//! that go, a scope, somebody who unwinds.

use std::cell::Cell;
use std::rc::Rc;

use coro::{JoinHandle, cede, schedule, scope};
use coro_semaphore::Semaphore;

use crate::coros::{join, with_partner};
use crate::crowd::{Crowd, spawn};
use crate::workload::{Group, HUNDRED_THOUSAND, Took, Workload, scattered, time};

const fn strained(name: &'static str, run: fn(u64) -> Took) -> Workload {
    Workload {
        name,
        group: Group::Coros,
        // Each unwinds on its own stack, which takes more of that than to be blocked.
        most: HUNDRED_THOUSAND,
        run,
    }
}

pub(crate) const ALL: &[Workload] = &[
    strained("unheld/reap", reap),
    strained("scope/child_ends", children),
    strained("scope/cancel_child", cancel_children),
    strained("unwinding/yield", yield_beside),
    strained("unwinding/throw", throw_beside),
];

/// The last handles of blocked coros go, and they unwind: each.
fn reap(size: u64) -> Took {
    struct Count(Rc<Cell<u64>>);
    impl Drop for Count {
        fn drop(&mut self) {
            self.0.set(self.0.get() + 1);
        }
    }
    let ends = Rc::new(Cell::new(0));
    let one = |_| {
        let count = Count(ends.clone());
        spawn(move || {
            let _count = count;
            schedule();
        })
    };
    let coros: Vec<JoinHandle<()>> = (0..size).map(one).collect();
    cede();
    let took = time(size, || {
        drop(coros);
        cede();
    });
    assert_eq!(ends.get(), size);
    took
}

/// The children of a scope end one after the other, while it waits for them: each.
fn children(size: u64) -> Took {
    let gate = Rc::new(Semaphore::new(0));
    let theirs = gate.clone();
    let porter = move || {
        for _ in 0..size {
            theirs.up();
            cede();
        }
    };
    let ended = Cell::new(0);
    let mut porter = Some(porter);
    let took = time(size, || {
        scope(|s| {
            for _ in 0..size {
                s.spawn(|| {
                    gate.down();
                    ended.set(ended.get() + 1);
                });
            }
            // After the last child, so all of them wait when it comes.
            drop(porter.take().map(spawn));
        });
    });
    assert_eq!(ended.get(), size);
    took
}

/// A scope is left by a cancel, and so cancels its blocked children: each.
fn cancel_children(size: u64) -> Took {
    let begun = Rc::new(Cell::new(0));
    let theirs = begun.clone();
    let owner = spawn(move || {
        scope(|s| {
            for _ in 0..size {
                s.spawn(|| {
                    theirs.set(theirs.get() + 1);
                    schedule();
                });
            }
        });
    });
    while begun.get() < size {
        cede();
    }
    let took = time(size, || {
        owner.coro().cancel();
        owner.coro().join();
    });
    assert!(owner.join().is_err_and(|error| error.is_cancelled()));
    took
}

/// Unwinds, and blocks meanwhile.
struct Slow(Rc<Cell<bool>>);

impl Drop for Slow {
    fn drop(&mut self) {
        while !self.0.get() {
            schedule();
        }
    }
}

/// Does this while a coro is blocked in a destructor, in mid-unwind.
fn beside_unwinding(work: impl FnOnce() -> Took) -> Took {
    let is_over = Rc::new(Cell::new(false));
    let slow = Slow(is_over.clone());
    let unwinding = spawn(move || {
        let _slow = slow;
        schedule();
    });
    cede();
    unwinding.coro().cancel();
    assert!(!unwinding.coro().is_finished());
    let took = work();
    is_over.set(true);
    unwinding.coro().ready();
    assert!(unwinding.join().is_err_and(|error| error.is_cancelled()));
    took
}

/// One of two that yield in turn, while one unwinds, and others have blocked since it does.
fn yield_beside(size: u64) -> Took {
    let mut crowd = None;
    let took = beside_unwinding(|| {
        crowd = Some(Crowd::new(size));
        with_partner(cede)
    });
    crowd.expect("it was made").end();
    took
}

/// To throw into those who have blocked since somebody unwinds: each.
fn throw_beside(size: u64) -> Took {
    let caught = Rc::new(Cell::new(0));
    let mut coros = Vec::new();
    let took = beside_unwinding(|| {
        let one = |_| {
            let caught = caught.clone();
            spawn(move || {
                let throw = coro::catch(|| -> () {
                    loop {
                        schedule()
                    }
                })
                .is_err();
                caught.set(caught.get() + u64::from(throw));
            })
        };
        coros.extend((0..size).map(one));
        cede();
        time(size, || {
            for at in scattered(size) {
                coros[at].coro().throw(());
            }
        })
    });
    coros.into_iter().for_each(join);
    assert_eq!(caught.get(), size);
    took
}
