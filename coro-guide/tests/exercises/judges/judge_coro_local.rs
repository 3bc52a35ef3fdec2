//! Nobody's section indents the lines of others, and a section ends, however it does.

use std::rc::Rc;

use coro_explore::{Builder, Failure, Report};

use super::super::answers::coro_local::Log;
use super::all;

pub(crate) fn judge() -> Result<Report, Failure> {
    // Ann may be cancelled wherever she can be.
    let explorer = Builder::new().cancels(1).victims(["ann"]);
    all(
        &explorer,
        &[a_section_in_a_section, two_logs, two_coros, after_a_panic],
    )
}

fn a_section_in_a_section() {
    let log = Log::default();
    log.section("day", || {
        log.section("noon", || log.write("eat"));
        log.write("sleep");
    });
    log.write("end");
    let lines = ["day", "  noon", "    eat", "  sleep", "end"];
    assert_eq!(log.take(), lines, "a line, and a section in a section");
}

fn two_logs() {
    let (log, other) = (Log::default(), Log::default());
    log.section("day", || other.write("rain"));
    assert_eq!(other.take(), ["rain"], "the section is of another log");
}

/// Writes a line when it is dropped.
struct Goodbye(Rc<Log>);

impl Drop for Goodbye {
    fn drop(&mut self) {
        self.0.write("goodbye");
    }
}

fn two_coros() {
    let log = Rc::new(Log::default());
    let coros = ["ann", "bob"].map(|name| {
        let log = log.clone();
        let work = move || {
            let _goodbye = Goodbye(log.clone());
            log.section(name, || {
                coro::cede();
                log.write("works");
            });
        };
        coro::Builder::new().desc(name).spawn(work)
    });
    let [_, bob] = coros.map(|coro| coro.join());
    assert!(bob.is_ok(), "nobody cancels him");
    for line in log.take() {
        let (indent, text) = line.split_at(line.len() - line.trim_start().len());
        let right = if text == "works" { "  " } else { "" };
        assert_eq!(indent, right, "what stands before {text:?}, if two write");
    }
}

fn after_a_panic() {
    let log = Log::default();
    log.section("day", || {
        let fall = || log.section("noon", || std::panic::resume_unwind(Box::new("falls")));
        assert!(coro::catch(fall).is_err(), "a panic goes on");
        log.write("sleep");
    });
    log.write("end");
    let lines = ["day", "  noon", "  sleep", "end"];
    assert_eq!(log.take(), lines, "a section ends by a panic, too");
}
