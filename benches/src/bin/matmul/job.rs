//! What one job is: an element of the product, or a row.

use crate::matrix::{Factors, Matrix};
use crate::product::dot;

/// A way to cut a product into jobs, so that coros and OS threads share every line but the channel's.
pub(crate) trait Cut {
    /// A job, as it goes through the job channel.
    type Job: Copy + Send;
    /// Its result, as it goes through the result channel; it knows its place.
    type Done: Send;

    /// Returns the number of jobs.
    fn count(factors: &Factors) -> usize;
    /// Calls `put` with each job.
    fn each(factors: &Factors, put: impl FnMut(Self::Job));
    /// Does a job.
    fn work(factors: &Factors, job: Self::Job) -> Self::Done;
    /// Puts a result in its place.
    fn place(product: &mut Matrix, done: Self::Done);
}

/// A job an element: 16 bytes of result for each dot product, the most communication there can be.
#[derive(Debug)]
pub(crate) struct Element;

/// The place of an element. `u32`s keep a job at 8 bytes and a result at 16.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    row: u32,
    column: u32,
}

/// An element and where it goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value {
    place: Place,
    value: f64,
}

impl Cut for Element {
    type Job = Place;
    type Done = Value;

    fn count(factors: &Factors) -> usize {
        factors.rows() * factors.columns()
    }

    #[inline]
    fn each(factors: &Factors, mut put: impl FnMut(Place)) {
        for row in 0..index(factors.rows()) {
            for column in 0..index(factors.columns()) {
                put(Place { row, column });
            }
        }
    }

    #[inline]
    fn work(factors: &Factors, place: Place) -> Value {
        let value = dot(factors, place.row as usize, place.column as usize);
        Value { place, value }
    }

    #[inline]
    fn place(product: &mut Matrix, Value { place, value }: Value) {
        product.set(place.row as usize, place.column as usize, value);
    }
}

/// A job a row.
#[derive(Debug)]
pub(crate) struct Row;

impl Cut for Row {
    type Job = u32;
    type Done = (u32, Box<[f64]>);

    fn count(factors: &Factors) -> usize {
        factors.rows()
    }

    #[inline]
    fn each(factors: &Factors, put: impl FnMut(u32)) {
        (0..index(factors.rows())).for_each(put);
    }

    #[inline]
    fn work(factors: &Factors, i: u32) -> (u32, Box<[f64]>) {
        let values = (0..factors.columns()).map(|j| dot(factors, i as usize, j));
        (i, values.collect())
    }

    #[inline]
    fn place(product: &mut Matrix, (i, values): (u32, Box<[f64]>)) {
        product.row_mut(i as usize).copy_from_slice(&values);
    }
}

fn index(n: usize) -> u32 {
    u32::try_from(n).expect("a matrix of 2^32 rows does not fit into memory")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::sequential;

    fn all_jobs_make_the_product<C: Cut>() {
        let a = Matrix::new(3, 2, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let b = Matrix::new(2, 4, vec![1.0, 0.0, 2.0, 7.0, 0.0, 1.0, 3.0, 8.0]);
        let factors = Factors::new(a, b).unwrap();
        let (mut product, mut expected) = (factors.blank_product(), factors.blank_product());
        sequential(&factors, &mut expected);
        let mut jobs = 0;
        C::each(&factors, |job| {
            jobs += 1;
            C::place(&mut product, C::work(&factors, job));
        });
        assert_eq!(jobs, C::count(&factors));
        assert!(product.is_exactly(&expected));
    }

    #[test]
    fn elements_make_the_product() {
        all_jobs_make_the_product::<Element>();
    }

    #[test]
    fn rows_make_the_product() {
        all_jobs_make_the_product::<Row>();
    }

    #[test]
    fn an_element_travels_in_few_bytes() {
        assert_eq!(size_of::<Place>(), 8);
        assert_eq!(size_of::<Value>(), 16);
    }
}
