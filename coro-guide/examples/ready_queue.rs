//! Two coros write two lines each; main waits for both, and counts the lines.

use std::cell::RefCell;
use std::rc::Rc;

pub(crate) fn main() {
    let lines = Rc::new(RefCell::new(Vec::new()));
    let writers = ["ann", "bob"].map(|name| {
        let lines = lines.clone();
        let write = move || {
            for number in 1..=2 {
                lines.borrow_mut().push(format!("{name} {number}"));
                coro::note(format_args!("writes {number}"));
                coro::cede(); // to the end of the ready queue: the other one's turn
            }
        };
        coro::Builder::new().desc(name).spawn(write)
    });
    // Both stand in the ready queue, and have not begun: it is still main's turn.
    assert_eq!(coro::ready_count(), 2);
    assert!(lines.borrow().is_empty());
    for writer in writers {
        writer.join().expect("nobody cancels it"); // not ready before the writer has ended
    }
    assert_eq!(lines.borrow().len(), 4);
}
