//! What a program asks of a report: states, holders, circles, and who is stuck.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use coro::{
    Builder, Coro, CoroState, Holder, Prio, Wait, cede, current, schedule, spawn, wait_for,
};
use coro_sync::{Mutex, Semaphore};

use super::{deadlock, ids, row, settle};
use crate::support::{caught, fresh};

#[test]
fn each_state_is_told() {
    fresh(|| {
        let blocked = Builder::new().desc("b").prio(Prio::HIGH).spawn(schedule);
        cede();
        let (ready, spawned) = (spawn(|| ()), line!());
        let new = Builder::new().build(|| ());
        let suspended = spawn(schedule);
        suspended.suspend();
        let report = coro::report();
        let states: Vec<_> = report.coros().iter().map(|coro| coro.state()).collect();
        use CoroState::{Blocked, New, Ready, Running, Suspended};
        assert_eq!(states, [Running, Blocked, Ready, New, Suspended]);
        let b = row(&report, blocked.id());
        assert_eq!(
            (b.desc(), b.prio(), b.switches()),
            (Some("b"), Prio::HIGH, 1)
        );
        assert!(b.place().is_some() && b.wait().is_none() && b.blocked_for().is_none());
        let r = row(&report, ready.id());
        assert_eq!((r.desc(), r.place()), (None, None));
        assert_eq!((r.spawned().file(), r.spawned().line()), (file!(), spawned));
        assert_eq!(row(&report, new.id()).switches(), 0);
        blocked.cancel();
    });
}

#[test]
fn a_holder_is_told_with_the_place_where_it_took_what_it_has() {
    fresh(|| {
        let (mutex, made) = (Rc::new(Mutex::new(())), line!());
        let (_guard, taken) = (mutex.lock(), line!());
        let theirs = Rc::clone(&mutex);
        let c = spawn(move || drop(theirs.lock()));
        settle();
        let report = coro::report();
        let wait = row(&report, c.id()).wait().expect("it waits");
        assert_eq!(
            (wait.what(), wait.made().map(|p| p.line())),
            ("mutex", Some(made))
        );
        let [holder] = wait.holders() else {
            panic!("{report}");
        };
        assert_eq!(
            (holder.id(), holder.desc(), holder.ended()),
            (0, Some("main"), false)
        );
        assert_eq!(holder.place().map(|p| p.line()), Some(taken));
        assert!(report.stuck().is_empty(), "main runs, and may unlock");
        c.cancel();
    });
}

/// Waits for the ends of several coros at once, or for what they have.
struct For(RefCell<Vec<(Coro, bool)>>);

impl Wait for For {
    fn what(&self) -> &'static str {
        "several"
    }

    fn holders(&self, tell: &mut dyn FnMut(Holder)) {
        for (coro, _) in &*self.0.borrow() {
            tell(Holder::of(coro));
        }
    }
}

/// Spawns coros that wait for each other: each for those with these indices.
fn web(edges: &[&[usize]]) -> Vec<Coro> {
    let waits: Vec<_> = edges
        .iter()
        .map(|_| Rc::new(For(RefCell::default())))
        .collect();
    let spawn = |wait: &Rc<For>| {
        let wait = Rc::clone(wait);
        spawn(move || wait_for(&*wait)).coro().clone()
    };
    let coros: Vec<Coro> = waits.iter().map(spawn).collect();
    for (wait, edges) in waits.iter().zip(edges) {
        let holders = edges.iter().map(|edge| (coros[*edge].clone(), false));
        wait.0.borrow_mut().extend(holders);
    }
    settle();
    coros
}

/// Returns the circles, and who is stuck, by the indices of a [`web`].
fn found(edges: &[&[usize]]) -> (Vec<Vec<u64>>, Vec<u64>) {
    let all = web(edges);
    let report = coro::report();
    let less = |ids: Vec<u64>| ids.into_iter().map(|id| id - all[0].id()).collect();
    let cycles = report.cycles();
    let cycles = cycles
        .iter()
        .map(|cycle| less(ids(cycle.coros())))
        .collect();
    let stuck = less(ids(&report.stuck()));
    all.iter().for_each(Coro::cancel);
    (cycles, stuck)
}

#[test]
fn circles_are_found_from_their_smallest_member() {
    fresh(|| {
        assert_eq!(found(&[&[1], &[2], &[]]), (vec![], vec![]));
        let two = (vec![vec![0, 2], vec![1, 3]], vec![0, 1, 2, 3]);
        assert_eq!(found(&[&[2], &[3], &[0], &[1]]), two);
        // A tail leads into a circle, a tail out of it ends it not.
        let tail = found(&[&[1], &[2], &[3], &[1], &[]]);
        assert_eq!(tail, (vec![vec![1, 2, 3]], vec![0, 1, 2, 3]));
        let later = found(&[&[3], &[2], &[1], &[2]]);
        assert_eq!(later, (vec![vec![1, 2]], vec![0, 1, 2, 3]));
    });
}

#[test]
fn who_waits_for_several_needs_all_of_them() {
    fresh(|| {
        // One that can go on does not help if another one cannot.
        let both = found(&[&[3, 1], &[3, 0], &[3], &[]]);
        assert_eq!(both, (vec![vec![0, 1]], vec![0, 1]));
        // Told twice is told once.
        assert_eq!(found(&[&[1, 1], &[0, 0]]), (vec![vec![0, 1]], vec![0, 1]));
        assert_eq!(found(&[&[1, 1], &[]]), (vec![], vec![]));
        // Out of the first circle a way leads to a second one.
        let (cycles, stuck) = found(&[&[1], &[0, 2], &[3], &[2]]);
        assert_eq!(
            (cycles, stuck),
            (vec![vec![0, 1], vec![2, 3]], vec![0, 1, 2, 3])
        );
    });
}

#[test]
fn a_recursion_is_no_circle_but_ends_who_waits_for_it() {
    fresh(|| {
        let all = web(&[&[0], &[0], &[2, 1]]);
        let report = coro::report();
        assert!(report.cycles().is_empty());
        assert_eq!(ids(&report.recursions()), [all[0].id(), all[2].id()]);
        assert_eq!(report.stuck().len(), 3);
        all.iter().for_each(Coro::cancel);
    });
}

#[test]
fn who_is_ready_or_about_to_be_unwound_is_not_stuck() {
    fresh(|| {
        let all = web(&[&[1], &[2], &[0]]);
        assert_eq!(coro::report().stuck().len(), 3);
        all[1].ready();
        assert!(coro::report().stuck().is_empty());
        settle();
        all[1].suspend();
        assert_eq!(coro::report().cycles().len(), 0, "it has returned");
        all.iter().for_each(Coro::cancel);

        let all = web(&[&[1], &[2], &[0]]);
        all[1].suspend();
        assert_eq!(coro::report().cycles().len(), 1);
        drop(all[1].throw("wake up"));
        assert!(coro::report().stuck().is_empty());
        all.iter().for_each(Coro::cancel);
    });
}

#[test]
fn who_joins_a_coro_that_runs_its_destroy_handlers_is_not_stuck() {
    fresh(|| {
        let slow = spawn(cede);
        let joined = slow.coro().clone();
        let late = spawn(move || joined.join());
        let ready = Rc::new(Cell::new(false));
        let handler = Rc::clone(&ready);
        cede();
        slow.on_destroy(move || {
            handler.set(true);
            schedule();
        });
        settle();
        let report = coro::report();
        assert!(ready.get() && !late.is_finished());
        let holder = &row(&report, late.id()).wait().expect("it waits").holders()[0];
        assert!(holder.ended() && holder.place().is_none());
        assert!(report.stuck().is_empty(), "{report}");
        assert!(
            report
                .to_string()
                .contains("waits for the destroy handlers of #")
        );
    });
}

#[test]
fn those_who_wait_at_one_place_for_different_things_are_counted_apart() {
    fresh(|| {
        let holders = [spawn(schedule), spawn(schedule)].map(|c| c.coro().clone());
        let join = |at: usize| {
            let target = holders[at % 2].clone();
            spawn(move || target.join())
        };
        let joiners: Vec<_> = (0..14).map(join).collect();
        settle();
        let text = coro::report().to_string();
        assert_eq!(
            text.matches("4 more coros blocked on join, at ").count(),
            2,
            "{text}"
        );
        joiners.iter().for_each(|c| c.cancel());
        holders.iter().for_each(Coro::cancel);
    });
}

#[test]
fn a_deadlock_that_main_survives_can_be_asked_about() {
    fresh(|| {
        let sem = Rc::new(Semaphore::new(1));
        let theirs = Rc::clone(&sem);
        let holder = spawn(move || {
            let _permit = theirs.acquire();
            current().join();
        });
        deadlock(|| {
            cede();
            drop(sem.acquire());
        });
        let report = coro::report();
        assert_eq!(ids(&report.stuck()), [holder.id()]);
        holder.cancel();
        assert!(coro::report().stuck().is_empty());
        drop(sem.acquire());
    });
}

#[test]
fn the_stack_of_a_coro_is_measured_while_it_runs_and_while_it_does_not() {
    #[inline(never)]
    fn deep(inner: &dyn Fn()) {
        let mut bytes = [7u8; 50_000];
        std::hint::black_box(&mut bytes);
        inner();
        std::hint::black_box(&mut bytes);
    }
    fresh(|| {
        let main = coro::main();
        assert_eq!(
            (main.stack_size(), main.stack_used(), main.stack_peak()),
            (None, None, None)
        );
        let c = Builder::new().stack_size(128 * 1024).spawn(|| {
            let me = current();
            let used = || me.stack_used().expect("it runs");
            let before = used();
            deep(&|| assert!((before + 50_000..before + 60_000).contains(&used())));
            schedule();
            deep(&schedule);
        });
        assert_eq!(
            (c.stack_size(), c.stack_used(), c.stack_peak()),
            (Some(131_072), None, None)
        );
        cede();
        assert!(c.stack_used() < Some(8_000), "{:?}", c.stack_used());
        // It was deeper, and a page is the least that a system counts in.
        let peak = c.stack_peak().expect("it has run");
        assert!(
            (50_000..80_000).contains(&peak) && peak.is_multiple_of(4096),
            "{peak}"
        );
        c.ready();
        cede();
        assert!((50_000..60_000).contains(&c.stack_used().expect("it has run")));
        let coro = c.coro().clone();
        drop(caught(|| c.cancel()));
        assert_eq!(
            (coro.stack_size(), coro.stack_used(), coro.stack_peak()),
            (None, None, None)
        );
    });
}
