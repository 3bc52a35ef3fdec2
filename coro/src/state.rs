//! The flags of a coro and of a kernel, and what they mean together.
//!
//! A coro's flags are one word, so that the hot paths test "anything unusual?" with one mask.
//!
//! # Invariants
//!
//! S1. `READY` is set exactly while the coro has a live entry in the ready queue.
//! S2. `ENDED` is set once, when the result is stored; `DEAD` once, when nothing of the coro will
//!     ever run again. `DEAD` comes last, but for a coro that never ran: while its closure is being
//!     dropped, by its canceller, it is `DEAD` and not `ENDED` yet.
//! S3. `NEW` is set until the first run, or until the coro ends without one.
//! S4. `THROW` is set exactly while a payload waits to be thrown.
//! S5. `UNWINDING` and `DOUBT` are set only while the coro is switched out, and exclude each other.
//!     One of them is set exactly while the coro is among the kernel's `marked`.
//! S6. `OWED` is set exactly while the coro is among the kernel's `deferred`, but for the moment in
//!     which these are taken out to be readied.

/// Has an entry in the ready queue.
pub(crate) const READY: u32 = 1;
/// Has never run.
pub(crate) const NEW: u32 = 1 << 1;
/// Frozen: its entries in the ready queue are dropped.
pub(crate) const SUSPENDED: u32 = 1 << 2;
/// Its result is stored; at most its destroy handlers still run.
pub(crate) const ENDED: u32 = 1 << 3;
/// Will never run again.
pub(crate) const DEAD: u32 = 1 << 4;
/// The coro of the OS thread's own stack.
pub(crate) const ROOT: u32 = 1 << 5;
/// A throw is pending.
pub(crate) const THROW: u32 = 1 << 6;
/// It was cancelled: raised again at every switch point until it is gone.
pub(crate) const CANCEL: u32 = 1 << 7;
/// Inside `shield`: nothing is delivered.
pub(crate) const SHIELD: u32 = 1 << 8;
/// Has `on_enter` or `on_leave` blocks.
pub(crate) const WINDERS: u32 = 1 << 9;
/// Switched out in the middle of an unwinding.
pub(crate) const UNWINDING: u32 = 1 << 10;
/// Switched out while it could not be known whether it unwinds.
pub(crate) const DOUBT: u32 = 1 << 11;
/// A deadlock is to be raised in it; only the root ever has this.
pub(crate) const DEADLOCK: u32 = 1 << 12;
/// Somebody who cancelled it waits to be switched back to.
pub(crate) const BACK: u32 = 1 << 13;
/// Nobody held it once already, and it could not be unwound: it is leaked, not reaped again.
pub(crate) const REAPED: u32 = 1 << 14;
/// A child of a scope that waits for its end and cancels it.
pub(crate) const DOOMED: u32 = 1 << 15;
/// Waits inside the closing of a scope, where it cannot be interrupted.
pub(crate) const CLOSING: u32 = 1 << 16;

/// A `JoinHandle` exists that may take the result.
pub(crate) const TAKER: u32 = 1 << 17;

/// It ended by a panic or a throw, and its result was dropped.
pub(crate) const FAILED: u32 = 1 << 18;

/// Its `on_leave` blocks ran when it was switched out.
pub(crate) const LEFT: u32 = 1 << 19;
/// Waits in a scope, which turns a deadlock into a panic at its own call.
pub(crate) const IN_SCOPE: u32 = 1 << 20;
/// Has had coro-local values that the coros inherit which it spawns.
pub(crate) const BEQUEATHS: u32 = 1 << 21;

/// A timeout of it is due: raised at each entry of a call that may block.
pub(crate) const OVERDUE: u32 = 1 << 22;
/// Became overdue in a call that has not returned: if that call has come to its end, it stands.
pub(crate) const GRACE: u32 = 1 << 23;
/// Is switched to only to look at its own stack.
pub(crate) const PROBED: u32 = 1 << 24;

/// Its priority is not the normal one.
pub(crate) const PRIO: u32 = 1 << 25;

/// Is readied once it is known that it does not unwind.
pub(crate) const OWED: u32 = 1 << 26;

/// What the dispatcher must look at before it switches to a coro.
pub(crate) const UNUSUAL: u32 = NEW | SUSPENDED | DEAD | ROOT;
/// What a coro must look at when it has been switched to.
pub(crate) const ATTEND: u32 = INTERRUPT | DEADLOCK | WINDERS | UNWINDING | DOUBT | PROBED;
/// What may be delivered to a coro as an unwinding.
pub(crate) const INTERRUPT: u32 = THROW | CANCEL | OVERDUE;

/// The kernel's own flags: everything rare that the dispatcher has to see to.
pub(crate) mod kernel {
    /// Somebody is to be switched to, whatever the queue says.
    pub(crate) const DIRECT: u32 = 1;
    /// Some coro has the coro flag `BACK`.
    pub(crate) const BACK: u32 = 1 << 1;
    /// The reap list is not empty.
    pub(crate) const REAP: u32 = 1 << 2;
    /// Coros are switched out that unwind, or may unwind.
    pub(crate) const MARKED: u32 = 1 << 3;
    /// Other OS threads can wake coros of this one.
    pub(crate) const INBOX: u32 = 1 << 4;
    /// A driver is installed.
    pub(crate) const DRIVER: u32 = 1 << 5;
    /// A policy chooses who is next.
    pub(crate) const POLICY: u32 = 1 << 6;
    /// An observer watches.
    pub(crate) const OBSERVER: u32 = 1 << 7;
    /// Some timer may be armed.
    pub(crate) const TIMERS: u32 = 1 << 8;
    /// It is noted when each coro is switched out.
    pub(crate) const TIMES: u32 = 1 << 9;
    /// Coros are deferred until nobody unwinds.
    pub(crate) const DEFERRED: u32 = 1 << 10;
    /// The clock is not the real one.
    pub(crate) const CLOCK: u32 = 1 << 11;
    /// A coro above the normal priority may be ready.
    pub(crate) const ABOVE: u32 = 1 << 13;
    /// A watchdog wants to know whose slice begins.
    #[cfg(feature = "watchdog")]
    pub(crate) const WATCHED: u32 = 1 << 12;
}
