//! Random programs, of which everything is played by hand: that is what the explorer explores.

use std::cell::{Cell, RefCell};
use std::collections::{HashSet, VecDeque};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use coro::{Coro, JoinHandle};
use coro_explore::{Builder, Failure, Move, Position, Verdict, finally};
use fastrand::Rng;

/// What a coro does.
#[derive(Clone, Debug)]
enum Op {
    Cede,
    /// Blocks once, until somebody readies it.
    Block,
    /// Readies who has blocked first.
    Ready,
    /// Takes a permit; a careless one does not look again when it is woken.
    Down {
        is_careless: bool,
    },
    Up,
    /// Puts a value into a queue, and takes one from it.
    Put(u32),
    Get,
    Sleep(u64),
    Choose(usize),
    /// Reads a number, lets others run, and writes one more.
    Add,
    /// The number is at least this.
    Look(u32),
    Spawn(Vec<Op>),
    /// Joins the coro that was spawned last.
    Join,
}

/// Returns some of what a coro may do.
fn ops(rng: &mut Rng, most: usize, depth: usize) -> Vec<Op> {
    let op = |rng: &mut Rng| match rng.u32(..16) {
        0 | 1 => Op::Cede,
        2 => Op::Block,
        3 => Op::Ready,
        4 => Op::Down {
            is_careless: rng.bool(),
        },
        5 | 6 => Op::Up,
        7 => Op::Put(rng.u32(..3)),
        8 => Op::Get,
        9 => Op::Sleep(rng.u64(1..3)),
        10 => Op::Choose(rng.usize(2..4)),
        11 => Op::Add,
        12 => Op::Look(rng.u32(..2)),
        13 | 14 if depth > 0 => Op::Spawn(ops(rng, 3, depth - 1)),
        13 | 14 => Op::Cede,
        _ => Op::Join,
    };
    (0..rng.usize(1..=most)).map(|_| op(rng)).collect()
}

/// What the coros of one execution share.
#[derive(Default)]
struct Shared {
    blocked: RefCell<VecDeque<Coro>>,
    permits: Cell<u32>,
    waiters: RefCell<VecDeque<Coro>>,
    values: RefCell<VecDeque<u32>>,
    getters: RefCell<VecDeque<Coro>>,
    number: Cell<u32>,
    alarms: Rc<RefCell<Vec<(Instant, Coro)>>>,
}

/// The timers of those who sleep.
struct Alarms(Rc<RefCell<Vec<(Instant, Coro)>>>);

impl coro::Timers for Alarms {
    fn fire(&mut self, now: Instant) {
        let all = self.0.take();
        let (due, later) = all.into_iter().partition(|(at, _)| *at <= now);
        *self.0.borrow_mut() = later;
        let due: Vec<_> = due;
        due.iter().for_each(|(_, coro)| _ = coro.ready());
    }

    fn deadline(&self) -> Option<Instant> {
        self.0.borrow().iter().map(|(at, _)| *at).min()
    }
}

/// Blocks among others.
fn wait_in(queue: &RefCell<VecDeque<Coro>>) {
    queue.borrow_mut().push_back(coro::current());
    coro::schedule();
    // Who is woken by another than who has taken it from the queue is still there.
    queue.borrow_mut().retain(|coro| *coro != coro::current());
}

fn ready_first(queue: &RefCell<VecDeque<Coro>>) {
    let first = queue.borrow_mut().pop_front();
    _ = first.map(|coro| coro.ready());
}

fn perform(ops: &[Op], shared: &Rc<Shared>) {
    let mut children: Vec<JoinHandle<()>> = Vec::new();
    for op in ops {
        match op {
            Op::Cede => coro::cede(),
            Op::Block => wait_in(&shared.blocked),
            Op::Ready => ready_first(&shared.blocked),
            Op::Down { is_careless } => {
                while shared.permits.get() == 0 {
                    wait_in(&shared.waiters);
                    if *is_careless {
                        break;
                    }
                }
                let left = shared.permits.get().checked_sub(1);
                shared.permits.set(left.expect("a permit"));
            }
            Op::Up => {
                shared.permits.set(shared.permits.get() + 1);
                ready_first(&shared.waiters);
            }
            Op::Put(value) => {
                shared.values.borrow_mut().push_back(*value);
                ready_first(&shared.getters);
            }
            Op::Get => {
                while shared.values.borrow().is_empty() {
                    wait_in(&shared.getters);
                }
                let value = shared.values.borrow_mut().pop_front();
                coro::note(value.expect("a value").to_string());
            }
            Op::Sleep(seconds) => {
                let until = coro::now() + Duration::from_secs(*seconds);
                while coro::now() < until {
                    let alarm = (until, coro::current());
                    shared.alarms.borrow_mut().push(alarm);
                    coro::schedule();
                    let mut alarms = shared.alarms.borrow_mut();
                    alarms.retain(|(_, coro)| *coro != coro::current());
                }
            }
            Op::Choose(count) => coro::note(coro::choose(*count).to_string()),
            Op::Add => {
                let number = shared.number.get();
                coro::cede();
                shared.number.set(number + 1);
            }
            Op::Look(least) => assert!(shared.number.get() >= *least),
            Op::Spawn(ops) => {
                let (ops, shared) = (ops.clone(), shared.clone());
                children.push(coro::spawn(move || perform(&ops, &shared)));
            }
            Op::Join => _ = children.pop().map(JoinHandle::join),
        }
    }
}

/// A random program, and what may happen to it.
struct Case {
    explorer: Builder,
    program: Arc<Vec<Op>>,
}

impl Case {
    fn new(seed: u64) -> Case {
        let mut rng = Rng::with_seed(seed);
        let mut program: Vec<_> = (0..rng.usize(1..3))
            .map(|_| Op::Spawn(ops(&mut rng, 4, 1)))
            .collect();
        program.extend(ops(&mut rng, 3, 0));
        let mut explorer = Builder::new().name("random").spurious(0).timers(0);
        if rng.bool() {
            explorer = explorer.panics();
        }
        for _ in 0..rng.u32(..4) {
            let most = rng.u32(1..3);
            explorer = match rng.u32(..6) {
                0 => explorer.spurious(most),
                1 => explorer.throws(most),
                2 => explorer.cancels(most),
                3 => explorer.safe_cancels(most),
                4 => explorer.timeouts(most),
                _ => explorer.timers(most),
            };
        }
        Case {
            explorer,
            program: Arc::new(program),
        }
    }

    fn body(&self) -> impl Fn() + Send + Sync + 'static {
        let program = self.program.clone();
        move || {
            let shared = Rc::<Shared>::default();
            coro::set_timers(Some(Box::new(Alarms(shared.alarms.clone()))));
            finally(|| _ = coro::set_timers(None));
            perform(&program, &shared);
        }
    }

    fn play(&self, moves: &[Move]) -> Position {
        self.explorer.play(moves, self.body())
    }
}

/// What all executions are that begin with the same moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct All {
    executions: u64,
    failures: u64,
    /// The fewest departures of a failure.
    least: Option<usize>,
}

impl Case {
    /// Plays everything that begins with these moves, and asks the explorer for the same; `None` if
    /// that is more than so many positions.
    fn all(&self, moves: &mut Vec<Move>, left: &mut usize) -> Option<All> {
        *left = left.checked_sub(1)?;
        let position = self.play(moves);
        let what = || format!("after {moves:?} of {:?}", self.program);
        assert_eq!(position.missed(), None, "{}", what());
        let all: HashSet<_> = position.moves().iter().collect();
        assert_eq!(all.len(), position.moves().len(), "{}", what());
        let whole = if position.is_over() {
            self.end(moves, &position);
            All {
                executions: 1,
                failures: u64::from(position.failure().is_some()),
                least: position.failure().map(Failure::deviations),
            }
        } else {
            assert!(position.failure().is_none(), "{}", what());
            let mut whole = All::default();
            for next in position.moves() {
                moves.push(*next);
                let part = self.all(moves, left);
                moves.pop();
                let part = part?;
                whole.executions += part.executions;
                whole.failures += part.failures;
                whole.least = whole.least.into_iter().chain(part.least).min();
            }
            whole
        };
        let what = format!("{whole:?} after {moves:?} of {:?}", self.program);
        match self.explorer.run_from(moves, self.body()) {
            Ok(report) => {
                assert_eq!(
                    (report.executions(), 0),
                    (whole.executions, whole.failures),
                    "{what}"
                );
            }
            Err(failure) => {
                assert_eq!(Some(failure.deviations()), whole.least, "{failure}\n{what}");
                let found = self.explorer.moves(failure.schedule(), self.body());
                let found = found.expect("it is a schedule");
                assert!(found.starts_with(moves), "{found:?} {what}");
            }
        }
        Some(whole)
    }

    /// Looks at an execution that is over.
    fn end(&self, moves: &[Move], position: &Position) {
        let again = self.play(moves);
        assert_eq!(again.coros(), position.coros());
        assert_eq!(
            again.execution().to_string(),
            position.execution().to_string()
        );
        let Some(failure) = position.failure() else {
            return;
        };
        let what = format!("{failure} {moves:?} of {:?}", self.program);
        assert_ne!(failure.verdict(), Verdict::Nondeterminism, "{what}");
        let same = self.explorer.moves(failure.schedule(), self.body());
        assert_eq!(same.as_deref(), Some(moves), "{what}");
        let replay = self.explorer.clone().replay(failure.schedule());
        let replayed = replay.run(self.body()).expect_err("it fails");
        assert_eq!(replayed.verdict(), failure.verdict(), "{what}");
        assert_eq!(replayed.details(), failure.details(), "{what}");
        assert_eq!(replayed.schedule(), failure.schedule(), "{what}");
    }
}

#[test]
fn what_can_be_played_is_what_is_explored() {
    const PROGRAMS: u64 = 50;
    const POSITIONS: usize = 100;
    let (mut small, mut failing) = (0_u64, 0_u64);
    for seed in 0..PROGRAMS {
        let case = Case::new(seed);
        if let Some(whole) = case.all(&mut Vec::new(), &mut POSITIONS.clone()) {
            small += 1;
            failing += u64::from(whole.failures > 0);
        }
    }
    // Many are so small, and there are both kinds.
    assert!(
        small > PROGRAMS / 4 && failing > 4 && small - failing > 4,
        "{small} {failing}"
    );
}
