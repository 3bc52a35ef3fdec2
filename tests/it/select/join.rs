//! The join arm of a select, and that selects leave nothing behind: no entry, no memory.

use std::process::Command;
use std::rc::Rc;

use coro::{Coro, JoinHandle, cede, schedule, spawn};
use coro_channel::{Arm, Channel, Select, join_arm, select};
use coro_semaphore::Semaphore;

use crate::semaphore::interrupted::HITS;
use crate::semaphore::settle;
use crate::support::{Log, defer, fresh, in_a_process};

/// A select for the end of `target`, or for a permit.
fn joins(target: &Coro, sem: &Rc<Semaphore>) -> JoinHandle<&'static str> {
    let (target, sem) = (target.clone(), sem.clone());
    let c = spawn(move || {
        select! {
            () = join_arm(&target) => "joined",
            () = sem.down_arm() => "lowered",
        }
    });
    cede();
    c
}

#[test]
fn a_coro_that_has_ended_can_be_had_at_once() {
    let sem = Semaphore::new(0);
    let (ended, cancelled) = (spawn(|| ()), spawn(schedule));
    settle();
    cancelled.cancel();
    for c in [ended.coro(), cancelled.coro()] {
        coro::no_switch(|| {
            select! {
                () = join_arm(c) => {}
                () = sem.down_arm() => unreachable!(),
            }
        });
    }
}

#[test]
fn any_end_of_the_coro_takes_the_arm_of_all_who_wait() {
    let ends: [fn(&Coro); 3] = [
        |c| assert!(c.ready()),
        |c| c.cancel(),
        |c| drop(c.throw("ex")),
    ];
    for end in ends {
        let sem = Rc::new(Semaphore::new(0));
        let target = spawn(schedule);
        cede();
        let all = [(); 3].map(|()| joins(target.coro(), &sem));
        assert_eq!(sem.waiters(), 3);
        end(target.coro());
        settle();
        for c in all {
            assert_eq!(c.join().unwrap(), "joined");
        }
        assert_eq!((sem.count(), sem.waiters()), (0, 0));
    }
}

#[test]
fn a_join_arm_that_lost_is_not_readied_at_the_end() {
    let log = Log::new();
    let sem = Rc::new(Semaphore::new(0));
    let target = spawn(schedule);
    cede();
    let (held, theirs) = (target.coro().clone(), sem.clone());
    let c = spawn(move || {
        select! {
            () = join_arm(&held) => unreachable!(),
            () = theirs.down_arm() => {}
        }
        schedule();
        log.say("readied");
    });
    cede();
    sem.up();
    settle();
    target.cancel();
    settle();
    log.expect([]);
    c.ready();
    settle();
    log.expect(["readied"]);
}

#[test]
fn two_join_arms_of_one_coro_that_lost_are_both_forgotten() {
    let log = Log::new();
    let sem = Rc::new(Semaphore::new(0));
    let target = spawn(schedule);
    cede();
    let (held, theirs) = (target.coro().clone(), sem.clone());
    let c = spawn(move || {
        select! {
            () = join_arm(&held) => unreachable!(),
            () = join_arm(&held) => unreachable!(),
            () = theirs.down_arm() => {}
        }
        schedule();
        log.say("readied");
    });
    cede();
    sem.up();
    settle();
    target.cancel();
    settle();
    log.expect([]);
    c.cancel();
}

#[test]
fn an_interrupted_select_is_not_readied_by_the_end_of_the_coro_it_would_join() {
    for (how, hit) in HITS {
        let log = Log::new();
        let target = spawn(schedule);
        cede();
        let held = target.coro().clone();
        let c = spawn(move || {
            let _blocks = defer(|| {
                schedule();
                log.say("readied");
            });
            select! { () = join_arm(&held) => () }
        });
        cede();
        hit(c.coro());
        settle();
        assert!(!c.is_finished(), "{how}: it blocks in a destructor");
        target.cancel();
        settle();
        assert!(!c.is_finished(), "{how}");
        c.ready();
        settle();
        log.expect(["readied"]);
    }
}

#[test]
fn who_safely_cancels_a_select_goes_on_waiting_for_the_same_end() {
    let sem = Rc::new(Semaphore::new(0));
    let target = spawn(schedule);
    cede();
    let c = joins(target.coro(), &sem);
    let held = target.coro().clone();
    let canceller = spawn(move || {
        let joiner = held.joiner();
        assert!(c.safe_cancel().is_ok());
        while !held.is_finished() {
            coro::wait_for(&joiner);
        }
    });
    settle();
    target.cancel();
    settle();
    assert!(canceller.is_finished());
}

/// Returns the resident pages of this process but for those of files; `None` where the system does
/// not tell.
fn resident() -> Option<usize> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let mut pages = statm.split(' ').map(|field| field.parse::<usize>().ok());
    let (resident, shared) = (pages.nth(1)??, pages.next()??);
    Some(resident - shared)
}

#[test]
fn a_hundred_thousand_selects_leave_nothing_at_a_coro_that_lives_on() {
    let name = "select::join::a_hundred_thousand_selects_leave_nothing_at_a_coro_that_lives_on";
    in_a_process(name, || {
        fresh(|| {
            let target = spawn(schedule);
            let (values, sem) = (Rc::new(Channel::bounded(1)), Semaphore::new(0));
            let theirs = values.clone();
            let source = spawn(move || {
                for n in 0_u32.. {
                    theirs.put(n);
                }
            });
            let mut before = None;
            for n in 0..100_000 {
                select! {
                    () = join_arm(target.coro()) => unreachable!(),
                    () = sem.down_arm() => unreachable!(),
                    value = values.get_arm() => assert_eq!(value, Some(n)),
                }
                if n == 10_000 {
                    before = resident();
                }
            }
            let after = resident();
            // A word for each would be 175 pages.
            let slack = before.map(|pages| pages + 64);
            assert!(after <= slack, "{before:?} pages, then {after:?}");
            source.cancel();
            target.cancel();
        });
    });
}

/// Returns how many allocations so many rounds of the program `select_alloc` make; `None` if
/// valgrind, which counts them, is not installed.
fn allocations(mode: &str, rounds: usize) -> Option<u64> {
    let program = env!("CARGO_BIN_EXE_select_alloc");
    let run = Command::new("valgrind")
        .args(["--leak-check=no", program, mode, &rounds.to_string()])
        .output();
    let Ok(run) = run else {
        eprintln!("skipped: valgrind is not installed");
        return None;
    };
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{said}");
    let (_, rest) = said
        .split_once("total heap usage: ")
        .expect("valgrind sums up");
    let (number, _) = rest.split_once(" allocs").expect("a number of allocations");
    Some(number.replace(',', "").parse().expect("a number"))
}

#[test]
fn a_select_of_eight_arms_allocates_nothing() {
    for mode in ["ready", "blocked"] {
        let (few, many) = (allocations(mode, 100), allocations(mode, 600));
        assert_eq!(few, many, "{mode}");
    }
}

#[test]
fn the_count_of_allocations_sees_one_for_each_select() {
    let (few, many) = (allocations("boxed", 100), allocations("boxed", 600));
    assert_eq!(few.map(|few| few + 500), many);
}

#[test]
fn a_select_without_arms_panics_instead_of_waiting_for_ever() {
    let panic = crate::support::caught(|| Select::new(&[]).wait()).unwrap_err();
    assert!(crate::support::text(&*panic).contains("without arms"));
    let none: [&dyn Arm; 0] = [];
    assert_eq!(Select::new(&none).biased().try_now(), None);
}
