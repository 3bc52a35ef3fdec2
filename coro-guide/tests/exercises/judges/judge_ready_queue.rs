//! All results are there, in the order of the jobs, and the jobs run at the same time.

use std::rc::Rc;

use coro_explore::{Builder, Failure, Report};
use coro_sync::Semaphore;

use super::super::answers::ready_queue::{Job, do_all};

pub(crate) fn judge() -> Result<Report, Failure> {
    Builder::new().run(|| {
        assert!(do_all(Vec::new()).is_empty(), "no jobs, no results");
        let asked = Rc::new(Semaphore::new(0));
        let answered = Rc::new(Semaphore::new(0));
        let (question, answer) = (asked.clone(), answered.clone());
        // The first cannot end before the second has begun, nor the second before the first has.
        let asks: Job = Box::new(move || {
            question.up();
            answer.down();
            1
        });
        let answers: Job = Box::new(move || {
            asked.down();
            answered.up();
            coro::cede();
            2
        });
        let results = do_all(vec![asks, answers]);
        assert_eq!(results, [1, 2], "the results, in the order of the jobs");
    })
}
