//! What a panic said: caught from the panic hook, which prints nothing while schedules are explored.

use std::cell::{Cell, RefCell};
use std::panic::{self, PanicHookInfo};
use std::sync::Once;

use crate::checks;
use crate::scene::short;

thread_local! {
    static EXPLORES: Cell<bool> = const { Cell::new(false) };
    /// What the last panic of each coro said.
    static SAID: RefCell<Vec<(u64, String)>> = const { RefCell::new(Vec::new()) };
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
    if NO_UNWINDING.contains(&message) {
        // The process ends here.
        let said: Vec<_> = SAID.take().into_iter().map(|(_, said)| said).collect();
        checks::last_words("abort", &format!("{text}, after: {}", said.join("; ")));
        return;
    }
    let id = coro::current().id();
    SAID.with_borrow_mut(|all| {
        all.retain(|(other, _)| *other != id);
        all.push((id, text));
    });
}

/// What std says before it aborts.
const NO_UNWINDING: [&str; 2] = [
    "panic in a destructor during cleanup",
    "panic in a function that cannot unwind",
];

/// Returns what the last panic of this coro said, and forgets it.
pub(crate) fn last(id: u64) -> Option<String> {
    SAID.with_borrow_mut(|all| {
        let at = all.iter().position(|(other, _)| *other == id)?;
        Some(all.remove(at).1)
    })
}

/// Forgets all.
pub(crate) fn forget() {
    SAID.with_borrow_mut(Vec::clear);
}
