//! Tests that cross the crates of the family: see `it/`.
