//! A list of listeners, who may block. Who comes or goes meanwhile panics.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

type Listener = Rc<dyn Fn(&str)>;

/// Those who want to hear the news.
#[derive(Default)]
pub struct Listeners {
    next: Cell<u32>,
    all: RefCell<BTreeMap<u32, Listener>>,
}

impl Listeners {
    /// Returns a list of nobody.
    pub fn new() -> Listeners {
        Listeners::default()
    }

    /// Adds a listener, and returns its number.
    pub fn add(&self, listener: impl Fn(&str) + 'static) -> u32 {
        let number = self.next.get();
        self.next.set(number + 1);
        self.all.borrow_mut().insert(number, Rc::new(listener));
        number
    }

    /// Takes the listener with this number out.
    pub fn remove(&self, number: u32) {
        self.all.borrow_mut().remove(&number);
    }

    /// Calls all listeners with the news, the oldest first. They may block; meanwhile others, and the
    /// listeners themselves, may call whatever there is here.
    ///
    /// The news is for those who were there when the call began. Who has been removed is not called any
    /// more.
    pub fn tell(&self, news: &str) {
        for listener in self.all.borrow().values() {
            listener(news);
        }
    }
}
