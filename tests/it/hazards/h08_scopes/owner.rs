//! H8: the frame of an owner that is ended, or that may not wait, stays until its children have ended.

use std::rc::Rc;

use coro::{Coro, JoinHandle, cede, schedule, scope, spawn};

use crate::hazards::h08_scopes::Lent;
use crate::support::{Log, caught, defer, fresh, in_a_process, semaphore, text};

/// The name of a way to end a coro, and the way.
type Ending = (&'static str, fn(&Coro));

/// How an owner is ended while its child is still there.
fn endings() -> [Ending; 4] {
    [
        ("cancel", |owner| owner.cancel()),
        // The second one is refused: the owner is shielded while its scope closes.
        ("safe_cancel", |owner| _ = owner.safe_cancel()),
        ("throw", |owner| drop(owner.throw("thrown"))),
        ("killall", |_| coro::killall()),
    ]
}

/// Starts an owner whose child waits for the semaphore in its destructor.
fn owner(log: Log, sem: &Rc<coro_semaphore::Semaphore>) -> JoinHandle<()> {
    let sem = Rc::clone(sem);
    let owner = spawn(move || {
        let _gone = log.mark("the owner's frame goes");
        let lent = Lent::new();
        scope(|s| {
            s.spawn(|| {
                let _user = lent.user("end ");
                let _block = defer(|| {
                    log.say("child cleans up");
                    sem.down();
                    log.say("child is done");
                });
                schedule();
            });
        });
        log.say("never");
    });
    cede();
    cede();
    owner
}

#[test]
fn an_ended_owner_waits_for_its_childs_destructor() {
    for (name, end) in endings() {
        let log = Log::new();
        let sem = semaphore(0);
        let c = owner(log, &sem);
        end(&c);
        for _ in 0..5 {
            cede();
        }
        assert!(!c.is_finished(), "{name}");
        // Again, while it waits: its frame must stay.
        end(&c);
        cede();
        c.ready();
        cede();
        assert!(!c.is_finished(), "{name}");
        sem.up();
        assert!(c.join().is_err());
        log.expect(["child cleans up", "child is done", "the owner's frame goes"]);
    }
}

#[test]
fn an_owner_that_nobody_holds_keeps_its_frame_until_its_child_has_ended() {
    fresh(|| {
        let log = Log::new();
        let sem = semaphore(0);
        drop(owner(log, &sem));
        for _ in 0..5 {
            cede();
        }
        // The child and its owner are held by nobody but each other.
        sem.up();
        let left = coro::shutdown();
        assert!(left.is_empty(), "{left:?}");
        log.expect(["child cleans up", "child is done", "the owner's frame goes"]);
    });
}

#[test]
fn a_scope_where_nothing_may_switch_drops_its_children_uncalled_and_panics() {
    let lent = Lent::new();
    let lent = &lent;
    let payload = caught(|| {
        coro::no_switch(|| {
            scope(|s| {
                let unused = lent.user("dropped ");
                s.spawn(move || {
                    let _unused = unused;
                    lent.use_by("never ");
                });
            });
        });
    });
    assert!(text(&*payload.unwrap_err()).starts_with("cannot switch inside no_switch"));
    assert_eq!(*lent.text.borrow(), "dropped ");
}

#[test]
fn a_deadlock_in_main_ends_the_children_before_it_is_raised() {
    in_a_process(
        "hazards::h08_scopes::owner::a_deadlock_in_main_ends_the_children_before_it_is_raised",
        || {
            fresh(|| {
                let lent = Lent::new();
                let payload = caught(|| {
                    scope(|s| {
                        let child = s.spawn(|| {
                            let _user = lent.user("end ");
                            schedule();
                        });
                        child.coro().suspend();
                    })
                });
                assert!(text(&*payload.unwrap_err()).starts_with("deadlock"));
            });
        },
    );
}
