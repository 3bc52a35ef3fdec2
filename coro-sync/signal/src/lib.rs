//! An event that coros wait for.
#![forbid(unsafe_code)]
