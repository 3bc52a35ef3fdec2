//! What a recording of the coros costs, and what it does not while there is none.

mod runner;

fn main() {
    runner::run(coro_benches::trace::ALL);
}
