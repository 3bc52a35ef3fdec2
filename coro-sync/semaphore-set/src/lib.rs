//! A semaphore for each key, made on demand.
#![forbid(unsafe_code)]
