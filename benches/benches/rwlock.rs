//! What a readers-writer lock costs.

mod runner;

fn main() {
    runner::run(coro_benches::rwlock::ALL);
}
