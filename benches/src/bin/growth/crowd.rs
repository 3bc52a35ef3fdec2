//! Coros that are there, and do nothing until they are asked.

use std::cell::Cell;
use std::ops::Deref;
use std::rc::Rc;

use coro::{Builder, JoinHandle, cede, schedule};

use crate::workload::scattered;

/// As the program `million` has it; a million of the default size would do as well.
const STACK: usize = 32 * 1024;

/// Spawns with a small stack.
pub(crate) fn spawn<T: 'static>(f: impl FnOnce() -> T + 'static) -> JoinHandle<T> {
    Builder::new().stack_size(STACK).spawn(f)
}

/// Blocked coros, each of which counts how often it runs, and blocks again.
pub(crate) struct Crowd {
    coros: Vec<JoinHandle<()>>,
    runs: Rc<Cell<u64>>,
    is_over: Rc<Cell<bool>>,
}

impl Crowd {
    /// Returns so many, all blocked.
    pub(crate) fn new(size: u64) -> Crowd {
        let (runs, is_over) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(false)));
        let one = |_| {
            let (runs, is_over) = (runs.clone(), is_over.clone());
            spawn(move || {
                loop {
                    schedule();
                    if is_over.get() {
                        break;
                    }
                    runs.set(runs.get() + 1);
                }
            })
        };
        let coros = (0..size).map(one).collect();
        cede();
        Crowd {
            coros,
            runs,
            is_over,
        }
    }

    /// Returns how often they ran, together.
    pub(crate) fn runs(&self) -> u64 {
        self.runs.get()
    }

    /// Readies all, out of order.
    pub(crate) fn ready(&self) {
        for at in scattered(self.len() as u64) {
            self[at].coro().ready();
        }
    }

    /// Lets all come to their end.
    pub(crate) fn end(self) {
        self.is_over.set(true);
        self.ready();
        for coro in self.coros {
            // Some workloads have cancelled some.
            drop(coro.join());
        }
    }
}

impl Deref for Crowd {
    type Target = [JoinHandle<()>];

    fn deref(&self) -> &[JoinHandle<()>] {
        &self.coros
    }
}
