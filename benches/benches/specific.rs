//! What reading a coro-local variable costs.

mod runner;

fn main() {
    runner::run(coro_benches::specific::ALL);
}
