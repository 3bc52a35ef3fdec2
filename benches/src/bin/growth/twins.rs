//! What grows, to see that it is found.

use std::hint::black_box;

use crate::workload::{Group, MILLION, Took, Workload, repeat};

pub(crate) const ALL: &[Workload] = &[
    twin("twin/flat", |_| {
        let mut sum = 0;
        repeat(|nth| sum = black_box(sum + nth))
    }),
    twin("twin/linear", |size| {
        let numbers = vec![1_u64; size as usize];
        repeat(|_| assert_eq!(black_box(&numbers).iter().sum::<u64>(), size))
    }),
    twin("twin/failing", |_| panic!("this one always fails")),
];

const fn twin(name: &'static str, run: fn(u64) -> Took) -> Workload {
    Workload {
        name,
        group: Group::Coros,
        most: MILLION,
        run,
    }
}
