//! What a mutex costs.

mod runner;

fn main() {
    runner::run(coro_benches::mutex::ALL);
}
