//! What the coros of a program share, and what is counted while they run.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Duration;

use coro::{Coro, JoinHandle, RouseCallback};
use coro_channel::{Channel, JoinSet, OneshotReceiver, OneshotSender};
use coro_specific::{Inherited, Specific};
use coro_sync::{
    Barrier, Condvar, Mutex, Once, RwLock, Semaphore, SemaphoreGuardRc, SemaphoreSet, Signal,
    WaitGroup, WaitGroupToken,
};

use super::program::Step;
use super::steps;

/// No program of the sizes that are drawn takes so many steps.
const MOST_STEPS: u32 = 20_000;

thread_local! {
    static WORLD: RefCell<Option<Rc<World>>> = const { RefCell::new(None) };
    /// How often the value of this number was dropped.
    static DROPS: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static PANICS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Notes the message of a panic on this OS thread.
pub(crate) fn note_panic(message: String) {
    PANICS.with(|panics| panics.borrow_mut().push(message));
}

/// Returns the messages of all panics on this OS thread.
pub(crate) fn panics() -> Vec<String> {
    PANICS.with(RefCell::take)
}

/// Returns the world of this OS thread, while a program runs.
pub(crate) fn world() -> Option<Rc<World>> {
    WORLD.with(|world| world.borrow().clone())
}

/// Makes a world the one of this OS thread, or takes it away.
pub(crate) fn set_world(world: Option<Rc<World>>) -> Option<Rc<World>> {
    WORLD.with(|place| place.replace(world))
}

/// Returns the numbers of values that were not dropped exactly once.
pub(crate) fn wrong_drops() -> Vec<(usize, u8)> {
    let drops = DROPS.with(RefCell::take);
    drops
        .into_iter()
        .enumerate()
        .filter(|&(_, times)| times != 1)
        .collect()
}

/// A value that is counted, and does its steps when it is dropped.
#[derive(Debug)]
pub(crate) struct Value {
    number: usize,
    steps: Vec<Step>,
    /// It does not wait for ever when it is dropped.
    calm: bool,
}

impl Value {
    /// As `new`, for a call that drops it if it is interrupted, and is counted as waiting meanwhile.
    pub(crate) fn calm(steps: &[Step]) -> Value {
        // What a body drops would not be calm.
        let flat: Vec<_> = steps
            .iter()
            .filter(|step| step.body.is_empty())
            .cloned()
            .collect();
        let mut value = Value::new(&flat);
        value.calm = true;
        value
    }

    pub(crate) fn new(steps: &[Step]) -> Value {
        let number = DROPS.with(|drops| {
            let mut drops = drops.borrow_mut();
            drops.push(0);
            drops.len() - 1
        });
        Value {
            number,
            steps: steps.to_vec(),
            calm: false,
        }
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        DROPS.with(|drops| drops.borrow_mut()[self.number] += 1);
        if !self.steps.is_empty() {
            steps::in_drop(&self.steps, self.calm);
        }
    }
}

/// Where the steps stand that run.
#[derive(Clone, Copy, Default)]
pub(crate) struct Cx {
    /// In a shield or a destructor: nothing interrupts it, so it must not wait for what is not sure
    /// to come.
    pub(crate) careful: bool,
    /// In a destructor or a hook: to `terminate` there is forbidden.
    pub(crate) dropping: bool,
    /// Where main would end the process by blocking for ever.
    pub(crate) quiet: bool,
}

/// Counts a wait while it lives.
pub(crate) struct Waits<'a>(&'a Cell<usize>);

impl<'a> Waits<'a> {
    pub(crate) fn new(count: &'a Cell<usize>) -> Waits<'a> {
        count.set(count.get() + 1);
        Waits(count)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// What became of the sends of a signal.
#[derive(Default)]
pub(crate) struct Sent {
    pub(crate) sends: Cell<usize>,
    pub(crate) came: Cell<usize>,
    /// Waits that were left, and may have passed a send on.
    pub(crate) left: Cell<usize>,
    /// A send may have been swallowed, as it may be.
    pub(crate) unclear: Cell<bool>,
}

/// A wait for a signal; if it is dropped without `done`, it was left.
pub(crate) struct Awaits<'a>(&'a Sent, bool);

impl<'a> Awaits<'a> {
    pub(crate) fn new(sent: &'a Sent) -> Awaits<'a> {
        Awaits(sent, false)
    }

    pub(crate) fn done(mut self) {
        self.1 = true;
    }
}

impl Drop for Awaits<'_> {
    fn drop(&mut self) {
        let count = if self.1 { &self.0.came } else { &self.0.left };
        count.set(count.get() + 1);
    }
}

/// A destructor that takes steps.
pub(crate) struct Deeper<'a>(&'a World, u64);

impl Drop for Deeper<'_> {
    fn drop(&mut self) {
        if let Some(depth) = self.0.depths.borrow_mut().get_mut(&self.1) {
            *depth -= 1;
        }
    }
}

/// All that a program uses.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) coros: RefCell<Vec<Coro>>,
    pub(crate) handles: RefCell<Vec<JoinHandle<Value>>>,
    pub(crate) calls: RefCell<Vec<RouseCallback<Value>>>,
    /// The ids of coros that may not be suspended, as their scopes have to end.
    pub(crate) scoped: RefCell<HashSet<u64>>,
    pub(crate) sems: Vec<Rc<Semaphore>>,
    /// What the counts are to be once all guards are gone.
    pub(crate) counts: [Cell<isize>; 4],
    /// How many coros wait for so many permits.
    pub(crate) sem_waits: [[Cell<usize>; 6]; 4],
    pub(crate) guards: RefCell<Vec<SemaphoreGuardRc>>,
    pub(crate) set: Option<SemaphoreSet<u8>>,
    pub(crate) keys: [Cell<isize>; 2],
    pub(crate) signals: [Signal; 2],
    pub(crate) sent: [Sent; 2],
    pub(crate) barrier: Option<Barrier>,
    pub(crate) group: WaitGroup,
    pub(crate) tokens: RefCell<Vec<WaitGroupToken>>,
    pub(crate) onces: [Once<Value>; 2],
    pub(crate) once_runs: [Cell<usize>; 2],
    pub(crate) once_waits: [Cell<usize>; 2],
    pub(crate) mutexes: Vec<Mutex<Value>>,
    pub(crate) condvars: [Condvar; 2],
    pub(crate) locks: Vec<RwLock<Value>>,
    pub(crate) lock_waits: [Cell<usize>; 2],
    pub(crate) channels: Vec<Channel<Value>>,
    pub(crate) puts: [Cell<usize>; 6],
    pub(crate) gets: [Cell<usize>; 6],
    pub(crate) senders: RefCell<Vec<OneshotSender<Value>>>,
    pub(crate) receivers: RefCell<Vec<OneshotReceiver<Value>>>,
    pub(crate) joinset: JoinSet<Value>,
    pub(crate) set_waits: Cell<usize>,
    /// Waits that time ends.
    pub(crate) timed: Cell<usize>,
    /// Calls that hold a timer for longer than they wait.
    pub(crate) clocks: Cell<usize>,
    pub(crate) stale_timers: Cell<bool>,
    pub(crate) joins: RefCell<Vec<Coro>>,
    pub(crate) specific: Specific<Value>,
    pub(crate) inherited: Inherited<Value>,
    /// How many destructors run in each other, by coro.
    pub(crate) depths: RefCell<HashMap<u64, u8>>,
    /// No coro may wait for ever where nothing interrupts it.
    pub(crate) strict: bool,
    pub(crate) closing: Cell<bool>,
    pub(crate) taken: Cell<u32>,
}

impl World {
    pub(crate) fn new(strict: bool) -> World {
        let sems = vec![
            Rc::new(Semaphore::new(1)),
            Rc::new(Semaphore::fair(1)),
            Rc::new(Semaphore::new(0)),
            Rc::new(Semaphore::fair(2)),
        ];
        let counts: [Cell<isize>; 4] = Default::default();
        counts
            .iter()
            .zip(&sems)
            .for_each(|(count, sem)| count.set(sem.count()));
        World {
            coros: RefCell::new(vec![coro::main()]),
            sems,
            counts,
            set: Some(SemaphoreSet::new(1)),
            keys: [Cell::new(1), Cell::new(1)],
            barrier: Some(Barrier::new(2)),
            mutexes: vec![Mutex::new(Value::new(&[])), Mutex::fair(Value::new(&[]))],
            locks: vec![RwLock::new(Value::new(&[])), RwLock::fair(Value::new(&[]))],
            channels: vec![
                Channel::bounded(1),
                Channel::bounded(0),
                Channel::fair(1),
                Channel::fair(0),
                Channel::unbounded(),
                Channel::bounded(3),
            ],
            strict,
            ..World::default()
        }
    }

    /// Returns some coro that was spawned, or main.
    pub(crate) fn coro(&self, a: u8) -> Coro {
        let coros = self.coros.borrow();
        coros[usize::from(a) % coros.len()].clone()
    }

    /// Keeps a coro and its handle for others to find.
    pub(crate) fn keep(&self, handle: JoinHandle<Value>) {
        self.coros.borrow_mut().push(handle.coro().clone());
        self.handles.borrow_mut().push(handle);
    }

    /// Returns `true` where a coro may wait for what may never come.
    pub(crate) fn may_wait(&self, cx: Cx) -> bool {
        !(cx.quiet || cx.careful && self.strict)
    }

    /// Returns what stands for one more destructor on a coro's stack, unless they are many.
    pub(crate) fn deeper(&self, coro: &Coro) -> Option<Deeper<'_>> {
        let mut depths = self.depths.borrow_mut();
        let depth = depths.entry(coro.id()).or_insert(0);
        if *depth == 3 {
            return None;
        }
        *depth += 1;
        Some(Deeper(self, coro.id()))
    }

    /// Counts a step; `false` if there are to be no more.
    pub(crate) fn may_go_on(&self) -> bool {
        self.taken.set(self.taken.get() + 1);
        !self.closing.get() && self.taken.get() < MOST_STEPS
    }

    /// Returns `true` if the program does not end.
    pub(crate) fn runs_away(&self) -> bool {
        self.taken.get() >= MOST_STEPS
    }
}

/// Takes one of several things out.
pub(crate) fn pick<T>(from: &RefCell<Vec<T>>, a: u8) -> Option<T> {
    let mut from = from.borrow_mut();
    let len = from.len();
    (len > 0).then(|| from.remove(usize::from(a) % len))
}

/// So many virtual milliseconds.
pub(crate) fn ms(n: u8) -> Duration {
    Duration::from_millis(u64::from(n))
}

/// Calls `f`, and swallows whatever leaves it.
pub(crate) fn swallow(f: impl FnOnce()) {
    let payload: Result<(), Box<dyn Any + Send>> = catch_unwind(AssertUnwindSafe(f));
    drop(payload);
}
