//! Scopes whose children come and end in whatever order.

use std::cell::Cell;
use std::mem::ManuallyDrop;

use coro::{cede, scope};

use crate::support::{defer, semaphore};

#[test]
fn a_scope_waits_for_each_child_in_whatever_order_they_come_and_end() {
    for orders in 0..8 {
        let ended = Cell::new(0);
        let gate = semaphore(0);
        scope(|s| {
            let (ended, gate) = (&ended, &gate);
            let child = move |nth: usize| {
                move || {
                    for _ in 0..nth * 7 % 5 {
                        cede();
                    }
                    if nth.is_multiple_of(3) {
                        gate.down();
                    }
                    ended.set(ended.get() + 1);
                }
            };
            for nth in 0..orders * 25 {
                s.spawn(child(nth));
                if nth % 4 == 0 {
                    // So some have ended before others come.
                    cede();
                }
            }
            s.spawn(move || {
                // While the owner waits.
                for nth in 0..200 {
                    s.spawn(child(nth));
                    cede();
                }
                (0..1_000).for_each(|_| gate.up());
            });
        });
        assert_eq!(ended.get(), orders * 25 + 200);
    }
}

#[test]
fn a_child_that_is_spawned_by_a_result_when_all_have_ended_does_not_outlive_the_scope() {
    let ended = Cell::new(0);
    scope(|s| {
        let ended = &ended;
        for _ in 0..3 {
            // The scope drops the result, as its handle does not.
            let _ = ManuallyDrop::new(s.spawn(move || {
                defer(move || {
                    let end = defer(|| ended.set(ended.get() + 1));
                    s.spawn(move || drop(end));
                })
            }));
        }
    });
    assert_eq!(ended.get(), 3);
}

#[test]
fn a_scope_waits_for_older_children_though_those_before_them_have_left_its_list() {
    let ended = Cell::new(0);
    scope(|s| {
        let ended = &ended;
        for _ in 0..10 {
            s.spawn(|| ());
        }
        s.spawn(move || {
            // The owner knows now that the first have ended.
            cede();
            for nth in 0..100 {
                s.spawn(move || {
                    (nth..100).for_each(|_| cede());
                    ended.set(ended.get() + 1);
                });
            }
        });
    });
    assert_eq!(ended.get(), 100);
}
