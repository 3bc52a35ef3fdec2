//! Workloads of coro-local variables.

use std::cell::Cell;

use coro_specific::{Specific, coro_local};

use crate::workload::{SHORT, Took, Workload, in_coro, repeat};

/// The workloads; those of a group follow each other.
pub const ALL: &[Workload] = &[
    Workload::new("specific/get", "coro-local read, Specific", get)
        .ops(SHORT)
        .aim(1.2),
    Workload::new("specific/coro_local", "coro-local read, coro_local!", local)
        .ops(SHORT)
        .aim(1.2),
];

fn get(ops: u64) -> Took {
    let variable = Specific::new();
    in_coro(move || {
        variable.set(1u32);
        let (took, sum) = repeat(ops, || u64::from(variable.get().expect("it was set")));
        assert_eq!(sum, ops);
        took
    })
}

coro_local! {
    static ONE: Cell<u32> = Cell::new(1);
}

fn local(ops: u64) -> Took {
    in_coro(move || {
        let (took, sum) = repeat(ops, || u64::from(ONE.get()));
        assert_eq!(sum, ops);
        took
    })
}
