//! Sees what coros did.
#![forbid(unsafe_code)]

pub mod trace;
