//! Ann and Bob are served at the same time. Each line of the log names the one for whom it was written.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

thread_local! {
    /// For whom all this is done.
    static USER: Cell<&'static str> = const { Cell::new("nobody") };
}

type Log = RefCell<Vec<String>>;

/// Writes a line. It is called from deep inside, where nobody knows for whom.
fn write(log: &Log, what: &str) {
    let line = format!("{} {what}", USER.get());
    coro::note(&line);
    log.borrow_mut().push(line);
}

fn find(log: &Log) {
    write(log, "asks");
    coro::cede(); // the answer is on its way, and others run
    write(log, "gets it");
}

fn serve(user: &'static str, log: &Log) {
    USER.set(user);
    find(log);
}

pub(crate) fn main() {
    let log = Rc::new(Log::default());
    let theirs = log.clone();
    let bob = move || serve("bob", &theirs);
    let bob = coro::Builder::new().desc("bob").spawn(bob);
    let theirs = log.clone();
    let ann = move || {
        coro::cede(); // she comes a little later
        serve("ann", &theirs);
    };
    let ann = coro::Builder::new().desc("ann").spawn(ann);
    for coro in [bob, ann] {
        coro.join().expect("nobody cancels it");
    }
    let mut lines = log.take();
    lines.sort_unstable();
    let both = ["ann asks", "ann gets it", "bob asks", "bob gets it"];
    assert_eq!(lines, both);
}
