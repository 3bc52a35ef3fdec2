//! The kernel's observer that records, and passes on to the one that was there before.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};

use coro::{Event, Observer};

use super::tape::{Record, Tape};

/// What a recording and its hook share.
pub(crate) struct Link {
    tape: RefCell<Tape>,
    /// Who goes on being told; taken out while it is.
    previous: Cell<Option<Box<dyn Observer>>>,
    is_stopped: Cell<bool>,
    /// The previous one is being told of an event.
    is_telling: Cell<bool>,
    /// The address of the hook, by which it is known again.
    address: Cell<usize>,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tape.fmt(f)
    }
}

struct Hook(Rc<Link>);

thread_local! {
    /// Those that are stopped, but whose hooks others hold.
    static LEFT: RefCell<Vec<Weak<Link>>> = const { RefCell::new(Vec::new()) };
}

impl Drop for Hook {
    fn drop(&mut self) {
        // Another observer may come to the same address.
        self.0.address.set(0);
    }
}

impl Observer for Hook {
    fn event(&mut self, event: &Event<'_>) {
        let link = &*self.0;
        if !link.is_stopped.get()
            && let Some(record) = Record::of(event)
        {
            link.tape.borrow_mut().push(record);
        }
        if let Some(mut previous) = link.previous.take() {
            link.is_telling.set(true);
            previous.event(event);
            link.is_telling.set(false);
            link.previous.set(Some(previous));
        }
    }
}

impl Link {
    /// Lets a hook write on `tape` from now on.
    pub(crate) fn install(tape: Tape) -> Rc<Link> {
        let link = Rc::new(Link {
            tape: RefCell::new(tape),
            previous: Cell::new(None),
            is_stopped: Cell::new(false),
            is_telling: Cell::new(false),
            address: Cell::new(0),
        });
        let hook = Box::new(Hook(link.clone()));
        link.address.set(address(&*hook));
        link.previous.set(coro::set_observer(Some(hook)));
        link
    }

    /// Writes no more, and puts the previous observer back.
    pub(crate) fn stop(self: &Rc<Self>) {
        if self.is_stopped.replace(true) {
            return;
        }
        if self.is_telling.get() {
            // An observer that stops us while it is told stays where it is, behind our hook.
            return self.leave();
        }
        let top = coro::set_observer(None);
        let Some(top) = top else {
            // Somebody has removed all.
            return;
        };
        if address(&*top) == self.address.get() {
            coro::set_observer(past_stopped(self.previous.take()));
        } else {
            // Who has come after us tells our hook, which passes on.
            coro::set_observer(Some(top));
            self.leave();
        }
    }

    /// Leaves the hook to whoever holds it.
    fn leave(self: &Rc<Self>) {
        // At the end of the OS thread nobody will look for it.
        _ = LEFT.try_with(|left| {
            let mut left = left.borrow_mut();
            left.retain(|link| link.strong_count() > 0);
            left.push(Rc::downgrade(self));
        });
    }

    /// Calls `f` with the tape; `None` in the midst of writing on it.
    pub(crate) fn with_tape<R>(&self, f: impl FnOnce(&Tape) -> R) -> Option<R> {
        self.tape.try_borrow().ok().map(|tape| f(&tape))
    }
}

/// Returns the observer behind hooks that are stopped: a chain of those would be told for nothing.
fn past_stopped(mut observer: Option<Box<dyn Observer>>) -> Option<Box<dyn Observer>> {
    while let Some(link) = observer.as_deref().and_then(stopped_of) {
        observer = link.previous.take();
    }
    observer
}

fn stopped_of(observer: &dyn Observer) -> Option<Rc<Link>> {
    let address = address(observer);
    let found = LEFT.try_with(|left| {
        let left = left.borrow();
        let mut left = left.iter().filter_map(Weak::upgrade);
        left.find(|link| link.address.get() == address)
    });
    found.ok().flatten()
}

fn address(observer: &dyn Observer) -> usize {
    std::ptr::from_ref(observer).cast::<()>().addr()
}
