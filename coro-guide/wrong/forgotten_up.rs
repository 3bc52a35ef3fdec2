//! Two share a printer. An order that is no number is refused, and the printer is never free again.

use std::num::ParseIntError;
use std::rc::Rc;

use coro_sync::Semaphore;

/// Prints so many copies while nobody else prints, and returns how many these were.
fn print(printer: &Semaphore, copies: &str) -> Result<u32, ParseIntError> {
    printer.down();
    coro::note("has the printer");
    coro::cede(); // it warms up, and others run
    let copies = copies.parse()?;
    printer.up();
    Ok(copies)
}

pub(crate) fn main() {
    let printer = Rc::new(Semaphore::new(1));
    let [ann, bob] = [("ann", "2"), ("bob", "two")].map(|(name, copies)| {
        let printer = printer.clone();
        let order = move || print(&printer, copies);
        coro::Builder::new().desc(name).spawn(order)
    });
    assert_eq!(ann.join().expect("nobody cancels it"), Ok(2));
    assert!(bob.join().expect("nobody cancels it").is_err());
}
