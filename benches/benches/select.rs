//! What waiting for the first of two costs.

mod runner;

fn main() {
    runner::run(coro_benches::select::ALL);
}
