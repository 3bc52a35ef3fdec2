//! Several jobs at once, and one who wants all their results.

use std::cell::Cell;
use std::rc::Rc;

/// A job: it returns a number, and may block or let others run before.
pub type Job = Box<dyn FnOnce() -> u32>;

/// Does all jobs, each in a coro of its own, and returns their results in the order of the jobs.
///
/// All jobs are under way at the same time: one may wait for what another does. Nobody says how many
/// turns a job takes.
pub fn do_all(jobs: Vec<Job>) -> Vec<u32> {
    let results: Vec<_> = jobs
        .into_iter()
        .map(|job| {
            let result = Rc::new(Cell::new(0));
            let theirs = result.clone();
            coro::spawn(move || theirs.set(job()));
            result
        })
        .collect();
    coro::cede();
    results.iter().map(|result| result.get()).collect()
}
