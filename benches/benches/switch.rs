//! What switches, and spawning and joining, cost; the floor is in the same group.

mod runner;

fn main() {
    runner::run(coro_benches::switch::ALL);
}
