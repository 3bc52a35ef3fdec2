//! The matrix product that the workloads `matmul_elem` and `matmul_row` share out.

use std::sync::LazyLock;
use std::time::Instant;

use coro_benches::workload::Took;

/// Rows and columns of each matrix.
pub(crate) const N: usize = 128;

/// How many tasks work.
pub(crate) const WORKERS: usize = 16;

/// How many jobs, and how many results, may wait.
pub(crate) const CAPACITY: usize = 128;

/// The product, row after row.
pub(crate) type Product = Vec<f64>;

struct Factors {
    a: Vec<f64>,
    b: Vec<f64>,
    product: Product,
}

static FACTORS: LazyLock<Factors> = LazyLock::new(|| {
    let matrix = |step: usize| (0..N * N).map(move |n| ((n * step) % 1009) as f64 / 1009.0);
    let (a, b): (Vec<_>, Vec<_>) = (matrix(7919).collect(), matrix(104_729).collect());
    let mut product = vec![0.0; N * N];
    for (n, value) in product.iter_mut().enumerate() {
        *value = (0..N).map(|k| a[n / N * N + k] * b[k * N + n % N]).sum();
    }
    Factors { a, b, product }
});

/// Returns an element of the product. Out of line, so that all run the same instructions.
#[inline(never)]
fn dot(i: usize, j: usize) -> f64 {
    let Factors { a, b, .. } = &*FACTORS;
    let (a, b) = (&a[..N * N], &b[..N * N]);
    let mut sum = 0.0;
    for k in 0..N {
        sum += a[i * N + k] * b[k * N + j];
    }
    sum
}

/// How a product is shared out.
pub(crate) trait Job: 'static {
    /// Jobs have the numbers below this.
    const COUNT: usize;
    /// What a job results in, its number included.
    type Done: Send + 'static;
    /// Does a job.
    fn work(number: usize) -> Self::Done;
    /// Puts a result where it belongs.
    fn place(product: &mut Product, done: Self::Done);
}

/// A job for each element.
pub(crate) struct Elem;

impl Job for Elem {
    const COUNT: usize = N * N;
    type Done = (usize, f64);

    fn work(number: usize) -> (usize, f64) {
        (number, dot(number / N, number % N))
    }

    fn place(product: &mut Product, (number, value): (usize, f64)) {
        product[number] = value;
    }
}

/// A job for each row.
pub(crate) struct Row;

impl Job for Row {
    const COUNT: usize = N;
    type Done = (usize, Vec<f64>);

    fn work(number: usize) -> (usize, Vec<f64>) {
        (number, (0..N).map(|column| dot(number, column)).collect())
    }

    fn place(product: &mut Product, (number, row): (usize, Vec<f64>)) {
        product[number * N..][..N].copy_from_slice(&row);
    }
}

/// Measures so many products, of which each is checked, by something that does all jobs of one and
/// places their results.
pub(crate) fn measure(ops: u64, mut multiply: impl FnMut(&mut Product)) -> Took {
    let mut product = vec![0.0; N * N];
    LazyLock::force(&FACTORS);
    let mut time = std::time::Duration::ZERO;
    for _ in 0..ops {
        product.fill(f64::NAN);
        let start = Instant::now();
        multiply(&mut product);
        time += start.elapsed();
        assert!(product == FACTORS.product, "the product is wrong");
    }
    Took { ops, time }
}
