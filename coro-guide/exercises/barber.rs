//! A shop with several barbers and several chairs. Two sit on one chair, and some go home with the
//! haircut of somebody else.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use coro_sync::Semaphore;

/// A shop with so many chairs for those who wait.
pub struct Shop {
    chairs: usize,
    /// The orders of those who sit there.
    waiting: RefCell<VecDeque<u32>>,
    bell: Semaphore,
    last_cut: Cell<u32>,
    may_go: Semaphore,
}

impl Shop {
    /// Returns a shop with so many chairs.
    pub fn new(chairs: usize) -> Shop {
        Shop {
            chairs,
            waiting: RefCell::default(),
            bell: Semaphore::new(0),
            last_cut: Cell::new(0),
            may_go: Semaphore::new(0),
        }
    }

    /// Waits on a chair until a barber has done what `order` says, and returns what that one's `cut`
    /// has returned; returns `None` at once if all chairs are taken.
    ///
    /// Who has a chair first takes its coat off, which lets others run; nobody else gets that chair
    /// meanwhile. A barber sees to it only when the coat is off.
    pub fn visit(&self, order: u32, take_coat_off: impl FnOnce()) -> Option<u32> {
        if self.waiting.borrow().len() == self.chairs {
            return None;
        }
        take_coat_off();
        self.waiting.borrow_mut().push_back(order);
        self.bell.up();
        self.may_go.down();
        Some(self.last_cut.get())
    }

    /// Waits for a customer, whose chair is free from then on, and calls `cut` with its order; that
    /// lets others run. Several barbers can work at the same time.
    pub fn serve(&self, cut: impl FnOnce(u32) -> u32) {
        self.bell.down();
        let order = self.waiting.borrow_mut().pop_front();
        let order = order.expect("who rings sits on a chair");
        self.last_cut.set(cut(order));
        self.may_go.up();
    }
}
