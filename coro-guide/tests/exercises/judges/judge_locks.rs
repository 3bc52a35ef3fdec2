//! Each text is loaded once, and two can be loaded at the same time.

use std::cell::Cell;
use std::rc::Rc;

use coro_explore::{Builder, Failure, Report};

use super::super::answers::locks::Cache;
use super::all;

pub(crate) fn judge() -> Result<Report, Failure> {
    all(
        &Builder::new(),
        &[each_text_is_loaded_once, two_are_loaded_at_the_same_time],
    )
}

fn each_text_is_loaded_once() {
    let cache = Rc::new(Cache::new());
    let loads = Rc::new(Cell::new(0));
    let readers = ["ann", "bob"].map(|reader| {
        let (cache, loads) = (cache.clone(), loads.clone());
        coro::Builder::new().desc(reader).spawn(move || {
            let text = cache.get("title", || {
                loads.set(loads.get() + 1);
                coro::cede();
                "Emma".to_owned()
            });
            assert_eq!(text, "Emma");
        })
    });
    for reader in readers {
        reader.join().expect("nobody cancels it");
    }
    assert_eq!(loads.get(), 1, "the text is loaded once");
}

fn two_are_loaded_at_the_same_time() {
    let cache = Rc::new(Cache::new());
    let theirs = cache.clone();
    let other = move || theirs.get("author", || "Austen".to_owned());
    let other = coro::Builder::new().desc("cy").spawn(other);
    // The title is loaded only when the author has been.
    let title = cache.get("title", || {
        let author = other.join().expect("nobody cancels it");
        format!("Emma, by {author}")
    });
    assert_eq!(title, "Emma, by Austen");
    let author = cache.get("author", || unreachable!("it has been loaded"));
    assert_eq!(author, "Austen");
}
