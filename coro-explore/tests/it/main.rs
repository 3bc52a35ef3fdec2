//! The explorer: that it runs what it says, finds what it says, and tells it well.

mod determinism;
mod production;
mod replay;
mod search;
mod strategies;
mod verdicts;
