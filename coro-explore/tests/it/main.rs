//! The explorer: that it runs what it says, finds what it says, and tells it well.

mod blame;
mod chance;
mod changed;
mod clock;
mod corners;
mod determinism;
mod frugal;
mod play;
mod play_random;
mod production;
mod replay;
mod search;
mod strategies;
mod verdicts;
