//! Who waits when the shop closes goes home; what is on the shelf then is taken, and nothing is added.

use std::rc::Rc;

use coro_explore::{Builder, Failure, Report};

use super::super::answers::bounded_buffer::Shelf;
use super::all;

pub(crate) fn judge() -> Result<Report, Failure> {
    all(
        &Builder::new().spurious(0),
        &[some_wait_for_a_loaf, some_wait_for_a_place, all_is_sold],
    )
}

fn some_wait_for_a_loaf() {
    let shelf = Rc::new(Shelf::new(1));
    let customers = ["ann", "bob"].map(|name| {
        let shelf = shelf.clone();
        coro::Builder::new().desc(name).spawn(move || shelf.take())
    });
    coro::cede();
    shelf.close();
    for customer in customers {
        let got = customer.join().expect("nobody cancels it");
        assert_eq!(got, None, "there is no bread");
    }
}

fn some_wait_for_a_place() {
    let shelf = Rc::new(Shelf::new(1));
    assert!(shelf.put(1), "there is a place");
    let bakers = ["cy", "dan"].map(|name| {
        let shelf = shelf.clone();
        coro::Builder::new().desc(name).spawn(move || shelf.put(2))
    });
    coro::cede();
    shelf.close();
    for baker in bakers {
        let has_put = baker.join().expect("nobody cancels it");
        assert!(!has_put, "the shop is closed");
    }
    assert_eq!(
        [shelf.take(), shelf.take()],
        [Some(1), None],
        "what is left"
    );
    assert!(!shelf.put(3), "the shop is closed");
    assert_eq!(shelf.take(), None, "nothing is put there any more");
}

/// As long as it is open it is a shelf as any other.
fn all_is_sold() {
    let shelf = Rc::new(Shelf::new(1));
    let theirs = shelf.clone();
    let baker = coro::Builder::new().desc("eve").spawn(move || {
        assert!((1..=2).all(|loaf| theirs.put(loaf)), "it is open");
        theirs.close();
    });
    let mut sold = Vec::new();
    while let Some(loaf) = shelf.take() {
        sold.push(loaf);
    }
    assert_eq!(sold, [1, 2], "each once, the oldest first");
    baker.join().expect("nobody cancels it");
}
