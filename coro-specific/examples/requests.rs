//! A log whose lines name the request that they belong to, whichever coro writes them.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use coro::{cede, spawn};
use coro_specific::{Inherited, coro_local};

coro_local! {
    /// How many lines this coro has written.
    static LINES: Cell<u32> = Cell::new(0);
}

#[derive(Default)]
struct Log {
    request: Inherited<&'static str>,
    lines: RefCell<Vec<String>>,
}

impl Log {
    fn write(&self, text: &str) {
        LINES.set(LINES.get() + 1);
        let request = self.request.get();
        let request = request.as_deref().unwrap_or(&"none");
        let line = format!("{request}, line {}: {text}", LINES.get());
        self.lines.borrow_mut().push(line);
    }
}

fn main() {
    let log = Rc::new(Log::default());
    let requests = ["a", "b"].map(|name| {
        let log = log.clone();
        spawn(move || {
            log.request.set(name);
            log.write("begins");
            let theirs = log.clone();
            let helper = spawn(move || {
                theirs.write("is helped");
                cede();
                theirs.write("was helped");
            });
            helper.join().expect("the helper only writes");
            log.write("ends");
        })
    });
    for request in requests {
        request.join().expect("a request only writes");
    }
    log.lines
        .borrow()
        .iter()
        .for_each(|line| println!("{line}"));
    assert_eq!(log.lines.borrow()[2], "a, line 1: is helped");
    assert_eq!(LINES.get(), 0);
}

#[test]
fn runs() {
    main();
}
