//! Bodies that do what bodies seldom do, and moments that are easily left out.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::env;
use std::process::Command;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task;
use std::time::{Duration, Instant};

use coro::{Coro, Prio};
use coro_explore::{Builder, Verdict, finally, invariant};

/// Calls its closure when it goes.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Returns all that the executions of a body say.
fn outcomes<T: Ord + Send + 'static>(
    builder: &Builder,
    body: impl Fn(&dyn Fn(T)) + Send + Sync + 'static,
) -> BTreeSet<T> {
    let all = Arc::new(Mutex::new(BTreeSet::new()));
    let seen = all.clone();
    builder.check(move || {
        body(&|outcome| _ = seen.lock().expect("nobody panics").insert(outcome));
    });
    std::mem::take(&mut *all.lock().expect("nobody panics"))
}

#[test]
fn one_that_is_woken_for_nothing_may_be_ready_for_a_while() {
    // It is readied by somebody else, and a wake-up that comes then is taken for superfluous.
    let body = |other: bool| {
        move || {
            let (permits, waiter) = (
                Rc::new(Cell::new(0)),
                Rc::<RefCell<Option<Coro>>>::default(),
            );
            let (p, w) = (permits.clone(), waiter.clone());
            let c = coro::spawn(move || {
                while p.get() == 0 {
                    *w.borrow_mut() = Some(coro::current());
                    coro::schedule();
                }
            });
            let woken = c.coro().clone();
            let other = other.then(|| coro::spawn(move || _ = woken.ready()));
            coro::cede();
            coro::cede();
            if waiter.take().is_none_or(|waiter| waiter.ready()) {
                permits.set(1);
            }
            other
                .into_iter()
                .for_each(|other| other.join().expect("nobody panics"));
            c.join().expect("nobody panics");
        }
    };
    let builder = Builder::new();
    let by_another = builder.clone().spurious(0).run(body(true)).unwrap_err();
    let for_nothing = builder.spurious(1).run(body(false)).unwrap_err();
    assert_eq!(by_another.verdict(), Verdict::Deadlock);
    assert_eq!(for_nothing.verdict(), Verdict::Deadlock);
}

#[test]
fn several_coros_may_be_struck_before_anybody_runs() {
    let builder = Builder::new()
        .throws(2)
        .spurious(0)
        .delays(0)
        .victims(["v"]);
    let seen = outcomes(&builder, |say| {
        let both = [0, 1].map(|_| coro::Builder::new().desc("v").spawn(|| coro::schedule()));
        coro::cede();
        let before = both.each_ref().map(|c| c.coro().is_ready());
        coro::cede_notself();
        let after = both.each_ref().map(|c| c.coro().is_ready());
        say((before, after));
        for c in both {
            while !c.coro().is_finished() {
                c.coro().ready();
                coro::cede();
            }
        }
    });
    let all = seen.iter().flat_map(|(before, after)| [before, after]);
    let all: BTreeSet<_> = all.collect();
    assert!(all.contains(&[true, true]), "{seen:?}");
}

#[test]
fn a_cancel_reaches_a_coro_of_low_priority_at_once() {
    let builder = Builder::new()
        .delays(0)
        .spurious(0)
        .cancels(1)
        .victims(["low"]);
    let seen = outcomes(&builder, |say| {
        let log = Rc::new(RefCell::new(String::new()));
        let (l, a) = (log.clone(), log.clone());
        let low = coro::Builder::new()
            .desc("low")
            .prio(Prio::LOW)
            .spawn(move || {
                let _gone = OnDrop(|| l.borrow_mut().push('L'));
                coro::schedule();
            });
        coro::current().set_prio(Prio::MIN);
        coro::cede();
        coro::current().set_prio(Prio::NORMAL);
        let other = coro::spawn(move || a.borrow_mut().push('a'));
        other.join().expect("nobody panics");
        log.borrow_mut().push('m');
        low.coro().cancel();
        say(log.take());
    });
    // Before the other runs, and between it and the body.
    assert!(seen.contains("Lam") && seen.contains("aLm"), "{seen:?}");
}

#[test]
fn a_choice_of_very_many_is_explored_whole() {
    let seen = outcomes(&Builder::new().spurious(0), |say| say(coro::choose(70_000)));
    assert_eq!(seen.len(), 70_000);
}

#[test]
fn who_polls_by_cede_is_in_no_livelock_if_polling_can_end() {
    let report = Builder::new().max_steps(50).check(|| {
        while coro::choose(2) == 0 {
            coro::cede();
        }
    });
    assert!(!report.is_exhaustive(), "its executions have no longest");
    struct Alarm(Rc<Cell<Option<Instant>>>);
    impl coro::Timers for Alarm {
        fn fire(&mut self, now: Instant) {
            self.0.set(self.0.get().filter(|at| *at > now));
        }
        fn deadline(&self) -> Option<Instant> {
            self.0.get()
        }
    }
    Builder::new().max_steps(50).check(|| {
        let at = Rc::new(Cell::new(Some(coro::now() + Duration::from_secs(1))));
        coro::set_timers(Some(Box::new(Alarm(at.clone()))));
        while at.get().is_some() {
            coro::cede();
        }
        coro::set_timers(None);
    });
}

#[test]
fn a_timer_may_wake_by_a_waker() {
    struct Alarm(Rc<Cell<Option<Instant>>>, task::Waker);
    impl coro::Timers for Alarm {
        fn fire(&mut self, now: Instant) {
            if self.0.get().is_some_and(|at| at <= now) {
                self.0.set(None);
                self.1.wake_by_ref();
            }
        }
        fn deadline(&self) -> Option<Instant> {
            self.0.get()
        }
    }
    for wait in [Duration::ZERO, Duration::from_secs(1)] {
        Builder::new().check(move || {
            let at = Rc::new(Cell::new(Some(coro::now() + wait)));
            let waker = task::Waker::from(coro::current().waker());
            coro::set_timers(Some(Box::new(Alarm(at.clone(), waker))));
            while at.get().is_some() {
                coro::schedule();
            }
            coro::set_timers(None);
        });
    }
}

#[test]
fn coros_that_are_made_when_all_is_over_are_told_of() {
    let found = Builder::new().run(|| finally(|| drop(coro::spawn(|| ()))));
    assert_eq!(found.unwrap_err().verdict(), Verdict::Leak);
    let found = Builder::new().run(|| {
        let late = OnDrop(|| drop(coro::spawn(|| ())));
        invariant("kept", move || {
            let _kept = &late;
            true
        });
    });
    assert_eq!(found.unwrap_err().verdict(), Verdict::Leak);
}

#[test]
fn what_an_invariant_owned_may_not_panic() {
    let found = Builder::new().run(|| {
        let bad = OnDrop(|| panic!("in its destructor"));
        invariant("kept", move || {
            let _kept = &bad;
            true
        });
    });
    let found = found.unwrap_err();
    assert_eq!(found.verdict(), Verdict::Panic);
    assert!(found.details()[0].contains("in its destructor"), "{found}");
}

#[test]
fn a_body_may_suspend_main() {
    assert!(
        Builder::new()
            .check(|| coro::main().suspend())
            .is_exhaustive()
    );
}

#[test]
#[should_panic(expected = "the explorer's own coro was interrupted")]
fn a_body_that_throws_into_main_is_told_so() {
    _ = Builder::new().run(|| {
        coro::main().throw("oops");
        coro::cede();
    });
}

#[test]
fn each_coro_has_its_own_last_words() {
    let found = Builder::new().spurious(0).delays(0).run(|| {
        let other = coro::spawn(|| assert!(coro::catch(|| panic!("caught")).is_err()));
        let _switches = OnDrop(move || other.coro().join());
        panic!("the real one");
    });
    let found = found.unwrap_err();
    assert!(found.details()[0].contains("the real one"), "{found}");
}

#[test]
fn pct_on_several_os_threads_is_deterministic() {
    for seed in 0..10 {
        let builder = Builder::new().spurious(0).pct(3).seed(seed).threads(4);
        builder.max_executions(300).check(|| {
            let long = coro::choose(20);
            let work = move || (0..long).for_each(|_| coro::cede());
            let all = [0; 3].map(|_| coro::spawn(work));
            all.into_iter()
                .for_each(|c| c.join().expect("nobody panics"));
        });
    }
}

/// Runs a test that is ignored in a process of its own; returns what it prints before it aborts.
fn last_words(test: &str) -> String {
    let output = Command::new(env::current_exe().expect("we run"))
        .args(["--exact", test, "--ignored"])
        .output()
        .expect("it can be started");
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
#[ignore = "aborts, when the next test says so"]
fn coros_hand_over_for_ever() {
    let builder = Builder::new().name("for_ever").max_steps(100);
    builder.check(|| {
        let body = coro::current();
        let c = coro::spawn(move || {
            loop {
                _ = body.cede_to();
            }
        });
        loop {
            _ = c.coro().cede_to();
        }
    });
}

#[test]
fn coros_that_hand_over_for_ever_do_not_hang() {
    let text = last_words("corners::coros_hand_over_for_ever");
    assert!(
        text.contains("livelock after 0 deviations (execution 1); the process aborts"),
        "{text}"
    );
    assert!(
        text.contains("replay: CORO_SCHEDULE=v1:for_ever:@"),
        "{text}"
    );
}

#[test]
#[ignore = "aborts, when the next test says so"]
fn a_destructor_panics_while_it_unwinds() {
    Builder::new().name("twice").spurious(0).check(|| {
        let other = coro::spawn(coro::cede);
        coro::cede();
        if !other.coro().is_finished() {
            return;
        }
        let _late = OnDrop(|| panic!("in a destructor"));
        panic!("first");
    });
}

#[test]
fn what_aborts_the_process_is_told_with_its_schedule() {
    let text = last_words("corners::a_destructor_panics_while_it_unwinds");
    assert!(text.contains("; the process aborts"), "{text}");
    assert!(
        text.contains("corners.rs:") && text.contains("in a destructor"),
        "{text}"
    );
    assert!(text.contains("replay: CORO_SCHEDULE=v1:twice:"), "{text}");
}
