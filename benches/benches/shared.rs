//! What channels between OS threads cost.

mod runner;

fn main() {
    runner::run(coro_benches::shared::ALL);
}
