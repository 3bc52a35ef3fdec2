//! The kernel's observer that records, and passes on to the one that was there before.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

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
    pub(crate) fn stop(&self) {
        if self.is_stopped.replace(true) || self.is_telling.get() {
            // An observer that stops us while it is told stays where it is, behind our hook.
            return;
        }
        let top = coro::set_observer(None);
        let Some(top) = top else {
            // Somebody has removed all.
            return;
        };
        if address(&*top) == self.address.get() {
            coro::set_observer(self.previous.take());
        } else {
            // Who has come after us tells our hook, which passes on.
            coro::set_observer(Some(top));
        }
    }

    /// Calls `f` with the tape; `None` in the midst of writing on it.
    pub(crate) fn with_tape<R>(&self, f: impl FnOnce(&Tape) -> R) -> Option<R> {
        self.tape.try_borrow().ok().map(|tape| f(&tape))
    }
}

fn address(observer: &dyn Observer) -> usize {
    std::ptr::from_ref(observer).cast::<()>().addr()
}
