//! What signals cost.

mod runner;

fn main() {
    runner::run(coro_benches::signal::ALL);
}
