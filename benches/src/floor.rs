//! The floor: a minimal kernel over raw corosensei, for comparison.
//!
//! A list in a thread-local, a trampoline that resumes whoever is next, and nothing else: no
//! handles, no counts, no priorities, no interruption, no deadlock. What `coro` costs above it is
//! the price of all that.
//!
//! Its stacks have a guard page each, so it ends near 32 700 coroutines, where the system's limit
//! of mappings is.

use std::cell::Cell;
use std::hint::black_box;
use std::time::Instant;

use corosensei::stack::DefaultStack;
use corosensei::{Coroutine, CoroutineResult};

use crate::workload::Took;

type Yielder = corosensei::Yielder<(), ()>;
type Routine = Coroutine<(), (), (), DefaultStack>;

/// The most coroutines, and the number of nobody.
const NOBODY: u32 = 1 << 14;
const STACK: usize = 16 * 1024;

/// Who is ready, by number, and who runs. With two coroutines a list is faster than a ring: 3.7
/// against 5.3 ns.
struct Ready {
    first: Cell<u32>,
    last: Cell<u32>,
    next: [Cell<u32>; NOBODY as usize],
    current: Cell<u32>,
}

thread_local! {
    static READY: Ready = const {
        Ready {
            first: Cell::new(NOBODY),
            last: Cell::new(NOBODY),
            next: [const { Cell::new(NOBODY) }; NOBODY as usize],
            current: Cell::new(NOBODY),
        }
    };
}

impl Ready {
    #[inline(always)]
    fn next(&self, number: u32) -> &Cell<u32> {
        &self.next[(number % NOBODY) as usize]
    }

    #[inline(always)]
    fn push(&self, number: u32) {
        self.next(number).set(NOBODY);
        match self.last.replace(number) {
            NOBODY => self.first.set(number),
            last => self.next(last).set(number),
        }
    }

    #[inline(always)]
    fn pop(&self) -> Option<u32> {
        let first = self.first.get();
        if first == NOBODY {
            return None;
        }
        let next = self.next(first).get();
        self.first.set(next);
        if next == NOBODY {
            self.last.set(NOBODY);
        }
        Some(first)
    }
}

/// Readies the running coroutine and switches to the next.
#[inline(always)]
fn cede(yielder: &Yielder) {
    // The switch is not inside the closure: that would be a frame of its own.
    READY.with(|ready| ready.push(ready.current.get()));
    yielder.suspend(());
}

#[inline(never)]
fn outer(yielder: &Yielder) {
    inner(yielder);
    black_box(());
}

#[inline(never)]
fn inner(yielder: &Yielder) {
    cede(yielder);
    black_box(());
}

/// Readies all, and resumes whoever is next until nobody is ready.
fn trampoline(routines: &mut [Routine]) {
    READY.with(|ready| (0..routines.len()).for_each(|number| ready.push(number as u32)));
    while let Some(number) = READY.with(Ready::pop) {
        READY.with(|ready| ready.current.set(number));
        let routine = &mut routines[number as usize];
        if let CoroutineResult::Return(()) = routine.resume(()) {
            black_box(());
        }
    }
}

/// `ROUTINES` coroutines that yield in turn.
pub(crate) fn yields<const ROUTINES: usize, const DEEP: bool>(ops: u64) -> Took {
    let rounds = ops.div_ceil(ROUTINES as u64);
    let body = move |yielder: &Yielder, ()| {
        yielder.suspend(());
        for _ in 1..rounds {
            if DEEP {
                outer(yielder);
            } else {
                cede(yielder);
            }
        }
        yielder.suspend(());
    };
    let mut routines: Vec<Routine> = stacks(ROUTINES)
        .into_iter()
        .map(|stack| Coroutine::with_stack(stack, body))
        .collect();
    trampoline(&mut routines); // to their beginning
    let start = Instant::now();
    trampoline(&mut routines);
    let time = start.elapsed();
    trampoline(&mut routines); // to their end
    keep(routines.into_iter().map(Coroutine::into_stack));
    Took {
        ops: rounds * ROUTINES as u64,
        time,
    }
}

/// A coroutine that returns at once, made and run, again and again.
pub(crate) fn spawn_join(ops: u64) -> Took {
    let mut stack = stacks(1).pop();
    let start = Instant::now();
    for _ in 0..ops {
        if let Some(pooled) = stack.take() {
            let mut routine: Routine = Coroutine::with_stack(pooled, |_: &Yielder, ()| ());
            black_box(routine.resume(()));
            stack = Some(routine.into_stack());
        }
    }
    let time = start.elapsed();
    keep(stack);
    Took { ops, time }
}

/// `BATCH` coroutines made, then run, again and again.
pub(crate) fn spawn_batch<const BATCH: usize>(ops: u64) -> Took {
    let batches = ops.div_ceil(BATCH as u64);
    let mut pool = stacks(BATCH);
    let mut routines: Vec<Routine> = Vec::with_capacity(BATCH);
    let start = Instant::now();
    for _ in 0..batches {
        for stack in pool.drain(..) {
            routines.push(Coroutine::with_stack(stack, |_: &Yielder, ()| ()));
        }
        trampoline(&mut routines);
        pool.extend(routines.drain(..).map(Coroutine::into_stack));
    }
    let time = start.elapsed();
    keep(pool);
    Took {
        ops: batches * BATCH as u64,
        time,
    }
}

thread_local! {
    static POOL: Cell<Vec<DefaultStack>> = const { Cell::new(Vec::new()) };
}

fn stacks(count: usize) -> Vec<DefaultStack> {
    let mut pool = POOL.take();
    let rest = pool.split_off(pool.len().min(count));
    POOL.set(rest);
    pool.resize_with(count, || {
        DefaultStack::new(STACK).expect("the floor stays far below the limit of mappings")
    });
    pool
}

fn keep(stacks: impl IntoIterator<Item = DefaultStack>) {
    let mut pool: Vec<_> = stacks.into_iter().collect();
    pool.append(&mut POOL.take());
    POOL.set(pool);
}
