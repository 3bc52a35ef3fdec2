//! H8: children that do not want to end: they are waited for, or the process ends.

use coro::{cede, schedule, scope};

use crate::hazards::h08_scopes::Lent;
use crate::programs::aborts;
use crate::support::{caught, defer, die, text};

#[test]
fn a_suspended_child_is_ended_all_the_same() {
    let lent = Lent::new();
    let payload = caught(|| {
        scope(|s| {
            let child = s.spawn(|| {
                let _user = lent.user("end ");
                schedule();
            });
            cede();
            child.coro().suspend();
            die("in the closure");
        });
    });
    assert_eq!(text(&*payload.unwrap_err()), "in the closure");
    assert_eq!(*lent.text.borrow(), "end ");
}

#[test]
fn a_child_that_swallows_some_cancels_is_waited_for() {
    let lent = Lent::new();
    let payload = caught(|| {
        scope(|s| {
            s.spawn(|| {
                let _user = lent.user("end");
                for _ in 0..500 {
                    _ = caught(schedule);
                }
            });
            cede();
            die("in the closure");
        });
    });
    assert!(payload.is_err());
    assert_eq!(*lent.text.borrow(), "end");
}

#[test]
fn a_child_that_swallows_every_cancel_ends_the_process_and_is_named() {
    let complaint = aborts(
        "hazards::h08_scopes::stubborn::a_child_that_swallows_every_cancel_ends_the_process_and_is_named",
        || {
            scope(|s| {
                let child = s.spawn(|| {
                    loop {
                        _ = caught(schedule);
                    }
                });
                child.coro().set_desc("deaf");
                cede();
                die("in the closure");
            })
        },
    );
    assert!(complaint.contains("\"deaf\""), "{complaint}");
    assert!(complaint.contains("stubborn.rs"), "{complaint}");
    assert!(complaint.contains("swallows every cancel"), "{complaint}");
}

#[test]
fn a_child_whose_destructor_waits_for_ever_ends_the_process_and_is_named() {
    let complaint = aborts(
        "hazards::h08_scopes::stubborn::a_child_whose_destructor_waits_for_ever_ends_the_process_and_is_named",
        || {
            scope(|s| {
                let child = s.spawn(|| {
                    let _block = defer(|| {
                        loop {
                            schedule();
                        }
                    });
                    schedule();
                });
                child.coro().set_desc("stuck");
                cede();
                die("in the closure");
            })
        },
    );
    assert!(complaint.contains("\"stuck\""), "{complaint}");
    assert!(
        complaint.contains("a deadlock keeps it from its end"),
        "{complaint}"
    );
}

#[test]
fn a_shielded_child_that_waits_for_ever_ends_the_process_and_is_named() {
    let complaint = aborts(
        "hazards::h08_scopes::stubborn::a_shielded_child_that_waits_for_ever_ends_the_process_and_is_named",
        || {
            scope(|s| {
                let child = s.spawn(|| coro::shield(schedule));
                child.coro().set_desc("shielded");
                cede();
                die("in the closure");
            })
        },
    );
    assert!(complaint.contains("\"shielded\""), "{complaint}");
}
