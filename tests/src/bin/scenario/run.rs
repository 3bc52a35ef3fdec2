//! Runs one scenario: on an OS thread of its own, so in a kernel that nobody has used before.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use coro::Outlook;
use serde_json::Value;

use crate::model::{Scenario, Start};
use crate::trace::Trace;
use crate::world::World;

/// A scenario that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs the scenario of a line, and returns its trace.
pub(crate) fn line(line: String, number: usize) -> String {
    let Some(scenario) = Scenario::parse(&line, number) else {
        return failure(number.into(), "bad-json", None);
    };
    let id = scenario.id.clone();
    let (sender, receiver) = mpsc::channel();
    // A scenario that hangs is left behind; one that panics says why.
    let _detached = thread::spawn(move || {
        // If nobody waits any more, nobody wants the trace.
        let _ = sender.send(run(scenario));
    });
    receiver
        .recv_timeout(PATIENCE)
        .unwrap_or_else(|error| match error {
            mpsc::RecvTimeoutError::Timeout => failure(id, "hang", None),
            mpsc::RecvTimeoutError::Disconnected => failure(id, "crash", None),
        })
}

/// The trace of a scenario that was not run to its end.
fn failure(id: Value, reason: &str, what: Option<Value>) -> String {
    let trace = Trace::default();
    trace.event("scenario", &[("id", id)]);
    let mut fields = vec![("r", reason.into())];
    fields.extend(what.map(|what| ("x", what)));
    trace.event("outcome", &fields);
    trace.take()
}

fn run(scenario: Scenario) -> String {
    let id = scenario.id.clone();
    let starts: Vec<_> = scenario
        .coros
        .iter()
        .map(|coro| (coro.name.clone(), coro.start))
        .collect();
    let world = match World::new(scenario) {
        Ok(world) => world,
        Err(kind) => return failure(id, "unsupported", Some(kind.into())),
    };
    world.trace.event("scenario", &[("id", id)]);
    for (name, start) in &starts {
        if *start != Start::Lazy {
            drop(world.create(name));
        }
    }
    for (name, start) in &starts {
        if *start == Start::Ready
            && let Some((_, coro)) = world.existing(name)
        {
            coro.ready();
        }
    }
    until_nothing_can_run();
    world.trace.unmute();
    world.outcome();
    world.trace.mute();
    let left = coro::shutdown();
    world.trace.unmute();
    if !left.is_empty() {
        let text = format!("{} coros cannot be ended", left.len());
        world.trace.event("error", &[("x", text.into())]);
    }
    world.clear();
    world.trace.take()
}

/// Lets main sleep until all coros have ended or are blocked for ever.
fn until_nothing_can_run() {
    let main = coro::main();
    coro::set_idle(Some(Box::new(move || {
        main.ready();
        Outlook::Progress
    })));
    coro::schedule();
    drop(coro::set_idle(None));
}
