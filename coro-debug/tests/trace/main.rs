//! Recordings: that pictures, columns and traces tell what the coros did, and nothing else.

#![allow(clippy::unwrap_used, reason = "a test may fail anywhere, helpers too")]

mod columns;
mod flight;
mod flights;
mod hostile;
mod lasting;
mod listener;
mod model;
mod outside;
mod perfetto;
mod picture;
mod programs;
mod random;
mod recorder;
mod recorders;
mod scenarios;
mod shapes;
mod steps;
mod svg;
mod twice;
