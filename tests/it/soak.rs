//! Long runs: memory stays where it is, and random programs keep the kernel's books right.
//!
//! A debug build takes some ten seconds for all of it; under valgrind these are to be skipped.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use coro::{Builder, Coro, JoinHandle, Prio, cede, schedule, spawn};

use crate::support::{caught, defer, fresh, in_a_process};

/// Returns the resident pages of this process but for those of files, which come and go with the
/// code that runs; `None` where the system does not tell.
fn resident() -> Option<usize> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let mut pages = statm.split(' ').map(|field| field.parse::<usize>().ok());
    let (resident, shared) = (pages.nth(1)??, pages.next()??);
    Some(resident - shared)
}

/// Calls `step` so many times in a process of its own, of which memory stays the same after the
/// first tenth. `name` is the test's path below the crate.
fn soak(name: &str, times: usize, step: impl Fn(usize) + Send + 'static) {
    in_a_process(name, || {
        fresh(move || {
            for i in 0..times / 10 {
                step(i);
            }
            let before = resident();
            for i in times / 10..times {
                step(i);
            }
            let after = resident();
            // A word leaked at each of 90 000 steps would be 175 pages.
            let slack = before.map(|pages| pages + 64);
            assert!(after <= slack, "{before:?} pages, then {after:?}");
            assert_eq!(coro::all().len(), 1);
            assert_eq!(coro::ready_count(), 0);
        });
    });
}

#[test]
fn a_million_coros_that_run_leave_no_memory_behind() {
    soak(
        "soak::a_million_coros_that_run_leave_no_memory_behind",
        1_000_000,
        |i| {
            let c = spawn(move || {
                cede();
                i
            });
            assert_eq!(c.join().unwrap(), i);
        },
    );
}

#[test]
fn a_million_coros_that_nobody_joins_leave_no_memory_behind() {
    soak(
        "soak::a_million_coros_that_nobody_joins_leave_no_memory_behind",
        200_000,
        |i| {
            // One of each pair never runs again, as nobody holds it.
            drop(spawn(move || vec![i; 10]));
            drop(spawn(schedule));
            cede();
            cede();
        },
    );
}

#[test]
fn a_hundred_thousand_cancelled_coros_leave_no_memory_behind() {
    soak(
        "soak::a_hundred_thousand_cancelled_coros_leave_no_memory_behind",
        100_000,
        |i| {
            let c = spawn(move || {
                let _local = defer(move || {
                    if i.is_multiple_of(3) {
                        cede();
                    }
                });
                let _boxed = Box::new([i; 16]);
                schedule();
            });
            if !i.is_multiple_of(5) {
                cede();
            }
            match i % 4 {
                0 => c.safe_cancel().unwrap(),
                1 => c.cancel_with(()),
                _ => c.cancel(),
            }
            assert!(c.join().unwrap_err().is_cancelled());
        },
    );
}

#[test]
fn a_hundred_thousand_throws_leave_no_memory_behind() {
    soak(
        "soak::a_hundred_thousand_throws_leave_no_memory_behind",
        100_000,
        |i| {
            let c = spawn(move || {
                if i.is_multiple_of(2) {
                    assert!(coro::catch(schedule).is_err());
                }
                schedule();
            });
            cede();
            for _ in 0..2 {
                drop(c.throw(Box::new([i; 8])));
                cede();
            }
            assert!(c.join().unwrap_err().is_thrown());
        },
    );
}

#[test]
fn a_hundred_thousand_scopes_leave_no_memory_behind() {
    soak(
        "soak::a_hundred_thousand_scopes_leave_no_memory_behind",
        100_000,
        |i| {
            let sum = Cell::new(0);
            _ = caught(|| {
                coro::scope(|s| {
                    for j in 0..3 {
                        let sum = &sum;
                        s.spawn(move || {
                            cede();
                            sum.set(sum.get() + j);
                        });
                    }
                    if i.is_multiple_of(7) {
                        cede();
                        crate::support::die("in the closure");
                    }
                })
            });
            assert_eq!(sum.get(), if i.is_multiple_of(7) { 0 } else { 3 });
        },
    );
}

#[test]
fn wakers_and_descriptions_and_handlers_leave_no_memory_behind() {
    soak(
        "soak::wakers_and_descriptions_and_handlers_leave_no_memory_behind",
        100_000,
        |i| {
            let c = Builder::new().desc("soaked").spawn(schedule);
            c.on_destroy(|| ());
            cede();
            let waker = c.waker();
            let other = spawn(move || waker.wake());
            cede();
            other.join().unwrap();
            drop(coro::report());
            if i.is_multiple_of(2) {
                c.cancel();
            }
            drop(c.join());
        },
    );
}

/// Marsaglia's xorshift: random enough, and the same in every run.
struct Random(Cell<u64>);

impl Random {
    fn below(&self, n: usize) -> usize {
        let mut x = self.0.get();
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        self.0.set(x);
        // The high half is the better one.
        (x >> 32) as usize % n
    }
}

/// What the coros of a random program share.
struct World {
    random: Random,
    coros: RefCell<Vec<JoinHandle<usize>>>,
    born: Cell<usize>,
    destroyed: Cell<usize>,
    results: Cell<usize>,
    /// Spawned so many more coros and nothing goes on for ever.
    budget: Cell<usize>,
}

impl World {
    fn any(&self) -> Option<Coro> {
        let coros = self.coros.borrow();
        (!coros.is_empty()).then(|| coros[self.random.below(coros.len())].coro().clone())
    }

    /// Takes any handle out, for who will join or drop it.
    fn take(&self) -> Option<JoinHandle<usize>> {
        let mut coros = self.coros.borrow_mut();
        let n = coros.len();
        (n > 0).then(|| coros.swap_remove(self.random.below(n)))
    }
}

/// Spawns a coro that does random things and ends in a random way.
fn spawn_one(world: &Rc<World>) {
    if world.budget.get() == 0 {
        return;
    }
    world.budget.set(world.budget.get() - 1);
    let id = world.born.get();
    world.born.set(id + 1);
    let w = Rc::clone(world);
    let once = {
        let w = Rc::clone(world);
        // Of the closure: it counts however the coro ends, even if it never ran.
        defer(move || w.destroyed.set(w.destroyed.get() + 1))
    };
    let prio = i8::try_from(world.random.below(8)).map_or(Prio::NORMAL, |p| Prio::new(p - 4));
    let c = Builder::new()
        .prio(prio)
        .stack_size(64 * 1024)
        .spawn(move || {
            let _once = once;
            let steps = w.random.below(12);
            let destructor = w.random.below(10);
            let inner = Rc::clone(&w);
            let _last = defer(move || match destructor {
                0 => cede(),
                1 => {
                    if let Some(c) = inner.any() {
                        c.cancel();
                    }
                }
                2 => spawn_one(&inner),
                3 => drop(inner.take()),
                _ => {}
            });
            for _ in 0..steps {
                match w.random.below(12) {
                    0 => drop(coro::catch(|| step(&w))),
                    // What blocks for ever in a shield is never ended, rightly.
                    1 => coro::shield(cede),
                    2 => drop(caught(|| step(&w))),
                    _ => step(&w),
                }
                books_are_right();
            }
            if w.random.below(10) == 0 {
                crate::support::die("at random");
            }
            id
        });
    world.coros.borrow_mut().push(c);
}

/// One random thing that anybody may do.
fn step(world: &Rc<World>) {
    let target = world.any();
    let target = target.as_ref();
    match world.random.below(20) {
        0..3 => cede(),
        3 => schedule(),
        4..6 => spawn_one(world),
        6 => drop(target.map(Coro::ready)),
        7 => drop(target.map(Coro::cancel)),
        8 => drop(target.map(|c| c.safe_cancel().is_ok())),
        9 => drop(target.map(|c| c.throw("thrown at random"))),
        10 => drop(target.map(|c| c.throw("taken back").retract())),
        11 => {
            // By joining oneself one only waits, and that is legal.
            if let Some(c) = world.take() {
                let id = c.id();
                if let Ok(result) = c.join() {
                    assert!(result < world.born.get(), "{id}");
                    world.results.set(world.results.get() + 1);
                }
            }
        }
        12 => drop(target.map(Coro::suspend)),
        13 => drop(target.map(Coro::resume)),
        14 => drop(target.map(|c| c.nice(1))),
        15 => drop(target.map(|c| c.set_prio(Prio::MAX))),
        16 => drop(target.map(|c| c.cede_to().is_ok())),
        17 => drop(world.take()),
        18 => drop(target.map(|c| c.on_destroy(|| ()))),
        _ => coro::cede_notself(),
    }
}

/// What holds between any two calls.
#[track_caller]
fn books_are_right() {
    let all = coro::all();
    let ready = all.iter().filter(|c| c.is_ready()).count();
    assert!(coro::ready_count() >= ready);
    let running = all.iter().filter(|c| c.is_running()).count();
    assert!(running <= 1);
    assert!(all.iter().all(|c| !c.is_finished()));
}

/// Runs one random program; returns how many results were taken.
fn program(seed: u64, coros: usize) -> usize {
    let world = Rc::new(World {
        random: Random(Cell::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)),
        coros: RefCell::default(),
        born: Cell::new(0),
        destroyed: Cell::new(0),
        results: Cell::new(0),
        budget: Cell::new(coros),
    });
    for _ in 0..coros / 4 {
        spawn_one(&world);
    }
    for _ in 0..coros {
        // Main goes on whatever happens; it only ever cedes.
        cede();
        if let Some(c) = world.any() {
            match world.random.below(6) {
                0 => c.cancel(),
                1 => drop(c.throw("by main")),
                2 => c.resume(),
                3 => drop(world.take()),
                _ => drop(c.ready()),
            }
        }
        books_are_right();
    }
    world.budget.set(0);
    // One that was suspended has lost its place in the queue, and in a shield it is not cancelled.
    for _ in 0..3 {
        for c in coro::all() {
            c.resume();
            c.ready();
        }
        cede();
    }
    let left = coro::shutdown();
    assert!(left.is_empty(), "{left:?}\n{}", coro::report());
    drop(world.coros.take());
    assert_eq!(world.destroyed.get(), world.born.get());
    assert_eq!(coro::ready_count(), 0);
    assert_eq!(coro::all().len(), 1);
    assert_eq!(Rc::strong_count(&world), 1);
    world.results.get()
}

#[test]
fn random_programs_destroy_everything_once() {
    fresh(|| {
        let mut results = 0;
        for seed in 0..300_u64 {
            let ran = caught(|| program(seed, 60));
            match ran {
                Ok(n) => results += n,
                Err(payload) => {
                    eprintln!("the seed is {seed}");
                    std::panic::resume_unwind(payload);
                }
            }
        }
        // Programs where everything dies at once would show nothing.
        assert!(results > 0);
    });
}

#[test]
fn random_programs_of_many_coros_destroy_everything_once() {
    fresh(|| {
        for seed in 1_000..1_005_u64 {
            eprintln!("the seed is {seed}");
            program(seed, 1_500);
        }
    });
}
