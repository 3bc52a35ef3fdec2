//! A thread-local's destructor enters the scheduler while a parked coro borrows another one: NEEDS H2.
//!
//! Arguments: how the OS thread ends, which key is registered first, when the kernel is made.
//! Prints a line for each way into the scheduler that the destructor tried. Whoever resumes or
//! unwinds the parked coro makes it read a thread-local that is gone; it says so first.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::exit;

use coro::{Coro, JoinHandle};

/// Borrowed by the parked coro.
struct Text(String);

/// What its destructor does is the subject.
struct Enters(Cell<Option<Coro>>);

thread_local! {
    static TEXT: Text = Text("on the heap, so that valgrind sees who reads it late".repeat(2));
    static ENTERS: Enters = const { Enters(Cell::new(None)) };
    // Handles of parked, new and finished coros that go at the end.
    static HANDLES: RefCell<Vec<JoinHandle<Vec<u8>>>> = const { RefCell::new(Vec::new()) };
    static COROS: RefCell<Vec<Coro>> = const { RefCell::new(Vec::new()) };
}

/// Reads what it borrows when it is dropped.
struct Reader<'a>(&'a Text);

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        println!("BAD: unwound");
        println!("{}", self.0.0);
    }
}

impl Drop for Enters {
    fn drop(&mut self) {
        let Some(parked) = self.0.take() else { return };
        let attempt = |name: &str, f: &dyn Fn()| match catch_unwind(AssertUnwindSafe(f)) {
            Ok(()) => println!("BAD: {name} returned"),
            Err(payload) => {
                let text = payload.downcast_ref::<&str>().copied();
                println!("{name}: {}", text.unwrap_or("BAD: a panic of another kind"));
            }
        };
        parked.ready();
        attempt("cede", &coro::cede);
        attempt("schedule", &coro::schedule);
        attempt("cede_notself", &coro::cede_notself);
        attempt("schedule_to", &|| _ = parked.schedule_to());
        attempt("cede_to", &|| _ = parked.cede_to());
        attempt("join", &|| parked.join());
        attempt("cancel", &|| parked.cancel());
        attempt("killall", &coro::killall);
        attempt("spawn and join", &|| {
            drop(coro::spawn(|| println!("BAD: ran")).join())
        });
        attempt("scope", &|| {
            coro::scope(|s| drop(s.spawn(|| println!("BAD: ran")).join()))
        });
        // What does not switch goes on working.
        drop(parked.throw("late"));
        _ = parked.safe_cancel();
        drop((coro::all(), coro::report().to_string(), coro::current()));
        drop(coro::spawn(|| ()));
        println!("tried");
    }
}

fn register(which: &str) {
    match which {
        "borrowed" => TEXT.with(|_| ()),
        _ => ENTERS.with(|_| ()),
    }
}

fn register_both(first: &str) {
    let second = if first == "borrowed" {
        "entering"
    } else {
        "borrowed"
    };
    register(first);
    register(second);
}

/// Makes a coro that borrows from the thread-local and sleeps.
fn park(first: &str) -> JoinHandle<Vec<u8>> {
    let first = first.to_owned();
    coro::spawn(move || {
        register_both(&first);
        TEXT.with(|text| {
            let _reader = Reader(text);
            coro::schedule();
            println!("BAD: resumed");
            println!("{}", text.0);
        });
        Vec::new()
    })
}

fn fill(end: &str, first: &str, kernel: &str) {
    match kernel {
        "before" => {
            drop(coro::current());
            register_both(first);
        }
        "between" => {
            register(first);
            coro::spawn(|| ()).join().expect("it just returns");
            register_both(first);
        }
        "after" => register_both(first),
        // The keys are used first by a coro, after the newest sentinel of the kernel: before the
        // first run of the 4th coro it made one, and the next comes before that of the 8th.
        _ => {
            for _ in 0..4 {
                coro::spawn(|| ()).join().expect("it just returns");
            }
        }
    }

    let parked = park(first);
    let kept = park(first);
    coro::cede();
    let finished = coro::spawn(|| vec![1]);
    coro::cede();
    let new = coro::Builder::new().build(|| vec![2]);
    ENTERS.with(|enters| enters.0.set(Some(parked.coro().clone())));
    COROS.with_borrow_mut(|all| all.extend(coro::all()));
    HANDLES.with_borrow_mut(|all| all.extend([parked, kept, finished, new]));

    match end {
        "exit" => exit(3),
        "exit-in-a-coro" => {
            let body = || -> () { exit(3) };
            drop(coro::spawn(body).join());
        }
        _ => {}
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [place, end, first, kernel] = &arguments[..] else {
        panic!(
            "thread|main return|exit|exit-in-a-coro borrowed|entering before|between|after|lazily"
        );
    };
    if place == "main" {
        return fill(end, first, kernel);
    }
    // Joined, not scoped: a scope does not wait for the destructors of thread-locals.
    let (end, first, kernel) = (end.clone(), first.clone(), kernel.clone());
    let thread = std::thread::spawn(move || fill(&end, &first, &kernel));
    thread.join().expect("it does not panic");
    println!("joined");
}
