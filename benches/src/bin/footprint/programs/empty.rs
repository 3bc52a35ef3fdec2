//! Nothing: what any program costs.

fn main() {}
