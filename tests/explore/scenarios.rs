//! Random small programs over all primitives, each explored within a bound.
//!
//! `CORO_SCENARIOS=5000 cargo test --release ...` runs more of them.

use std::cell::{Cell, RefCell};
use std::env;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use coro::{Coro, JoinHandle};
use coro_channel::{Arm, Channel, Select};
use coro_explore::{Builder, finally, invariant};
use coro_sync::{Condvar, Mutex, RwLock, Semaphore, Signal};

const SECOND: Duration = Duration::from_secs(1);

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % end as u64) as usize
    }
}

#[derive(Clone, Copy, Debug)]
enum Op {
    Cede,
    Sleep,
    Down,
    DownMany,
    DownTimeout,
    Up,
    Acquire,
    Lock,
    LockTimeout,
    CondvarWait,
    Notify,
    Wait,
    WaitTimeout,
    Send,
    Broadcast,
    Read,
    ReadTimeout,
    Write,
    WriteTimeout,
    Put,
    PutTimeout,
    Get,
    GetTimeout,
    Select,
    /// Of the coro of this number.
    Join(usize),
    Cancel(usize),
    SafeCancel(usize),
}

/// A program: what each coro does, one after the other.
#[derive(Clone)]
struct Program {
    fair: bool,
    permits: isize,
    capacity: usize,
    coros: Vec<Vec<Op>>,
}

impl Program {
    fn new(seed: u64) -> Program {
        let mut random = Random(seed);
        let count = 2 + random.below(3);
        // Few primitives in one program, so that the coros meet.
        let topics: [&[Op]; 5] = [
            &[Op::Down, Op::DownMany, Op::DownTimeout, Op::Up, Op::Acquire],
            &[Op::Lock, Op::LockTimeout, Op::CondvarWait, Op::Notify],
            &[Op::Wait, Op::WaitTimeout, Op::Send, Op::Broadcast],
            &[Op::Read, Op::ReadTimeout, Op::Write, Op::WriteTimeout],
            &[
                Op::Put,
                Op::PutTimeout,
                Op::Get,
                Op::GetTimeout,
                Op::Select,
                Op::Up,
            ],
        ];
        let mut used = vec![topics[random.below(5)]];
        if random.below(3) == 0 {
            used.push(topics[random.below(5)]);
        }
        let op = |random: &mut Random, me: usize| match random.below(12) {
            0 => Op::Cede,
            1 => Op::Sleep,
            2 => match (random.below(3), (me + 1 + random.below(count - 1)) % count) {
                (0, other) => Op::Join(other),
                (1, other) => Op::Cancel(other),
                (_, other) => Op::SafeCancel(other),
            },
            _ => {
                let topic = used[random.below(used.len())];
                topic[random.below(topic.len())]
            }
        };
        Program {
            fair: random.below(2) == 0,
            permits: random.below(3) as isize,
            capacity: random.below(2),
            coros: (0..count)
                .map(|me| {
                    let length = 1 + random.below(if count == 2 { 4 } else { 3 });
                    (0..length).map(|_| op(&mut random, me)).collect()
                })
                .collect(),
        }
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Program { fair, permits, .. } = self;
        let capacity = self.capacity;
        writeln!(f, "fair: {fair}, permits: {permits}, capacity: {capacity}")?;
        for (number, ops) in self.coros.iter().enumerate() {
            writeln!(f, "  #{}: {ops:?}", number + 1)?;
        }
        Ok(())
    }
}

/// Counts those inside.
struct Inside<'a>(&'a Cell<u32>);

impl Inside<'_> {
    fn new(count: &Cell<u32>) -> Inside<'_> {
        count.set(count.get() + 1);
        Inside(count)
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// What the coros of a program share, and what is known of it.
struct Things {
    semaphore: Semaphore,
    /// Permits that were given and not taken.
    permits: Cell<isize>,
    mutex: Mutex<()>,
    condvar: Condvar,
    signal: Signal,
    lock: RwLock<()>,
    channel: Channel<u32>,
    holders: Cell<u32>,
    readers: Cell<u32>,
    writers: Cell<u32>,
    /// Values that somebody began to put, those that were put, and those that were taken.
    begun: Cell<u32>,
    put: RefCell<Vec<u32>>,
    got: RefCell<Vec<u32>>,
    coros: RefCell<Vec<Coro>>,
}

impl Things {
    fn new(program: &Program) -> Things {
        let Program { fair, permits, .. } = *program;
        Things {
            semaphore: if fair {
                Semaphore::fair(permits)
            } else {
                Semaphore::new(permits)
            },
            permits: Cell::new(permits),
            mutex: if fair {
                Mutex::fair(())
            } else {
                Mutex::new(())
            },
            condvar: Condvar::new(),
            signal: Signal::new(),
            lock: if fair {
                RwLock::fair(())
            } else {
                RwLock::new(())
            },
            channel: if fair {
                Channel::fair(program.capacity)
            } else {
                Channel::bounded(program.capacity)
            },
            holders: Cell::default(),
            readers: Cell::default(),
            writers: Cell::default(),
            begun: Cell::default(),
            put: RefCell::default(),
            got: RefCell::default(),
            coros: RefCell::default(),
        }
    }

    /// Mutual exclusion.
    fn are_apart(&self) -> bool {
        let (readers, writers) = (self.readers.get(), self.writers.get());
        self.holders.get() <= 1 && writers <= 1 && (writers == 0 || readers == 0)
    }

    fn took(&self, permits: isize) {
        self.permits.set(self.permits.get() - permits);
    }

    fn up(&self) {
        self.took(-1);
        self.semaphore.up();
    }

    fn next(&self) -> u32 {
        self.begun.replace(self.begun.get() + 1)
    }

    fn got(&self, value: Option<u32>) {
        self.got.borrow_mut().extend(value);
    }

    fn coro(&self, number: usize) -> Option<Coro> {
        self.coros.borrow().get(number).cloned()
    }

    fn run(&self, op: Op) {
        match op {
            Op::Cede => coro::cede(),
            Op::Sleep => coro_time::sleep(SECOND),
            Op::Down | Op::DownMany | Op::DownTimeout | Op::Up | Op::Acquire => self.count(op),
            Op::Lock | Op::LockTimeout | Op::CondvarWait | Op::Notify => self.exclude(op),
            Op::Wait => self.signal.wait(),
            Op::WaitTimeout => _ = self.signal.wait_timeout(SECOND),
            Op::Send => self.signal.send(),
            Op::Broadcast => self.signal.broadcast(),
            Op::Read | Op::ReadTimeout | Op::Write | Op::WriteTimeout => self.share(op),
            Op::Put | Op::PutTimeout | Op::Get | Op::GetTimeout | Op::Select => self.pass(op),
            Op::Join(number) => {
                if let Some(coro) = self.coro(number) {
                    coro.join();
                }
            }
            Op::Cancel(number) => {
                if let Some(coro) = self.coro(number) {
                    coro.cancel();
                }
            }
            Op::SafeCancel(number) => {
                if let Some(coro) = self.coro(number) {
                    _ = coro.safe_cancel();
                }
            }
        }
    }

    fn count(&self, op: Op) {
        match op {
            Op::Down => {
                self.semaphore.down();
                self.took(1);
            }
            Op::DownMany => {
                self.semaphore.down_many(2);
                self.took(2);
            }
            Op::DownTimeout => {
                if self.semaphore.down_timeout(SECOND).is_ok() {
                    self.took(1);
                }
            }
            Op::Acquire => {
                let _guard = self.semaphore.acquire();
                coro::cede();
            }
            _ => self.up(),
        }
    }

    fn exclude(&self, op: Op) {
        if let Op::Notify = op {
            self.condvar.notify_one();
            return;
        }
        let guard = match op {
            Op::LockTimeout => self.mutex.lock_timeout(SECOND).ok(),
            _ => Some(self.mutex.lock()),
        };
        let Some(mut guard) = guard else { return };
        if let Op::CondvarWait = op {
            guard = self.condvar.wait_timeout(guard, SECOND).0;
        }
        let inside = Inside::new(&self.holders);
        coro::cede();
        drop((inside, guard));
    }

    fn share(&self, op: Op) {
        if let Op::Read | Op::ReadTimeout = op {
            let guard = match op {
                Op::Read => Some(self.lock.read()),
                _ => self.lock.read_timeout(SECOND).ok(),
            };
            if guard.is_some() {
                let _inside = Inside::new(&self.readers);
                // Long enough for a wake-up of others to be lost meanwhile.
                coro_time::sleep(SECOND);
            }
        } else {
            let guard = match op {
                Op::Write => Some(self.lock.write()),
                _ => self.lock.write_timeout(SECOND).ok(),
            };
            if guard.is_some() {
                let _inside = Inside::new(&self.writers);
                coro::cede();
            }
        }
    }

    fn pass(&self, op: Op) {
        match op {
            Op::Put => {
                let value = self.next();
                self.channel.put(value);
                self.put.borrow_mut().push(value);
            }
            Op::PutTimeout => {
                let value = self.next();
                if self.channel.put_timeout(value, SECOND).is_ok() {
                    self.put.borrow_mut().push(value);
                }
            }
            Op::Get => self.got(self.channel.get()),
            Op::GetTimeout => self.got(self.channel.get_timeout(SECOND).ok().flatten()),
            _ => {
                let (get, down) = (self.channel.get_arm(), self.semaphore.down_arm());
                match Select::new(&[&get, &down]).wait() {
                    0 => self.got(get.take()),
                    _ => self.took(1),
                }
            }
        }
    }

    /// Lets those go on who wait for what the program does not give.
    fn release(&self) {
        for _ in 0..4 {
            self.up();
            self.got(self.channel.try_get());
        }
        self.signal.broadcast();
        self.condvar.notify_all();
        self.channel.shutdown();
    }

    /// Asserts what must hold when all have ended.
    fn look_back(&self) {
        assert_eq!(self.semaphore.count(), self.permits.get(), "permits");
        assert!(!self.mutex.is_locked() && self.lock.try_write().is_some());
        let waiters = [
            self.semaphore.waiters(),
            self.mutex.waiters(),
            self.condvar.waiters(),
            self.signal.awaited(),
        ];
        assert_eq!(waiters, [0; 4], "waiters");
        let mut all = self.got.take();
        all.extend(self.channel.try_iter());
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count, "a value was doubled");
        let is_there = |value: &u32| all.contains(value);
        assert!(self.put.borrow().iter().all(is_there), "a value was lost");
        assert!(all.iter().all(|value| *value < self.begun.get()));
    }
}

/// Runs a program, and helps those who wait in vain.
fn supervise(program: &Program) {
    coro_time::set_slack(Duration::ZERO);
    let things = Rc::new(Things::new(program));
    let (seen, last) = (things.clone(), things.clone());
    invariant("mutual exclusion", move || seen.are_apart());
    finally(move || last.look_back());
    let spawn = |ops: &Vec<Op>| {
        let (ops, things) = (ops.clone(), things.clone());
        coro::spawn(move || ops.into_iter().for_each(|op| things.run(op)))
    };
    let handles: Vec<JoinHandle<()>> = program.coros.iter().map(spawn).collect();
    let coros = handles.iter().map(|handle| handle.coro().clone());
    things.coros.replace(coros.collect());
    // If a wake-up is lost, that is seen when nobody is ready any more.
    coro_time::sleep(10 * SECOND);
    things.release();
    coro_time::sleep(10 * SECOND);
    for handle in handles {
        handle.cancel();
        _ = handle.join();
    }
    things.coros.take();
}

#[test]
fn random_programs_keep_their_promises() {
    let number = |text: String| text.parse().expect("CORO_SCENARIOS is a number");
    let few = if cfg!(debug_assertions) { 20 } else { 200 };
    let count = env::var("CORO_SCENARIOS").map_or(few, number);
    let (mut executions, mut whole) = (0, 0);
    for seed in 0..count {
        let program = Program::new(seed);
        let builder = Builder::new().name(&format!("scenario {seed}"));
        let builder = builder.delays(2).spurious(1).max_executions(2_000);
        let builder = match seed % 3 {
            0 => builder.throws(1),
            1 => builder.cancels(1),
            _ => builder.safe_cancels(1),
        };
        let runs = program.clone();
        match builder.run(move || supervise(&runs)) {
            Ok(report) => {
                executions += report.executions();
                whole += u32::from(report.is_exhaustive());
            }
            Err(failure) => panic!(
                "scenario {seed}, after {} executions\n{program}{failure}",
                executions + failure.executions(),
            ),
        }
    }
    println!("{count} scenarios ({whole} of them exhaustive), {executions} executions");
    assert!(executions > count);
}
