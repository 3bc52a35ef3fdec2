//! A compiler writes to two channels with room for one line each. A screen shows the lines of both.

use std::rc::Rc;

use coro_channel::{Channel, select};

type Lines = Channel<&'static str>;

fn compile(out: &Lines, errors: &Lines) {
    for file in ["main.o", "lib.o"] {
        coro::note(format_args!("puts {file}"));
        out.put(file); // blocks while there is no room
    }
    coro::note("puts a warning");
    errors.put("a warning");
    out.shutdown(); // no more will come
    errors.shutdown();
}

/// Shows the lines of both as they come, until both have ended, and returns them.
fn show(out: &Lines, errors: &Lines) -> Vec<&'static str> {
    let mut shown = Vec::new();
    let mut print = |line| {
        coro::note(format_args!("shows {line}"));
        shown.push(line);
    };
    loop {
        let (line, other) = select! {
            line = out.get_arm() => (line, errors),
            line = errors.get_arm() => (line, out),
        };
        match line {
            Some(line) => print(line),
            None => break other.iter().for_each(print), // what is left of the other
        }
    }
    shown
}

pub(crate) fn main() {
    let out = Rc::new(Channel::bounded(1));
    let errors = Rc::new(Channel::bounded(1));
    let (theirs, others) = (out.clone(), errors.clone());
    let compile = move || compile(&theirs, &others);
    let compiler = coro::Builder::new().desc("compiler").spawn(compile);
    let show = move || show(&out, &errors);
    let screen = coro::Builder::new().desc("screen").spawn(show);
    compiler.join().expect("nobody cancels it");
    let mut shown = screen.join().expect("nobody cancels it");
    shown.sort_unstable();
    assert_eq!(shown, ["a warning", "lib.o", "main.o"], "each once");
}
