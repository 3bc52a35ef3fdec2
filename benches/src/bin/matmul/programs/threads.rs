//! The product by OS threads and the channels of std: the same feeder, workers and collector.

use std::io;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use crate::job::Cut;
use crate::matrix::{Factors, Matrix};

/// Multiplies with `workers` OS threads; the caller collects.
///
/// The workers share the one receiving end through a mutex: std has no stable channel with many receivers. The channels
/// have no bound: with that of the coros an element takes three times as long, and what is compared is the best that
/// threads and std can do.
///
/// # Errors
///
/// If the system refuses a thread. This is the only error.
pub(crate) fn multiply<C: Cut>(
    factors: &Factors,
    workers: usize,
    product: &mut Matrix,
) -> io::Result<()> {
    let (put_job, jobs) = channel();
    let jobs = Mutex::new(jobs);
    let (put_result, results) = channel();
    thread::scope(|scope| {
        // Moved in here, so that it goes when a thread is refused: then the workers end, and the scope with them.
        let put_job = put_job;
        for _ in 0..workers {
            let (jobs, put_result) = (&jobs, put_result.clone());
            thread::Builder::new().spawn_scoped(scope, move || {
                while let Some(job) = next(jobs) {
                    if put_result.send(C::work(factors, job)).is_err() {
                        break;
                    }
                }
            })?;
        }
        drop(put_result);
        thread::Builder::new().spawn_scoped(scope, move || {
            C::each(factors, |job| {
                put_job.send(job).expect("the receiver outlives the scope");
            });
        })?;
        for done in results {
            C::place(product, done);
        }
        Ok(())
    })
}

/// Takes a job, or `None` when there will be no more.
fn next<J>(jobs: &Mutex<Receiver<J>>) -> Option<J> {
    // A function of its own, so that the lock is given back before the work.
    let jobs = jobs.lock().expect("nothing panics while it takes a job");
    jobs.recv().ok()
}
