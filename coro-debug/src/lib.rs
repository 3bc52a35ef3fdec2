//! Sees what coros did.
#![forbid(unsafe_code)]

pub mod trace;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
