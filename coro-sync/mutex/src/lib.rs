//! A mutex over data, and a condition variable.
#![forbid(unsafe_code)]
