//! A kernel that is made in a thread-local's destructor: NEEDS H2.
//!
//! Thread-locals may be used for the first time while others are destroyed. A coro that is parked
//! then must not be resumed either, once what it borrows is gone.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

struct First;
struct Enters(Cell<Option<coro::Coro>>);
struct Text(String);

thread_local! {
    static FIRST: First = const { First };
    static ENTERS: Enters = const { Enters(Cell::new(None)) };
    static TEXT: Text = Text("on the heap, so that valgrind sees who reads it late".repeat(2));
}

impl Drop for First {
    fn drop(&mut self) {
        println!("first");
        let attempt = catch_unwind(AssertUnwindSafe(|| {
            let c = coro::spawn(|| {
                ENTERS.with(|enters| enters.0.set(Some(coro::current())));
                TEXT.with(|text| {
                    coro::schedule();
                    println!("BAD: resumed");
                    println!("{}", text.0);
                });
            });
            coro::cede();
            drop(c);
        }));
        println!(
            "kernel in a destructor: {}",
            if attempt.is_ok() { "works" } else { "refused" }
        );
    }
}

impl Drop for Enters {
    fn drop(&mut self) {
        println!("entering");
        if let Some(parked) = self.0.take() {
            parked.ready();
            match catch_unwind(AssertUnwindSafe(coro::cede)) {
                Ok(()) => println!("BAD: cede returned"),
                Err(_) => println!("refused"),
            }
        }
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        println!("text gone");
    }
}

fn main() {
    // Joined, not scoped: a scope does not wait for the destructors of thread-locals.
    let thread = std::thread::spawn(|| FIRST.with(|_| ()));
    thread.join().expect("it does not panic");
    println!("joined");
}
