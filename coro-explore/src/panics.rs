//! What a panic said: caught from the panic hook, which prints nothing while schedules are explored.

use std::cell::{Cell, RefCell};
use std::panic::{self, PanicHookInfo};
use std::sync::Once;

use crate::scene::short;

thread_local! {
    static EXPLORES: Cell<bool> = const { Cell::new(false) };
    static LAST: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps the panics of this OS thread from the screen, for [`last`].
pub(crate) fn capture() {
    // The kernel's hook, which names the coro, is installed when the first one runs; ours shall be
    // asked before.
    _ = coro::spawn(|| ()).join();
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if EXPLORES.try_with(Cell::get) == Ok(true) {
                note(info);
            } else {
                others(info);
            }
        }));
    });
    EXPLORES.set(true);
}

fn note(info: &PanicHookInfo<'_>) {
    let message = info.payload_as_str().unwrap_or("(not a string)");
    let text = match info.location() {
        Some(place) => format!("{}: {message}", short(place)),
        None => message.to_owned(),
    };
    LAST.with_borrow_mut(|last| *last = Some(text));
}

/// Returns what the last panic of this OS thread said, and forgets it.
pub(crate) fn last() -> Option<String> {
    LAST.with_borrow_mut(Option::take)
}
