//! Random programs of selects beside plain calls, with interruptions of all kinds: nothing is lost,
//! nothing comes twice, and nothing lies about while somebody waits for it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use coro::{JoinHandle, cede, spawn};
use coro_channel::{Arm, Channel, Select};
use coro_semaphore::Semaphore;
use coro_sync::Signal;

use crate::semaphore::random::Random;
use crate::semaphore::settle;

/// What all coros of a program share, and what they have done with it.
struct World {
    channels: [Channel<usize>; 4],
    semaphores: [Semaphore; 2],
    signal: Signal,
    random: RefCell<Random>,
    next: Cell<usize>,
    put: RefCell<Vec<usize>>,
    got: RefCell<Vec<usize>>,
    /// Permits that were given and that were taken.
    given: [Cell<isize>; 2],
    taken: [Cell<isize>; 2],
    /// How many selects and other calls returned.
    done: Cell<usize>,
}

impl World {
    fn new(seed: u64) -> Rc<World> {
        Rc::new(World {
            channels: [
                Channel::bounded(0),
                Channel::fair(0),
                Channel::bounded(2),
                Channel::fair(1),
            ],
            semaphores: [Semaphore::new(0), Semaphore::fair(0)],
            signal: Signal::new(),
            random: RefCell::new(Random(seed)),
            next: Cell::new(0),
            put: RefCell::default(),
            got: RefCell::default(),
            given: Default::default(),
            taken: Default::default(),
            done: Cell::new(0),
        })
    }

    fn below(&self, n: usize) -> usize {
        self.random.borrow_mut().below(n)
    }

    fn value(&self) -> usize {
        self.next.replace(self.next.get() + 1)
    }

    fn has_put(&self, value: usize) {
        self.put.borrow_mut().push(value);
    }

    fn has_got(&self, value: Option<usize>) {
        self.got.borrow_mut().extend(value);
    }

    fn takes(&self, which: usize) {
        self.taken[which].set(self.taken[which].get() + 1);
    }

    fn gives(&self, which: usize) {
        self.given[which].set(self.given[which].get() + 1);
        self.semaphores[which].up();
    }

    /// A select over some of five arms.
    fn select(&self) {
        let (from, sem) = (self.below(4), self.below(2));
        // Not the same channel: one without slots would meet itself.
        let to = (from + 1 + self.below(3)) % 4;
        let value = self.value();
        let (get, put) = (
            self.channels[from].get_arm(),
            self.channels[to].put_arm(value),
        );
        let down = self.semaphores[sem].down_arm();
        let acquire = self.semaphores[1 - sem].acquire_arm();
        let signal = self.signal.wait_arm();
        let all: [&dyn Arm; 5] = [&get, &put, &down, &acquire, &signal];
        let mask = self.below(31) + 1;
        let kinds: Vec<_> = (0..5).filter(|kind| mask >> kind & 1 == 1).collect();
        let arms: Vec<_> = kinds.iter().map(|&kind| all[kind]).collect();
        let mut select = Select::new(&arms);
        if self.below(2) == 0 {
            select = select.biased();
        }
        match kinds[select.wait()] {
            0 => self.has_got(get.take()),
            1 => self.has_put(value),
            2 => self.takes(sem),
            3 => {
                acquire.take().forget();
                self.takes(1 - sem);
            }
            _ => signal.take(),
        }
    }

    /// One thing that a coro does.
    fn step(&self) {
        match self.below(12) {
            0..=6 => self.select(),
            7 | 8 => self.has_got(self.channels[self.below(4)].get()),
            9 => {
                // The default form has put even if it is interrupted.
                let (value, which) = (self.value(), self.below(2) * 2 + 1);
                self.channels[which].put(value);
                self.has_put(value);
            }
            10 => {
                let which = self.below(2);
                self.semaphores[which].down();
                self.takes(which);
            }
            _ => cede(),
        }
        self.done.set(self.done.get() + 1);
    }

    /// One thing that main does, which never blocks.
    fn turn(&self) {
        let which = self.below(4);
        match self.below(8) {
            0 => self.has_got(self.channels[which].try_get()),
            1 | 2 => {
                let value = self.value();
                if self.channels[which].try_put(value).is_ok() {
                    self.has_put(value);
                }
            }
            3 | 4 => self.gives(which % 2),
            5 if self.semaphores[which % 2].try_down() => self.takes(which % 2),
            6 => self.signal.send(),
            _ => settle(),
        }
    }

    /// Checks what holds when nobody is ready.
    fn nothing_lies_about(&self, seed: u64) {
        settle();
        for channel in &self.channels {
            let shown = format!("seed {seed}: {channel:?}");
            let gets = !shown.contains("getters: []");
            let puts = !shown.contains("putters: []");
            assert!(!gets || channel.is_empty(), "{shown}");
            assert!(!gets || !puts, "{shown}");
            let room = channel
                .capacity()
                .is_some_and(|capacity| channel.len() < capacity);
            assert!(!puts || !room, "{shown}");
        }
        for (which, semaphore) in self.semaphores.iter().enumerate() {
            let there = self.given[which].get() - self.taken[which].get();
            assert_eq!(semaphore.count(), there, "seed {seed}: {semaphore:?}");
            assert!(
                semaphore.waiters() == 0 || there == 0,
                "seed {seed}: {semaphore:?}"
            );
        }
        let sent = format!("{:?}", self.signal).contains("sent: true");
        assert!(
            self.signal.awaited() == 0 || !sent,
            "seed {seed}: {:?}",
            self.signal
        );
        let (put, got) = (self.put.borrow().len(), self.got.borrow().len());
        let stored: usize = self.channels.iter().map(Channel::len).sum();
        assert_eq!(put, got + stored, "seed {seed}: values");
    }
}

fn program(seed: u64) -> usize {
    let world = World::new(seed);
    let mut all: Vec<JoinHandle<()>> = Vec::new();
    for _ in 0..60 {
        let c = all.get(world.below(all.len().max(1)));
        match (world.below(10), c) {
            (0..=2, _) => {
                let theirs = world.clone();
                let steps = world.below(6) + 1;
                all.push(spawn(move || (0..steps).for_each(|_| theirs.step())));
            }
            (3, Some(c)) => drop(c.throw("ex")),
            (4, Some(c)) => c.cancel(),
            (5, Some(c)) => drop(c.safe_cancel()),
            (6, Some(c)) => _ = c.ready(),
            (7, _) => world.nothing_lies_about(seed),
            _ => world.turn(),
        }
    }
    world.nothing_lies_about(seed);
    all.iter().for_each(|c| c.cancel());
    world.nothing_lies_about(seed);
    for channel in &world.channels {
        let shown = format!("seed {seed}: {channel:?}");
        assert!(shown.contains("getters: [], putters: []"), "{shown}");
        channel
            .try_iter()
            .for_each(|value| world.has_got(Some(value)));
    }
    let waiters = world.semaphores.each_ref().map(Semaphore::waiters);
    assert_eq!(
        (waiters, world.signal.awaited()),
        ([0, 0], 0),
        "seed {seed}"
    );
    let (mut put, mut got) = (world.put.take(), world.got.take());
    put.sort_unstable();
    got.sort_unstable();
    assert_eq!(put, got, "seed {seed}: what was put was got, once");
    world.done.get()
}

#[test]
fn nothing_is_lost_nothing_comes_twice_and_nothing_lies_about() {
    let done: usize = (0..2_000).map(program).sum();
    // Else the programs would prove little.
    assert!(done > 10_000, "{done} calls returned");
}
