//! Several jobs at once, and one who joins them all.

/// A job: it returns a number, and may block or let others run before.
pub type Job = Box<dyn FnOnce() -> u32>;

/// Does all jobs, each in a coro of its own, and returns their results in the order of the jobs.
///
/// All jobs are under way at the same time: one may wait for what another does. Nobody says how many
/// turns a job takes.
pub fn do_all(jobs: Vec<Job>) -> Vec<u32> {
    // All are spawned before the first is joined, or they would run one after the other.
    let coros: Vec<_> = jobs.into_iter().map(coro::spawn).collect();
    // What a coro returned is kept until it is asked for, so the order of joining may be any.
    coros
        .into_iter()
        .map(|coro| coro.join().expect("nobody cancels a job"))
        .collect()
}
