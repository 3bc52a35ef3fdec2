//! The product by coros on several OS threads: the same feeder, workers and collector, and channels between OS threads.

use std::io;
use std::thread;

use coro_channel::shared;

use super::CAPACITY;
use crate::job::Cut;
use crate::matrix::{Factors, Matrix};

/// Multiplies with `workers` coros, shared out over `threads` OS threads, of which the caller's is one.
///
/// The caller feeds and collects as well. Every job is a `put` and a `get`, and so is every result; nothing travels in
/// bundles.
///
/// # Errors
///
/// If the system refuses an OS thread. This is the only error.
pub(crate) fn multiply<C: Cut>(
    factors: &Factors,
    workers: usize,
    threads: usize,
    product: &mut Matrix,
) -> io::Result<()> {
    let (put_job, jobs) = shared::bounded(CAPACITY);
    let (put_result, results) = shared::bounded(CAPACITY);
    // All get the same number, and the first of them one more while the rest lasts.
    let share = |thread: usize| (workers + threads - 1 - thread) / threads;
    let work = |workers: usize| {
        coro::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| {
                    while let Some(job) = jobs.get() {
                        let done = put_result.put(C::work(factors, job));
                        done.expect("the caller collects until all results are there");
                    }
                });
            }
        });
    };
    thread::scope(|os| {
        // If an OS thread is refused, the others must not wait for jobs.
        let feeder = Feeder(put_job);
        for thread in 1..threads {
            thread::Builder::new().spawn_scoped(os, move || work(share(thread)))?;
        }
        coro::scope(|scope| {
            scope.spawn(|| work(share(0)));
            scope.spawn(|| {
                C::each(factors, |job| {
                    feeder.0.put(job).expect("the getting end is here");
                });
                feeder.0.shutdown();
            });
            for _ in 0..C::count(factors) {
                let done = results.get().expect("the putting end is here");
                C::place(product, done);
            }
        });
        Ok(())
    })
}

/// The end that jobs are put into; there will be no more when it goes.
struct Feeder<J>(shared::Sender<J>);

impl<J> Drop for Feeder<J> {
    fn drop(&mut self) {
        self.0.shutdown();
    }
}
