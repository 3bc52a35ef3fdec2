//! A program for a build with `panic = "abort"`: what works there, and what says that it cannot.
//!
//! The argument names what is tried. It prints "done" if it comes to its end.

use std::rc::Rc;

use coro::{Builder, JoinHandle, cede, schedule, scope, shutdown, spawn};
use coro_channel::Channel;
use coro_semaphore::Semaphore;

/// Says so when it goes.
struct Local;

impl Drop for Local {
    fn drop(&mut self) {
        println!("unwound");
    }
}

/// Returns a coro that is blocked.
fn blocked() -> JoinHandle<()> {
    let c = spawn(|| {
        let _local = Local;
        schedule();
    });
    c.set_desc("blocked");
    cede();
    c
}

/// Everything that needs no unwinding.
fn work() {
    let (items, free) = (Rc::new(Channel::bounded(2)), Rc::new(Semaphore::new(1)));
    let (theirs, permit) = (Rc::clone(&items), Rc::clone(&free));
    let producer = spawn(move || {
        for i in 0..10 {
            permit.down();
            cede();
            permit.up();
            theirs.put(i);
        }
        theirs.shutdown();
    });
    let consumer = spawn(move || {
        let mut sum = 0;
        while let Some(i) = items.get() {
            let _guard = free.acquire();
            cede();
            sum += i;
        }
        sum
    });
    producer.join().expect("it returns");
    println!("{}", consumer.join().expect("it returns"));
    let mut text = String::from("lent");
    let child = |text: &mut String| {
        cede();
        text.push_str(" and back");
    };
    scope(|s| drop(s.spawn(|| child(&mut text)).join()));
    println!("{text}");
    // What has not begun needs no unwinding to end.
    let new = Builder::new().build(|| ());
    new.cancel();
    println!("{}", new.join().expect_err("it was cancelled"));
    let new = spawn(|| ());
    drop(new.throw(1));
    println!("{}", new.join().expect_err("it was thrown at"));
    drop(Builder::new().build(|| ()));
    cede();
}

fn main() {
    let what = std::env::args().nth(1).expect("it says what to try");
    match what.as_str() {
        "work" => work(),
        "cancel" => blocked().cancel(),
        "cancel itself" => drop(spawn(|| coro::current().cancel()).join()),
        "throw" => drop(blocked().throw("thrown")),
        "terminate" => drop(spawn(|| -> u8 { coro::terminate(1_u8) }).join()),
        "killall" => {
            let _blocked = blocked();
            coro::killall();
        }
        "safe_cancel" => println!("{:?}", blocked().safe_cancel()),
        "unheld" => {
            drop(blocked());
            cede();
            cede();
        }
        "shutdown" => {
            let (c, new) = (blocked(), spawn(|| ()));
            println!("{:?}", shutdown() == [c.coro().clone()]);
            println!("{}", new.is_finished());
        }
        "deadlock in a scope" => scope(|s| drop(s.spawn(schedule))),
        "panic" => drop(spawn(|| panic!("in a coro")).join()),
        _ => panic!("{what}?"),
    }
    println!("done");
}
