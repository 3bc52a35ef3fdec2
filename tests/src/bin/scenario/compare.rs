//! Compares the traces of Perl's Coro with ours.
//!
//! A trace that the oracle calls untainted must be equal line by line. One that depends on a
//! defect of Coro may differ. The [invariants](crate::invariants) hold for every trace of ours.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::process::ExitCode;

use serde_json::Value;

use crate::invariants;
use crate::model::Scenario;

/// How often each thing was seen.
#[derive(Default)]
struct Counts {
    scenarios: usize,
    unsupported: usize,
    /// Perl crashed.
    broken: usize,
    tainted: usize,
    tainted_equal: usize,
    equal: usize,
    different: usize,
    violations: usize,
}

/// The lines of each scenario, by its first line.
type Traces<'a> = Vec<(&'a str, Vec<&'a str>)>;

/// Compares files; succeeds if nothing differs and that many untainted traces were compared.
pub(crate) fn files(
    scenarios: &str,
    theirs: &str,
    ours: &str,
    at_least: usize,
) -> io::Result<ExitCode> {
    let scenarios = fs::read_to_string(scenarios)?;
    let (theirs, ours) = (fs::read_to_string(theirs)?, fs::read_to_string(ours)?);
    let counts = compare(&scenarios, &theirs, &ours);
    let untainted = counts.equal + counts.different;
    println!(
        "scenarios={} unsupported={} broken={} tainted={} tainted-equal={} untainted={untainted} \
         equal={} different={} violations={}",
        counts.scenarios,
        counts.unsupported,
        counts.broken,
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
        let (taint, same) = (is_tainted(&theirs), same(&theirs, &ours));
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

/// Splits a file into traces.
fn split(text: &str) -> Traces<'_> {
    let mut traces: Traces<'_> = Vec::new();
    for line in text.lines() {
        match traces.last_mut() {
            Some((_, lines)) if !line.starts_with("{\"e\":\"scenario\"") => lines.push(line),
            _ => traces.push((line, Vec::new())),
        }
    }
    traces
}

fn field(line: &str, key: &str) -> Value {
    let line: Value = serde_json::from_str(line).unwrap_or_default();
    line[key].clone()
}

/// The last line may be about what came after.
fn outcome(lines: &[&str]) -> String {
    let is_outcome = |line: &&&str| line.starts_with("{\"e\":\"outcome\"");
    let line = lines.iter().rfind(is_outcome).copied();
    let how = line.map(|line| field(line, "r"));
    how.and_then(|how| how.as_str().map(str::to_owned))
        .unwrap_or_default()
}

fn is_tainted(lines: &[&str]) -> bool {
    lines.last().is_some_and(|line| {
        let taint = field(line, "taint");
        taint.as_array().is_some_and(|labels| !labels.is_empty())
    })
}

/// Whether two traces are equal but for the taint.
fn same(theirs: &[&str], ours: &[&str]) -> bool {
    fn plain<'a>(line: &&'a str) -> Option<&'a str> {
        line.split(",\"taint\":").next()
    }
    theirs.iter().map(plain).eq(ours.iter().map(plain))
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
