//! Every primitive, in every schedule of small programs.
//!
//! Each file explores one concept, and `twins/` has the changes to its source that its explorations
//! must find: `.ci/explore` makes them one by one. A file is a test program of its own there, so it
//! uses nothing of the others.

mod channel;
mod classics;
mod interrupt;
mod join;
mod join_set;
mod mutex;
mod oneshot;
mod rouse;
mod rwlock;
mod scenarios;
mod scope;
mod select;
mod semaphore;
mod semaphore_set;
mod shared;
mod signal;
mod specific;
mod time;
mod wait_queue;
