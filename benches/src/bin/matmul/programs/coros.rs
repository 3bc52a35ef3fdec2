//! The product by coros: one feeder, many workers, one collector, two channels.

use coro_channel::Channel;

use super::CAPACITY;
use crate::job::Cut;
use crate::matrix::{Factors, Matrix};

/// Multiplies with `workers` coros that take jobs from one channel and put results into another.
///
/// Every job is a `put` and a `get`, and so is every result; nothing travels in bundles. The caller collects.
pub(crate) fn multiply<C: Cut>(factors: &Factors, workers: usize, product: &mut Matrix) {
    let jobs = Channel::bounded(CAPACITY);
    let results = Channel::bounded(CAPACITY);
    coro::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(job) = jobs.get() {
                    results.put(C::work(factors, job));
                }
            });
        }
        scope.spawn(|| {
            C::each(factors, |job| jobs.put(job));
            jobs.shutdown();
        });
        for _ in 0..C::count(factors) {
            let done = results.get().expect("nobody shuts the results down");
            C::place(product, done);
        }
    });
}
