//! Two readers look at a board until there is news, which a writer brings.

use std::rc::Rc;

use coro_sync::RwLock;

/// Looks at the board until there is news; does something else in between.
fn look(board: &RwLock<bool>) {
    loop {
        let is_news = board.read();
        coro::note("reads");
        coro::cede();
        coro::cede();
        if *is_news {
            return;
        }
        drop(is_news);
        coro::note("leaves");
        coro::cede();
        coro::cede();
    }
}

pub(crate) fn main() {
    let board = Rc::new(RwLock::new(false));
    let readers = ["ann", "bob"].map(|name| {
        let board = board.clone();
        coro::Builder::new().desc(name).spawn(move || look(&board))
    });
    let writer = coro::Builder::new().desc("ed").spawn(move || {
        *board.write() = true;
        coro::note("writes");
    });
    for coro in readers.into_iter().chain([writer]) {
        coro.join().expect("nobody cancels it");
    }
}
