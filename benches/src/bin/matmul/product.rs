//! The product on one stack: the dot product that all share, the sequential loop, and the loop it is measured against.

use crate::matrix::{Factors, Matrix};

/// Returns the dot product of row `i` of A and column `j` of B, added from the front: the inner loop of [`plain`].
///
/// The sequential product and every worker call this one function. It stays out of line so that all of them run
/// the same instructions at the same address. Inlined copies are not alike: in workers of coros and of OS threads LLVM
/// was seen to keep the sum in memory, which made their products three times slower.
#[inline(never)]
pub(crate) fn dot(factors: &Factors, i: usize, j: usize) -> f64 {
    let (inner, columns) = (factors.inner(), factors.columns());
    let (a, b) = (factors.a().values(), factors.b().values());
    let mut sum = 0.0;
    for k in 0..inner {
        sum += a[i * inner + k] * b[k * columns + j];
    }
    sum
}

/// Multiplies with the plain triple loop: rows, columns, inner index.
pub(crate) fn plain(factors: &Factors, product: &mut Matrix) {
    let (rows, inner, columns) = (factors.rows(), factors.inner(), factors.columns());
    let (a, b) = (factors.a().values(), factors.b().values());
    let c = product.values_mut();
    for i in 0..rows {
        for j in 0..columns {
            let mut sum = 0.0;
            for k in 0..inner {
                sum += a[i * inner + k] * b[k * columns + j];
            }
            c[i * columns + j] = sum;
        }
    }
}

/// Multiplies one dot product after the other: what the workers share out, without the sharing.
pub(crate) fn sequential(factors: &Factors, product: &mut Matrix) {
    for i in 0..factors.rows() {
        for (j, place) in product.row_mut(i).iter_mut().enumerate() {
            *place = dot(factors, i, j);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2 x 3 times 3 x 2, worked out by hand.
    fn by_hand() -> (Factors, Matrix) {
        let a = Matrix::new(2, 3, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let b = Matrix::new(3, 2, vec![7.0, 8.0, 9.0, 10.0, 11.0, 12.0]);
        let c = Matrix::new(2, 2, vec![58.0, 64.0, 139.0, 154.0]);
        (Factors::new(a, b).unwrap(), c)
    }

    fn both(factors: &Factors) -> [Matrix; 2] {
        [plain, sequential].map(|multiply| {
            let mut product = factors.blank_product();
            multiply(factors, &mut product);
            product
        })
    }

    #[test]
    fn rectangles_multiply_as_by_hand() {
        let (factors, c) = by_hand();
        assert_eq!(both(&factors), [c.clone(), c]);
    }

    #[test]
    fn a_column_times_a_row_is_a_square() {
        let a = Matrix::new(3, 1, vec![1.0, 2.0, 3.0]);
        let b = Matrix::new(1, 3, vec![4.0, 5.0, 6.0]);
        let c = [4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 12.0, 15.0, 18.0];
        let c = Matrix::new(3, 3, c.to_vec());
        assert_eq!(both(&Factors::new(a, b).unwrap()), [c.clone(), c]);
    }

    #[test]
    fn the_dot_product_adds_from_the_front() {
        // 1e16 + 1 is 1e16, twice; from the back it would be 1e16 + 2.
        let a = Matrix::new(1, 3, vec![1e16, 1.0, 1.0]);
        let b = Matrix::new(3, 1, vec![1.0; 3]);
        assert_eq!(dot(&Factors::new(a, b).unwrap(), 0, 0), 1e16);
    }

    #[test]
    fn plain_and_sequential_agree_to_the_last_place() {
        let [x, y] = both(&Factors::scrambled(33));
        assert!(x.is_exactly(&y));
    }
}
