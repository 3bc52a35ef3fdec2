//! The line that names the coro above the message of its panic.
#![allow(
    unsafe_code,
    reason = "asks the system whether anybody reads the message"
)]

use std::panic;
use std::sync::Once;

use crate::kernel::Kernel;
use crate::passage::{Name, somebody_unwinds};
use crate::state::ROOT;

/// Puts a panic hook before the one that is there, once for the process.
///
/// A program that sets a hook of its own later replaces it, or calls it, as it does std's.
#[cold]
pub(crate) fn install() {
    static INSTALLED: Once = Once::new();
    // It cannot be done while this OS thread panics; the next call may.
    if somebody_unwinds() {
        return;
    }
    INSTALLED.call_once(|| {
        let hook = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            name_coro();
            hook(info);
        }));
    });
}

fn name_coro() {
    let k = Kernel::get();
    let Some(c) = k
        .current_if_made()
        .filter(|c| k.is_running(c) && !c.has(ROOT))
    else {
        return;
    };
    // A print that fails panics, and a panic in a hook ends the process.
    if somebody_reads() {
        eprintln!("\n{} (spawned at {}) panics:", Name(c), c.spawned);
    }
}

/// Returns `false` if a print to standard error would fail.
fn somebody_reads() -> bool {
    let mut stderr = libc::pollfd {
        fd: libc::STDERR_FILENO,
        events: libc::POLLOUT,
        revents: 0,
    };
    // SAFETY: one valid entry, to be read and written; it does not wait.
    unsafe { libc::poll(&raw mut stderr, 1, 0) };
    stderr.revents & (libc::POLLERR | libc::POLLHUP | libc::POLLNVAL) == 0
}
