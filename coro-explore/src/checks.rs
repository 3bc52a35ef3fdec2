//! What the body asks to be looked at: while it runs, and when all is over.

use std::cell::RefCell;
use std::mem;
use std::rc::Rc;

use crate::world::{World, ask};

thread_local! {
    static WORLD: RefCell<Option<Rc<World>>> = const { RefCell::new(None) };
}

/// Says in which world this OS thread is.
pub(crate) fn set_world(world: Option<Rc<World>>) {
    let old = WORLD.replace(world);
    drop(old);
}

/// Tells of an execution that ends the process.
pub(crate) fn last_words(verdict: &str, what: &str) {
    if let Some(world) = WORLD.with_borrow(Option::clone) {
        world.last_words(verdict, what);
    }
}

#[track_caller]
fn world(call: &str) -> Rc<World> {
    let world = WORLD.with_borrow(Option::clone);
    match world {
        Some(world) => world,
        None => panic!("{call} is for the body of an exploration"),
    }
}

type Holds = Rc<dyn Fn() -> bool>;

/// What one execution is checked for.
#[derive(Default)]
pub(crate) struct Checks {
    invariants: RefCell<Vec<(Rc<str>, Holds)>>,
    finals: RefCell<Vec<Box<dyn FnOnce()>>>,
}

impl Checks {
    /// Looks whether all invariants hold; returns which does not.
    pub(crate) fn hold(&self) -> Result<(), String> {
        let mut at = 0;
        loop {
            // One by one, as an invariant may add others.
            let next = self.invariants.borrow().get(at).cloned();
            let Some((what, holds)) = next else {
                return Ok(());
            };
            match ask(|| holds()) {
                Ok(true) => at += 1,
                Ok(false) => return Err(what.to_string()),
                Err(said) => return Err(format!("{what}: {said}")),
            }
        }
    }

    /// Calls what is to be called when all is over; returns what the first failure said.
    pub(crate) fn conclude(&self) -> Result<(), String> {
        let finals = self.finals.take();
        finals.into_iter().try_for_each(ask)
    }

    /// Drops all.
    pub(crate) fn forget(&self) {
        let all = (
            mem::take(&mut *self.invariants.borrow_mut()),
            mem::take(&mut *self.finals.borrow_mut()),
        );
        drop(all);
    }
}

/// Asks that `holds` is true at every switch from here on, until the execution ends.
///
/// It must not block, and should change nothing.
///
/// # Switches
///
/// Never.
///
/// # Panics
///
/// If this is not called by the body of an exploration or a coro of it.
///
/// # Examples
///
/// ```
/// use coro_explore::{Builder, Verdict, invariant};
/// use std::{cell::Cell, rc::Rc};
///
/// let failure = Builder::new().run(|| {
///     let inside = Rc::new(Cell::new(0));
///     let seen = inside.clone();
///     invariant("one at a time", move || seen.get() <= 1);
///     for _ in 0..2 {
///         let inside = inside.clone();
///         coro::spawn(move || {
///             inside.set(inside.get() + 1);
///             coro::cede(); // nothing keeps the other out
///             inside.set(inside.get() - 1);
///         });
///     }
/// });
/// assert_eq!(failure.unwrap_err().verdict(), Verdict::Invariant);
/// ```
#[track_caller]
pub fn invariant(what: &str, holds: impl Fn() -> bool + 'static) {
    let world = world("invariant");
    let entry: (Rc<str>, Holds) = (what.into(), Rc::new(holds));
    world.checks.invariants.borrow_mut().push(entry);
}

/// Calls `f` when all coros of the execution have ended, the body too: it asserts what must hold
/// then. It must not block.
///
/// # Switches
///
/// Never.
///
/// # Panics
///
/// If this is not called by the body of an exploration or a coro of it.
///
/// # Examples
///
/// ```
/// use coro_explore::{check, finally};
/// use std::{cell::Cell, rc::Rc};
///
/// check(|| {
///     let done = Rc::new(Cell::new(false));
///     let seen = done.clone();
///     finally(move || assert!(seen.get()));
///     coro::spawn(move || done.set(true)); // nobody joins it
/// });
/// ```
#[track_caller]
pub fn finally(f: impl FnOnce() + 'static) {
    world("finally")
        .checks
        .finals
        .borrow_mut()
        .push(Box::new(f));
}
