//! A cache: a lock for each name.

use std::cell::RefCell;
use std::collections::HashMap;

use coro_sync::SemaphoreSet;

/// A cache of texts by their names.
pub struct Cache {
    texts: RefCell<HashMap<String, String>>,
    loading: SemaphoreSet<String>,
}

impl Cache {
    /// Returns an empty cache.
    pub fn new() -> Cache {
        Cache {
            texts: RefCell::default(),
            loading: SemaphoreSet::new(1),
        }
    }

    /// Returns the text of this name; if it is not there yet, `load` makes it, and lets others run.
    ///
    /// Each text is loaded once, however many ask for it. Texts of different names can be loaded at the
    /// same time.
    pub fn get(&self, name: &str, load: impl FnOnce() -> String) -> String {
        // Held from the look at the text until it is there: who comes second finds it then. Who wants
        // another text has another lock.
        let _guard = self.loading.acquire(name.to_owned());
        if let Some(text) = self.texts.borrow().get(name) {
            return text.clone();
        }
        let text = load();
        self.texts
            .borrow_mut()
            .insert(name.to_owned(), text.clone());
        text
    }
}
