//! Section D: switches, stacks, and what belongs to one coro alone.

use std::cell::{Cell, RefCell};
use std::hint::black_box;
use std::ptr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use coro::{
    Builder, Clock, Coro, Prio, Timers, Wait, cede, current, on_enter, on_leave, report, schedule,
    set_clock, set_timers, shield, spawn, wait_for,
};
use coro_specific::Specific;

use super::{INTERRUPTIONS, settle};
use crate::programs::{ABORTED, run};
use crate::support::{Log, defer, fresh, in_a_process, outcome};

#[test]
fn bug_63_enter_blocks_run_oldest_first_leave_blocks_newest_first_and_they_balance() {
    fresh(|| {
        let log = Log::new();
        let c = spawn(move || {
            let winders: Vec<_> = ["1", "2", "3"]
                .into_iter()
                .map(|n| {
                    let enter = on_enter(move || log.say(format!("+{n}")));
                    (enter, on_leave(move || log.say(format!("-{n}"))))
                })
                .collect();
            for _ in 0..3 {
                schedule();
            }
            // Locals go newest first.
            winders.into_iter().rev().for_each(drop);
        });
        settle();
        log.expect(["+1", "+2", "+3", "-3", "-2", "-1"]);
        for _ in 0..2 {
            c.ready();
            settle();
            log.expect(["+1", "+2", "+3", "-3", "-2", "-1"]);
        }
        c.ready();
        settle();
        log.expect(["+1", "+2", "+3", "-3", "-2", "-1"]);
        // A depth that each of two coros raises and lowers is never seen by the other.
        for (_, interrupt) in INTERRUPTIONS {
            let depth = Rc::new(Cell::new(0));
            let both = [1, 10].map(|by| {
                let depth = Rc::clone(&depth);
                spawn(move || {
                    let (up, down) = (Rc::clone(&depth), Rc::clone(&depth));
                    let _enter = on_enter(move || up.set(up.get() + by));
                    let _leave = on_leave(move || down.set(down.get() - by));
                    loop {
                        cede();
                        assert_eq!(depth.get(), by);
                    }
                })
            });
            for _ in 0..100 {
                cede();
                assert_eq!(depth.get(), 0);
            }
            for c in &both {
                interrupt(c);
                settle_but_for_loops(c);
            }
            assert!(both.iter().all(|c| c.is_finished()));
            assert_eq!(depth.get(), 0);
        }
    });
}

/// Lets others run until `c` has ended, though somebody is always ready.
fn settle_but_for_loops(c: &Coro) {
    for _ in 0..100 {
        if !c.is_finished() {
            cede();
        }
    }
}

#[test]
fn bug_64_what_is_a_coros_own_differs_between_coros_however_they_interleave() {
    fresh(|| {
        let number = Rc::new(Specific::new());
        let global = Rc::new(Cell::new(0));
        number.set(-1);
        let all: Vec<_> = (0..5_i8)
            .map(|i| {
                let (number, global) = (Rc::clone(&number), Rc::clone(&global));
                spawn(move || {
                    assert_eq!(number.get(), None);
                    // A global that the winders make the coro's own.
                    let own = Rc::new(Cell::new(i));
                    let (a, b) = (Rc::clone(&own), Rc::clone(&global));
                    let (c, d) = (Rc::clone(&own), Rc::clone(&global));
                    let _enter = on_enter(move || a.swap(&b));
                    let _leave = on_leave(move || c.swap(&d));
                    current().set_desc(format!("number {i}"));
                    current().set_prio(Prio::new(i % 2));
                    let work = || {
                        for step in 0..10 {
                            let mine = i32::from(i) * 100 + step;
                            number.set(mine);
                            (0..=i).for_each(|_| cede());
                            assert_eq!(number.get(), Some(mine));
                            assert_eq!(global.get(), i);
                            assert_eq!(current().desc(), Some(format!("number {i}").into()));
                            assert_eq!(current().prio(), Prio::new(i % 2));
                        }
                    };
                    // A throw and a shield are one's own as well.
                    if i == 3 {
                        current().throw("mine");
                        shield(work);
                        assert_eq!(outcome(coro::check), "mine");
                    } else {
                        work();
                    }
                })
            })
            .collect();
        for c in all {
            c.join().unwrap();
        }
        assert_eq!((number.get(), global.get()), (Some(-1), 0));
        assert_eq!(current().desc().as_deref(), Some("main"));
    });
}

/// Fills a part of the stack, lets others run, and looks whether it is as it was.
#[inline(never)]
fn keeps_its_stack(byte: u8, others: impl FnOnce()) -> bool {
    let pattern = black_box([byte; 8 * 1024]);
    others();
    pattern.iter().all(|b| *b == byte)
}

#[test]
fn bug_65_a_stack_serves_nobody_else_before_its_coro_has_left_it() {
    fresh(|| {
        let crowd = || {
            let all: Vec<_> = (0..8)
                .map(|i| spawn(move || assert!(keeps_its_stack(i, cede))))
                .collect();
            all.into_iter().for_each(|c| c.join().unwrap());
        };
        let kept = Rc::new(Cell::new(0));
        for (_, interrupt) in INTERRUPTIONS {
            let c = spawn({
                let kept = Rc::clone(&kept);
                move || {
                    let _last = defer(move || {
                        kept.set(kept.get() + u32::from(keeps_its_stack(0xaa, crowd)));
                    });
                    schedule();
                }
            });
            // It has ended when this runs, on its stack still.
            c.on_destroy({
                let kept = Rc::clone(&kept);
                move || kept.set(kept.get() + u32::from(keeps_its_stack(0xbb, crowd)))
            });
            settle();
            interrupt(&c);
            drop(c);
            settle();
        }
        assert_eq!(kept.get(), 6);
    });
}

/// As what SIMD instructions want.
#[repr(align(64))]
#[derive(Clone, Copy)]
struct Lanes([f32; 16]);

/// Keeps more values than there are callee-saved registers through many switches.
fn many_locals(seed: u64) -> (bool, u64, f32) {
    let (mut a, mut b, mut c, mut d) = (seed, seed ^ 1, seed ^ 2, seed ^ 3);
    let (mut e, mut f, mut g, mut h) = (seed ^ 4, seed ^ 5, seed ^ 6, seed ^ 7);
    let mut lanes = black_box(Lanes([seed as f32; 16]));
    let mut aligned = true;
    for round in 0..50_u64 {
        cede();
        a = a.wrapping_mul(31).wrapping_add(h);
        b ^= a.rotate_left(7);
        c = c.wrapping_add(b ^ round);
        d = d.wrapping_mul(c | 1);
        cede();
        e ^= d;
        f = f.wrapping_add(e);
        g ^= f.rotate_right(3);
        h = h.wrapping_add(g);
        for (lane, i) in lanes.0.iter_mut().zip(0_u8..) {
            *lane = lane.mul_add(0.5, f32::from(i));
        }
        aligned &= ptr::from_ref(&lanes).addr().is_multiple_of(64);
    }
    let ints = [a, b, c, d, e, f, g, h].into_iter().fold(0, |x, y| x ^ y);
    (aligned, ints, lanes.0.iter().sum())
}

#[test]
fn bug_66_registers_and_alignment_survive_switches() {
    fresh(|| {
        let alone: Vec<_> = (0..20)
            .map(|n| spawn(move || many_locals(n)).join().unwrap())
            .collect();
        let together: Vec<_> = (0..20).map(|n| spawn(move || many_locals(n))).collect();
        let in_main = many_locals(99);
        assert_eq!(in_main, spawn(|| many_locals(99)).join().unwrap());
        for (alone, c) in alone.into_iter().zip(together) {
            let result = c.join().unwrap();
            assert!(result.0);
            assert_eq!(result, alone);
        }
    });
}

#[test]
fn bug_67_an_overflow_of_the_stack_hits_a_guard() {
    let ran = run(env!("CARGO_BIN_EXE_overflow"), &[]).killed_by(ABORTED);
    // The neighbours' stacks are as they were, and nothing was said after the overflow.
    assert_eq!(ran.said, "before\n");
    assert!(
        !ran.complained.contains("overwritten"),
        "{}",
        ran.complained
    );
}

#[test]
fn bug_68_a_new_coro_is_new_and_nothing_else() {
    fresh(|| {
        let check_new = |c: &Coro| {
            assert!(c.is_new());
            assert!(!c.is_ready() && !c.is_running() && !c.is_suspended() && !c.is_finished());
            assert_eq!((c.use_count(), c.prio(), c.desc()), (0, Prio::NORMAL, None));
        };
        check_new(&Builder::new().build(|| ()));
        // Others leave their memory to it, with everything set.
        for _ in 0..50 {
            let used: Vec<_> = (0..10)
                .map(|_| {
                    Builder::new().prio(Prio::MAX).desc("used").spawn(|| {
                        let _winders = (on_enter(|| ()), on_leave(|| ()));
                        shield(|| {
                            current().throw("pending");
                            current().suspend();
                            current().ready();
                            current().on_destroy(|| ());
                        });
                    })
                })
                .collect();
            settle();
            drop(used);
            let new: Vec<_> = (0..10)
                .map(|_| Builder::new().build(|| Ok::<_, ()>(1)))
                .collect();
            new.iter().for_each(|c| check_new(c));
            for c in new {
                c.ready();
                assert_eq!(c.join().unwrap(), Ok(1), "nothing was pending for it");
            }
        }
    });
}

/// Returns the resident pages of this process but for those of files; `None` where the system does
/// not tell.
fn resident() -> Option<usize> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: Vec<usize> = statm
        .split(' ')
        .filter_map(|f| f.trim().parse().ok())
        .collect();
    Some(pages.get(1)? - pages.get(2)?)
}

#[test]
fn bug_69_coros_of_every_kind_leave_no_memory_behind() {
    in_a_process(
        "history::d_switching::bug_69_coros_of_every_kind_leave_no_memory_behind",
        || {
            let number = Rc::new(Specific::new());
            let step = || {
                for (_, interrupt) in INTERRUPTIONS {
                    let number = Rc::clone(&number);
                    let c = Builder::new().prio(Prio::LOW).desc("one").spawn(move || {
                        number.set(Box::new([0; 4]));
                        let _winders = (on_enter(|| ()), on_leave(|| ()));
                        schedule();
                    });
                    c.on_destroy(|| ());
                    cede();
                    c.coro().suspend();
                    c.coro().resume();
                    interrupt(&c);
                    settle();
                }
                drop(Builder::new().build(|| ()));
                spawn(cede).join().unwrap();
            };
            (0..2_000).for_each(|_| step());
            let before = resident();
            (0..20_000).for_each(|_| step());
            let after = resident();
            // A word leaked for each of the coros would be 195 pages.
            assert!(
                after <= before.map(|pages| pages + 64),
                "{before:?}, then {after:?}"
            );
            assert_eq!(coro::all().len(), 1);
        },
    );
}

/// One alarm.
struct Alarm(Rc<Cell<Option<Instant>>>, Coro);

impl Timers for Alarm {
    fn fire(&mut self, now: Instant) {
        if self.0.get().is_some_and(|at| at <= now) {
            self.0.set(None);
            self.1.ready();
        }
    }
    fn deadline(&self) -> Option<Instant> {
        self.0.get()
    }
}

/// Is behind its deadline once more than told: the dispatcher must ask it, and no other clock.
struct Slow(Rc<Cell<Instant>>);

impl Clock for Slow {
    fn now(&self) -> Instant {
        self.0.get()
    }
    fn skip_to(&self, _: Instant) -> bool {
        self.0.set(self.0.get() + Duration::from_secs(1));
        true
    }
}

#[test]
fn bug_70_time_is_monotonic_and_a_timer_is_never_early() {
    fresh(|| {
        // `Instant` cannot be set back; a wall clock would have another type.
        let now: fn() -> Instant = coro::now;
        let time = Rc::new(Cell::new(now()));
        let alarm = Rc::new(Cell::new(None));
        drop(set_clock(Some(Box::new(Slow(Rc::clone(&time))))));
        drop(set_timers(Some(Box::new(Alarm(
            Rc::clone(&alarm),
            current(),
        )))));
        for seconds in [0, 1, 5, 10] {
            let start = now();
            alarm.set(Some(start + Duration::from_secs(seconds)));
            schedule();
            assert_eq!(now() - start, Duration::from_secs(seconds));
        }
        drop((set_clock(None), set_timers(None)));
    });
}

/// Returns the address of a local, so about the stack pointer.
#[inline(never)]
fn here() -> usize {
    let local = 0_u8;
    ptr::from_ref(black_box(&local)).addr()
}

/// Notes on which stack it is asked.
struct Asked {
    at: RefCell<Vec<usize>>,
}

impl Wait for Asked {
    fn what(&self) -> &'static str {
        self.at.borrow_mut().push(here());
        "question"
    }
    fn leave(&self, _: &Coro) {
        self.at.borrow_mut().push(here());
    }
}

#[test]
fn bug_71_what_inspects_a_coro_runs_on_the_inspectors_stack() {
    fresh(|| {
        let asked = Rc::new(Asked {
            at: RefCell::default(),
        });
        let place = Rc::new(Cell::new(0));
        let inspected = spawn({
            let (asked, place) = (Rc::clone(&asked), Rc::clone(&place));
            move || {
                place.set(here());
                wait_for(&*asked);
            }
        });
        settle();
        let uses = inspected.use_count();
        let inspector = spawn({
            let inspected = inspected.coro().clone();
            move || {
                drop(report().to_string());
                inspected.safe_cancel().unwrap();
                assert_eq!(inspected.use_count(), uses, "it was not switched to");
                here()
            }
        });
        let main = here();
        drop(report().to_string());
        let inspector = inspector.join().unwrap();
        let at = asked.at.borrow();
        assert_eq!(at.len(), 3, "asked by two reports, and told to leave");
        for (at, by) in at.iter().zip([main, inspector, inspector]) {
            let (near, far) = (at.abs_diff(by), at.abs_diff(place.get()));
            assert!(near < 16 * 1024 && far > 16 * 1024, "{near}, {far}");
        }
        assert!(inspected.join().is_err_and(|error| error.is_cancelled()));
    });
}
