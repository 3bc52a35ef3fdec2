//! One job after the other: what the products cost that are not shared out.

use coro_benches::workload::{Run, Took};

use super::Program;
use crate::product::{Elem, Job, Row, measure};
use crate::workload::Workload;

pub(super) const PROGRAM: Program = Program { run, block: None };

fn run(workload: Workload) -> Option<Run> {
    match workload {
        Workload::MatmulElem => Some(matmul::<Elem>),
        Workload::MatmulRow => Some(matmul::<Row>),
        _ => None,
    }
}

fn matmul<J: Job>(ops: u64) -> Took {
    measure(ops, |product| {
        for number in 0..J::COUNT {
            J::place(product, J::work(number));
        }
    })
}
