//! A cache: what is slow to load is loaded once.

use std::cell::RefCell;
use std::collections::HashMap;

/// A cache of texts by their names.
#[derive(Default)]
pub struct Cache {
    texts: RefCell<HashMap<String, String>>,
}

impl Cache {
    /// Returns an empty cache.
    pub fn new() -> Cache {
        Cache::default()
    }

    /// Returns the text of this name; if it is not there yet, `load` makes it, and lets others run.
    ///
    /// Each text is loaded once, however many ask for it. Texts of different names can be loaded at the
    /// same time.
    pub fn get(&self, name: &str, load: impl FnOnce() -> String) -> String {
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
