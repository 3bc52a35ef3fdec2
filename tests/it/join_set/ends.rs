//! How the coros of a join set end before their time: `cancel_all`, the drop of the set, and what `detach_all` spares.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use coro::{Coro, cede, no_switch, schedule, shield, spawn};
use coro_channel::JoinSet;

use crate::join_set::{blocked, joiner, set, values};
use crate::signal::settle;
use crate::support::{Log, caught, counted, defer, die, fresh, in_a_process, outcome};

#[test]
fn cancel_all_cancels_each_the_oldest_first_and_leaves_them_to_be_joined() {
    let log = Log::new();
    let set = JoinSet::new();
    for name in ["a", "b", "c"] {
        set.spawn(move || {
            let _mark = log.mark(name);
            schedule();
        });
    }
    settle();
    let new = set.spawn(move || log.say("never"));
    set.cancel_all();
    log.expect(["a", "b", "c"]);
    assert!(new.is_finished());
    assert_eq!(set.len(), 4);
    while let Some(result) = no_switch(|| set.join_next()) {
        assert!(result.unwrap_err().is_cancelled());
    }
    set.cancel_all();
}

#[test]
fn an_interruption_of_who_cancels_all_is_raised_when_all_are_cancelled() {
    let set = Rc::new(JoinSet::new());
    let canceller = Rc::new(Cell::new(None::<Coro>));
    let victims = [0, 1, 2].map(|_| {
        let canceller = canceller.clone();
        set.spawn(move || {
            let _throws = defer(move || {
                if let Some(canceller) = canceller.take() {
                    canceller.throw("ex");
                }
            });
            schedule();
        })
    });
    settle();
    let theirs = set.clone();
    let c = spawn(move || outcome(|| theirs.cancel_all()));
    canceller.set(Some(c.coro().clone()));
    assert_eq!(c.join().unwrap(), "ex");
    assert!(victims.iter().all(|c| c.is_finished()));
}

#[test]
fn a_coro_of_the_set_that_cancels_all_is_the_last() {
    let log = Log::new();
    let set = Rc::new(JoinSet::new());
    let theirs = set.clone();
    set.spawn(move || {
        let _mark = log.mark("self");
        cede();
        theirs.cancel_all();
        log.say("goes on");
    });
    set.spawn(move || {
        let _mark = log.mark("other");
        schedule();
    });
    settle();
    log.expect(["other", "self"]);
    assert_eq!(set.len(), 2);
    while let Some(result) = set.join_next() {
        assert!(result.unwrap_err().is_cancelled());
    }
}

#[test]
fn cancel_all_where_nothing_may_switch_ends_them_at_their_turn() {
    let set = set();
    let c = blocked(&set, 1);
    no_switch(|| set.cancel_all());
    assert!(c.is_ready() && !c.is_finished());
    assert!(set.join_next().unwrap().unwrap_err().is_cancelled());
}

/// Makes a set with coros in every state: blocked, ready, new, shielded.
fn motley(log: Log) -> (JoinSet<()>, [Coro; 4]) {
    let set = JoinSet::new();
    let blocks = set.spawn(move || {
        let _mark = log.mark("blocked");
        schedule();
    });
    let readied = set.spawn(move || {
        let _mark = log.mark("ready");
        schedule();
    });
    let shielded = set.spawn(move || {
        let _mark = log.mark("shielded");
        shield(schedule);
        schedule();
    });
    settle();
    readied.ready();
    let mark = log.mark("new");
    let new = set.spawn(move || drop(mark));
    (set, [blocks, readied, new, shielded])
}

#[test]
fn to_drop_the_set_ends_all_at_their_turn_and_never_switches() {
    let contexts: [fn(JoinSet<()>); 4] = [
        drop,
        |set| no_switch(|| drop(set)),
        |set| {
            let result = caught(move || {
                let _set = set;
                die("with a set");
            });
            assert!(result.is_err());
        },
        |set| {
            let c = spawn(move || {
                let _set = set;
                schedule();
            });
            coro::cede_notself();
            c.cancel();
            assert!(c.is_finished());
        },
    ];
    for (n, context) in contexts.into_iter().enumerate() {
        let log = Log::new();
        let (set, all) = motley(log);
        if n == 3 {
            // The new one has run by then.
            all[2].cancel();
            all[1].suspend();
        }
        context(set);
        log.expect(["new"]);
        assert!(all[2].is_finished());
        assert!(!all[0].is_finished() && !all[1].is_finished());
        settle();
        log.expect(if n == 3 {
            ["blocked", "ready"]
        } else {
            ["ready", "blocked"]
        });
        assert!(!all[3].is_finished());
        all[3].ready();
        settle();
        log.expect(["shielded"]);
        assert!(all.iter().all(|c| c.is_finished()));
    }
}

#[test]
fn a_coro_of_the_set_may_drop_it_and_ends_at_its_next_switch_point() {
    let log = Log::new();
    let set = Rc::new(JoinSet::new());
    let theirs = set.clone();
    let c = set.spawn(move || {
        cede();
        drop(theirs);
        log.say("goes on");
        cede();
        log.say("never");
    });
    let other = set.spawn(schedule);
    cede();
    drop(set);
    settle();
    log.expect(["goes on"]);
    assert!(c.is_finished() && other.is_finished());
}

#[test]
fn results_that_nobody_took_are_dropped_with_the_set() {
    let set = JoinSet::new();
    let (value, drops) = counted();
    set.spawn(move || value);
    settle();
    assert_eq!(drops.get(), 0);
    drop(set);
    assert_eq!(drops.get(), 1);
    let set = JoinSet::new();
    let (value, drops) = counted();
    let c = set.spawn(move || {
        shield(schedule);
        value
    });
    settle();
    drop(set);
    c.ready();
    settle();
    assert!(c.is_finished());
    assert_eq!(drops.get(), 1);
}

#[test]
fn who_was_detached_goes_on_alone() {
    let log = Log::new();
    let set = set();
    let all = [1, 2].map(|n| blocked(&set, n));
    let _joiners = ["a", "b"].map(|name| joiner(log, name, &set));
    let held_by_nobody = {
        let gone = Rc::new(Cell::new(false));
        let seen = gone.clone();
        set.spawn(move || {
            let _gone = defer(move || seen.set(true));
            schedule();
            3
        });
        settle();
        gone
    };
    all[0].cancel();
    no_switch(|| set.detach_all());
    assert!(set.is_empty());
    settle();
    log.expect(["a: nothing", "b: nothing"]);
    assert!(held_by_nobody.get());
    let next = set.spawn(|| 4);
    drop(next);
    assert!(!all[1].is_finished());
    all[1].ready();
    settle();
    assert!(all[1].is_finished());
    assert_eq!(values(&set), [4], "what was detached is not reported");
}

#[test]
fn those_who_wait_when_all_are_detached_get_nothing() {
    let log = Log::new();
    let set = set();
    let _member = blocked(&set, 1);
    let _joiners = ["a", "b"].map(|name| joiner(log, name, &set));
    no_switch(|| set.detach_all());
    settle();
    log.expect(["a: nothing", "b: nothing"]);
}

#[test]
fn a_set_that_goes_with_its_thread_leaves_its_coros_as_they_are() {
    thread_local! {
        static KEPT: RefCell<Option<JoinSet<()>>> = const { RefCell::new(None) };
    }
    in_a_process(
        "join_set::ends::a_set_that_goes_with_its_thread_leaves_its_coros_as_they_are",
        || {
            fresh(|| {
                KEPT.with_borrow(|kept| assert!(kept.is_none()));
                let set = JoinSet::new();
                set.spawn(|| {
                    let _unwound = defer(|| std::process::abort());
                    schedule();
                });
                set.spawn(|| {
                    let _unwound = defer(|| std::process::abort());
                    shield(schedule);
                });
                settle();
                set.spawn(|| std::process::abort());
                KEPT.set(Some(set));
            });
        },
    );
}
