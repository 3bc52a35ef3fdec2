//! What semaphores cost, and a set of them.

mod runner;

fn main() {
    runner::run(coro_benches::semaphore::ALL);
}
