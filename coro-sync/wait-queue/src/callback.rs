//! Running callbacks that were woken.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::line::Call;

thread_local! {
    /// The callbacks that were woken within the one that runs, if one does.
    static DUE: RefCell<Option<VecDeque<Call>>> = const { RefCell::new(None) };
}

/// Runs a callback, and after it those that it wakes: one in another, they would need a stack of
/// any size.
#[cold]
#[inline(never)]
pub(crate) fn run(call: Call) {
    let mut call = Some(call);
    // At the end of the OS thread there may be no list; then they run one in another.
    let _ = DUE.try_with(|due| match &mut *due.borrow_mut() {
        Some(due) => due.extend(call.take()),
        none => *none = Some(VecDeque::new()),
    });
    let is_outermost = call.is_some();
    while let Some(next) = call {
        run_one(next);
        let due = DUE.try_with(|due| due.borrow_mut().as_mut()?.pop_front());
        call = due.ok().flatten();
    }
    if is_outermost {
        let _ = DUE.try_with(RefCell::take);
    }
}

/// Runs a callback so that whoever wakes it goes on, whatever it does.
fn run_one(call: Call) {
    coro::shield(|| {
        coro::no_switch(|| {
            let _ = quietly(call);
        });
    });
}

/// Returns what `f` does, or `None` if it unwinds.
pub(crate) fn quietly<R>(f: impl FnOnce() -> R) -> Option<R> {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(result) => Some(result),
        Err(failure) => {
            // A payload whose destructor panics is not asked again.
            let _ = ManuallyDrop::new(catch_unwind(AssertUnwindSafe(|| drop(failure))));
            None
        }
    }
}
