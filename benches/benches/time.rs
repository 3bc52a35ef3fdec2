//! What timers cost.

mod runner;

fn main() {
    runner::run(coro_benches::time::ALL);
}
