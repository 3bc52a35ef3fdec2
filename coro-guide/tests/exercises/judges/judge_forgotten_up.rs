//! What is lent comes back, however it ends; and as many are lent at a time as there are.

use std::rc::Rc;

use coro_explore::{Builder, Failure, Report};

use super::super::answers::forgotten_up::Pool;
use super::all;

pub(crate) fn judge() -> Result<Report, Failure> {
    // Ann may be cancelled wherever she can be.
    let explorer = Builder::new().cancels(1).victims(["ann"]);
    all(
        &explorer,
        &[all_can_be_lent_at_a_time, one_thing_for_two, after_a_panic],
    )
}

fn all_can_be_lent_at_a_time() {
    let pool = Pool::new(vec!["red", "blue"]);
    let mut both = pool.with(|first| pool.with(|second| [*first, *second]));
    both.sort_unstable();
    assert_eq!(both, ["blue", "red"]);
}

fn one_thing_for_two() {
    let pool = Rc::new(Pool::new(vec![0]));
    let uses = ["ann", "bob"].map(|name| {
        let pool = pool.clone();
        let work = move || {
            pool.with(|count| {
                let old = *count;
                coro::cede();
                *count = old + 1;
            });
        };
        coro::Builder::new().desc(name).spawn(work)
    });
    let [ann, bob] = uses.map(|used| used.join().is_ok());
    assert!(bob, "nobody cancels him");
    let count = pool.with(|count| *count);
    assert_eq!(count, 1 + u32::from(ann), "each use counts");
}

fn after_a_panic() {
    let pool = Pool::new(vec!["red"]);
    let fall = || pool.with(|_| std::panic::resume_unwind(Box::new("falls")));
    assert!(coro::catch(fall).is_err(), "a panic goes on");
    assert_eq!(pool.with(|thing| *thing), "red");
}
