//! Random programs of a semaphore set, against semaphores that are there for good.

use std::cell::RefCell;
use std::rc::Rc;

use coro::{JoinHandle, cede, spawn};
use coro_semaphore::Semaphore;
use coro_sync::SemaphoreSet;

use crate::signal::{INTERRUPTIONS, random, settle};
use crate::support::{fresh, outcome};

/// What a random program uses: a set, or a semaphore for each key that is there for good.
trait Semaphores {
    fn down(&self, key: usize);
    fn try_down(&self, key: usize) -> bool;
    fn up(&self, key: usize);
    fn wait(&self, key: usize);
    fn counts(&self) -> Vec<(isize, usize)>;
    fn hold(&self, key: usize);
}

const KEYS: usize = 3;

impl Semaphores for SemaphoreSet<usize> {
    fn down(&self, key: usize) {
        self.down(key);
    }
    fn try_down(&self, key: usize) -> bool {
        self.try_down(key)
    }
    fn up(&self, key: usize) {
        self.up(key);
    }
    fn wait(&self, key: usize) {
        self.wait(&key);
    }
    fn counts(&self) -> Vec<(isize, usize)> {
        (0..KEYS)
            .map(|key| (self.count(&key), self.waiters(&key)))
            .collect()
    }
    fn hold(&self, key: usize) {
        let _guard = self.acquire(key);
        cede();
    }
}

impl Semaphores for [Semaphore; KEYS] {
    fn down(&self, key: usize) {
        self[key].down();
    }
    fn try_down(&self, key: usize) -> bool {
        self[key].try_down()
    }
    fn up(&self, key: usize) {
        self[key].up();
    }
    fn wait(&self, key: usize) {
        self[key].wait();
    }
    fn counts(&self) -> Vec<(isize, usize)> {
        self.iter()
            .map(|semaphore| (semaphore.count(), semaphore.waiters()))
            .collect()
    }
    fn hold(&self, key: usize) {
        let _guard = self[key].acquire();
        cede();
    }
}

/// Runs a random program, and returns all that could be seen. Calls `look` when nothing is ready.
fn random_program(
    seed: u64,
    semaphores: Rc<impl Semaphores + 'static>,
    look: impl Fn(),
) -> Vec<String> {
    let mut below = random(seed);
    let trace = Rc::new(RefCell::new(Vec::new()));
    let mut coros: Vec<JoinHandle<()>> = Vec::new();
    for step in 0..150 {
        let (key, what) = (below(KEYS), below(12));
        match what {
            0..5 => {
                let (theirs, trace) = (semaphores.clone(), trace.clone());
                coros.push(spawn(move || {
                    let result = outcome(|| match what {
                        0 | 1 => theirs.down(key),
                        2 | 3 => theirs.hold(key),
                        _ => theirs.wait(key),
                    });
                    trace.borrow_mut().push(format!("{step}: {result}"));
                }));
            }
            5 => {
                let taken = semaphores.try_down(key);
                trace.borrow_mut().push(format!("try {key}: {taken}"));
            }
            6 | 7 => semaphores.up(key),
            8 => cede(),
            9 => {
                settle();
                look();
            }
            _ if coros.is_empty() => {}
            _ => {
                let c = &coros[below(coros.len())];
                match below(4) {
                    3 => drop(c.ready()),
                    n if !c.is_finished() => INTERRUPTIONS[n].1(c),
                    _ => {}
                }
            }
        }
        let counts = semaphores.counts();
        trace.borrow_mut().push(format!("{step}: {counts:?}"));
    }
    for c in coros {
        c.cancel();
    }
    settle();
    look();
    // Back to where it began, or there would be no end of entries.
    for (key, (count, waiters)) in semaphores.counts().into_iter().enumerate() {
        trace.borrow_mut().push(format!("{key}: {count} {waiters}"));
        (count..1).for_each(|_| semaphores.up(key));
        (1..count).for_each(|_| semaphores.down(key));
    }
    look();
    trace.take()
}

#[test]
fn random_programs_cannot_tell_a_set_from_semaphores_that_are_there_for_good() {
    fresh(|| {
        for seed in 0..400 {
            let set: Rc<SemaphoreSet<usize>> = Rc::new(SemaphoreSet::new(1));
            let theirs = set.clone();
            let traced = random_program(seed, set.clone(), || {
                // Nobody is ready, so there is an entry for each key that needs one and no other.
                let counts = Semaphores::counts(&*theirs);
                let needed = counts.iter().filter(|&&counts| counts != (1, 0)).count();
                assert_eq!(theirs.len(), needed, "seed {seed}: {theirs:?}");
            });
            assert!(set.is_empty(), "seed {seed}: {set:?}");
            let plain = Rc::new([(); KEYS].map(|()| Semaphore::new(1)));
            let expected = random_program(seed, plain, || ());
            assert_eq!(traced, expected, "seed {seed}");
        }
    });
}
