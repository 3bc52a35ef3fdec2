//! What is wrong, in a line each: circles, recursions, what was never given back, and what nobody
//! serves.

use std::collections::HashMap;
use std::fmt;
use std::panic::Location;

use super::Report;
use super::cycles::{Cycle, Stuck};
use super::rows::{CoroReport, CoroState};
use super::text::{Name, Place, count};
use super::waits::{HolderReport, WaitReport};

/// So many lines of a kind are shown.
const MOST: usize = 8;

/// Writes the first lines of a kind, and how many more there are.
fn few(f: &mut fmt::Formatter<'_>, what: &str, lines: &[String], all: usize) -> fmt::Result {
    for line in lines.iter().take(MOST) {
        writeln!(f, "{what}: {line}")?;
    }
    match all.saturating_sub(MOST) {
        0 => Ok(()),
        more => writeln!(f, "{what}: and {more} more like these"),
    }
}

/// A longer line of arrows is broken.
const LINE: usize = 112;

/// Returns the circle, broken behind arrows if it is long.
fn broken(cycle: &Cycle<'_>) -> String {
    let cycle = cycle.to_string();
    let mut broken = String::new();
    let mut length = 0;
    for step in cycle.split_inclusive("→ ") {
        let more = step.trim_end().chars().count();
        if length > 0 && length + more > LINE {
            broken.truncate(broken.trim_end().len());
            broken.push_str("\n         ");
            length = 2;
        }
        broken.push_str(step);
        length += step.chars().count();
    }
    broken
}

/// Writes all that is wrong.
pub(super) fn write(report: &Report, stuck: &Stuck<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let cycles: Vec<_> = stuck.cycles.iter().take(MOST + 1).map(broken).collect();
    few(f, "cycle", &cycles, stuck.cycles.len())?;
    let recursions: Vec<_> = report.recursions().into_iter().map(recursion).collect();
    few(f, "recursion", &recursions, recursions.len())?;
    let waiters = stuck.coros.iter().flat_map(|coro| {
        let lost = |holder: &&HolderReport| holder.ended && holder.place.is_some();
        let wait = coro.wait.iter();
        let lost =
            wait.flat_map(move |wait| wait.holders.iter().filter(lost).map(move |h| (wait, h)));
        lost.map(|(wait, holder)| ((wait.what, wait.made, holder), *coro))
    });
    let abandoned = groups(waiters)
        .into_iter()
        .map(|((what, made, holder), all)| {
            let place = holder
                .place
                .map_or_else(String::new, |p| format!(", taken at {}", Place(p)));
            let thing = Thing(what, made);
            let name = Name::of_holder(holder);
            format!("{all} for the {thing} held by {name}, which has ended{place}")
        });
    let abandoned: Vec<_> = abandoned.collect();
    few(f, "abandoned", &abandoned, abandoned.len())?;
    if report.hopeless {
        let unserved = unserved(&report.coros);
        few(f, "unserved", &unserved, unserved.len())?;
    }
    Ok(())
}

/// What is waited for, and where it was made.
struct Thing(&'static str, Option<&'static Location<'static>>);

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            Some(made) => write!(f, "{} ({})", self.0, Place(made)),
            None => f.write_str(self.0),
        }
    }
}

/// Some coros, of which the first is named.
struct Waiters<'a> {
    first: &'a CoroReport,
    number: usize,
}

/// `#4 "reader" and 2 more wait`.
impl fmt::Display for Waiters<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number {
            1 => write!(f, "{} waits", Name::of(self.first)),
            n => write!(f, "{} and {} more wait", Name::of(self.first), n - 1),
        }
    }
}

/// Puts together who waits for the same, in the order of the first of each.
fn groups<'a, T: Copy + Eq + std::hash::Hash>(
    waiters: impl Iterator<Item = (T, &'a CoroReport)>,
) -> Vec<(T, Waiters<'a>)> {
    let mut found: Vec<(T, Waiters<'a>)> = Vec::new();
    let mut places = HashMap::new();
    for (thing, coro) in waiters {
        let at = *places.entry(thing).or_insert(found.len());
        match found.get_mut(at) {
            Some((_, waiters)) => waiters.number += 1,
            None => found.push((
                thing,
                Waiters {
                    first: coro,
                    number: 1,
                },
            )),
        }
    }
    found
}

fn recursion(coro: &CoroReport) -> String {
    let name = Name::of(coro);
    let is_itself = |holder: &&HolderReport| holder.id == coro.id;
    let taken = |wait: &WaitReport| wait.holders.iter().find(is_itself).and_then(|h| h.place);
    match &coro.wait {
        Some(wait) => match taken(wait) {
            Some(place) => {
                let thing = Thing(wait.what, wait.made);
                let taken = Place(place);
                format!("{name} waits for the {thing} that it holds itself (taken at {taken})")
            }
            None => format!("{name} waits for its own end"),
        },
        None => name.to_string(),
    }
}

/// Returns what coros wait for that nobody is known to hold, while no coro is left that goes on:
/// where all other waiting ends.
fn unserved(coros: &[CoroReport]) -> Vec<String> {
    let blocked = coros.iter().filter(|coro| coro.state == CoroState::Blocked);
    let open = blocked.filter(|coro| coro.wait.as_ref().is_none_or(|w| w.holders.is_empty()));
    let things = open.map(|coro| match &coro.wait {
        Some(wait) => ((Some(wait.what), wait.made), coro),
        None => ((None, coro.place), coro),
    });
    let things = groups(things)
        .into_iter()
        .map(|((what, place), all)| match (what, place) {
            (Some(what), made) => {
                let thing = Thing(what, made);
                format!("{all} for the {thing}, and whoever could serve it is blocked")
            }
            (None, Some(place)) => {
                let place = Place(place);
                format!("{all} at {place} to be readied, and whoever could do it is blocked")
            }
            (None, None) => all.to_string(),
        });
    let mut lines: Vec<String> = things.collect();
    for (state, what) in [
        (
            CoroState::Suspended,
            "suspended, and whoever could resume it is blocked",
        ),
        (CoroState::New, "made but never readied"),
    ] {
        let mut all = coros.iter().filter(|coro| coro.state == state);
        if let Some(first) = all.next() {
            let first = Name::of(first);
            lines.push(match all.count() {
                0 => format!("{first} is {what}"),
                more => format!("{first} and {more} more are {what}"),
            });
        }
    }
    lines
}

/// Writes how many coros there are, and what they do.
pub(super) fn write_headline(
    report: &Report,
    stuck: &Stuck<'_>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let all = report.coros.len();
    write!(f, "{}", count(all, "coro"))?;
    let states = [
        CoroState::Running,
        CoroState::Ready,
        CoroState::Blocked,
        CoroState::Suspended,
        CoroState::New,
    ];
    let mut separator = ": ";
    for state in states {
        let number = report
            .coros
            .iter()
            .filter(|coro| coro.state == state)
            .count();
        if number == all && all == 1 {
            write!(f, ", {state}")?;
        } else if number == all {
            write!(f, ", all {state}")?;
        } else if number > 0 {
            write!(f, "{separator}{number} {state}")?;
        }
        if number > 0 {
            separator = ", ";
        }
    }
    if report.hopeless {
        return writeln!(f, "; nobody can ever go on");
    }
    match stuck.coros.len() {
        0 => writeln!(f),
        1 if all == 1 => writeln!(f, "; it can never go on"),
        n if n == all => writeln!(f, "; none of them can ever go on"),
        n => writeln!(f, "; {n} of them can never go on"),
    }
}
