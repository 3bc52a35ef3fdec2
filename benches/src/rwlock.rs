//! Workloads of readers-writer locks.

use std::hint::black_box;
use std::rc::Rc;

use coro::{cede, spawn};
use coro_rwlock::RwLock;

use crate::workload::{CROWD, SHORT, Took, Workload, clock, repeat};

/// The workloads; those of a group follow each other.
pub const ALL: &[Workload] = &[
    Workload::new(
        "rwlock/read_uncontended",
        "RwLock read, uncontended",
        read::<false>,
    )
    .ops(SHORT)
    .aim(1.6),
    Workload::new(
        "rwlock/read_uncontended_fair",
        "the same, fair",
        read::<true>,
    )
    .ops(SHORT),
    Workload::new(
        "rwlock/contended_100r_4w",
        "RwLock, 100 readers and 4 writers",
        contended::<false>,
    )
    .aim(25.0),
    Workload::new(
        "rwlock/contended_100r_4w_fair",
        "the same, fair",
        contended::<true>,
    ),
];

fn lock<const FAIR: bool>(value: u64) -> RwLock<u64> {
    if FAIR {
        RwLock::fair(value)
    } else {
        RwLock::new(value)
    }
}

fn read<const FAIR: bool>(ops: u64) -> Took {
    let lock = lock::<FAIR>(1);
    let (took, sum) = repeat(ops, || {
        let guard = lock.read();
        black_box(&guard);
        *guard
    });
    assert_eq!(sum, ops);
    assert!(lock.try_write().is_some());
    took
}

/// Readers and writers yield while they hold the lock.
fn contended<const FAIR: bool>(ops: u64) -> Took {
    const WRITERS: u64 = 4;
    let turns = ops.div_ceil(CROWD + WRITERS);
    let lock = Rc::new(lock::<FAIR>(0));
    let readers = (0..CROWD).map(|_| {
        let lock = lock.clone();
        spawn(move || {
            for _ in 0..turns {
                let value = lock.read();
                let before = *value;
                cede();
                assert_eq!(*value, before);
            }
        })
    });
    let writers = (0..WRITERS).map(|_| {
        let lock = lock.clone();
        spawn(move || {
            for _ in 0..turns {
                let mut value = lock.write();
                let before = *value;
                cede();
                *value = before + 1;
            }
        })
    });
    let took = clock((CROWD + WRITERS) * turns, readers.chain(writers));
    assert_eq!(*lock.read(), WRITERS * turns);
    took
}
