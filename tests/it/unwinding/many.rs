//! Many that unwind, or wait while others do.

use std::cell::Cell;
use std::rc::Rc;

use coro::{cede, current, schedule, spawn};

use super::blocks_in_its_destructor;
use crate::support::{Log, semaphore};

#[test]
fn what_waits_for_an_unwinding_is_raised_in_the_order_in_which_it_came() {
    let log = Log::new();
    let sem = semaphore(0);
    let parked = blocks_in_its_destructor(log, &sem, schedule);
    parked.cancel();
    log.expect(["cleanup begins"]);
    let names = ["0", "1", "2", "3", "4", "5"];
    let coros = names.map(|name| {
        spawn(move || {
            let wait = || {
                while current().desc().is_none() {
                    schedule();
                }
            };
            if coro::catch(wait).is_err() {
                log.say(name);
            }
        })
    });
    cede();
    for at in [4, 1, 5, 0, 3, 2] {
        coros[at].coro().throw(());
    }
    cede();
    // Whoever ends meanwhile is no longer kept, from wherever in the order it goes.
    for at in [5, 4, 2] {
        coros[at].coro().set_desc("leaves");
        coros[at].coro().ready();
        cede();
        assert!(coros[at].is_finished());
        assert_eq!(coros[at].coro().handle_count(), 1);
    }
    log.expect([]);
    sem.up();
    cede();
    cede();
    log.expect(["cleanup ends", "outer local", "1", "0", "3"]);
    assert!(parked.is_finished() && coros.iter().all(|c| c.is_finished()));
}

#[test]
fn who_has_blocked_while_another_unwinds_is_not_kept_wherever_it_came() {
    let log = Log::new();
    let sem = semaphore(0);
    let parked = blocks_in_its_destructor(log, &sem, schedule);
    parked.cancel();
    let others = [(); 6].map(|()| spawn(schedule));
    cede();
    for at in [2, 0, 5, 1, 4] {
        others[at].coro().ready();
        cede();
        assert!(others[at].is_finished());
        assert_eq!(others[at].coro().handle_count(), 1);
    }
    // Still in doubt, like one that has blocked since.
    assert!(others[3].coro().handle_count() > 1);
    let sure = spawn(|| {
        let wait = || {
            while current().desc().is_none() {
                schedule();
            }
        };
        coro::catch(wait).unwrap_err();
    });
    cede();
    sure.coro().throw(());
    cede();
    assert!(!sure.is_finished());
    sem.up();
    cede();
    cede();
    assert!(parked.is_finished() && sure.is_finished());
    assert_eq!(others[3].coro().handle_count(), 1);
}

#[test]
fn a_throw_is_late_in_each_unwinding_of_others_and_is_raised_after_each() {
    let log = Log::new();
    let caught = Rc::new(Cell::new(0));
    let theirs = caught.clone();
    let victim = spawn(move || {
        while theirs.get() < 3 {
            if coro::catch(schedule).is_err() {
                theirs.set(theirs.get() + 1);
            }
        }
    });
    for round in 0..3 {
        let sem = semaphore(0);
        let parked = blocks_in_its_destructor(log, &sem, schedule);
        parked.cancel();
        // It blocks anew, when somebody unwinds already.
        victim.coro().ready();
        cede();
        victim.coro().throw(());
        cede();
        assert_eq!(caught.get(), round);
        sem.up();
        cede();
        cede();
        assert_eq!(caught.get(), round + 1);
        assert!(parked.is_finished());
    }
    victim.join().unwrap();
}
