//! What channels cost, and a oneshot.

mod runner;

fn main() {
    runner::run(coro_benches::channel::ALL);
}
