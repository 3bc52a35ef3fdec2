//! The programs for coros, and the explorer of this workspace.

use std::rc::Rc;
use std::time::Instant;

use coro::{JoinHandle, cede, spawn};
use coro_explore::Builder;
use coro_mutex::{Condvar, Mutex};

use crate::measure::Limits;
use crate::program::{End, Outcome, Program};

/// Runs `program` under every schedule of its coros, with so many wake-ups without a cause.
pub(crate) fn explore(program: Program, limits: Limits, spurious: u32) -> Outcome {
    let Some(body) = body(program) else {
        return Outcome::refused("coros switch at no access: there is one order");
    };
    let builder = Builder::new()
        .spurious(spurious)
        .timers(0)
        .max_executions(u64::MAX)
        .max_time(limits.time);
    let start = Instant::now();
    let result = builder.run(body);
    let seconds = start.elapsed().as_secs_f64();
    let (executions, end) = match result {
        Ok(report) if !report.is_exhaustive() => (report.executions(), End::Stopped),
        Ok(report) if spurious == 0 => (report.executions(), End::Exhausted),
        Ok(report) => {
            let bound = format!("wake-ups without a cause ≤ {spurious}");
            (report.executions(), End::Bounded(bound))
        }
        Err(failure) => {
            let text = format!("{}: {}", failure.verdict(), failure.details().join("; "));
            (failure.executions(), End::Failed(text))
        }
    };
    Outcome {
        executions,
        seconds,
        end,
    }
}

fn body(program: Program) -> Option<fn()> {
    Some(match program {
        Program::Toy => toy,
        Program::Access => return None,
        Program::Counter => counter,
        Program::Buffer => buffer::<true>,
        Program::BufferIf => buffer::<false>,
        Program::Inversion => inversion,
        Program::LostSignal => lost_signal,
    })
}

fn join<T>(coros: impl IntoIterator<Item = JoinHandle<T>>) -> Vec<T> {
    let ended = coros.into_iter().map(|coro| coro.join());
    ended.map(|end| end.expect("no coro panics")).collect()
}

fn toy() {
    join([(); 2].map(|()| {
        spawn(|| {
            for _ in 0..3 {
                cede();
            }
        })
    }));
}

fn counter() {
    let count = Rc::new(Mutex::new(0));
    join([(); 3].map(|()| {
        let count = count.clone();
        spawn(move || {
            let mut count = count.lock();
            let read = *count;
            cede();
            *count = read + 1;
        })
    }));
    assert_eq!(*count.lock(), 3);
}

#[derive(Default)]
struct Buffer {
    slot: Mutex<Option<u32>>,
    filled: Condvar,
    emptied: Condvar,
}

/// Waiters look again after a wait if `AGAIN`.
fn buffer<const AGAIN: bool>() {
    let buffer = Rc::new(Buffer::default());
    let producer = spawn({
        let buffer = buffer.clone();
        move || {
            for item in [1, 2] {
                let mut slot = buffer.slot.lock();
                while slot.is_some() {
                    slot = buffer.emptied.wait(slot);
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
            let mut slot = buffer.slot.lock();
            while slot.is_none() {
                slot = buffer.filled.wait(slot);
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
    let locks = Rc::new((Mutex::new(()), Mutex::new(())));
    let first = spawn({
        let locks = locks.clone();
        move || {
            let _one = locks.0.lock();
            cede();
            let _other = locks.1.lock();
        }
    });
    let second = spawn(move || {
        cede();
        let _other = locks.1.lock();
        cede();
        let _one = locks.0.lock();
    });
    join([first, second]);
}

fn lost_signal() {
    let done = Rc::new((Mutex::new(false), Condvar::new()));
    let waiter = spawn({
        let done = done.clone();
        move || {
            let is_done = *done.0.lock();
            cede();
            if !is_done {
                drop(done.1.wait(done.0.lock()));
            }
        }
    });
    let signaller = spawn(move || {
        cede();
        cede();
        *done.0.lock() = true;
        done.1.notify_one();
    });
    join([waiter, signaller]);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The two coros have 4 slices each. If k of the second are left when the first ends, the body
    /// wakes up before one of them, or behind them.
    #[test]
    fn the_toy_has_as_many_executions_as_orders() {
        let left = [35, 20, 10, 4, 1]; // orders with 0, 1, 2 ... left: of 3 and 4 - k slices
        let orders: u64 = left
            .into_iter()
            .zip(1..)
            .map(|(n, places)| n * places)
            .sum();
        let report = Builder::new().spurious(0).run(toy);
        assert_eq!(report.expect("nothing is wrong").executions(), orders);
    }
}
