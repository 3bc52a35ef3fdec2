//! Compares the traces of Perl's Coro with ours.
//!
//! A trace that the oracle calls untainted must be equal line by line. One that depends on a
//! defect of Coro may differ. The [invariants](crate::invariants) hold for every trace of ours.

use std::collections::BTreeMap;
use std::io;
use std::process::ExitCode;

use crate::invariants;
use crate::model::Scenario;
use crate::normalise;
use crate::traces::{self, field, is_tainted, outcome, split};

/// How often each thing was seen.
#[derive(Default)]
struct Counts {
    scenarios: usize,
    unsupported: usize,
    /// Perl crashed.
    broken: usize,
    /// Coros could compete with Coro's manager.
    normalised: usize,
    tainted: usize,
    tainted_equal: usize,
    equal: usize,
    different: usize,
    violations: usize,
}

/// Compares files; succeeds if nothing differs and that many untainted traces were compared.
pub(crate) fn files(
    scenarios: &str,
    theirs: &str,
    ours: &str,
    at_least: usize,
) -> io::Result<ExitCode> {
    let scenarios = traces::read(scenarios)?;
    let (theirs, ours) = (traces::read(theirs)?, traces::read(ours)?);
    let counts = compare(&scenarios, &theirs, &ours);
    let untainted = counts.equal + counts.different;
    println!(
        "scenarios={} unsupported={} broken={} normalised={} tainted={} tainted-equal={} untainted={untainted} \
         equal={} different={} violations={}",
        counts.scenarios,
        counts.unsupported,
        counts.broken,
        counts.normalised,
        counts.tainted,
        counts.tainted_equal,
        counts.equal,
        counts.different,
        counts.violations,
    );
    if untainted < at_least {
        println!("only {untainted} untainted traces were compared, not {at_least}");
    }
    let good = counts.different == 0 && counts.violations == 0 && untainted >= at_least;
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn compare(scenarios: &str, theirs: &str, ours: &str) -> Counts {
    let lines = scenarios.lines().filter(|line| !line.trim().is_empty());
    let known: BTreeMap<String, Scenario> = lines
        .enumerate()
        .filter_map(|(number, line)| Scenario::parse(line, number))
        .map(|scenario| (scenario.id.to_string(), scenario))
        .collect();
    let mut ours: BTreeMap<_, _> = split(ours).into_iter().collect();
    let mut counts = Counts::default();
    for (first, theirs) in split(theirs) {
        counts.scenarios += 1;
        let Some(ours) = ours.remove(first) else {
            report(first, "we have no trace");
            counts.different += 1;
            continue;
        };
        if outcome(&ours) == "unsupported" {
            counts.unsupported += 1;
            continue;
        }
        let id = field(first, "id").to_string();
        let violations = match known.get(&id) {
            Some(scenario) => invariants::check(scenario, &ours),
            None if outcome(&ours) == "bad-json" => Vec::new(),
            None => vec!["the scenario is not in the file".to_owned()],
        };
        counts.violations += violations.len();
        violations.iter().for_each(|text| report(first, text));
        let (mut theirs, mut ours) = (theirs, ours);
        if let Some(scenario) = known.get(&id)
            && normalise::competes(scenario)
        {
            counts.normalised += 1;
            theirs = normalise::ends(scenario, &theirs);
            ours = normalise::ends(scenario, &ours);
        }
        let (taint, same) = (is_tainted(&theirs), same(known.get(&id), &theirs, &ours));
        match outcome(&theirs).as_str() {
            "finished" | "deadlock" | "limit" if taint => {
                counts.tainted += 1;
                counts.tainted_equal += usize::from(same);
            }
            "finished" | "deadlock" | "limit" | "bad-json" if same => counts.equal += 1,
            "finished" | "deadlock" | "limit" | "bad-json" => {
                counts.different += 1;
                report(first, &difference(&theirs, &ours));
            }
            _ => counts.broken += 1,
        }
    }
    for first in ours.keys() {
        report(first, "they have no trace");
        counts.different += 1;
    }
    counts
}

/// Whether two traces are equal but for the taint, and for what has no effect.
fn same(scenario: Option<&Scenario>, theirs: &[&str], ours: &[&str]) -> bool {
    fn plain<'a>(line: &&'a str) -> Option<&'a str> {
        line.split(",\"taint\":").next()
    }
    if theirs.iter().map(plain).eq(ours.iter().map(plain)) {
        return true;
    }
    let (Some(scenario), Some((theirs, their_events)), Some((ours, our_events))) =
        (scenario, theirs.split_last(), ours.split_last())
    else {
        return false;
    };
    let last = |line| normalise::without_unused(scenario, line);
    their_events == our_events && last(theirs) == last(ours)
}

fn difference(theirs: &[&str], ours: &[&str]) -> String {
    let equal = theirs.iter().zip(ours).take_while(|(a, b)| a == b).count();
    let at = |lines: &[&str]| lines.get(equal).copied().unwrap_or("(the end)").to_owned();
    format!(
        "event {}:\n  Coro: {}\n  here: {}",
        equal + 1,
        at(theirs),
        at(ours)
    )
}

fn report(first: &str, what: &str) {
    println!("{}: {what}", field(first, "id"));
}
