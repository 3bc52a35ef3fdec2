//! Another coroutine library inside coros, in safe code alone: corosensei, as any user can have it.
//!
//! The argument names the attack. What is not refused jumps to where a frame was once.
#![forbid(unsafe_code)]

use std::cell::{Cell, RefCell};
use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use coro::{
    Event, JoinHandle, Observer, Wait, cede, no_switch, scope, set_observer, spawn, wait_for,
};
use corosensei::{Coroutine, Yielder};

type Foreign = Coroutine<(), (), ()>;

/// Uses the stacks that ended coros have left, so that a wrong frame is seen.
fn use_stacks() {
    for _ in 0..3 {
        drop(spawn(|| {
            let words = black_box([7_u64; 512]);
            cede();
            black_box(words);
        }));
        cede();
    }
}

/// Says how a coro ended.
fn tell<T>(c: JoinHandle<T>) {
    match c.join() {
        Ok(_) => println!("returned"),
        Err(end) => println!("{end}"),
    }
}

/// Runs `body` on a foreign stack in a coro, which ends then; and continues it in main.
fn leave_behind(body: impl FnOnce(&Yielder<(), ()>, ()) + 'static) {
    let kept = Rc::new(RefCell::new(None));
    let theirs = Rc::clone(&kept);
    let c = spawn(move || {
        let mut foreign = Foreign::new(body);
        foreign.resume(());
        theirs.replace(Some(foreign));
    });
    cede();
    _ = coro::report().to_string();
    use_stacks();
    if let Some(mut foreign) = kept.take() {
        foreign.resume(());
    }
    tell(c);
}

/// A wait that gives a yielder to whoever asks what it is.
struct Lends<'a>(&'a Yielder<(), ()>);

impl Wait for Lends<'_> {
    fn what(&self) -> &'static str {
        self.0.suspend(());
        "lends"
    }
}

/// Switches in a hook, if nobody keeps it from that.
struct Switches(Cell<bool>);

impl Observer for Switches {
    fn event(&mut self, event: &Event<'_>) {
        if let Event::SwitchedOut { .. } = event
            && !self.0.replace(true)
        {
            tell_of(catch_unwind(cede));
        }
    }
}

/// Says what came of an attempt.
fn tell_of(result: Result<(), Box<dyn std::any::Any + Send>>) {
    match result {
        Ok(()) => println!("switched"),
        Err(payload) => match payload.downcast_ref::<String>() {
            Some(text) => println!("refused: {text}"),
            None => println!("refused"),
        },
    }
}

fn main() {
    let what = std::env::args().nth(1).expect("it says what to try");
    match what.as_str() {
        "cede" => tell(spawn(|| Foreign::new(|_, ()| cede()).resume(()))),
        "cede in main" => {
            let mut foreign = Foreign::new(|_, ()| cede());
            let resumed = catch_unwind(AssertUnwindSafe(|| _ = foreign.resume(())));
            tell_of(resumed);
        }
        // The child leaves the stack on which its scope waits for it.
        "scope" => leave_behind(|yielder, ()| {
            scope(|s| {
                s.spawn(|| yielder.suspend(()));
            });
        }),
        // The owner of the scope has left it, so the child goes to where the owner once was.
        "scope left" => tell(spawn(|| {
            let mut foreign = Foreign::new(|yielder: &Yielder<(), ()>, ()| {
                scope(|s| {
                    s.spawn(|| yielder.suspend(()));
                    yielder.suspend(());
                });
            });
            foreign.resume(());
            cede();
        })),
        // Whoever asks for a report leaves the stack of the one who waits.
        "wait" => leave_behind(|yielder, ()| wait_for(&Lends(yielder))),
        // A region that is never left must not open the hooks.
        "no_switch" => {
            let c = spawn(|| {
                let mut foreign = Foreign::new(|yielder: &Yielder<(), ()>, ()| {
                    no_switch(|| yielder.suspend(()));
                });
                foreign.resume(());
                Box::leak(Box::new(foreign));
            });
            drop(spawn(|| {
                drop(set_observer(Some(Box::new(Switches(Cell::new(false))))));
                cede();
            }));
            drop(spawn(cede));
            cede();
            println!("{}", c.is_finished());
        }
        // Between two switches, a foreign stack is nobody's business.
        "nested" => {
            let mut sum = 0;
            let c = spawn(move || {
                let mut numbers = Coroutine::<(), u32, ()>::new(|yielder, ()| {
                    (1..=3).for_each(|i| yielder.suspend(i));
                });
                while let corosensei::CoroutineResult::Yield(i) = numbers.resume(()) {
                    sum += i;
                    cede();
                }
                println!("{sum}");
            });
            tell(c);
        }
        _ => panic!("{what}?"),
    }
    println!("done");
}
