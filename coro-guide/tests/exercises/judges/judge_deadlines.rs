//! Whoever gives up, or is cancelled, no table is lost; and nobody waits longer than it said.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use coro::JoinHandle;
use coro_explore::{Builder, Failure, Report};
use coro_time::sleep;

use super::super::answers::deadlines::Restaurant;
use super::all;

const HOUR: Duration = Duration::from_secs(3600);
const FOR_EVER: Duration = Duration::MAX;

pub(crate) fn judge() -> Result<Report, Failure> {
    // When time passes only while nobody can run, who waits too long is found out.
    let limits = Builder::new().timers(0);
    all(
        &limits.victims(["bob"]),
        &[
            who_waits_blocks,
            nobody_waits_too_long,
            who_is_cancelled_goes_at_once,
        ],
    )?;
    // Ann may be cancelled wherever she can be, and a limit may be over before others have run.
    let tables = Builder::new().cancels(1);
    tables.victims(["ann"]).run(no_table_is_lost)
}

/// A restaurant with one table.
struct Evening {
    restaurant: Restaurant,
    is_taken: Cell<bool>,
}

/// Somebody is at the table.
struct Meal<'a>(&'a Evening);

impl Drop for Meal<'_> {
    fn drop(&mut self) {
        self.0.is_taken.set(false);
        self.0.restaurant.leave();
    }
}

impl Evening {
    fn new() -> Rc<Evening> {
        Rc::new(Evening {
            restaurant: Restaurant::new(1),
            is_taken: Cell::new(false),
        })
    }

    fn dine(&self, limit: Duration) -> Option<Meal<'_>> {
        self.restaurant.enter(limit).then(|| {
            assert!(!self.is_taken.replace(true), "two are at one table");
            coro::note("has the table");
            Meal(self)
        })
    }

    /// Returns whether it has eaten.
    fn visit(self: &Rc<Self>, name: &str, limit: Duration) -> JoinHandle<bool> {
        let evening = self.clone();
        coro::Builder::new().desc(name).spawn(move || {
            let meal = evening.dine(limit);
            coro::cede();
            meal.is_some()
        })
    }
}

fn who_waits_blocks() {
    let evening = Evening::new();
    let meal = evening.dine(HOUR).expect("the table is free");
    let dan = evening.visit("dan", HOUR);
    coro::cede(); // Dan waits
    assert!(
        dan.is_new() || !dan.is_ready(),
        "who waits does not stand in the ready queue"
    );
    let has_come = !dan.is_new();
    drop(meal);
    let passer_by = evening.dine(Duration::ZERO);
    assert!(
        !has_come || passer_by.is_none(),
        "the table is for who has waited longest"
    );
    drop(passer_by);
    let has_eaten = dan.join().expect("nobody cancels him");
    assert!(has_eaten, "the table is free within the limit");
}

fn nobody_waits_too_long() {
    let evening = Evening::new();
    let meal = evening.dine(HOUR).expect("the table is free");
    let theirs = evening.clone();
    let bob = coro::Builder::new().desc("bob").spawn(move || {
        let start = coro::now();
        assert!(theirs.dine(2 * HOUR).is_none(), "there is no table");
        let waited = coro::now() - start;
        assert!(waited >= 2 * HOUR, "gives up too early: {waited:?}");
        assert!(waited < 3 * HOUR, "waits too long: {waited:?}");
    });
    sleep(HOUR);
    coro::cede();
    sleep(3 * HOUR);
    bob.join().expect("nobody cancels him");
    drop(meal);
    assert!(
        evening.dine(HOUR).is_some(),
        "a table is lost to who gave up"
    );
}

fn who_is_cancelled_goes_at_once() {
    let evening = Evening::new();
    let meal = evening.dine(HOUR).expect("the table is free");
    let eve = evening.visit("eve", FOR_EVER);
    coro::cede(); // Eve waits
    eve.cancel();
    assert!(eve.is_finished(), "who is cancelled stays and waits");
    drop(meal);
    assert!(
        evening.dine(HOUR).is_some(),
        "a table is lost to who was cancelled"
    );
}

fn no_table_is_lost() {
    let evening = Evening::new();
    let meal = evening.dine(HOUR).expect("the table is free");
    let ann = evening.visit("ann", HOUR);
    let bob = evening.visit("bob", FOR_EVER);
    sleep(HOUR); // Ann's time is over at the very moment at which the table is free
    drop(meal);
    let bob = bob.join().expect("nobody cancels him");
    assert!(bob, "Bob would wait for ever, and has no table");
    _ = ann.join();
    let _meal = evening.dine(Duration::ZERO).expect("a table is lost");
    assert!(!evening.restaurant.enter(HOUR), "there is one table");
}
