//! The programs for shuttle, and its two searches.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Instant;

use ::shuttle::scheduler::{DfsScheduler, RandomScheduler, Scheduler};
use ::shuttle::sync::atomic::AtomicU32;
use ::shuttle::sync::{Condvar, Mutex, MutexGuard};
use ::shuttle::thread::{JoinHandle, spawn, yield_now};
use ::shuttle::{Config, FailurePersistence, Runner};

use crate::measure::{Limits, counted, failure};
use crate::program::{End, Outcome, Program};

/// For how many seeds a random search looks for a fault.
const SEEDS: u64 = 101;

/// Runs `program` under every interleaving.
pub(crate) fn depth_first(program: Program, limits: Limits) -> Outcome {
    run(program, limits, DfsScheduler::new(None, false))
}

/// Runs `program` under random interleavings: as many as `limits` say.
///
/// A faulty one it runs until the fault shows, once for each seed, and the median counts.
pub(crate) fn random(program: Program, limits: Limits) -> Outcome {
    if program.fault().is_none() {
        let most = usize::try_from(limits.executions).unwrap_or(usize::MAX);
        let mut outcome = run(program, limits, RandomScheduler::new_from_seed(1, most));
        if matches!(outcome.end, End::Exhausted) {
            outcome.end = End::Stopped;
        }
        return outcome;
    }
    let mut outcomes: Vec<_> = (1..=SEEDS)
        .map(|seed| RandomScheduler::new_from_seed(seed, usize::MAX))
        .map(|scheduler| run(program, limits, scheduler))
        .collect();
    if let Some(other) = outcomes.iter().position(|o| !o.found(program)) {
        return outcomes.swap_remove(other);
    }
    let middle = outcomes.len() / 2;
    let (_, seconds, _) =
        outcomes.select_nth_unstable_by(middle, |a, b| a.seconds.total_cmp(&b.seconds));
    let seconds = seconds.seconds;
    let (_, median, _) = outcomes.select_nth_unstable_by_key(middle, |o| o.executions);
    Outcome {
        seconds,
        ..median.clone()
    }
}

fn run(program: Program, limits: Limits, scheduler: impl Scheduler + 'static) -> Outcome {
    let mut config = Config::new();
    config.failure_persistence = FailurePersistence::None;
    config.max_time = Some(limits.time);
    config.silence_warnings = true; // of orderings: all here are sequentially consistent
    let (count, body) = counted(body(program));
    let start = Instant::now();
    let failure = failure(|| Runner::new(scheduler, config).run(body));
    let time = start.elapsed();
    Outcome {
        executions: count.get(),
        seconds: time.as_secs_f64(),
        end: match failure {
            Some(failure) => End::Failed(failure),
            None if time < limits.time => End::Exhausted,
            None => End::Stopped,
        },
    }
}

fn body(program: Program) -> fn() {
    match program {
        Program::Toy => toy,
        Program::Access => access,
        Program::Counter => counter,
        Program::Buffer => buffer::<true>,
        Program::BufferIf => buffer::<false>,
        Program::Inversion => inversion,
        Program::LostSignal => lost_signal,
    }
}

fn join<T>(tasks: impl IntoIterator<Item = JoinHandle<T>>) -> Vec<T> {
    let ended = tasks.into_iter().map(|task| task.join());
    ended.map(|end| end.expect("no task panics")).collect()
}

// A coro's mutex is never poisoned: who finds the data in a wrong state says so himself.

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn wait<'a, T>(condvar: &Condvar, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    let guard = condvar.wait(guard);
    guard.unwrap_or_else(PoisonError::into_inner)
}

fn toy() {
    join([(); 2].map(|()| {
        spawn(|| {
            for _ in 0..3 {
                yield_now();
            }
        })
    }));
}

fn access() {
    let number = Arc::new(AtomicU32::new(0));
    join([(); 2].map(|()| {
        let number = number.clone();
        spawn(move || {
            for _ in 0..3 {
                number.fetch_add(1, Ordering::SeqCst);
            }
        })
    }));
    assert_eq!(number.load(Ordering::SeqCst), 6);
}

fn counter() {
    let count = Arc::new(Mutex::new(0));
    join([(); 3].map(|()| {
        let count = count.clone();
        spawn(move || {
            let mut count = lock(&count);
            let read = *count;
            yield_now();
            *count = read + 1;
        })
    }));
    assert_eq!(*lock(&count), 3);
}

#[derive(Default)]
struct Buffer {
    slot: Mutex<Option<u32>>,
    filled: Condvar,
    emptied: Condvar,
}

/// Waiters look again after a wait if `AGAIN`.
fn buffer<const AGAIN: bool>() {
    let buffer = Arc::new(Buffer::default());
    let producer = spawn({
        let buffer = buffer.clone();
        move || {
            for item in [1, 2] {
                let mut slot = lock(&buffer.slot);
                while slot.is_some() {
                    slot = wait(&buffer.emptied, slot);
                    if !AGAIN {
                        break;
                    }
                }
                assert_eq!(slot.replace(item), None, "the slot is full");
                buffer.filled.notify_one();
            }
        }
    });
    let consumers = [(); 2].map(|()| {
        let buffer = buffer.clone();
        spawn(move || {
            let mut slot = lock(&buffer.slot);
            while slot.is_none() {
                slot = wait(&buffer.filled, slot);
                if !AGAIN {
                    break;
                }
            }
            let item = slot.take().expect("the slot is empty");
            buffer.emptied.notify_one();
            item
        })
    });
    join([producer]);
    assert_eq!(join(consumers).into_iter().sum::<u32>(), 3);
}

fn inversion() {
    let locks = Arc::new((Mutex::new(()), Mutex::new(())));
    let first = spawn({
        let locks = locks.clone();
        move || {
            let _one = lock(&locks.0);
            yield_now();
            let _other = lock(&locks.1);
        }
    });
    let second = spawn(move || {
        yield_now();
        let _other = lock(&locks.1);
        yield_now();
        let _one = lock(&locks.0);
    });
    join([first, second]);
}

fn lost_signal() {
    let done = Arc::new((Mutex::new(false), Condvar::new()));
    let waiter = spawn({
        let done = done.clone();
        move || {
            let is_done = *lock(&done.0);
            yield_now();
            if !is_done {
                drop(wait(&done.1, lock(&done.0)));
            }
        }
    });
    let signaller = spawn(move || {
        yield_now();
        yield_now();
        *lock(&done.0) = true;
        done.1.notify_one();
    });
    join([waiter, signaller]);
}
