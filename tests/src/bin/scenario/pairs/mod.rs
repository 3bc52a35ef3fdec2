//! Counts the untainted traces of Coro in which a coro was interrupted inside an operation: a row
//! an operation, a column an interruption.

mod hits;
mod queue;
mod waiters;

use std::collections::BTreeMap;
use std::io;
use std::process::ExitCode;

use crate::model::Scenario;
use crate::pairs::hits::{BLOCKING, Hit};
use crate::pairs::queue::Place;
use crate::traces::{self, field, is_tainted};

/// What is done to a waiter.
const HOW: [(&str, Place); 7] = [
    ("ready", Place::Listed),
    ("throw", Place::Listed),
    ("throw", Place::Woken),
    ("cancel", Place::Listed),
    ("cancel", Place::Woken),
    ("safe_cancel", Place::Listed),
    ("safe_cancel", Place::Woken),
];

const LOST: &str = "Coro loses the wake-up: taint woken-lost";
const MORE: &str = "Coro's channel gets a slot more: taint put-interrupted";
const REFERENCE: &str = "Coro drops a reference too many: taint safe-cancel-join";
const LATE: &str = "Coro delivers it when the joined coro ends: taint join-throw";
const TURN: &str = "it waits for nothing but its turn, so nothing wakes it";

/// Pairs without an untainted trace, and why.
const NEVER: &[(&str, &[&str], &[Place], &str)] = &[
    ("put", &["throw", "cancel", "safe_cancel"], BOTH, MORE),
    ("join", &["safe_cancel"], BOTH, REFERENCE),
    ("join", &["throw"], &[Place::Listed], LATE),
    ("wait", ENDS, &[Place::Woken], LOST),
    ("rdlock", ENDS, &[Place::Woken], LOST),
    ("wrlock", ENDS, &[Place::Woken], LOST),
    ("cede", ENDS, &[Place::Woken], TURN),
    ("cede_notself", ENDS, &[Place::Woken], TURN),
    ("cede_to", ENDS, &[Place::Woken], TURN),
];

const BOTH: &[Place] = &[Place::Listed, Place::Woken];
const ENDS: &[&str] = &["throw", "cancel", "safe_cancel"];

/// How many untainted scenarios hit each pair.
#[derive(Default)]
struct Table {
    scenarios: usize,
    events: usize,
    untainted: usize,
    hits: [[usize; HOW.len()]; BLOCKING.len()],
}

/// Counts in files, each of scenarios followed by that of their traces. Fails if a pair was hit by
/// fewer scenarios than `least`, or one by any that is said to be hit by none. `list` prints each
/// hit instead of the table.
pub(crate) fn files(names: &[&str], least: usize, list: bool) -> io::Result<ExitCode> {
    let mut table = Table::default();
    for pair in names.chunks_exact(2) {
        let (scenarios, traces) = (traces::read(pair[0])?, traces::read(pair[1])?);
        table.add(&scenarios, &traces, list);
    }
    if list {
        return Ok(ExitCode::SUCCESS);
    }
    table.print();
    let wrong = table.wrong(least);
    wrong.iter().for_each(|text| println!("{text}"));
    Ok(if wrong.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

impl Table {
    fn add(&mut self, scenarios: &str, traces: &str, list: bool) {
        let lines = scenarios.lines().filter(|line| !line.trim().is_empty());
        let known: BTreeMap<String, Scenario> = lines
            .enumerate()
            .filter_map(|(number, line)| Scenario::parse(line, number))
            .map(|scenario| (scenario.id.to_string(), scenario))
            .collect();
        for (first, lines) in traces::split(traces) {
            self.scenarios += 1;
            self.events += lines.len() + 1;
            let id = field(first, "id");
            let how = traces::outcome(&lines);
            let ended = matches!(how.as_str(), "finished" | "deadlock");
            let Some(scenario) = known.get(&id.to_string()) else {
                continue;
            };
            if !ended || is_tainted(&lines) {
                continue;
            }
            self.untainted += 1;
            let hits = hits::of(scenario, &lines);
            if list {
                hits.iter().for_each(|hit| print_hit(&id, hit));
            }
            self.count(&hits);
        }
    }

    /// A scenario counts once for each pair.
    fn count(&mut self, hits: &[Hit<'_>]) {
        for (op, row) in BLOCKING.iter().zip(&mut self.hits) {
            for (how, count) in HOW.iter().zip(row) {
                let is = |hit: &Hit<'_>| hit.op == *op && (hit.by, hit.place) == *how;
                *count += usize::from(hits.iter().any(is));
            }
        }
    }

    fn print(&self) {
        println!(
            "scenarios={} events={} untainted={}",
            self.scenarios, self.events, self.untainted
        );
        print!("{:14}", "inside");
        HOW.iter().for_each(|how| print!("{:>19}", name(how)));
        println!();
        for (op, row) in BLOCKING.iter().zip(&self.hits) {
            print!("{op:14}");
            row.iter().for_each(|count| print!("{count:>19}"));
            println!();
        }
    }

    fn wrong(&self, least: usize) -> Vec<String> {
        let mut wrong = Vec::new();
        for (op, row) in BLOCKING.iter().zip(&self.hits) {
            for (how, &count) in HOW.iter().zip(row) {
                match never(op, how) {
                    Some(why) if count > 0 => {
                        wrong.push(format!("{op} {}: {count}, though {why}", name(how)));
                    }
                    None if count < least => {
                        wrong.push(format!("{op} {}: {count} of {least}", name(how)));
                    }
                    _ => {}
                }
            }
        }
        wrong
    }
}

/// Why a pair has no untainted trace.
fn never(op: &str, how: &(&str, Place)) -> Option<&'static str> {
    let is = |row: &&(&str, &[&str], &[Place], _)| {
        row.0 == op && row.1.contains(&how.0) && row.2.contains(&how.1)
    };
    NEVER.iter().find(is).map(|row| row.3)
}

fn name(how: &(&str, Place)) -> String {
    match how {
        ("ready", _) => "ready".to_owned(),
        (by, place) => format!("{by}-{place}"),
    }
}

fn print_hit(id: &serde_json::Value, hit: &Hit<'_>) {
    let (coro, number, op) = (hit.coro, hit.number, hit.op);
    println!("{id} {coro} {number} {op} {}", name(&(hit.by, hit.place)));
}
