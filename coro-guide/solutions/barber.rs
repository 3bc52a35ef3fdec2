//! A shop with several barbers and several chairs.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use coro_sync::Semaphore;

/// What a customer has in its hand, and its barber too.
struct Ticket {
    order: u32,
    cut: Cell<Option<u32>>,
    may_go: Semaphore,
}

/// A shop with so many chairs for those who wait.
pub struct Shop {
    free_chairs: Cell<usize>,
    waiting: RefCell<VecDeque<Rc<Ticket>>>,
    bell: Semaphore,
}

impl Shop {
    /// Returns a shop with so many chairs.
    pub fn new(chairs: usize) -> Shop {
        Shop {
            free_chairs: Cell::new(chairs),
            waiting: RefCell::default(),
            bell: Semaphore::new(0),
        }
    }

    /// Waits on a chair until a barber has done what `order` says, and returns what that one's `cut`
    /// has returned; returns `None` at once if all chairs are taken.
    ///
    /// Who has a chair first takes its coat off, which lets others run; nobody else gets that chair
    /// meanwhile. A barber sees to it only when the coat is off.
    pub fn visit(&self, order: u32, take_coat_off: impl FnOnce()) -> Option<u32> {
        // Nothing switches between the look and the taking: the chair is ours before the coat is off.
        let others = self.free_chairs.get().checked_sub(1)?;
        self.free_chairs.set(others);
        take_coat_off();
        let ticket = Rc::new(Ticket {
            order,
            cut: Cell::new(None),
            may_go: Semaphore::new(0),
        });
        self.waiting.borrow_mut().push_back(ticket.clone());
        self.bell.up();
        // Nobody else waits for this permit, and what it tells of lies beside it.
        ticket.may_go.down();
        ticket.cut.get()
    }

    /// Waits for a customer, whose chair is free from then on, and calls `cut` with its order; that
    /// lets others run. Several barbers can work at the same time.
    pub fn serve(&self, cut: impl FnOnce(u32) -> u32) {
        self.bell.down();
        let ticket = self.waiting.borrow_mut().pop_front();
        let ticket = ticket.expect("who rings sits on a chair");
        self.free_chairs.set(self.free_chairs.get() + 1);
        ticket.cut.set(Some(cut(ticket.order)));
        ticket.may_go.up();
    }
}
