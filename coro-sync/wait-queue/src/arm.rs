//! What a select may wait for.

use std::panic::Location;

/// Something that one coro may wait for beside other things, and that is taken whole or not at
/// all.
///
/// The primitives make arms (`Channel::get_arm`, `Semaphore::down_arm` …), and a select waits on
/// any mix of them. A primitive of your own makes one of a [`Waiter`](crate::Waiter).
///
/// # Examples
///
/// ```
/// use coro_wait_queue::{Arm, Left, WaitQueue, Waiter};
/// use std::cell::Cell;
/// use std::panic::Location;
///
/// /// Something that is open or not.
/// struct Gate {
///     open: Cell<bool>,
///     waiters: WaitQueue,
/// }
///
/// struct Pass<'a> {
///     gate: &'a Gate,
///     waiter: Waiter<'a, fn(Left)>,
/// }
///
/// impl Arm for Pass<'_> {
///     type Output = ();
///
///     fn commit(&self) -> bool {
///         let open = self.gate.open.get();
///         if open {
///             self.waiter.done();
///         }
///         open
///     }
///
///     fn enter(&self) {
///         self.waiter.stay();
///     }
///
///     fn quit(&self) {
///         self.waiter.quit();
///     }
///
///     fn is_stranded(&self) -> bool {
///         self.gate.open.get()
///     }
///
///     fn what(&self) -> (&'static str, Option<&'static Location<'static>>) {
///         ("gate", None)
///     }
///
///     fn take(self) {}
/// }
///
/// let gate = Gate { open: Cell::new(false), waiters: WaitQueue::new("gate") };
/// let pass = Pass { gate: &gate, waiter: gate.waiters.waiter(|_| ()) };
/// assert!(!pass.commit());
/// pass.enter();
/// assert_eq!(gate.waiters.len(), 1);
/// gate.open.set(true); // nobody is woken
/// assert!(pass.is_stranded());
/// assert!(pass.commit());
/// assert!(gate.waiters.is_empty());
/// ```
///
/// # Source
///
/// New here; the three steps are those of Go's `select`: lock and look, enqueue, dequeue.
pub trait Arm {
    /// What the arm yields once it has committed.
    type Output
    where
        Self: Sized;

    /// Takes what the arm is for if it can be had now, leaves the queue, and returns `true`.
    ///
    /// It must neither switch nor panic, and neither may [`enter`](Arm::enter) and
    /// [`quit`](Arm::quit).
    fn commit(&self) -> bool;

    /// Enters the queue of those who wait, or keeps the place there.
    ///
    /// Another arm of the same select may have entered before, and called a callback that brought
    /// what this one is for: then it readies the current coro, so that the select looks again.
    fn enter(&self);

    /// Leaves the queue, and passes on a wake-up that it was given.
    fn quit(&self);

    /// Returns `true` if a [`commit`](Arm::commit) would succeed now, although the select is
    /// blocked: if no coro is ready then, its wake-up was lost.
    ///
    /// Asked after [`enter`](Arm::enter), while the coro is switched out. It takes nothing, and must
    /// neither switch nor panic. Who has a [`Waiter`](crate::Waiter) may ask
    /// [that one](coro::Wait::is_stranded).
    fn is_stranded(&self) -> bool {
        false
    }

    /// Returns the kind of object and where it was made, for reports.
    fn what(&self) -> (&'static str, Option<&'static Location<'static>>);

    /// Returns what the arm got. It has committed.
    fn take(self) -> Self::Output
    where
        Self: Sized;
}
