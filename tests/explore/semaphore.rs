//! The semaphore: permits are conserved, all are served, and the fair form keeps the order.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use coro::JoinHandle;
use coro_channel::select;
use coro_explore::{Builder, invariant};
use coro_sync::Semaphore;
use coro_sync::time::sleep;

const SECOND: Duration = Duration::from_secs(1);

/// Explores all, and says how much that was: with an interruption of each kind and a spurious wake-up
/// at any points, and with two spurious wake-ups.
fn prove(body: impl Fn() + Send + Sync + Clone + 'static) {
    let twice = Builder::new().spurious(2).throws(1).cancels(1);
    let all = Builder::new()
        .throws(1)
        .cancels(1)
        .safe_cancels(1)
        .timeouts(1);
    explore([("twice", twice), ("all", all)], body);
}

/// The same for what has more schedules: with two kinds of interruption at a time.
fn prove_in_parts(body: impl Fn() + Send + Sync + Clone + 'static) {
    let hard = Builder::new().spurious(2).throws(1).cancels(1);
    let soft = Builder::new().safe_cancels(1).timeouts(1);
    explore([("hard", hard), ("soft", soft)], body);
}

fn explore<const N: usize>(
    budgets: [(&str, Builder); N],
    body: impl Fn() + Send + Sync + Clone + 'static,
) {
    let thread = std::thread::current();
    for (kind, builder) in budgets {
        let name = format!("{}_{kind}", thread.name().unwrap_or_default());
        let report = builder
            .name(&name)
            .max_executions(1_000_000)
            .check(body.clone());
        println!("{name}: {report}");
        assert!(report.is_exhaustive(), "{name}: {report}");
    }
}

fn spawn(name: &str, f: impl FnOnce() + 'static) -> JoinHandle<()> {
    coro::Builder::new().desc(name).spawn(f)
}

fn join(all: impl IntoIterator<Item = JoinHandle<()>>) {
    all.into_iter().for_each(|coro| _ = coro.join());
}

/// Counts those who are between two points, however they leave.
struct Inside(Rc<Cell<usize>>);

impl Inside {
    fn enter(count: &Rc<Cell<usize>>) -> Inside {
        count.set(count.get() + 1);
        Inside(count.clone())
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// A permit that is given to a waiter that is then interrupted must reach the other one, and come
/// back in the end. In the fair form, those who are served are served in the order of arrival.
fn a_permit_goes_round(semaphore: Semaphore, in_order: bool) {
    let semaphore = Rc::new(semaphore);
    let inside = Rc::new(Cell::new(0));
    let seen = inside.clone();
    invariant("one at a time", move || seen.get() <= 1);
    let (arrived, served) = (
        Rc::<RefCell<Vec<_>>>::default(),
        Rc::<RefCell<Vec<_>>>::default(),
    );
    let permit = semaphore.acquire();
    let all = ["a", "b"].map(|name| {
        let (semaphore, inside) = (semaphore.clone(), inside.clone());
        let (arrived, served) = (arrived.clone(), served.clone());
        spawn(name, move || {
            arrived.borrow_mut().push(name);
            let _permit = semaphore.acquire();
            served.borrow_mut().push(name);
            let _inside = Inside::enter(&inside);
            coro::cede();
        })
    });
    coro::cede();
    drop(permit);
    join(all);
    assert_eq!((semaphore.count(), semaphore.waiters()), (1, 0));
    let (mut arrived, served) = (arrived.take(), served.take());
    arrived.retain(|name| served.contains(name));
    assert!(!in_order || arrived == served, "{served:?}");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_permit_goes_to_the_next_and_comes_back() {
    prove(|| a_permit_goes_round(Semaphore::new(1), false));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_fair_permit_goes_to_the_next_in_the_order_of_arrival() {
    prove(|| a_permit_goes_round(Semaphore::fair(1), true));
}

/// Who wants two and who wants one: when either is interrupted, the other gets what was there for
/// both. What is not taken is in the count.
fn permits_suffice(semaphore: Semaphore) {
    let semaphore = Rc::new(semaphore);
    let taken = Rc::new(Cell::new(0));
    let all = [("two", 2), ("one", 1)].map(|(name, permits)| {
        let (semaphore, taken) = (semaphore.clone(), taken.clone());
        spawn(name, move || {
            semaphore.down_many(permits as usize);
            taken.set(taken.get() + permits);
        })
    });
    coro::cede();
    semaphore.up();
    coro::cede();
    semaphore.adjust(2);
    join(all);
    let left = (semaphore.count(), semaphore.waiters());
    assert_eq!(left, (3 - taken.get(), 0));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn permits_for_many_are_neither_lost_nor_doubled() {
    prove(|| permits_suffice(Semaphore::new(0)));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn fair_permits_for_many_are_neither_lost_nor_doubled() {
    prove(|| permits_suffice(Semaphore::fair(0)));
}

/// The one who wants two came first, and goes away: what was too little for it is enough for the
/// one behind, for whom nobody raises the count again.
fn a_waiter_for_many_makes_way(semaphore: Semaphore) {
    let semaphore = Rc::new(semaphore);
    let [theirs, others] = [semaphore.clone(), semaphore.clone()];
    let two = spawn("two", move || theirs.down_many(2));
    let one = spawn("one", move || others.down());
    coro::cede();
    semaphore.up();
    two.coro().cancel();
    join([two, one]);
    assert_eq!(semaphore.waiters(), 0);
}

#[test]
fn who_waits_for_many_and_leaves_makes_way() {
    prove(|| a_waiter_for_many_makes_way(Semaphore::new(0)));
}

#[test]
fn who_waits_for_many_fair_ones_and_leaves_makes_way() {
    prove(|| a_waiter_for_many_makes_way(Semaphore::fair(0)));
}

/// One who wants two collects them, however often somebody comes who wants one and does not wait.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn nobody_comes_by_a_waiter_of_the_fair_form() {
    prove_in_parts(|| {
        let semaphore = Rc::new(Semaphore::fair(0));
        let seen = semaphore.clone();
        invariant("S2: nothing to come by for", move || {
            seen.waiters() == 0 || seen.count() <= 0
        });
        let [theirs, others] = [semaphore.clone(), semaphore.clone()];
        let stolen = Rc::new(Cell::new(0));
        let steals = stolen.clone();
        let two = spawn("two", move || drop(theirs.acquire_many(2)));
        let thief = spawn("thief", move || {
            for _ in 0..2 {
                if let Some(permit) = others.try_acquire() {
                    steals.set(steals.get() + usize::from(others.waiters() > 0));
                    coro::cede();
                    drop(permit);
                }
                coro::cede();
            }
        });
        for _ in 0..2 {
            coro::cede();
            semaphore.up();
        }
        join([two, thief]);
        assert_eq!(
            (semaphore.count(), semaphore.waiters(), stolen.get()),
            (2, 0, 0)
        );
    });
}

/// The permit that woke a waiter is gone when it runs: it waits again, and is woken again.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn who_finds_that_somebody_came_by_waits_again() {
    prove(|| {
        let semaphore = Rc::new(Semaphore::new(0));
        let theirs = semaphore.clone();
        let waiter = spawn("waiter", move || theirs.acquire_rc().forget());
        let theirs = semaphore.clone();
        let thief = spawn("thief", move || {
            let permit = theirs.try_acquire_rc();
            coro::cede();
            drop(permit);
        });
        coro::cede();
        semaphore.up();
        let took = waiter.join().is_ok();
        join([thief]);
        let left = (semaphore.count(), semaphore.waiters());
        assert_eq!(left, (isize::from(!took), 0));
    });
}

/// One permit, which none of those who wait for it to be there takes.
fn a_permit_is_seen(semaphore: Semaphore) {
    let semaphore = Rc::new(semaphore);
    let all = ["a", "b"].map(|name| {
        let semaphore = semaphore.clone();
        spawn(name, move || semaphore.wait())
    });
    coro::cede();
    semaphore.up();
    join(all);
    assert_eq!((semaphore.count(), semaphore.waiters()), (1, 0));
}

#[test]
fn all_who_wait_for_a_permit_to_be_there_see_it() {
    prove(|| a_permit_is_seen(Semaphore::new(0)));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn all_who_wait_for_a_fair_permit_to_be_there_see_it() {
    prove(|| a_permit_is_seen(Semaphore::fair(0)));
}

/// A callback takes a permit within the `up`, in its turn; those before and behind it get theirs.
fn a_callback_stands_in_line(semaphore: Semaphore) {
    let semaphore = Rc::new(semaphore);
    let taken = Rc::new(Cell::new(0));
    let down = |name| {
        let (semaphore, taken) = (semaphore.clone(), taken.clone());
        spawn(name, move || {
            semaphore.down();
            taken.set(taken.get() + 1);
        })
    };
    let first = down("first");
    let (theirs, count) = (semaphore.clone(), taken.clone());
    let caller = spawn("caller", move || {
        let semaphore = theirs.clone();
        theirs.wait_with(move || count.set(count.get() + isize::from(semaphore.try_down())));
    });
    let last = down("last");
    coro::cede();
    (0..3).for_each(|_| semaphore.up());
    join([first, caller, last]);
    let left = (semaphore.count(), semaphore.waiters());
    assert_eq!(left, (3 - taken.get(), 0));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_callback_has_its_turn_among_the_coros() {
    prove_in_parts(|| a_callback_stands_in_line(Semaphore::new(0)));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_callback_has_its_turn_among_the_coros_of_the_fair_form() {
    prove_in_parts(|| a_callback_stands_in_line(Semaphore::fair(0)));
}

/// A limit ends at the moment at which the permits come back: who was given them before it ran has
/// them in time, and else takes none along.
fn a_limit_ends(semaphore: Semaphore, fair: bool) {
    let semaphore = Rc::new(semaphore);
    let (is_first, is_given) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(false)));
    let permits = semaphore.acquire_many(2);
    let (theirs, first, given) = (semaphore.clone(), is_first.clone(), is_given.clone());
    let hasty = spawn("hasty", move || {
        first.set(theirs.waiters() == 0);
        let result = theirs.acquire_many_timeout(2, SECOND);
        assert!(result.is_ok() || !given.get(), "who is given it has it");
    });
    let theirs = semaphore.clone();
    let patient = spawn("patient", move || _ = theirs.acquire_rc_timeout(2 * SECOND));
    sleep(SECOND);
    is_given.set(fair && is_first.get() && semaphore.waiters() == 2);
    drop(permits);
    join([hasty, patient]);
    assert_eq!((semaphore.count(), semaphore.waiters()), (2, 0));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_limit_that_ends_takes_nothing_along() {
    prove(|| a_limit_ends(Semaphore::new(2), false));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_limit_of_the_fair_form_that_ends_takes_nothing_along() {
    prove(|| a_limit_ends(Semaphore::fair(2), true));
}

/// Who only waits for a permit to be there, with a limit, and who takes it if it is there at once.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_limit_that_ends_keeps_nobody_else_waiting() {
    prove(|| {
        let semaphore = Rc::new(Semaphore::new(0));
        let theirs = semaphore.clone();
        let looker = spawn("looker", move || _ = theirs.wait_timeout(SECOND));
        let theirs = semaphore.clone();
        let taker = spawn("taker", move || {
            let at_once = theirs.down_timeout(Duration::ZERO);
            if at_once.is_ok() || theirs.down_many_timeout(1, 3 * SECOND).is_ok() {
                theirs.up();
            }
        });
        sleep(SECOND);
        semaphore.up();
        join([looker, taker]);
        assert_eq!((semaphore.count(), semaphore.waiters()), (1, 0));
    });
}

/// A select that is given permits of two semaphores gives one of them on.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_select_gives_on_what_it_does_not_take() {
    prove(|| {
        let both = Rc::new((Semaphore::new(0), Semaphore::fair(0)));
        let theirs = both.clone();
        let selector = spawn("selector", move || {
            select! {
                () = theirs.0.down_arm() => theirs.0.up(),
                permit = theirs.1.acquire_arm() => drop(permit),
            }
        });
        let theirs = both.clone();
        let other = spawn("other", move || {
            let permit = theirs.0.acquire();
            coro::cede();
            drop(permit);
            drop(theirs.1.acquire());
        });
        coro::cede();
        both.0.up();
        both.1.up();
        join([selector, other]);
        let look = |semaphore: &Semaphore| (semaphore.count(), semaphore.waiters());
        assert_eq!((look(&both.0), look(&both.1)), ((1, 0), (1, 0)));
    });
}

/// A select whose permit somebody took before it ran waits on, and gets it when it is given back.
#[test]
#[cfg_attr(debug_assertions, ignore = "for optimised builds")]
fn a_select_that_is_woken_in_vain_waits_again() {
    prove(|| {
        let both = Rc::new((Semaphore::new(0), Semaphore::new(0)));
        let theirs = both.clone();
        let selector = spawn("selector", move || {
            select! {
                () = theirs.0.down_arm() => theirs.0.up(),
                () = theirs.1.down_arm() => unreachable!("nobody raises it"),
            }
        });
        let theirs = both.clone();
        let thief = spawn("thief", move || {
            let permit = theirs.0.try_acquire();
            coro::cede();
            drop(permit);
        });
        coro::cede();
        both.0.up();
        join([selector, thief]);
        assert_eq!((both.0.count(), both.0.waiters()), (1, 0));
    });
}
