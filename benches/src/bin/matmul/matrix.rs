//! Matrices of `f64`, and the pair of them that every program here multiplies.

use std::fmt;

/// A matrix, row after row, with at least one row and one column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Matrix {
    rows: usize,
    columns: usize,
    values: Vec<f64>,
}

impl Matrix {
    /// Makes a matrix of its values, row after row.
    pub(crate) fn new(rows: usize, columns: usize, values: Vec<f64>) -> Self {
        assert!(rows > 0 && columns > 0, "a matrix is not empty");
        assert_eq!(values.len(), rows * columns, "a value for each place");
        Self {
            rows,
            columns,
            values,
        }
    }

    /// Makes a square matrix of numbers in -1 .. 1, the same for the same seed.
    ///
    /// Their fractions are full, so a sum taken in another order rounds differently and is found out.
    pub(crate) fn scrambled(n: usize, seed: u64) -> Self {
        // SplitMix64 (Steele, Lea, Flood 2014): good enough, and a generator crate less.
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^= z >> 31;
            (z >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
        };
        Self::new(n, n, (0..n * n).map(|_| next()).collect())
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Returns all values, row after row.
    pub(crate) fn values(&self) -> &[f64] {
        &self.values
    }

    pub(crate) fn values_mut(&mut self) -> &mut [f64] {
        &mut self.values
    }

    #[inline]
    pub(crate) fn row(&self, i: usize) -> &[f64] {
        &self.values[i * self.columns..][..self.columns]
    }

    #[inline]
    pub(crate) fn row_mut(&mut self, i: usize) -> &mut [f64] {
        &mut self.values[i * self.columns..][..self.columns]
    }

    #[inline]
    pub(crate) fn set(&mut self, i: usize, j: usize, value: f64) {
        self.values[i * self.columns + j] = value;
    }

    /// Whether `other` holds exactly the same numbers.
    ///
    /// Exact equality is right for products here: every program adds the same products of the same numbers in
    /// the same order, and IEEE 754 leaves no choice in how each step rounds. Only a NaN (of sums that
    /// overflowed) has to be let through by hand, for it equals nothing.
    pub(crate) fn is_exactly(&self, other: &Self) -> bool {
        self.rows == other.rows
            && self.columns == other.columns
            && self
                .values
                .iter()
                .zip(&other.values)
                .all(|(x, y)| x == y || (x.is_nan() && y.is_nan()))
    }
}

/// Two matrices that have a product, both by rows.
///
/// Nobody transposes or pads B: the plain loop, the sequential product, the workers and the Perl programs read the
/// factors as the textbook and the files have them. So there is no preparation that one program has to count and another
/// has not, and the ratios compare loops and communication, never memory orders.
///
/// This matters for the ratios, for the communication costs a job the same whatever the job costs. With a gap behind
/// each row of B, and the dot product written so that LLVM unrolls it, the sequential product at n = 128 takes 0.6 of its
/// time, and the coros 1.17 of that. The difference in nanoseconds a job is printed, too: it does not depend on all this.
#[derive(Debug)]
pub(crate) struct Factors {
    a: Matrix,
    b: Matrix,
}

impl Factors {
    /// Takes A and B.
    ///
    /// # Errors
    ///
    /// If B has not as many rows as A has columns. This is the only error.
    pub(crate) fn new(a: Matrix, b: Matrix) -> Result<Self, ShapeError> {
        if a.columns != b.rows {
            return Err(ShapeError {
                a: (a.rows, a.columns),
                b: (b.rows, b.columns),
            });
        }
        Ok(Self { a, b })
    }

    /// Makes two square factors, the same at every call.
    pub(crate) fn scrambled(n: usize) -> Self {
        Self {
            a: Matrix::scrambled(n, 1),
            b: Matrix::scrambled(n, 2),
        }
    }

    /// Returns the left factor.
    pub(crate) fn a(&self) -> &Matrix {
        &self.a
    }

    /// Returns the right factor.
    pub(crate) fn b(&self) -> &Matrix {
        &self.b
    }

    /// Makes a matrix for the product, without a number in it: a place that nobody fills is found out.
    pub(crate) fn blank_product(&self) -> Matrix {
        let (rows, columns) = (self.rows(), self.columns());
        Matrix::new(rows, columns, vec![f64::NAN; rows * columns])
    }

    /// Returns the number of rows of the product.
    pub(crate) fn rows(&self) -> usize {
        self.a.rows
    }

    /// Returns the length of each dot product.
    pub(crate) fn inner(&self) -> usize {
        self.a.columns
    }

    /// Returns the number of columns of the product.
    pub(crate) fn columns(&self) -> usize {
        self.b.columns
    }
}

/// Says that two matrices have no product. Shapes are (rows, columns).
#[derive(Debug, PartialEq)]
pub(crate) struct ShapeError {
    a: (usize, usize),
    b: (usize, usize),
}

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((ar, ac), (br, bc)) = (self.a, self.b);
        write!(
            f,
            "the shapes do not fit: A is {ar} x {ac}, B is {br} x {bc}; B needs {ac} rows, one for each column of A"
        )
    }
}

impl std::error::Error for ShapeError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn zeros(rows: usize, columns: usize) -> Matrix {
        Matrix::new(rows, columns, vec![0.0; rows * columns])
    }

    #[test]
    fn shapes_that_do_not_fit_are_refused_with_both_named() {
        assert!(Factors::new(zeros(2, 2), zeros(3, 2)).is_err());
        let error = Factors::new(zeros(2, 3), zeros(2, 4)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the shapes do not fit: A is 2 x 3, B is 2 x 4; B needs 3 rows, one for each column of A"
        );
    }

    #[test]
    fn factors_know_the_shape_of_their_product() {
        let factors = Factors::new(zeros(2, 3), zeros(3, 4)).unwrap();
        assert_eq!(
            (factors.rows(), factors.inner(), factors.columns()),
            (2, 3, 4)
        );
    }

    #[test]
    fn rows_are_found_by_their_number() {
        let mut m = Matrix::new(2, 3, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(m.row(1), [4.0, 5.0, 6.0]);
        m.set(0, 1, 9.0);
        assert_eq!(m.row_mut(0), [1.0, 9.0, 3.0]);
    }

    #[test]
    fn one_last_place_off_is_not_exactly_equal() {
        let x = Matrix::new(1, 2, vec![1.0, f64::NAN]);
        let y = Matrix::new(1, 2, vec![1.0_f64.next_up(), f64::NAN]);
        assert!(x.is_exactly(&x));
        assert!(!x.is_exactly(&y) && !y.is_exactly(&x));
        assert!(!zeros(1, 2).is_exactly(&zeros(2, 1)));
    }

    #[test]
    fn scrambled_numbers_lie_in_range_and_differ() {
        let m = Matrix::scrambled(16, 1);
        assert!(m.values().iter().all(|x| (-1.0..1.0).contains(x)));
        assert!(m.values().iter().any(|x| *x < -0.9) && m.values().iter().any(|x| *x > 0.9));
        assert!(!m.is_exactly(&Matrix::scrambled(16, 2)));
    }
}
