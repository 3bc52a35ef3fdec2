//! Tests that cross the crates of the family: see `it/`. The README's example is tested here.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
