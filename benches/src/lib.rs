//! The workloads that the benches and the program `costs` measure, one module a concept.
//!
//! Each checks that its work was done. Setting up is not measured, or there are so many operations
//! that it does not show.
#![forbid(unsafe_code)]

pub mod channel;
mod floor;
pub mod mutex;
pub mod rwlock;
pub mod select;
pub mod semaphore;
pub mod shared;
pub mod signal;
pub mod specific;
pub mod switch;
pub mod time;
pub mod trace;
pub mod workload;

use crate::workload::Workload;

/// All workloads, in the order of the table that `costs` prints.
pub fn all() -> impl Iterator<Item = &'static Workload> {
    [
        switch::ALL,
        semaphore::ALL,
        channel::ALL,
        shared::ALL,
        select::ALL,
        rwlock::ALL,
        mutex::ALL,
        signal::ALL,
        specific::ALL,
        time::ALL,
        trace::ALL,
    ]
    .into_iter()
    .flatten()
}
