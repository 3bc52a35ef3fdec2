//! Random programs: what is told of them agrees with a listener, whatever they do.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use coro::{Builder, Coro, cede, current, note, schedule};
use coro_debug::trace::Recorder;
use coro_sync::Semaphore;

use super::listener::{fresh, watch};
use super::model::Model;
use super::scenarios::{check, is_sane};

/// What all coros of a program share.
#[derive(Clone)]
struct World {
    random: Rc<RefCell<fastrand::Rng>>,
    semaphores: Rc<[Semaphore; 2]>,
    coros: Rc<RefCell<Vec<Coro>>>,
    /// So many coros may still be spawned.
    left: Rc<Cell<usize>>,
}

impl World {
    fn new(seed: u64, coros: usize) -> World {
        World {
            random: Rc::new(RefCell::new(fastrand::Rng::with_seed(seed))),
            semaphores: Rc::new([Semaphore::new(1), Semaphore::fair(0)]),
            coros: Rc::default(),
            left: Rc::new(Cell::new(coros)),
        }
    }

    fn below(&self, count: usize) -> usize {
        self.random.borrow_mut().usize(..count)
    }

    fn semaphore(&self) -> &Semaphore {
        &self.semaphores[self.below(2)]
    }

    /// One of the others, dead or alive.
    fn other(&self) -> Option<Coro> {
        let coros = self.coros.borrow();
        if coros.is_empty() {
            return None;
        }
        let coro = coros[self.below(coros.len())].clone();
        (coro != current()).then_some(coro)
    }

    fn spawn(&self) {
        let Some(left) = self.left.get().checked_sub(1) else {
            return;
        };
        self.left.set(left);
        let world = self.clone();
        let builder = match self.below(3) {
            0 => Builder::new().desc(format!("no. {left}")),
            _ => Builder::new(),
        };
        let turns = 1 + self.below(8);
        let body = move || {
            let _bye = Bye(world.clone());
            (0..turns).for_each(|_| world.does(true));
        };
        let handle = match self.below(4) {
            0 => builder.build(body),
            _ => builder.spawn(body),
        };
        self.coros.borrow_mut().push(handle.coro().clone());
    }

    /// Does something that may block only if `may_block`: main has to come to its end.
    fn does(&self, may_block: bool) {
        let action = self.below(18);
        let other = self.other();
        match (action, other) {
            (0..=2, _) => self.spawn(),
            (3..=5, _) => cede(),
            (6, _) => note(format_args!("says {}", self.below(100))),
            (7 | 8, _) => self.semaphore().up(),
            (9 | 10, _) if may_block => self.semaphore().down(),
            (11, _) if may_block => drop(self.semaphore().acquire()),
            (12, Some(other)) if may_block => other.join(),
            (13, Some(other)) => drop(other.ready()),
            (14, Some(other)) => match self.below(4) {
                0 => other.cancel(),
                1 => _ = other.safe_cancel(),
                2 => drop(other.throw("ball")),
                _ => {
                    let ticket = other.throw("taken back");
                    ticket.retract();
                }
            },
            (15, Some(other)) => _ = other.cede_to(),
            (16, _) if may_block => match self.below(8) {
                0 => current().cancel(),
                1 => panic!("at random"),
                2 => schedule(),
                3 => coro::terminate(()),
                _ => {}
            },
            (17, Some(other)) => match self.below(3) {
                0 => other.suspend(),
                _ => other.resume(),
            },
            _ => {}
        }
    }
}

/// Does one thing more, while its coro unwinds, perhaps.
struct Bye(World);

impl Drop for Bye {
    fn drop(&mut self) {
        if self.0.below(4) == 0 {
            note("bye");
            self.0.semaphore().up();
        }
    }
}

/// Runs a program in main, and ends all that it has begun.
fn run(seed: u64, coros: usize, turns: usize) {
    let world = World::new(seed, coros);
    (0..turns).for_each(|_| world.does(false));
    end_all();
}

fn end_all() {
    while coro::all().len() > 1 {
        coro::killall();
        cede();
    }
}

/// Programs of some coros each; returns how many things happened in them.
fn programs(seeds: std::ops::Range<u64>, coros: usize, turns: usize) -> u64 {
    let mut steps = 0;
    for seed in seeds {
        steps += fresh(move || {
            let (trace, told) = watch(Recorder::new(), || run(seed, coros, turns));
            check(&format!("seed {seed}"), &trace, &told);
            Model::of(&told).steps
        });
    }
    steps
}

#[test]
fn random_programs_of_seven_coros_are_told_as_they_were() {
    let steps = programs(0..300, 7, 40);
    assert!(steps > 300 * 30, "they do something: {steps}");
}

#[test]
fn random_programs_of_nine_coros_are_told_as_they_were() {
    let steps = programs(1000..1100, 9, 150);
    assert!(steps > 100 * 60, "they do something: {steps}");
}

#[test]
fn a_recording_of_any_part_of_a_random_program_is_sane() {
    for seed in 2000..2300 {
        fresh(move || {
            let world = World::new(seed, 7);
            let turns = |most| (0..world.below(most)).for_each(|_| world.does(false));
            turns(30);
            let recorder = match world.below(6) {
                0 => Recorder::new(),
                n => Recorder::new().last(1 << (n - 1)),
            };
            let recording = recorder.start();
            turns(40);
            is_sane(&format!("seed {seed}"), &recording.so_far());
            end_all();
            is_sane(&format!("seed {seed}, to its end"), &recording.stop());
        });
    }
}
