//! H8: what there still is of a child when its scope is left: its result, its handles, its handlers.

use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::rc::Rc;

use coro::{Coro, cede, current, schedule, scope, spawn};

use crate::hazards::h08_scopes::Lent;
use crate::support::{Log, caught, counted, die, text};

/// A result that uses what it borrows when it is dropped.
struct Result<'a>(&'a Lent);

impl Drop for Result<'_> {
    fn drop(&mut self) {
        self.0.use_by("result ");
    }
}

#[test]
fn a_result_is_dropped_in_the_scope_even_if_a_handle_outlives_it() {
    let mut kept = Vec::new();
    let text = {
        let lent = Lent::new();
        scope(|s| {
            kept.push(s.spawn(|| Result(&lent)).coro().clone());
            let forgotten = ManuallyDrop::new(s.spawn(|| Result(&lent)));
            kept.push(forgotten.coro().clone());
        });
        lent.text.take()
    };
    assert_eq!(text, "result result ");
    assert!(kept.iter().all(Coro::is_finished));
    drop(kept);
}

#[test]
fn a_joined_result_is_dropped_once_by_whoever_took_it() {
    let lent = Lent::new();
    scope(|s| {
        let result = s.spawn(|| Result(&lent)).join().unwrap();
        assert_eq!(*lent.text.borrow(), "");
        drop(result);
        assert_eq!(*lent.text.borrow(), "result ");
    });
    assert_eq!(*lent.text.borrow(), "result ");
}

#[test]
fn handles_got_by_all_do_nothing_after_the_scope() {
    let mut kept = Vec::new();
    {
        let lent = Lent::new();
        scope(|s| {
            for _ in 0..40 {
                s.spawn(|| {
                    let _user = lent.user(".");
                    cede();
                });
            }
            kept = coro::all();
            kept.retain(|c| *c != current());
        });
        assert_eq!(lent.text.borrow().len(), 40);
    }
    for c in &kept {
        assert!(c.is_finished());
        c.cancel();
        c.safe_cancel().unwrap();
        drop(c.throw("late"));
        assert!(!c.ready());
        assert!(c.schedule_to().is_err());
        c.join();
        c.resume();
    }
    cede();
    assert_eq!(coro::ready_count(), 0);
}

#[test]
fn a_child_held_by_another_coro_ends_with_its_scope() {
    let holder = {
        let lent = Lent::new();
        let held = Rc::new(RefCell::new(None::<Coro>));
        let hold = Rc::clone(&held);
        let holder = spawn(move || {
            schedule();
            let held = hold.take();
            held.is_some_and(|c: Coro| c.is_finished() && !c.ready())
        });
        cede();
        _ = caught(|| {
            scope(|s| {
                let child = s.spawn(|| {
                    let _user = lent.user("end ");
                    schedule();
                });
                *held.borrow_mut() = Some(child.coro().clone());
                cede();
                die("in the closure");
            });
        });
        holder
    };
    holder.ready();
    assert!(holder.join().unwrap());
}

#[test]
fn destroy_handlers_of_a_child_begin_before_the_scope_is_left_and_need_not_end() {
    // They borrow nothing, and a coro has ended for its joiners when they run.
    let log = Log::new();
    scope(|s| {
        s.spawn(cede).coro().on_destroy(move || {
            log.say("handler");
            cede();
            log.say("handler ends");
        });
    });
    log.say("scope left");
    cede();
    log.expect(["handler", "scope left", "handler ends"]);
}

#[test]
fn a_child_that_was_thrown_at_keeps_its_payload_until_the_scope_is_left() {
    let (value, drops) = counted();
    let payload = caught(|| {
        scope(|s| {
            let child = s.spawn(schedule);
            cede();
            drop(child.coro().throw(value));
        });
    });
    assert_eq!(text(&*payload.unwrap_err()), "a scoped coro panicked");
    assert_eq!(drops.get(), 1);
}
