//! Coros that panic: whose message names whom?

use std::panic::{catch_unwind, resume_unwind};

fn main() {
    let named = coro::Builder::new()
        .desc("fetch")
        .spawn(|| panic!("of a coro"));
    assert!(named.join().is_err());
    let _ = coro::spawn(|| panic!("of one without a name")).join();
    let _ = coro::spawn(|| resume_unwind(Box::new("silent"))).join();
    let cancelled = coro::spawn(coro::schedule);
    coro::cede();
    cancelled.cancel();
    let _ = catch_unwind(|| panic!("of main"));
    let _ = std::thread::spawn(|| panic!("of an OS thread")).join();
}
