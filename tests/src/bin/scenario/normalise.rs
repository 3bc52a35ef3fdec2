//! Takes out of a trace what may differ by design.
//!
//! When a coro that has ended is destroyed: Coro leaves that to its manager, a coro of priority 3; here it is done at once. No scenario
//! tells the difference unless one of its coros has priority 3 too, and so may run in between.
//! Then the events of the destruction are moved to where the coro ended, in both traces.

use serde_json::Value;

use crate::model::{Op, Scenario};

/// The priority of Coro's manager.
const HIGHEST: i64 = 3;

/// Returns `true` if a coro of this scenario may compete with the manager.
pub(crate) fn competes(scenario: &Scenario) -> bool {
    let rises = |op: &Op| match op.name() {
        "prio" => op.number(1) >= HIGHEST,
        "prio_of" => op.number(2) >= HIGHEST,
        "nice" => op.number(1) < 0,
        _ => false,
    };
    scenario.coros.iter().any(|coro| coro.prio >= HIGHEST) || scenario.ops().any(rises)
}

/// An event, and the line that it was read from.
type Event<'a> = (Value, &'a str);

/// Returns the lines with the destruction of each coro moved to where its end was decided: its
/// `end`, its terminate or cancel of itself, or the safe_cancel of another.
pub(crate) fn ends<'a>(scenario: &Scenario, lines: &[&'a str]) -> Vec<&'a str> {
    let mut events: Vec<Event<'a>> = lines
        .iter()
        .map(|line| (serde_json::from_str(line).unwrap_or_default(), *line))
        .collect();
    for coro in &scenario.coros {
        if let Some(end) = end_of(scenario, &coro.name, &events) {
            let after = events.split_off(end + 1);
            let mut moves = destruction(&coro.name, &after).into_iter();
            let (destroyed, rest): (Vec<_>, Vec<_>) =
                after.into_iter().partition(|_| moves.next() == Some(true));
            events.extend(destroyed.into_iter().chain(rest));
        }
    }
    events.into_iter().map(|(_, line)| line).collect()
}

fn is(event: &Value, kind: &str, coro: &str) -> bool {
    event["e"] == kind && event["c"] == coro
}

/// Where the end of a coro was decided, if it was.
fn end_of(scenario: &Scenario, coro: &str, events: &[Event<'_>]) -> Option<usize> {
    let decides = |(at, (event, _)): &(usize, &Event<'_>)| {
        if is(event, "end", coro) {
            return true;
        }
        let Some(op) = op_of(scenario, event) else {
            return false;
        };
        if event["e"] == "ret" {
            return op.name() == "safe_cancel" && op.text(1) == coro && event["r"] == 1;
        }
        let myself = op.name() == "terminate" || (op.name() == "cancel" && op.text(1) == coro);
        // It goes on if it was refused, or an exception came first.
        let goes_on = |(later, _): &Event<'_>| is(later, "ret", coro) || is(later, "exc", coro);
        is(event, "op", coro) && myself && !events[at + 1..].iter().any(goes_on)
    };
    let mut all = events.iter().enumerate();
    all.rfind(decides).map(|(at, _)| at)
}

fn op_of<'a>(scenario: &'a Scenario, event: &Value) -> Option<&'a Op> {
    let coro = scenario.coros.iter().find(|coro| event["c"] == *coro.name);
    coro?.ops.get(event["i"].as_u64()? as usize)
}

/// Which of these events are the destruction of the coro: its unwinding with the permits that are
/// released before it, its handlers with the callbacks that they cause, its end.
fn destruction(coro: &str, events: &[Event<'_>]) -> Vec<bool> {
    let mut moves = vec![false; events.len()];
    for (at, (event, _)) in events.iter().enumerate() {
        let caused = |(event, _): &&Event<'_>| event["e"] == "release" || event["e"] == "cb";
        if is(event, "unwind", coro) {
            let before = events[..at].iter().rev().take_while(caused).count();
            moves[at - before..=at].fill(true);
        } else if is(event, "on_destroy", coro) {
            let after = events[at + 1..].iter().take_while(caused).count();
            moves[at..=at + after].fill(true);
        } else if is(event, "destroyed", coro) {
            moves[at] = true;
        }
    }
    moves
}

/// Returns a last line without the entries of sets that are as new ones: there, entries stay after
/// an interrupted wait; here, as long as a guard of theirs. Nothing tells them from absent ones.
pub(crate) fn without_unused(scenario: &Scenario, line: &str) -> Value {
    let mut outcome: Value = serde_json::from_str(line).unwrap_or_default();
    if let Some(fields) = outcome.as_object_mut() {
        fields.remove("taint");
    }
    for (name, parameters) in &scenario.objects {
        let initial = parameters["count"].as_i64().unwrap_or(1);
        let unused = |entry: &Value| {
            entry["count"] == initial && entry["waiters"].as_array().is_some_and(Vec::is_empty)
        };
        if parameters["type"] == "semaphore_set"
            && let Some(entries) = outcome["objects"][name].as_object_mut()
        {
            entries.retain(|_, entry| !unused(entry));
        }
    }
    outcome
}
