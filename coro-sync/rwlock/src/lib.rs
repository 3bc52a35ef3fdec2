//! A readers-writer lock.
#![forbid(unsafe_code)]
