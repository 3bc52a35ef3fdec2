//! The value is made once, shown to all at the same time, and is there as long as it is shown.

use std::cell::Cell;
use std::rc::Rc;

use coro::JoinHandle;
use coro_explore::{Builder, Failure, Report};

use super::super::answers::readers_writers::Cache;
use super::all;

pub(crate) fn judge() -> Result<Report, Failure> {
    all(
        &Builder::new().spurious(0).delays(4),
        &[
            two_want_it,
            the_maker_shows_while_another_does,
            it_is_cleared_between,
            two_want_it_again,
        ],
    )
}

fn spawn(name: &str, f: impl FnOnce() + 'static) -> JoinHandle<()> {
    coro::Builder::new().desc(name).spawn(f)
}

fn join<const N: usize>(all: [JoinHandle<()>; N]) {
    for coro in all {
        coro.join().expect("nobody cancels it");
    }
}

fn two_want_it() {
    let cache = Rc::new(Cache::new());
    let made = Rc::new(Cell::new(0));
    join(["ann", "bob"].map(|name| {
        let (cache, made) = (cache.clone(), made.clone());
        let make = move || {
            made.set(made.get() + 1);
            coro::cede();
            7
        };
        spawn(name, move || {
            cache.show(make, |value| assert_eq!(value, 7));
        })
    }));
    assert_eq!(made.get(), 1, "it is made once");
}

/// As soon as somebody has looked, it is cleared, and these two come behind that.
fn two_want_it_again() {
    let cache = Rc::new(Cache::new());
    let made = Rc::new(Cell::new(0));
    let make = || {
        made.set(made.get() + 1);
        7
    };
    let mut others = None;
    cache.show(make, |_| {
        let theirs = cache.clone();
        let clear = spawn("clear", move || theirs.clear());
        let [ann, bob] = ["ann", "bob"].map(|name| {
            let (cache, made) = (cache.clone(), made.clone());
            let make = move || {
                made.set(made.get() + 1);
                coro::cede();
                7
            };
            spawn(name, move || cache.show(make, |_| ()))
        });
        coro::cede();
        others = Some([clear, ann, bob]);
    });
    join(others.expect("it was shown"));
    assert!(made.get() <= 2, "it is made once after it was cleared");
}

fn the_maker_shows_while_another_does() {
    let cache = Rc::new(Cache::new());
    let theirs = cache.clone();
    let make = || {
        coro::cede();
        7
    };
    // It comes while the value is made, or before, or after.
    let other = spawn("other", move || theirs.show(make, |_| ()));
    // This one looks until the other one has looked.
    cache.show(make, |_| join([other]));
}

fn it_is_cleared_between() {
    let cache = Rc::new(Cache::new());
    let is_cleared = Rc::new(Cell::new(false));
    let (theirs, cleared) = (cache.clone(), is_cleared.clone());
    let clear = spawn("clear", move || {
        theirs.clear();
        cleared.set(true);
    });
    let show = spawn("show", move || {
        let make = || {
            coro::cede();
            7
        };
        cache.show(make, |_| {
            let before = is_cleared.get();
            coro::cede();
            let after = is_cleared.get();
            assert_eq!(after, before, "it is not cleared while it is shown");
        });
    });
    join([show, clear]);
}
