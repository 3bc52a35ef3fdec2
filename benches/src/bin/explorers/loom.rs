//! The programs for loom, and its search.
//!
//! Only what synchronises is loom's: its `Arc` would be one more thing that it looks into. But for
//! the toy nobody yields: loom preempts at every access anyway, and a yield says to it that others
//! have to move first, so that it leaves out what coros and shuttle run after one.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Instant;

use ::loom::model::Builder;
use ::loom::sync::atomic::AtomicU32;
use ::loom::sync::{Condvar, Mutex, MutexGuard};
use ::loom::thread::{JoinHandle, spawn, yield_now};

use crate::measure::{Limits, counted, failure};
use crate::program::{End, Outcome, Program};

/// Runs `program` under every interleaving of what depends on each other, with at most so many
/// preemptions.
pub(crate) fn model(program: Program, limits: Limits, preemptions: Option<usize>) -> Outcome {
    let mut builder = Builder::new();
    builder.preemption_bound = preemptions;
    builder.max_duration = Some(limits.time);
    builder.checkpoint_interval = 1000; // it looks at the clock as often
    let (count, body) = counted(body(program));
    let start = Instant::now();
    let failure = failure(|| builder.check(body));
    let time = start.elapsed();
    Outcome {
        executions: count.get(),
        seconds: time.as_secs_f64(),
        end: match (failure, preemptions) {
            (Some(failure), _) => End::Failed(failure),
            (None, _) if time >= limits.time => End::Stopped,
            (None, Some(most)) => End::Bounded(format!("preemptions ≤ {most}")),
            (None, None) => End::Exhausted,
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
        Program::LostSignal => lost_signal::<false>,
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
            let _other = lock(&locks.1);
        }
    });
    let second = spawn(move || {
        let _other = lock(&locks.1);
        let _one = lock(&locks.0);
    });
    join([first, second]);
}

/// Both yield where the coros do if `YIELDS`.
fn lost_signal<const YIELDS: bool>() {
    let pause = || {
        if YIELDS {
            yield_now();
        }
    };
    let done = Arc::new((Mutex::new(false), Condvar::new()));
    let waiter = spawn({
        let done = done.clone();
        move || {
            let is_done = *lock(&done.0);
            pause();
            if !is_done {
                drop(wait(&done.1, lock(&done.0)));
            }
        }
    });
    let signaller = spawn(move || {
        pause();
        pause();
        *lock(&done.0) = true;
        done.1.notify_one();
    });
    join([waiter, signaller]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yield_hides_what_follows_if_nobody_else_moves_first() {
        let fails = |body: fn()| failure(|| Builder::new().check(body)).is_some();
        assert!(fails(lost_signal::<false>));
        assert!(!fails(lost_signal::<true>));
    }
}
