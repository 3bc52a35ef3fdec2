//! Random programs of a lock, each step compared with a model of its two forms.
//!
//! Main does the steps: it spawns coros that lock, unlocks for them, readies, throws at and cancels
//! those that wait. A mutex is a lock that has no readers.

use std::cell::RefCell;
use std::mem::take;
use std::rc::Rc;

use coro::{JoinHandle, cede, spawn};

use crate::support::outcome;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Read,
    Write,
}

/// What the programs need of a lock.
pub(crate) trait Lock: 'static {
    /// Blocks until the lock is held.
    fn lock(&self, kind: Kind);
    fn try_lock(&self, kind: Kind) -> bool;
    /// Ends a hold, whoever has it.
    fn unlock(&self);
    /// Whether a hold can be ended now.
    fn may_unlock(&self) -> bool {
        true
    }
    /// Makes the writer a reader; `false` if the lock knows none of that.
    fn downgrade(&self) -> bool;
    /// Returns the holds, -1 for a writer, and how many wait to read and to write.
    fn state(&self) -> (isize, usize, usize);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    New,
    Listed,
    Woken,
    Ended,
}

struct Waiter {
    kind: Kind,
    place: Place,
    thrown_at: bool,
}

/// What the lock and the ready queue must look like.
struct Model {
    fair: bool,
    holds: isize,
    waiters: Vec<Waiter>,
    queue: Vec<usize>,
    ready: Vec<usize>,
    /// Who came out of its wait, and whether with the lock.
    said: Vec<(usize, bool)>,
}

impl Model {
    fn fits(&self, kind: Kind) -> bool {
        match kind {
            Kind::Read => self.holds >= 0,
            Kind::Write => self.holds == 0,
        }
    }

    fn take(&mut self, kind: Kind) -> bool {
        let fits = self.fits(kind);
        if fits {
            self.holds = match kind {
                Kind::Read => self.holds + 1,
                Kind::Write => -1,
            };
        }
        fits
    }

    fn may_come_in(&self) -> bool {
        !self.fair || self.queue.is_empty()
    }

    fn unlock(&mut self) {
        self.holds = (self.holds - 1).max(0);
        if self.holds == 0 {
            self.wake();
        }
    }

    fn wake(&mut self) {
        let writer = |&&id: &&usize| self.waiters[id].kind == Kind::Write;
        if self.fair {
            self.admit();
        } else if let Some(&id) = self.queue.iter().find(writer) {
            self.wake_up(id);
        } else {
            self.wake_readers();
        }
    }

    fn wake_readers(&mut self) {
        for id in self.queue.clone() {
            if self.waiters[id].kind == Kind::Read {
                self.wake_up(id);
            }
        }
    }

    fn admit(&mut self) {
        while let Some(&id) = self.queue.first()
            && self.take(self.waiters[id].kind)
        {
            self.wake_up(id);
        }
    }

    fn wake_up(&mut self, id: usize) {
        self.queue.retain(|&listed| listed != id);
        self.waiters[id].place = Place::Woken;
        self.make_ready(id);
    }

    fn make_ready(&mut self, id: usize) {
        if !self.ready.contains(&id) {
            self.ready.push(id);
        }
    }

    /// What happens when a waiter is interrupted.
    fn leave(&mut self, id: usize) {
        let place = self.waiters[id].place;
        self.waiters[id].place = Place::Ended;
        if place == Place::Listed {
            self.queue.retain(|&listed| listed != id);
            if self.fair {
                self.admit();
            }
        } else if self.fair {
            self.unlock();
        } else if self.holds == 0 {
            self.wake();
        }
    }

    /// What happens when main lets all run who are ready.
    fn run(&mut self) {
        for id in take(&mut self.ready) {
            let Waiter {
                kind,
                place,
                thrown_at,
            } = self.waiters[id];
            if place == Place::Ended {
                continue;
            }
            if thrown_at {
                self.leave(id);
                self.said.push((id, false));
                continue;
            }
            let got = match place {
                Place::New => self.may_come_in() && self.take(kind),
                Place::Woken if self.fair => true,
                _ => !self.fair && self.take(kind),
            };
            if got {
                self.queue.retain(|&listed| listed != id);
                self.waiters[id].place = Place::Ended;
                self.said.push((id, true));
            } else if place != Place::Listed {
                self.queue.push(id);
                self.waiters[id].place = Place::Listed;
            }
        }
    }

    fn waiting(&self, kind: Kind) -> usize {
        let fits = |&&id: &&usize| self.waiters[id].kind == kind;
        self.queue.iter().filter(fits).count()
    }
}

/// The lock, its coros, and the model.
struct Program<L> {
    lock: Rc<L>,
    coros: Vec<JoinHandle<()>>,
    said: Rc<RefCell<Vec<(usize, bool)>>>,
    model: Model,
}

impl<L: Lock> Program<L> {
    fn enter(&mut self, kind: Kind) {
        let (id, lock, said) = (self.coros.len(), self.lock.clone(), self.said.clone());
        self.coros.push(spawn(move || {
            let got = outcome(|| lock.lock(kind)) == "returned";
            said.borrow_mut().push((id, got));
        }));
        self.model.waiters.push(Waiter {
            kind,
            place: Place::New,
            thrown_at: false,
        });
        self.model.ready.push(id);
        self.run();
    }

    fn run(&mut self) {
        cede();
        self.model.run();
    }

    fn unlock(&mut self) {
        if self.model.holds != 0 && self.lock.may_unlock() {
            self.lock.unlock();
            self.model.unlock();
        }
    }

    /// Picks one of those who wait, woken or not.
    fn waiter(&self, pick: usize) -> Option<usize> {
        let waits = |&id: &usize| self.model.waiters[id].place != Place::Ended;
        let all: Vec<_> = (0..self.coros.len()).filter(waits).collect();
        all.get(pick % all.len().max(1)).copied()
    }

    fn step(&mut self, step: usize, kind: Kind, pick: usize) {
        match (step, self.waiter(pick)) {
            (0..30, _) => self.enter(kind),
            (30..55, _) => self.unlock(),
            (55..65, _) => self.run(),
            (65..70, _) => {
                let got = self.model.may_come_in() && self.model.take(kind);
                assert_eq!(self.lock.try_lock(kind), got);
            }
            (70..73, _) if self.model.holds == -1 && self.lock.downgrade() => {
                self.model.holds = 1;
                if self.model.fair {
                    self.model.admit();
                } else {
                    self.model.wake_readers();
                }
            }
            (73..83, Some(id)) => {
                self.coros[id].ready();
                self.model.make_ready(id);
            }
            (83..90, Some(id)) => {
                self.coros[id].throw("ex");
                self.model.waiters[id].thrown_at = true;
                self.model.make_ready(id);
            }
            (90..95, Some(id)) => {
                self.coros[id].cancel();
                self.model.ready.retain(|&ready| ready != id);
                self.model.leave(id);
            }
            (95..100, Some(id)) => {
                self.coros[id].safe_cancel().expect("it may be cancelled");
                self.model.leave(id);
            }
            _ => {}
        }
        self.check();
    }

    fn check(&self) {
        let (model, state) = (&self.model, self.lock.state());
        let waiting = (model.waiting(Kind::Read), model.waiting(Kind::Write));
        assert_eq!(state, (model.holds, waiting.0, waiting.1));
        assert_eq!(*self.said.borrow(), model.said);
        if model.holds == 0 && !model.queue.is_empty() {
            assert!(!model.fair && coro::ready_count() > 0, "nobody is woken");
        }
    }

    /// Unlocks until nobody waits: everybody who was not interrupted gets the lock.
    fn end(&mut self) {
        while self.model.holds != 0 || self.waiter(0).is_some() {
            self.unlock();
            self.run();
            self.check();
        }
        cede();
        assert!(self.coros.iter().all(|c| c.is_finished()));
        assert_eq!(self.lock.state(), (0, 0, 0));
    }
}

/// Runs many random programs of a lock of one form; `kinds` are those that it knows.
pub(crate) fn programs<L: Lock>(fair: bool, kinds: &[Kind], lock: impl Fn() -> L) {
    for seed in 0..300 {
        let mut program = Program {
            lock: Rc::new(lock()),
            coros: Vec::new(),
            said: Rc::default(),
            model: Model {
                fair,
                holds: 0,
                waiters: Vec::new(),
                queue: Vec::new(),
                ready: Vec::new(),
                said: Vec::new(),
            },
        };
        let mut random = numbers(seed);
        for _ in 0..80 {
            let kind = kinds[random(kinds.len())];
            program.step(random(100), kind, random(1_000));
        }
        program.end();
    }
}

/// Returns a source of numbers below a limit, the same for the same seed.
pub(crate) fn numbers(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move |limit| {
        // Xorshift.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 33) as usize % limit
    }
}
